package io.cgrouppolicy.core.kubelet.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.remedy.RemedyObject.Step;
import io.cgrouppolicy.core.limits.Child;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RemedyObjectTest {
  private static final ConfigMap DESIRED = desired(Map.of("a.conf", "1", "README.txt", "2"));
  private static final ConfigMap NONE = desired(Map.of());

  private static ConfigMap desired(Map<String, String> files) {
    return RemedyObject.desired("p", "uid-p", "system", files);
  }

  private static Step step(UnaryOperator<ConfigMapBuilder> change) {
    return RemedyObject.step(DESIRED, change.apply(new ConfigMapBuilder(DESIRED)).build());
  }

  @Test
  void isMarkedAndOwned() {
    assertThat(DESIRED.getMetadata().getName()).isEqualTo("cgroup-policy-remedy-p");
    assertThat(DESIRED.getMetadata().getNamespace()).isEqualTo("system");
    assertThat(DESIRED.getMetadata().getLabels()).isEqualTo(Child.labels("p"));
    assertThat(DESIRED.getMetadata().getOwnerReferences())
        .containsExactly(Child.owner("p", "uid-p"));
  }

  @Test
  void isMadeAndLeftAloneAndRemoved() {
    assertThat(RemedyObject.step(DESIRED, null)).isEqualTo(Step.APPLY);
    assertThat(RemedyObject.step(DESIRED, DESIRED)).isEqualTo(Step.NOTHING);
    assertThat(RemedyObject.step(NONE, DESIRED)).isEqualTo(Step.DELETE);
    assertThat(RemedyObject.step(NONE, null)).isEqualTo(Step.NOTHING);
  }

  @Test
  void whatDiffersIsApplied() {
    assertThat(step(c -> c.addToData("a.conf", "9"))).isEqualTo(Step.APPLY);
    assertThat(step(c -> c.removeFromData("a.conf"))).isEqualTo(Step.APPLY);
    assertThat(step(c -> c.withData(null))).isEqualTo(Step.APPLY);
    assertThat(step(c -> c.editMetadata().withLabels(null).endMetadata())).isEqualTo(Step.APPLY);
    assertThat(
            step(
                c ->
                    c.editMetadata()
                        .withOwnerReferences(Child.owner("p", "uid-of-before"))
                        .endMetadata()))
        .isEqualTo(Step.APPLY);
  }

  @Test
  void keepsMarksOfOtherWriters() {
    assertThat(
            step(
                c ->
                    c.editMetadata()
                        .addToLabels("team", "x")
                        .addToAnnotations("note", "y")
                        .endMetadata()))
        .isEqualTo(Step.NOTHING);
  }

  /// Applying would keep a foreign file among those of the remedy.
  @Test
  void removesFilesThatAreNotPartOfTheRemedy() {
    assertThat(step(c -> c.addToData("91.conf", "9"))).isEqualTo(Step.DELETE_AND_APPLY);
  }

  @Test
  void keepsConfigMapsOfOtherOwners() {
    var theirs =
        new ConfigMapBuilder(DESIRED)
            .editMetadata()
            .withLabels(null)
            .withOwnerReferences()
            .endMetadata()
            .build();
    assertThat(RemedyObject.step(DESIRED, theirs)).isEqualTo(Step.LEAVE);
    assertThat(RemedyObject.step(NONE, theirs)).isEqualTo(Step.NOTHING);
  }
}
