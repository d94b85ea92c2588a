package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Foreign objects are reported, unless an exception accepts them, and never changed.
class ForeignObjectsIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void foreignObjectsAreReportedAndLeftAlone() {
    var namespace = fixture.namespace("a");
    fixture.foreignLimitRange(namespace, "cgroup-policy");
    fixture.foreignLimitRange(namespace, "theirs");
    var expires = Instant.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
    var exceptions =
        """
        mode: Enforce
          exceptions:
          - check: LimitRangeConflict
            namespaces: ["%s-*"]
            reason: being migrated
            expires: "%s"
          - check: ResourceQuotaMissing
            namespaces: ["%s-*"]
            reason: waits for the LimitRange"""
            .formatted(fixture.id, expires, fixture.id);
    fixture.policy("p", exceptions, 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.get("p").getStatus().violationCount()).isZero();
    eventually(
        () -> {
          assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(2);
          assertThat(fixture.checks("p")).containsExactly("LimitRangeConflict");
        });
    assertThat(Instant.now()).isAfterOrEqualTo(expires);
    assertThat(fixture.memory(namespace)).isEqualTo("1Gi");
    assertThat(fixture.limitRange(namespace).getMetadata().getLabels()).isNullOrEmpty();
    assertThat(fixture.quota(namespace)).as("no quota without its defaults").isNull();
  }

  /// Field case 04.
  @Test
  void aForeignLimitRangeIsReportedOnlyWhereItContradicts() {
    var storage = fixture.namespace("storage");
    foreign(storage, "{type: PersistentVolumeClaim, max: {storage: 10Gi}}");
    foreign(fixture.namespace("pods"), "{type: Pod, max: {memory: 4Gi}}");
    foreign(fixture.namespace("disk"), "{type: Container, max: {ephemeral-storage: 1Gi}}");
    var other = fixture.namespace("other");
    foreign(other, "{type: Container, max: {memory: 1Gi}}");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> {
          assertThat(fixture.checks("p")).containsExactly("LimitRangeConflict");
          assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("3/4");
          assertThat(fixture.get("p").getStatus().violations())
              .singleElement()
              .satisfies(
                  violation -> {
                    assertThat(violation.name()).isEqualTo(other);
                    assertThat(violation.message())
                        .isEqualTo(
                            other
                                + ": LimitRange team is not managed by the operator; Container"
                                + " default memory is 1Gi in team but 256Mi in cgroup-policy; which one a container gets is not"
                                + " deterministic");
                  });
        });
    assertThat(fixture.memory(storage)).isEqualTo("256Mi");
  }

  private void foreign(String namespace, String item) {
    fixture
        .client
        .resource(
            """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: team, namespace: %s}
            spec: {limits: [%s]}
            """
                .formatted(namespace, item))
        .create();
  }

  @Test
  void anExceptionSilencesItsNamespacesOnly() {
    var accepted = fixture.namespace("old-shop");
    var not = fixture.namespace("shop");
    fixture.foreignLimitRange(accepted, "theirs");
    fixture.foreignLimitRange(not, "theirs");
    var exception =
        """
        mode: Enforce
          exceptions:
          - check: LimitRangeConflict
            namespaces: ["%s-old-*"]
            reason: being migrated"""
            .formatted(fixture.id);
    fixture.policy("p", exception, 256);
    eventually(
        () -> {
          assertThat(fixture.checks("p")).containsExactly("LimitRangeConflict");
          var status = fixture.get("p").getStatus();
          assertThat(status.violations()).extracting(v -> v.name()).containsExactly(not);
          assertThat(status.namespaces().summary()).isEqualTo("1/2");
        });
    assertThat(fixture.memory(accepted)).as("protected all the same").isEqualTo("256Mi");

    fixture.policy("p", exception.replace("-old-*", "*"), 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
  }
}
