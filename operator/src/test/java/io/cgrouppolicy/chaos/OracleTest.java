package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The oracle must find each kind of difference; that it finds none where there is none is shown by
/// every history.
class OracleTest extends OracleFixture {
  private static final String OTHER =
      "mode: Enforce, namespaces: {selector: {matchLabels: {a: b}}}";

  @Test
  void findsNothingWhereTheClusterEqualsItsPolicies() {
    assertThat(differences(policy)).isEmpty();
  }

  @Test
  void findsAMissingObject() {
    limitRange = null;
    assertThat(differences(policy)).contains("a: LimitRange cgroup-policy of p is missing");
  }

  @Test
  void findsAnotherValueAndASurplusOne() {
    quota
        .getSpec()
        .setHard(Map.of("limits.memory", new Quantity("8192Mi"), "pods", new Quantity("51")));
    assertThat(differences(policy)).contains("a: ResourceQuota cgroup-policy differs from p");
    quota
        .getSpec()
        .setHard(Map.of("limits.memory", new Quantity("8192Mi"), "pods", new Quantity("50")));
    assertThat(differences(policy)).isEmpty();
    limitRange.getSpec().getLimits().getFirst().setMin(Map.of("cpu", new Quantity("1")));
    assertThat(differences(policy)).contains("a: LimitRange cgroup-policy differs from p");
  }

  @Test
  void findsLabelsAndOwners() {
    quota.getMetadata().setLabels(Map.of());
    assertThat(differences(policy)).contains("a: ResourceQuota cgroup-policy has labels {}");
    limitRange.getMetadata().getOwnerReferences().getFirst().setUid("another");
    assertThat(differences(policy))
        .contains("a: LimitRange cgroup-policy has owners {another=p}, not [uid-p]");
  }

  @Test
  void findsAnnotationsThatAreMissingWrongOrLeftOver() {
    quota.getMetadata().setAnnotations(annotations());
    assertThat(differences(policy))
        .singleElement()
        .asString()
        .startsWith("a: ResourceQuota cgroup-policy has annotations")
        .doesNotContain("cgroup-policy.io/contact");
    quota.getMetadata().setAnnotations(annotations("contact", "them"));
    assertThat(differences(policy)).hasSize(1);
    quota
        .getMetadata()
        .setAnnotations(annotations("contact", "us", "documentation", "https://example.test"));
    assertThat(differences(policy)).hasSize(1);
    for (var key : List.of("description", "list-rejections")) {
      quota.getMetadata().setAnnotations(annotations("contact", "us", key, "another text"));
      assertThat(differences(policy)).as(key).hasSize(1);
    }
    quota.getMetadata().setAnnotations(annotations("contact", "us"));
    assertThat(differences(policy)).isEmpty();
  }

  @Test
  void findsObjectsThatAPolicyLeftBehind() {
    var elsewhere = judged(policy("p", DEFAULTS + OTHER), "Enforced", 0);
    assertThat(differences(elsewhere))
        .contains(
            "a: LimitRange cgroup-policy: is left of policy p, which does not govern here; owners {uid-p=p}");
    var audit = judged(policy("p", DEFAULTS + OTHER.replace("Enforce", "Audit")), "Audited", 0);
    assertThat(differences(audit)).as("mode Audit writes nothing").isEmpty();
  }

  @Test
  void findsWrongCountersAndWhatIsNotDecided() {
    judged(policy, "Enforced", 2);
    assertThat(differences(policy)).singleElement().asString().contains("instead of 1 namespaces");
    judged(policy, "Observing", 1);
    assertThat(differences(policy)).contains("policy p: Ready is still Observing: null");
    policy.getMetadata().setGeneration(2L);
    assertThat(differences(policy)).contains("policy p: has no status of generation 2");
  }
}
