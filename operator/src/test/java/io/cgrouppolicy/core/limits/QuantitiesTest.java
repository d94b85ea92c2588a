package io.cgrouppolicy.core.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  private static List<String> problems(Map<String, Quantity> map) {
    var problems = new ArrayList<Problem>();
    Quantities.problems("f", map, problems);
    return problems.stream().map(Problem::toString).toList();
  }

  private static List<String> differences(Map<String, Quantity> a, Map<String, Quantity> b) {
    var differences = new ArrayList<Difference>();
    Quantities.compare("f", a, b, differences);
    return differences.stream().map(Difference::toString).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0.5,500m",
    "1024Mi,1Gi",
    "1000,1k",
    "1e3,1k",
    "1E3,1000",
    "1.5Gi,1536Mi",
    "0,0m",
    "+1,1",
    ".5,500m",
    "1.,1",
    "1000000n,1m",
    "1000u,1m"
  })
  void differentSpellingsOfANumberAreEqual(String a, String b) {
    assertThat(problems(Map.of("cpu", new Quantity(a)))).isEmpty();
    assertThat(differences(Map.of("cpu", new Quantity(a)), Map.of("cpu", new Quantity(b))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1 Gi", "1GB", "-1", "1.2.3", "1ki", "1e", "Mi", "1mi", "0x10"})
  void refusesWhatTheApiServerRefuses(String text) {
    assertThat(problems(Map.of("cpu", new Quantity(text)))).hasSize(1);
  }

  /// It would store other numbers.
  @ParameterizedTest
  @CsvSource({
    "1n, 1n is finer than a thousandth",
    "0.0001, 0.0001 is finer than a thousandth",
    "1e-99, 1e-99 is finer than a thousandth",
    "8Ei, 8Ei is above 9223372036854775807",
    "9223372036854775808, 9223372036854775808 is above 9223372036854775807",
    "1e99, 1e99 is above 9223372036854775807",
  })
  void refusesWhatTheApiServerChanges(String text, String message) {
    assertThat(problems(Map.of("memory", new Quantity(text))))
        .containsExactly("f[memory]: " + message);
    assertThat(problems(Map.of("memory", new Quantity("9223372036854775807")))).isEmpty();
  }

  @Test
  void refusesAMissingQuantityAndABadName() {
    var map = new HashMap<String, Quantity>();
    map.put("cpu", null);
    map.put("a b", new Quantity("1"));
    assertThat(problems(map))
        .containsExactly(
            "f[a b]: 'a b' is not a resource name",
            "f[cpu]: 'null' is not a non-negative quantity");
    assertThat(problems(null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "requests.nvidia.com/gpu", "hugepages-2Mi", "count/jobs.batch"})
  void acceptsResourceNames(String name) {
    assertThat(problems(Map.of(name, new Quantity("1")))).isEmpty();
  }

  /// zalando-incubator/kubernetes-on-aws#278: the server accepts both mistakes.
  @ParameterizedTest
  @CsvSource({
    "memory, 512m, 1",
    "limits.memory, 20000m, 1",
    "requests.storage, 5m, 1",
    "gold.storageclass.storage.k8s.io/requests.storage, 5m, 1",
    "ephemeral-storage, 1m, 1",
    "cpu, 500Mi, 1",
    "requests.cpu, 1Ki, 1",
    "memory, 512Mi, 0",
    "memory, 1.1Gi, 0",
    "memory, 500M, 0",
    "memory, 0, 0",
    "cpu, 500m, 0",
    "cpu, 1k, 0",
    "pods, 1000m, 0",
    "requests.nvidia.com/gpu, 1Ki, 0",
  })
  void findsUnitsThatAreATypingError(String resource, String amount, int count) {
    var problems = new ArrayList<Problem>();
    Quantities.amounts("f", Map.of(resource, new Quantity(amount)), problems);
    assertThat(problems).hasSize(count);
  }

  @Test
  void listsDifferencesInOrder() {
    assertThat(
            differences(
                Map.of("cpu", new Quantity("1"), "memory", new Quantity("1Gi")),
                Map.of("memory", new Quantity("2Gi"), "pods", new Quantity("3"))))
        .containsExactly(
            "f.cpu is unset, not 1", "f.memory is 2Gi, not 1Gi", "f.pods is 3, not unset");
  }

  @Test
  void anAbsentMapEqualsAnEmptyOne() {
    assertThat(differences(null, Map.of())).isEmpty();
    assertThat(differences(Map.of(), null)).isEmpty();
    assertThat(Quantities.canonical(null)).isEmpty();
  }
}
