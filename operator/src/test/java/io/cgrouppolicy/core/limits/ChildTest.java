package io.cgrouppolicy.core.limits;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChildTest {
  private static final CompiledPolicy P = compiled("p", BASELINE);
  private static final CompiledPolicy Q = compiled("q", BASELINE);

  private static LimitRangeBuilder stored() {
    return new LimitRangeBuilder(Children.limitRange(P, P));
  }

  private static LimitRange stripped() {
    return stored()
        .editMetadata()
        .withLabels(null)
        .withOwnerReferences(List.of())
        .endMetadata()
        .build();
  }

  private static LimitRange managed(String manager, String operation) {
    return new LimitRangeBuilder(stripped())
        .editMetadata()
        .addNewManagedField()
        .withManager(manager)
        .withOperation(operation)
        .endManagedField()
        .endMetadata()
        .build();
  }

  private static List<String> differences(LimitRange object, CompiledPolicy... owners) {
    return Child.differences(
            object,
            P.name(),
            List.of(owners).stream().map(o -> Child.owner(o.name(), o.uid())).toList())
        .stream()
        .map(Difference::toString)
        .toList();
  }

  @Test
  void isOursByLabelByOwnerOrByTheRecordOfOurManager() {
    assertThat(Child.isOurs(stored().build())).isTrue();
    assertThat(
            Child.isOurs(
                stored().editMetadata().withOwnerReferences(List.of()).endMetadata().build()))
        .isTrue();
    assertThat(Child.isOurs(stored().editMetadata().withLabels(null).endMetadata().build()))
        .isTrue();
    assertThat(Child.isOurs(managed(Child.MANAGER, "Apply"))).isTrue();
    assertThat(Child.isOurs(managed(Child.MANAGER, "Update"))).as("created").isTrue();
  }

  @Test
  void isForeignWithoutAnyMark() {
    assertThat(Child.isOurs(stripped())).isFalse();
    assertThat(Child.isOurs(managed("kubectl", "Apply"))).isFalse();
    var labelledByAnother =
        stored()
            .editMetadata()
            .withLabels(Map.of(Child.MANAGED_BY, "Helm"))
            .withOwnerReferences(List.of())
            .endMetadata()
            .build();
    assertThat(Child.isOurs(labelledByAnother)).isFalse();
  }

  @Test
  void anOwnerOfAnotherGroupIsNotAPolicy() {
    for (var apiVersion : new String[] {"cgroup-policy.io.evil/v1", "v1", null}) {
      var owned =
          new LimitRangeBuilder(stripped())
              .editMetadata()
              .addToOwnerReferences(
                  new OwnerReferenceBuilder()
                      .withApiVersion(apiVersion)
                      .withKind("CgroupPolicy")
                      .withName("p")
                      .build())
              .endMetadata()
              .build();
      assertThat(Child.isOurs(owned)).as(apiVersion).isFalse();
    }
  }

  @Test
  void findsItsPolicyByLabelOrOwner() {
    assertThat(Child.policyOf(stored().build())).contains("p");
    var unlabelled = stored().editMetadata().withLabels(null).endMetadata().build();
    assertThat(Child.policyOf(unlabelled)).contains("p");
    assertThat(Child.policyOf(stripped())).isEmpty();
  }

  @Test
  void findsNoDifferenceInWhatWePutInPlace() {
    assertThat(differences(Children.limitRange(P, P, Q), Q, P)).as("in any order").isEmpty();
  }

  @Test
  void findsStrippedAndChangedMarks() {
    assertThat(differences(stripped(), P))
        .containsExactly(
            "metadata.labels[app.kubernetes.io/managed-by] is unset, not cgroup-policy-operator",
            "metadata.labels[cgroup-policy.io/policy] is unset, not p",
            "metadata.ownerReferences is none, not p");
    assertThat(differences(Children.limitRange(Q, Q), P, Q))
        .containsExactly(
            "metadata.labels[cgroup-policy.io/policy] is q, not p",
            "metadata.ownerReferences is q, not p,q");
    assertThat(differences(stored().build()))
        .as("an orphan")
        .containsExactly("metadata.ownerReferences is p, not none");
  }

  @Test
  void aRecreatedPolicyIsAnotherOwner() {
    var old = Children.limitRange(P);
    old.getMetadata().getOwnerReferences().add(Child.owner("p", "uid-of-the-old-one"));
    assertThat(differences(old, P)).containsExactly("metadata.ownerReferences is p, not p");
  }

  @Test
  void additionsOfOtherWritersStay() {
    var object =
        stored()
            .editMetadata()
            .addToLabels("team", "shop")
            .addNewOwnerReference()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withName("c")
            .withUid("c")
            .endOwnerReference()
            .endMetadata()
            .build();
    assertThat(differences(object, P)).isEmpty();
  }

  @Test
  void anOwnerDoesNotBlockThePolicysDeletion() {
    var owner = Child.owner("p", "u");
    assertThat(owner.getBlockOwnerDeletion()).isNull();
    assertThat(owner.getController()).isNull();
    assertThat(owner.getApiVersion()).isEqualTo("cgroup-policy.io/v1alpha1");
  }
}
