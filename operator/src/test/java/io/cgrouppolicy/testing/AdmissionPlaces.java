package io.cgrouppolicy.testing;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.QuotaEvaluator;
import io.cgrouppolicy.core.admission.ResourceList;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Namespaces in a real cluster with random LimitRanges and quotas, and with pods that use a part
/// of these; the same ones for the same seed.
public final class AdmissionPlaces {
  private static final Map<String, Map<String, Quantity>> OVERHEADS =
      Map.of(
          "small", Map.of("cpu", new Quantity("250m"), "memory", new Quantity("1")),
          "large", Map.of("memory", new Quantity("2Ki"), "ephemeral-storage", new Quantity("1")),
          "none", Map.of());
  private static final List<String> PRIORITIES = List.of("high", "low");

  private final Fixture fixture;
  private final RandomPods pods;
  private final RandomTemplates templates;

  public AdmissionPlaces(Fixture fixture, long seed) {
    this.fixture = fixture;
    pods = new RandomPods(seed);
    templates = new RandomTemplates(seed);
  }

  /// A namespace and its contents.
  ///
  public record Place(
      String namespace,
      List<PodShape> running,
      List<LimitRangeSpec> limitRanges,
      Map<String, ResourceQuotaSpec> quotaSpecs) {
    public List<QuotaEvaluator> quotas() {
      return quotaSpecs.entrySet().stream()
          .map(quota -> new QuotaEvaluator(quota.getKey(), quota.getValue()))
          .toList();
    }

    /// The usage of the running pods by the simulation, for each quota.
    public List<ResourceList> used() {
      return quotas().stream()
          .map(quota -> quota.sum(running.stream().map(quota::usage).toList()))
          .toList();
    }
  }

  /// One in six has no quota and a third has three; one in eight has no LimitRange and one in
  /// eight has two. Quotas are created last and have counted the pods when this returns.
  public List<Place> create(int namespaces) {
    classes();
    var places = new ArrayList<Place>();
    for (int i = 0; i < namespaces; i++) {
      places.add(place(i));
    }
    places.forEach(this::createQuotas);
    places.forEach(this::awaitQuotas);
    return places;
  }

  private Place place(int i) {
    var namespace = fixture.namespace("place-" + i);
    fixture.awaitPodsAllowed(namespace);
    var running = new ArrayList<PodShape>();
    for (int n = i % 4; n > 0; n--) {
      create(namespace, randomPod(), running);
    }
    var limitRanges = new ArrayList<LimitRangeSpec>();
    for (int n = i % 8 == 0 ? 0 : i % 8 == 1 ? 2 : 1; n > 0; n--) {
      limitRanges.add(limitRange(namespace, "limits-" + n));
    }
    var quotas = new TreeMap<String, ResourceQuotaSpec>();
    for (int n = i % 6 == 0 ? 0 : i % 3 == 1 ? 3 : 1; n > 0; n--) {
      quotas.put("quota-" + n, quotaSpec(i + n));
    }
    return new Place(namespace, running, limitRanges, quotas);
  }

  /// A random pod may be invalid; then there is one pod fewer.
  private void create(String namespace, Pod pod, List<PodShape> running) {
    try {
      var created = fixture.client.resource(pod).inNamespace(namespace).create();
      running.add(PodShapes.of(created));
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

  private void createQuotas(Place place) {
    place
        .quotaSpecs()
        .forEach(
            (name, spec) ->
                fixture
                    .client
                    .resource(
                        new ResourceQuotaBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(place.namespace())
                            .endMetadata()
                            .withSpec(spec)
                            .build())
                    .create());
  }

  private ResourceQuotaSpec quotaSpec(int i) {
    while (true) {
      var template = i % 5 == 0 ? templates.quota() : pods.quota(PRIORITIES);
      if (ResourceQuotaRules.problems("f", template).isEmpty()) {
        return ResourceQuotaRules.canonical(template);
      }
    }
  }

  /// Waits until the controller has counted the running pods; the result must match the simulation.
  private void awaitQuotas(Place place) {
    var names = List.copyOf(place.quotaSpecs().keySet());
    var expected = place.used();
    eventually(
        () -> {
          for (int i = 0; i < names.size(); i++) {
            var quotas = fixture.client.resourceQuotas().inNamespace(place.namespace());
            var status = quotas.withName(names.get(i)).get().getStatus();
            assertThat(status.getHard()).isEqualTo(place.quotaSpecs().get(names.get(i)).getHard());
            var used = new HashMap<>(status.getUsed());
            used.keySet().retainAll(expected.get(i).names());
            assertThat(ResourceList.of(used)).as(place.toString()).isEqualTo(expected.get(i));
          }
        });
  }

  public Pod randomPod() {
    return pods.pod(OVERHEADS.keySet().stream().sorted().map(this::named).toList(), PRIORITIES);
  }

  private String named(String runtimeClass) {
    return fixture.id + "-" + runtimeClass;
  }

  /// The overhead that the server fills in.
  public Map<String, Quantity> overhead(Pod pod) {
    var runtimeClass = pod.getSpec().getRuntimeClassName();
    return runtimeClass == null
        ? Map.of()
        : OVERHEADS.get(runtimeClass.substring(fixture.id.length() + 1));
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

  public void removeClasses() {
    OVERHEADS
        .keySet()
        .forEach(name -> fixture.client.runtimeClasses().withName(named(name)).delete());
    PRIORITIES.forEach(
        name -> fixture.client.scheduling().v1().priorityClasses().withName(name).delete());
  }
}
