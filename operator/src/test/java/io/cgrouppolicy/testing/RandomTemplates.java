package io.cgrouppolicy.testing;

import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate.Item;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeRequirement;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Generates templates as people might write them, valid and invalid, in many notations; the same
/// ones for the same seed.
public final class RandomTemplates {
  private static final List<String> TYPES = List.of("Container", "Pod", "PersistentVolumeClaim");

  /// Mostly resources that entries support, rarely others.
  private static final List<String> OF_CONTAINERS =
      List.of(
          "cpu",
          "cpu",
          "cpu",
          "memory",
          "memory",
          "memory",
          "ephemeral-storage",
          "hugepages-2Mi",
          "nvidia.com/gpu",
          "storage");

  private static final List<String> COUNTED =
      List.of(
          "pods",
          "pods",
          "requests.cpu",
          "limits.cpu",
          "cpu",
          "requests.memory",
          "limits.memory",
          "memory",
          "requests.storage",
          "configmaps",
          "services.loadbalancers",
          "requests.nvidia.com/gpu",
          "count/jobs.batch",
          "requests.hugepages-2Mi",
          "gpus");

  static final List<String> SCOPES =
      List.of(
          "Terminating",
          "NotTerminating",
          "BestEffort",
          "NotBestEffort",
          "PriorityClass",
          "CrossNamespacePodAffinity");

  /// Different notations of few numbers, so that equal values occur.
  private static final List<String> SMALL = List.of("1", "1.0", "1000m", "1e0", "2", "2000m");

  private static final List<String> LARGE =
      List.of("4", "4000m", "8", "0.8e1", "1Ki", "1024", "1k");

  private final Random random;

  public RandomTemplates(long seed) {
    random = new Random(seed);
  }

  public LimitRangeTemplate limitRange() {
    var items = new ArrayList<Item>();
    int entries = random.nextInt(8) == 0 ? 2 : 1;
    for (int i = 0; i < entries; i++) {
      items.add(item(random.nextInt(3) == 0 ? pick(TYPES) : "Container"));
    }
    return new LimitRangeTemplate(items);
  }

  private Item item(String type) {
    var resources =
        type.equals("PersistentVolumeClaim") ? List.of("storage", "storage", "cpu") : OF_CONTAINERS;
    boolean defaults = type.equals("Container") || random.nextInt(6) == 0;
    return new Item(
        type,
        random.nextInt(3) == 0 ? quantities(resources, LARGE) : null,
        random.nextInt(3) == 0 ? quantities(resources, SMALL) : null,
        defaults && random.nextBoolean()
            ? quantities(resources, pick(List.of(SMALL, LARGE)))
            : null,
        defaults && random.nextInt(3) == 0 ? quantities(resources, SMALL) : null,
        random.nextInt(8) == 0 ? quantities(resources, pick(List.of(SMALL, LARGE))) : null);
  }

  public ResourceQuotaTemplate quota() {
    var scopes = new ArrayList<String>();
    for (int n = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0; n > 0; n--) {
      scopes.add(pick(SCOPES));
    }
    return new ResourceQuotaTemplate(
        quantities(COUNTED, random.nextInt(6) == 0 ? List.of("1.5", "-1", "500m") : LARGE),
        scopes.isEmpty() ? null : scopes.stream().distinct().toList(),
        random.nextInt(6) == 0 ? new ScopeSelector(List.of(requirement())) : null);
  }

  private ScopeRequirement requirement() {
    boolean values = random.nextInt(3) > 0;
    return new ScopeRequirement(
        random.nextBoolean() ? "PriorityClass" : pick(SCOPES),
        pick(values ? List.of("In", "NotIn") : List.of("Exists", "DoesNotExist")),
        values && random.nextInt(5) > 0 ? List.of("high", "low") : null);
  }

  private Map<String, Quantity> quantities(List<String> resources, List<String> amounts) {
    var map = new TreeMap<String, Quantity>();
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      var amount = random.nextInt(60) == 0 ? "1 GB" : pick(amounts);
      map.put(pick(resources), new Quantity(amount));
    }
    return map;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
