package io.cgrouppolicy.core.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate.Item;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitRangeRulesTest {
  private static Map<String, Quantity> memory(String amount) {
    return Map.of("memory", new Quantity(amount));
  }

  private static LimitRangeTemplate container(
      Map<String, Quantity> max,
      Map<String, Quantity> min,
      Map<String, Quantity> limit,
      Map<String, Quantity> request,
      Map<String, Quantity> ratio) {
    return new LimitRangeTemplate(List.of(new Item("Container", max, min, limit, request, ratio)));
  }

  @Test
  void completesFromMaxAsTheServerDoes() {
    var item =
        LimitRangeRules.complete(container(memory("1Gi"), null, null, null, null))
            .getLimits()
            .getFirst();
    assertThat(item.getDefault()).isEqualTo(memory("1Gi"));
    assertThat(item.getDefaultRequest()).isEqualTo(memory("1Gi"));
  }

  @Test
  void completesTheRequestFromMin() {
    var item =
        LimitRangeRules.complete(container(null, memory("1Mi"), null, null, null))
            .getLimits()
            .getFirst();
    assertThat(item.getDefault()).isNull();
    assertThat(item.getDefaultRequest()).isEqualTo(memory("1Mi"));
  }

  @Test
  void leavesOtherTypesAsTheyAre() {
    var item =
        LimitRangeRules.complete(
                new LimitRangeTemplate(
                    List.of(new Item("Pod", memory("1Gi"), null, null, null, null))))
            .getLimits()
            .getFirst();
    assertThat(item.getDefault()).isNull();
  }

  private static List<String> withoutDefault(String item) {
    return LimitRangeRules.withoutDefault(
        Serialization.unmarshal("limits: [" + item + "]", LimitRangeTemplate.class));
  }

  /// Field case 05.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max: {nvidia.com/gpu: 2} | max nvidia.com/gpu 2 without a default gives 2 to every"
            + " container that sets none; set default: {nvidia.com/gpu: 0}",
        "max: {hugepages-2Mi: 4Mi} | max hugepages-2Mi 4Mi without a default gives 4Mi to every"
            + " container that sets none; set default: {hugepages-2Mi: 0}",
        "max: {a.b/c: 2}, min: {a.b/c: 1} | max a.b/c 2 without a default gives 2 to every container"
            + " that sets none; set a default of at least min, or remove min",
        "min: {a.b/c: 1} | min a.b/c without a default rejects every container that sets none; set a"
            + " default of at least min, or remove min",
        "defaultRequest: {a.b/c: 0} | defaultRequest a.b/c without a default rejects every container"
            + " that sets none; set default: {a.b/c: 0}",
      })
  void devicesNeedADefault(String bounds, String text) {
    assertThat(withoutDefault("{type: Container, " + bounds + "}")).containsExactly(text);
    assertThat(withoutDefault("{type: Pod, " + bounds + "}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max: {nvidia.com/gpu: 2}, default: {nvidia.com/gpu: 0}",
        "max: {nvidia.com/gpu: 0}",
        "min: {nvidia.com/gpu: 1}, default: {nvidia.com/gpu: 1}",
        "max: {cpu: 2, memory: 1Gi, ephemeral-storage: 1Gi, example.kubernetes.io/x: 2}",
        "maxLimitRequestRatio: {nvidia.com/gpu: 1}",
      })
  void otherBoundsNeedNone(String bounds) {
    assertThat(withoutDefault("{type: Container, " + bounds + "}")).isEmpty();
  }

  @Test
  void comparesByNumber() {
    var a = LimitRangeRules.complete(container(null, null, memory("1Gi"), null, null));
    var b = LimitRangeRules.complete(container(null, null, memory("1024Mi"), null, null));
    var c = LimitRangeRules.complete(container(null, null, memory("1G"), null, null));
    assertThat(LimitRangeRules.differences(a, b)).isEmpty();
    assertThat(LimitRangeRules.differences(a, c))
        .extracting(Difference::toString)
        .containsExactly(
            "limits[Container].default.memory is 1G, not 1Gi",
            "limits[Container].defaultRequest.memory is 1G, not 1Gi");
  }

  @Test
  void namesTheFieldOfAProblem() {
    assertThat(
            LimitRangeRules.problems(
                "f", container(memory("1Gi"), null, memory("2Gi"), memory("1Gi"), null)))
        .extracting(Object::toString)
        .containsExactly("f.limits[0].default[memory]: 2Gi is above max 1Gi");
  }

  @Test
  void refusesARatioThatTheDefaultsBreak() {
    assertThat(
            LimitRangeRules.problems(
                "f", container(null, null, memory("4Gi"), memory("1Gi"), memory("2"))))
        .extracting(Object::toString)
        .containsExactly(
            "f.limits[0].maxLimitRequestRatio[memory]: is below the ratio of default to"
                + " defaultRequest");
  }

  /// kubernetes/kubernetes#21996: nobody wrote the ratio that the server complains of.
  @Test
  void refusesDefaultsThatThePodsBoundsRuleOut() {
    var container = new Item("Container", null, memory("2Gi"), memory("4Gi"), memory("2Gi"), null);
    assertThat(withPod(container, memory("1Gi"), memory("1")))
        .containsExactly(
            "f.limits[0].min[memory]: 2Gi is above max 1Gi of type Pod",
            "f.limits[0].default[memory]: 4Gi is above max 1Gi of type Pod",
            "f.limits[0].default[memory]: is more than 1 times defaultRequest, the"
                + " maxLimitRequestRatio of type Pod");
    assertThat(withPod(container, memory("4Gi"), memory("2"))).isEmpty();
    assertThat(withPod(container, Map.of("cpu", new Quantity("1")), null))
        .as("containers must set what the pod's maximum is for")
        .isEmpty();
  }

  private static List<String> withPod(
      Item container, Map<String, Quantity> max, Map<String, Quantity> ratio) {
    var pod = new Item("Pod", max, null, null, null, ratio);
    return LimitRangeRules.problems("f", new LimitRangeTemplate(List.of(container, pod))).stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void rejectsInvalidQuantities() {
    assertThat(LimitRangeRules.problems("f", container(memory("1 GB"), null, null, null, null)))
        .hasSize(1);
  }
}
