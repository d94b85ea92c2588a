package io.cgrouppolicy.testing;

import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeRequirement;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeSelector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Generates pods, and quotas that count them, with many cases that are rare in practice but hard
/// to get right; the same ones for the same seed. Uses the few numbers of [RandomTemplates], so
/// that equal values occur.
public final class RandomPods {
  private static final Map<String, List<String>> AMOUNTS =
      Map.of(
          "cpu", List.of("0", "500m", "1", "1000m", "1.5", "2", "4", "8", "1e1", "0.001"),
          "memory", List.of("0", "1", "2", "4", "8", "1k", "1Ki", "1024", "1025", "0.5Ki", "3Mi"),
          "ephemeral-storage", List.of("0", "1", "2", "4", "1Ki", "2Gi", "1536Mi"),
          "hugepages-2Mi",
              List.of("2Mi", "2Mi", "4Mi", "4096Ki", "2Mi", "4Mi", "4096Ki", "0", "3Mi"),
          "nvidia.com/gpu", List.of("1", "1", "2", "2.0", "4", "1", "2", "0", "500m"));

  /// Mostly large enough for the containers' requests.
  private static final Map<String, List<String>> OF_POD =
      Map.of(
          "cpu", List.of("20", "40", "2"),
          "memory", List.of("20Mi", "1Gi", "0.5Gi", "4"),
          "hugepages-2Mi", List.of("32Mi", "64Mi", "2Mi"));

  /// Repeated names are more likely.
  private static final List<String> RESOURCES =
      List.of(
          "cpu",
          "cpu",
          "cpu",
          "cpu",
          "memory",
          "memory",
          "memory",
          "memory",
          "ephemeral-storage",
          "hugepages-2Mi",
          "nvidia.com/gpu");

  private static final List<String> COUNTED =
      List.of(
          "pods",
          "count/pods",
          "cpu",
          "requests.cpu",
          "limits.cpu",
          "memory",
          "requests.memory",
          "limits.memory",
          "ephemeral-storage",
          "requests.ephemeral-storage",
          "limits.ephemeral-storage",
          "hugepages-2Mi",
          "requests.hugepages-2Mi",
          "requests.nvidia.com/gpu");

  private static final List<String> HARD =
      List.of("0", "2", "3", "4", "6", "8", "10", "12", "1Ki", "5k", "8Mi", "12Mi", "1Gi");

  private final Random random;

  public RandomPods(long seed) {
    random = new Random(seed);
  }

  /// @param runtimeClasses the runtime classes that a pod may have
  /// @param priorityClasses the priority classes that a pod may have
  public Pod pod(List<String> runtimeClasses, List<String> priorityClasses) {
    var init = new ArrayList<Container>();
    for (int n = oneIn(2) ? 1 + random.nextInt(3) : 0; n > 0; n--) {
      init.add(container("init-" + n, oneIn(2)));
    }
    var main = new ArrayList<Container>();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      main.add(container("main-" + n, false));
    }
    var spec =
        new PodBuilder()
            .withNewMetadata()
            .withGenerateName("pod-")
            .endMetadata()
            .withNewSpec()
            .withAutomountServiceAccountToken(false)
            .withInitContainers(init)
            .withContainers(main)
            .withResources(oneIn(3) ? ofPod() : null)
            .withRuntimeClassName(oneIn(4) ? pick(runtimeClasses) : null)
            .withPriorityClassName(oneIn(3) ? pick(priorityClasses) : null)
            .withActiveDeadlineSeconds(oneIn(4) ? 600L : null);
    if (oneIn(6)) {
      spec.withNewAffinity()
          .withNewPodAntiAffinity()
          .withRequiredDuringSchedulingIgnoredDuringExecution(
              new PodAffinityTermBuilder()
                  .withTopologyKey("kubernetes.io/hostname")
                  .withNewLabelSelector()
                  .addToMatchLabels("app", "other")
                  .endLabelSelector()
                  .withNamespaces(oneIn(2) ? List.of("elsewhere") : List.of())
                  .build())
          .endPodAntiAffinity()
          .endAffinity();
    }
    return spec.endSpec().build();
  }

  private Container container(String name, boolean sidecar) {
    return new ContainerBuilder()
        .withName(name)
        .withImage("image")
        .withRestartPolicy(sidecar ? "Always" : null)
        .withResources(ofContainer())
        .build();
  }

  /// Nothing, limits, requests, or both; rarely a request above its limit.
  private ResourceRequirements ofContainer() {
    var limits = new TreeMap<String, Quantity>();
    var requests = new TreeMap<String, Quantity>();
    for (int n = random.nextInt(4); n > 0; n--) {
      var resource = pick(RESOURCES);
      var amounts = AMOUNTS.get(resource);
      var amount = new Quantity(pick(amounts));
      boolean mayDiffer = resource.equals("cpu") || resource.equals("memory");
      if (!mayDiffer || oneIn(2)) {
        limits.put(resource, amount);
      }
      if (oneIn(2)) {
        var other = new Quantity(pick(amounts));
        boolean within = mayDiffer && other.compareTo(amount) <= 0 || oneIn(40);
        requests.put(resource, within ? other : amount);
      }
    }
    if (limits.containsKey("hugepages-2Mi") && !oneIn(5)) { // otherwise they are invalid
      limits.putIfAbsent("memory", new Quantity("4"));
    }
    return new ResourceRequirementsBuilder().withLimits(limits).withRequests(requests).build();
  }

  /// Never empty: the server distinguishes `resources: {}` from no resources, which the shape of a
  /// pod does not.
  private ResourceRequirements ofPod() {
    var builder = new ResourceRequirementsBuilder();
    for (var resource : OF_POD.keySet().stream().sorted().toList()) {
      var amounts = OF_POD.get(resource);
      var amount = new Quantity(oneIn(3) ? pick(amounts) : amounts.getFirst());
      boolean rare = resource.startsWith("hugepages");
      if (oneIn(rare ? 5 : 2)) {
        builder.addToLimits(resource, amount);
      }
      if (oneIn(rare ? 8 : 3)) {
        builder.addToRequests(resource, amount);
      }
    }
    var resources = builder.build();
    return resources.getLimits().isEmpty() && resources.getRequests().isEmpty() ? null : resources;
  }

  /// May be invalid.
  public ResourceQuotaTemplate quota(List<String> priorityClasses) {
    var hard = new TreeMap<String, Quantity>();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      hard.put(pick(COUNTED), new Quantity(pick(HARD)));
    }
    return new ResourceQuotaTemplate(
        hard,
        oneIn(3) ? List.of(pick(RandomTemplates.SCOPES)) : null,
        oneIn(4) ? new ScopeSelector(List.of(ofClass(priorityClasses))) : null);
  }

  private ScopeRequirement ofClass(List<String> priorityClasses) {
    var operator = pick(List.of("In", "NotIn", "Exists", "DoesNotExist"));
    return new ScopeRequirement(
        "PriorityClass", operator, operator.endsWith("In") ? List.of(pick(priorityClasses)) : null);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
