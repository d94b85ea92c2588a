package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What happens to the objects when their policy is deleted.
class DeletionIT {
  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  @Test
  void objectsGoWithThePolicyOrStayAsOrphans() {
    var namespace = fixture.namespace("a");
    fixture.policy("goes", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
    fixture.delete("goes");
    eventually(
        () -> {
          assertThat(fixture.limitRange(namespace)).isNull();
          assertThat(fixture.quota(namespace)).isNull();
        });

    fixture.policy("stays", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
    fixture.policy("stays", "mode: Enforce; deletionPolicy: Orphan", 128);
    eventually(
        () -> {
          assertThat(fixture.limitRange(namespace).getMetadata().getOwnerReferences()).isEmpty();
          assertThat(fixture.quota(namespace).getMetadata().getOwnerReferences()).isEmpty();
        });
    fixture.delete("stays");
    // Policies are handled in order: the verdict of a later policy shows that the operator has
    // handled the deletion, and the garbage collector had its time.
    fixture.policy("audit", "mode: Audit", 128);
    eventually(() -> assertThat(fixture.checks("audit")).contains("LimitRangeDrifted"));
    assertThat(fixture.limitRange(namespace)).isNotNull();
    assertThat(fixture.quota(namespace)).isNotNull();
  }

  @Test
  void aPolicyDeletedWithoutAnOperatorIsNotStuckAndItsObjectsGo() {
    var goes = fixture.namespace("goes");
    fixture.policy("goes", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.quota(goes)).isNotNull());
    SharedOperator.stop();
    fixture.delete("goes");
    eventually(
        () -> {
          assertThat(fixture.get("goes")).as("no finalizer").isNull();
          assertThat(fixture.limitRange(goes)).isNull();
          assertThat(fixture.quota(goes)).isNull();
        });
  }

  @Test
  void orphansOutliveAPolicyDeletedWithoutAnOperator() {
    var namespace = fixture.namespace("stays");
    var witness = fixture.namespace("witness", Map.of("test", fixture.id + "-witness"));
    fixture.policy("stays", "mode: Enforce; deletionPolicy: Orphan", 128);
    fixture.apply(
        "witness",
        fixture
            .yaml("witness", "mode: Enforce", 128)
            .replace("{test: " + fixture.id + "}", "{test: " + fixture.id + "-witness}"));
    eventually(
        () -> {
          assertThat(fixture.quota(namespace)).isNotNull();
          assertThat(fixture.quota(witness)).isNotNull();
        });
    SharedOperator.stop();
    fixture.delete("stays");
    fixture.delete("witness");
    eventually(() -> assertThat(fixture.quota(witness)).as("collected").isNull());
    assertThat(fixture.get("stays")).isNull();
    assertThat(fixture.limitRange(namespace)).isNotNull();
    assertThat(fixture.quota(namespace)).isNotNull();
    // A restarted operator does not remove them either.
    SharedOperator.get();
    fixture.policy("audit", "mode: Audit", 128);
    within(
        Duration.ofSeconds(60),
        () -> assertThat(fixture.checks("audit")).contains("LimitRangeDrifted"));
    assertThat(fixture.limitRange(namespace)).isNotNull();
  }
}
