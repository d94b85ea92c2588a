package io.cgrouppolicy.shell.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.testing.Fixture;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarkus.runtime.ShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Deletions of objects that no watch has shown.
class ObjectWriterIT {
  private static final LimitRange OBJECT =
      new LimitRangeBuilder()
          .withNewMetadata()
          .withName(Child.NAME)
          .endMetadata()
          .withNewSpec()
          .addNewLimit()
          .withType("Container")
          .endLimit()
          .endSpec()
          .build();

  @RegisterExtension final Fixture fixture = new Fixture();
  private final PendingWrites pending = new PendingWrites();
  private final WriteChannel channel;
  private final ObjectWriter writer;

  ObjectWriterIT() throws GeneralSecurityException, IOException {
    var fence = new LeaseFence(Duration.ofHours(1), System::nanoTime, () -> {});
    channel = new WriteChannel(fixture.client, fence);
    writer = new ObjectWriter(channel);
  }

  @AfterEach
  void close() throws IOException {
    channel.close(new ShutdownEvent());
  }

  /// The object as the operator knows it before the watch has shown it.
  private HasMetadata create(String namespace) {
    var body = Serialization.asJson(OBJECT).getBytes(StandardCharsets.UTF_8);
    var written = writer.create(Child.LIMIT_RANGE, namespace, body);
    pending.wrote(Child.LIMIT_RANGE, namespace, OBJECT, written);
    return pending.latest(Child.LIMIT_RANGE, namespace, null, "0");
  }

  private void delete(String namespace, HasMetadata object) {
    var metadata = object.getMetadata();
    writer.delete(Child.LIMIT_RANGE, namespace, metadata.getUid(), metadata.getResourceVersion());
  }

  @Test
  void anObjectIsDeletedBeforeTheWatchHasShownIt() {
    var namespace = fixture.namespace("a");
    delete(namespace, create(namespace));
    assertThat(fixture.limitRange(namespace)).isNull();
  }

  @Test
  void anObjectThatAnotherClientRecreatedStays() {
    var namespace = fixture.namespace("a");
    var object = create(namespace);
    fixture.client.resource(fixture.limitRange(namespace)).delete();
    fixture.client.resource(OBJECT).inNamespace(namespace).create();
    var failure = catchThrowableOfType(WriteFailure.class, () -> delete(namespace, object));
    assertThat(failure.conflict()).isTrue();
    assertThat(fixture.limitRange(namespace)).isNotNull();
  }
}
