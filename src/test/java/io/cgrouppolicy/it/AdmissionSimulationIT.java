package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.limits.LimitRangeRules;
import io.cgrouppolicy.limits.ResourceQuotaRules;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.PodShapes;
import io.cgrouppolicy.testing.RandomPods;
import io.cgrouppolicy.testing.RandomTemplates;
import io.cgrouppolicy.workload.PodShape;
import io.cgrouppolicy.workload.admission.LimitRanger;
import io.cgrouppolicy.workload.admission.LimitRanger.Admitted;
import io.cgrouppolicy.workload.admission.QuotaEvaluator;
import io.cgrouppolicy.workload.admission.Refusal;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The simulated admission of pods against the API server's own: in namespaces with random
/// LimitRanges, quotas and pods that use up part of these, it foretells of every random pod whether
/// it is let in, with which resources, or why not, word for word.
class AdmissionSimulationIT {
  private static final long SEED = 20261125;
  private static final int NAMESPACES = 48;
  private static final int PROBES = 24;
  private static final Duration BEHIND = Duration.ofSeconds(5);

  /// With so many disagreements more would tell nothing new.
  private static final int ENOUGH = 6;

  private static final Map<String, Map<String, Quantity>> OVERHEADS =
      Map.of(
          "small", Map.of("cpu", new Quantity("250m"), "memory", new Quantity("1")),
          "large", Map.of("memory", new Quantity("2Ki"), "ephemeral-storage", new Quantity("1")),
          "none", Map.of());
  private static final List<String> PRIORITIES = List.of("high", "low");

  @RegisterExtension final Fixture fixture = new Fixture();
  private final RandomPods pods = new RandomPods(SEED);
  private final RandomTemplates templates = new RandomTemplates(SEED);
  private final List<String> disagreements = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  /// A namespace and what is in it.
  private record Place(
      String namespace,
      List<PodShape> running,
      List<LimitRangeSpec> limitRanges,
      ResourceQuotaSpec quotaSpec) {
    QuotaEvaluator quota() {
      return quotaSpec == null ? null : new QuotaEvaluator("quota", quotaSpec);
    }
  }

  /// @param shape of the pod that was let in, or null
  /// @param words the reasons, sorted; empty where it was let in
  private record Answer(PodShape shape, List<String> words) {}

  @Test
  void theServerAnswersAsForetold() {
    classes();
    var places = new ArrayList<Place>();
    for (int i = 0; i < NAMESPACES; i++) {
      places.add(place(i));
    }
    places.forEach(this::awaitQuota);
    for (var place : places) {
      for (int i = 0; i < PROBES && disagreements.size() < ENOUGH; i++) {
        probe(place, randomPod());
      }
    }
    System.out.println("admission simulation: " + outcomes);
    assertThat(disagreements).isEmpty();
    assertThat(outcomes.values().stream().mapToInt(n -> n).sum()).isEqualTo(NAMESPACES * PROBES);
    assertThat(outcomes)
        .containsOnlyKeys(
            "accepted", "changed", "INVALID", "LIMIT_RANGE", "QUOTA_UNSET", "QUOTA_EXCEEDED")
        .allSatisfy((outcome, count) -> assertThat(count).as(outcome).isGreaterThan(30));
  }

  private void probe(Place place, Pod pod) {
    var shape = PodShapes.of(pod, overhead(pod));
    var predictions = new ArrayList<Admitted>();
    predictions.add(predict(place, place.limitRanges(), shape));
    if (place.limitRanges().size() > 1) { // in which order the server takes them is not known
      predictions.add(predict(place, place.limitRanges().reversed(), shape));
    }
    var expected = predictions.stream().map(AdmissionSimulationIT::answer).toList();
    try {
      // The server looks at LimitRanges and quotas in caches, which may be a moment behind.
      within(BEHIND, () -> assertThat(ask(place, pod)).isIn(expected));
    } catch (ConditionTimeoutException e) {
      disagreements.add(
          "pod %s with %s: expected %s, but %s".formatted(shape, place, expected, ask(place, pod)));
    }
    outcomes.merge(outcome(predictions.getFirst(), shape), 1, Integer::sum);
  }

  private static String outcome(Admitted predicted, PodShape shape) {
    if (!predicted.refusals().isEmpty()) {
      return predicted.refusals().getFirst().kind().name();
    }
    var alone = new LimitRanger(List.of()).admit(shape).stored();
    return predicted.stored().equals(alone) ? "accepted" : "changed";
  }

  private Admitted predict(Place place, List<LimitRangeSpec> limitRanges, PodShape shape) {
    var admitted = new LimitRanger(limitRanges).admit(shape);
    if (!admitted.refusals().isEmpty() || place.quota() == null) {
      return admitted;
    }
    var used = place.quota().sum(place.running().stream().map(place.quota()::usage).toList());
    return place
        .quota()
        .refusal(admitted.checked(), used)
        .map(r -> new Admitted(admitted.checked(), admitted.stored(), List.of(r)))
        .orElse(admitted);
  }

  private static Answer answer(Admitted admitted) {
    return admitted.refusals().isEmpty()
        ? new Answer(withoutPriority(admitted.stored()), List.of())
        : new Answer(
            null,
            List.copyOf(new TreeSet<>(admitted.refusals().stream().map(Refusal::text).toList())));
  }

  private Answer ask(Place place, Pod pod) {
    try {
      var created = fixture.client.resource(pod).inNamespace(place.namespace()).dryRun().create();
      return new Answer(withoutPriority(PodShapes.of(created, overheadOf(created))), List.of());
    } catch (KubernetesClientException e) {
      return new Answer(null, words(e));
    }
  }

  private static List<String> words(KubernetesClientException e) {
    if (e.getCode() == 422) {
      return e.getStatus().getDetails().getCauses().stream()
          .map(cause -> cause.getField() + ": " + cause.getMessage())
          .sorted()
          .distinct()
          .toList();
    }
    assertThat(e.getCode()).as(e.getMessage()).isEqualTo(403);
    var text = e.getStatus().getMessage().replaceFirst("^pods .*? is forbidden: ", "");
    if (text.startsWith("[")) { // several, which begin with the bound that each is about
      text = text.substring(1, text.length() - 1);
      return List.of(text.split(", (?=minimum |maximum |\\S+ max limit)")).stream()
          .sorted()
          .toList();
    }
    return List.of(text);
  }

  /// The server resolves a class's value, which no check asks.
  private static PodShape withoutPriority(PodShape shape) {
    return new PodShape(
        shape.containers(),
        shape.podRequests(),
        shape.podLimits(),
        shape.overhead(),
        shape.priorityClass(),
        0,
        shape.deadline(),
        shape.crossNamespaceAffinity());
  }

  private Place place(int i) {
    var namespace = fixture.namespace("place-" + i);
    eventually(
        () ->
            assertThat(
                    fixture
                        .client
                        .serviceAccounts()
                        .inNamespace(namespace)
                        .withName("default")
                        .get())
                .isNotNull());
    var running = new ArrayList<PodShape>();
    for (int n = i % 4; n > 0; n--) {
      create(namespace, randomPod(), running);
    }
    var limitRanges = new ArrayList<LimitRangeSpec>();
    for (int n = i % 8 == 0 ? 0 : i % 8 == 1 ? 2 : 1; n > 0; n--) {
      limitRanges.add(limitRange(namespace, "limits-" + n));
    }
    return new Place(namespace, running, limitRanges, i % 6 == 0 ? null : quota(namespace, i));
  }

  /// What is random may be invalid; then there is one pod less.
  private void create(String namespace, Pod pod, List<PodShape> running) {
    try {
      var created = fixture.client.resource(pod).inNamespace(namespace).create();
      running.add(PodShapes.of(created, overheadOf(created)));
    } catch (KubernetesClientException e) {
      assertThat(e.getCode()).as(e.getMessage()).isEqualTo(422);
    }
  }

  private LimitRangeSpec limitRange(String namespace, String name) {
    var template = templates.limitRange();
    while (!LimitRangeRules.problems("f", template).isEmpty()) {
      template = templates.limitRange();
    }
    var spec = LimitRangeRules.complete(template);
    fixture
        .client
        .resource(
            new LimitRangeBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(spec)
                .build())
        .create();
    return spec;
  }

  private ResourceQuotaSpec quota(String namespace, int i) {
    var spec = quotaSpec(i);
    fixture
        .client
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("quota")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(spec)
                .build())
        .create();
    return spec;
  }

  private ResourceQuotaSpec quotaSpec(int i) {
    while (true) {
      var template = i % 5 == 0 ? templates.quota() : pods.quota(PRIORITIES);
      if (ResourceQuotaRules.problems("f", template).isEmpty()) {
        return ResourceQuotaRules.canonical(template);
      }
    }
  }

  /// Until the controller has counted the running pods, which must be as we count them.
  private void awaitQuota(Place place) {
    if (place.quota() == null) {
      return;
    }
    var expected = place.quota().sum(place.running().stream().map(place.quota()::usage).toList());
    eventually(
        () -> {
          var status =
              fixture
                  .client
                  .resourceQuotas()
                  .inNamespace(place.namespace())
                  .withName("quota")
                  .get()
                  .getStatus();
          var used = new HashMap<>(status.getUsed() == null ? Map.of() : status.getUsed());
          assertThat(used.keySet()).containsAll(status.getHard().keySet());
          used.keySet().retainAll(expected.names());
          assertThat(QuotaEvaluator.list(used)).as(place.toString()).isEqualTo(expected);
        });
  }

  private Pod randomPod() {
    return pods.pod(OVERHEADS.keySet().stream().sorted().map(this::named).toList(), PRIORITIES);
  }

  private String named(String runtimeClass) {
    return fixture.id + "-" + runtimeClass;
  }

  private Map<String, Quantity> overhead(Pod pod) {
    var runtimeClass = pod.getSpec().getRuntimeClassName();
    return runtimeClass == null
        ? Map.of()
        : OVERHEADS.get(runtimeClass.substring(fixture.id.length() + 1));
  }

  private static Map<String, Quantity> overheadOf(Pod pod) {
    return pod.getSpec().getOverhead() == null ? Map.of() : pod.getSpec().getOverhead();
  }

  private void classes() {
    OVERHEADS.forEach(
        (name, overhead) -> {
          var runtimeClass =
              new RuntimeClassBuilder()
                  .withNewMetadata()
                  .withName(named(name))
                  .endMetadata()
                  .withHandler("handler");
          if (!overhead.isEmpty()) {
            runtimeClass.withNewOverhead().withPodFixed(overhead).endOverhead();
          }
          fixture.client.resource(runtimeClass.build()).create();
        });
    for (var name : PRIORITIES) {
      fixture
          .client
          .resource(
              new PriorityClassBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .endMetadata()
                  .withValue(1000)
                  .build())
          .create();
    }
  }

  @AfterEach
  void removeClasses() {
    OVERHEADS
        .keySet()
        .forEach(name -> fixture.client.runtimeClasses().withName(named(name)).delete());
    PRIORITIES.forEach(
        name -> fixture.client.scheduling().v1().priorityClasses().withName(name).delete());
  }
}
