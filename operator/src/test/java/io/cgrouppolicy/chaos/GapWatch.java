package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// Watches, as another client, how long namespaces are without the LimitRange that a policy in mode
/// Enforce gives them at once.
final class GapWatch implements AutoCloseable {
  /// @param open whether it still has none
  record Gap(String namespace, Instant from, Instant to, boolean open) {
    Duration length() {
      return Duration.between(from, to);
    }
  }

  private final KubernetesClient client;
  private final Map<String, CgroupPolicy> policies = new HashMap<>();
  private final Map<String, Namespace> namespaces = new HashMap<>();
  private final Set<String> limited = new HashSet<>();
  private final Map<String, Instant> unprotected = new HashMap<>();
  private final List<Gap> gaps = new ArrayList<>();
  private World world = World.of(List.of());

  GapWatch(KubernetesClient admin) {
    // By default, a watch that was cut waits for up to half a minute.
    var config = new ConfigBuilder(admin.getConfiguration()).withWatchReconnectInterval(10).build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    client.resources(CgroupPolicy.class).inform(handler(this::policy));
    client.namespaces().inform(handler(this::namespace));
    client
        .limitRanges()
        .inAnyNamespace()
        .withField("metadata.name", "cgroup-policy")
        .inform(handler(this::limitRange));
  }

  /// The gaps since the last call, the longest first; one that still lasts is reported again.
  synchronized List<Gap> take() {
    var now = Instant.now();
    var taken = new ArrayList<>(gaps);
    gaps.clear();
    unprotected.forEach((name, since) -> taken.add(new Gap(name, since, now, true)));
    taken.sort(Comparator.comparing(Gap::length).reversed());
    return taken;
  }

  private synchronized void policy(CgroupPolicy policy, boolean there) {
    put(policies, policy, there);
    world = World.of(policies.values().stream().sorted(World.PRECEDENCE).toList());
    namespaces.keySet().forEach(this::judge);
  }

  private synchronized void namespace(Namespace namespace, boolean there) {
    put(namespaces, namespace, there);
    judge(namespace.getMetadata().getName());
  }

  private synchronized void limitRange(LimitRange limitRange, boolean there) {
    var name = limitRange.getMetadata().getNamespace();
    if (there) {
      limited.add(name);
    } else {
      limited.remove(name);
    }
    judge(name);
  }

  private void judge(String name) {
    if (mustHave(namespaces.get(name)) && !limited.contains(name)) {
      unprotected.putIfAbsent(name, Instant.now());
    } else {
      var since = unprotected.remove(name);
      if (since != null) {
        gaps.add(new Gap(name, since, Instant.now(), false));
      }
    }
  }

  private boolean mustHave(Namespace namespace) {
    return namespace != null
        && world.enforcing(namespace).stream()
            .findFirst()
            .filter(policy -> policy.getSpec().rollout() != Rollout.WhenSafe)
            .filter(policy -> policy.getSpec().namespaces().limitRange() != null)
            .isPresent();
  }

  private static <T extends HasMetadata> void put(Map<String, T> map, T object, boolean there) {
    if (there && object.getMetadata().getDeletionTimestamp() == null) {
      map.put(object.getMetadata().getName(), object);
    } else {
      map.remove(object.getMetadata().getName());
    }
  }

  private static <T> ResourceEventHandler<T> handler(BiConsumer<T, Boolean> change) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        change.accept(object, true);
      }

      @Override
      public void onUpdate(T before, T object) {
        change.accept(object, true);
      }

      @Override
      public void onDelete(T object, boolean finalStateUnknown) {
        change.accept(object, false);
      }
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
