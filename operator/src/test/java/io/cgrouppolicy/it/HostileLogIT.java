package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.fuzz.PlainText;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What an owner of a namespace writes into an object cannot forge lines of the log, not even in
/// its plain form, nor of an event.
class HostileLogIT {
  private static final String FORGED = "ERROR [forged] the operator has been stopped";

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void aRevertedTextStaysOnItsLine() {
    try (var operator =
        new OperatorProcess(
            Map.of(
                "QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false",
                "QUARKUS_CONSOLE_COLOR", "false"))) {
      var namespace = fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      fixture
          .client
          .resource(fixture.limitRange(namespace))
          .edit(
              stored -> {
                stored
                    .getMetadata()
                    .getAnnotations()
                    .put("cgroup-policy.io/description", "x\r\n" + FORGED + "\u001b[2J\u202e");
                return stored;
              });
      eventually(
          () -> {
            assertThat(operator.log()).contains("reverted: ").contains(FORGED);
            assertThat(fixture.namespaceEvents(namespace)).isNotEmpty();
          });
      assertThat(operator.log().lines()).noneMatch(line -> line.startsWith(FORGED));
      operator.log().lines().filter(line -> line.contains("forged")).forEach(PlainText::check);
      fixture.namespaceEvents(namespace).stream().map(Event::getNote).forEach(PlainText::check);
    }
  }
}
