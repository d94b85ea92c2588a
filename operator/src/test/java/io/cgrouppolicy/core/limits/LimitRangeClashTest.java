package io.cgrouppolicy.core.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Field case 04: a LimitRange clashes only where it contradicts another.
class LimitRangeClashTest {
  private static final String REJECTED = ", so a pod that gets it is rejected";
  private static final String EITHER = "; which one a container gets is not deterministic";

  private static LimitRangeSpec spec(String items) {
    return Serialization.unmarshal("limits: [" + items + "]", LimitRangeSpec.class);
  }

  private static List<String> between(String theirs, String ours) {
    return LimitRangeClash.between("team", spec(theirs), "ours", spec(ours));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{type: PersistentVolumeClaim, max: {storage: 10Gi}}",
        "{type: Pod, max: {memory: 1Gi}}",
        "{type: Pod, min: {memory: 1Gi}}",
        "{type: Container, default: {cpu: 1}}",
        "{type: Container, default: {memory: 0.25Gi}}",
        "{type: Container, max: {memory: 1Gi}, default: {memory: 256Mi}}",
        "{type: Container, min: {cpu: 10m}}",
        "{type: Container, maxLimitRequestRatio: {memory: 1}}",
        "{type: openshift.io/Image, max: {storage: 1Gi}}",
      })
  void whatIsMerelyAlsoThereDoesNotClash(String theirs) {
    assertThat(between(theirs, "{type: Container, default: {memory: 256Mi}}")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "default: {memory: 1Gi} | default memory is 1Gi in team but 256Mi in ours",
        "max: {memory: 1Gi} | default memory is 1Gi in team but 256Mi in ours",
        "defaultRequest: {memory: 64Mi} | defaultRequest memory is 64Mi in team but 256Mi in ours",
        "min: {memory: 64Mi} | defaultRequest memory is 64Mi in team but 256Mi in ours",
      })
  void anotherDefaultClashes(String theirs, String clash) {
    assertThat(
            between(
                "{type: Container, " + theirs + "}", "{type: Container, default: {memory: 256Mi}}"))
        .first()
        .isEqualTo("Container " + clash + EITHER);
  }

  @Test
  void aDefaultOutsideTheBoundsOfTheOtherClashes() {
    assertThat(between("{type: Container, default: {cpu: 4}}", "{type: Container, max: {cpu: 2}}"))
        .first()
        .isEqualTo("Container default cpu 4 of team is above max 2 of ours" + REJECTED);
    assertThat(between("{type: Pod, max: {cpu: 2}}", "{type: Container, default: {cpu: 4}}"))
        .containsExactly("Container default cpu 4 of ours is above Pod max 2 of team" + REJECTED);
    assertThat(
            between(
                "{type: Container, maxLimitRequestRatio: {cpu: 2}}",
                "{type: Container, default: {cpu: 4}, defaultRequest: {cpu: 1}}"))
        .containsExactly(
            "Container default cpu 4 of ours is above maxLimitRequestRatio x defaultRequest = 2 of"
                + " team"
                + REJECTED);
  }

  @Test
  void boundsThatExcludeEachOtherClash() {
    assertThat(
            between(
                "{type: PersistentVolumeClaim, max: {storage: 1Gi}}",
                "{type: PersistentVolumeClaim, min: {storage: 2Gi}}"))
        .containsExactly(
            "min storage 2Gi per PersistentVolumeClaim of ours is above max 1Gi per"
                + " PersistentVolumeClaim of team, so no PersistentVolumeClaim is admitted");
  }

  @Test
  void twoThatAreNotOursMayGiveDifferentDefaults() {
    assertThat(
            LimitRangeClash.rejections(
                "a",
                spec("{type: Container, default: {cpu: 1}}"),
                "b",
                spec("{type: Container, default: {cpu: 2}}")))
        .isEmpty();
  }
}
