package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.Admission;
import io.cgrouppolicy.core.admission.Admission.Quota;
import io.cgrouppolicy.core.admission.LimitRanger;
import io.cgrouppolicy.core.admission.LimitRanger.Admitted;
import io.cgrouppolicy.core.admission.QuotaEvaluator;
import io.cgrouppolicy.core.admission.SmallestChange;
import io.cgrouppolicy.core.admission.SmallestChange.Change;
import io.cgrouppolicy.core.admission.SmallestChange.Field;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.testing.AdmissionAnswer;
import io.cgrouppolicy.testing.AdmissionPlaces;
import io.cgrouppolicy.testing.AdmissionPlaces.Place;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.PodShapes;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Compares the simulated admission of pods with the API server: in namespaces with random
/// LimitRanges, quotas and running pods, it predicts for every random pod whether it is admitted,
/// with which resources, or why it is rejected, word for word.
class AdmissionSimulationIT {
  private static final long SEED = 20261125;
  private static final int NAMESPACES = 48;
  private static final int PROBES = 24;
  private static final Duration BEHIND = Duration.ofSeconds(5);

  /// Stops after this many disagreements, because more would add nothing.
  private static final int ENOUGH = 6;

  @RegisterExtension final Fixture fixture = new Fixture();
  private final AdmissionPlaces cluster = new AdmissionPlaces(fixture, SEED);
  private final List<String> disagreements = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final Map<String, Integer> repairs = new TreeMap<>();

  @Test
  void theServerAnswersAsPredicted() {
    var places = cluster.create(NAMESPACES);
    for (var place : places) {
      for (int i = 0; i < PROBES && disagreements.size() < ENOUGH; i++) {
        probe(place, cluster.randomPod());
      }
    }
    System.out.println("admission simulation: " + outcomes + ", changes: " + repairs);
    assertThat(disagreements).isEmpty();
    assertThat(repairs.get("found")).isGreaterThan(50);
    assertThat(outcomes.values().stream().mapToInt(n -> n).sum()).isEqualTo(NAMESPACES * PROBES);
    assertThat(outcomes)
        .containsOnlyKeys(
            "accepted", "changed", "INVALID", "LIMIT_RANGE", "QUOTA_UNSET", "QUOTA_EXCEEDED")
        .allSatisfy((outcome, count) -> assertThat(count).as(outcome).isGreaterThan(30));
  }

  private void probe(Place place, Pod pod) {
    var shape = PodShapes.of(pod, cluster.overhead(pod));
    var predictions = new ArrayList<Admitted>();
    predictions.addAll(predict(place, place.limitRanges(), shape));
    if (place.limitRanges().size() > 1) { // the server's order is unpredictable
      predictions.addAll(predict(place, place.limitRanges().reversed(), shape));
    }
    var expected = predictions.stream().map(AdmissionAnswer::of).toList();
    try {
      // The server reads LimitRanges and quotas from caches that may be stale for a moment.
      within(BEHIND, () -> assertThat(ask(place, pod)).isIn(expected));
    } catch (ConditionTimeoutException e) {
      disagreements.add(
          "pod %s with %s: expected %s, but %s".formatted(shape, place, expected, ask(place, pod)));
    }
    outcomes.merge(outcome(predictions.getFirst(), shape), 1, Integer::sum);
    if (!predictions.getFirst().rejections().isEmpty() && place.limitRanges().size() < 2) {
      repair(place, pod, shape);
    }
  }

  /// A pod with the change that should let it in is admitted.
  private void repair(Place place, Pod pod, PodShape shape) {
    var quotas = new ArrayList<Quota>();
    for (int i = 0; i < place.quotas().size(); i++) {
      quotas.add(new Quota(place.quotas().get(i), place.used().get(i)));
    }
    var changes = SmallestChange.of(shape, new Admission(place.limitRanges(), quotas));
    repairs.merge(changes.isEmpty() ? "none found" : "found", 1, Integer::sum);
    if (changes.isPresent()) {
      var changed = changed(pod, changes.get());
      var answer = ask(place, changed);
      if (answer.refused()) {
        disagreements.add(
            "pod %s with %s: changed by %s, but %s".formatted(shape, place, changes, answer));
      }
    }
  }

  private static Pod changed(Pod pod, List<Change> changes) {
    var copy = new PodBuilder(pod).build();
    var spec = copy.getSpec();
    for (var container : concat(spec.getInitContainers(), spec.getContainers())) {
      var resources =
          container.getResources() == null ? new ResourceRequirements() : container.getResources();
      for (var change : changes) {
        if (change.container().endsWith("container " + container.getName())) {
          var values =
              new HashMap<>(
                  change.field() == Field.limits ? resources.getLimits() : resources.getRequests());
          values.put(change.resource(), change.to());
          if (change.field() == Field.limits) {
            resources.setLimits(values);
          } else {
            resources.setRequests(values);
          }
        }
      }
      container.setResources(resources);
    }
    return copy;
  }

  private static List<Container> concat(List<Container> init, List<Container> main) {
    return Stream.concat(init.stream(), main.stream()).toList();
  }

  private static String outcome(Admitted predicted, PodShape shape) {
    if (!predicted.rejections().isEmpty()) {
      return predicted.rejections().getFirst().kind().name();
    }
    var alone = new LimitRanger(List.of()).admit(shape).stored();
    return predicted.stored().equals(alone) ? "accepted" : "changed";
  }

  /// Several if several quotas reject the pod: the server reports one of them.
  private List<Admitted> predict(Place place, List<LimitRangeSpec> limitRanges, PodShape shape) {
    var admitted = new LimitRanger(limitRanges).admit(shape);
    if (!admitted.rejections().isEmpty()) {
      return List.of(admitted);
    }
    var rejections = QuotaEvaluator.rejections(place.quotas(), admitted.checked(), place.used());
    return rejections.isEmpty()
        ? List.of(admitted)
        : rejections.stream()
            .map(r -> new Admitted(admitted.checked(), admitted.stored(), List.of(r)))
            .toList();
  }

  private AdmissionAnswer ask(Place place, Pod pod) {
    return AdmissionAnswer.ask(fixture.client, place.namespace(), pod);
  }

  @AfterEach
  void removeClasses() {
    cluster.removeClasses();
  }
}
