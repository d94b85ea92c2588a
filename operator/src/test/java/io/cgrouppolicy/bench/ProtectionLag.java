package io.cgrouppolicy.bench;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/// How long new namespaces are without protection: from the answer to the creation until watches
/// show both objects.
final class ProtectionLag {
  static final int NAMESPACES = 100;

  private final KubernetesClient admin;
  private final RawClient client;
  private final String objects;

  /// When each object was seen, by "kind namespace".
  private final Map<String, Long> seen = new ConcurrentHashMap<>();

  /// @param client creates the namespaces
  /// @param objects the name of the operator's objects
  ProtectionLag(KubernetesClient admin, RawClient client, String objects) {
    this.admin = admin;
    this.client = client;
    this.objects = objects;
  }

  /// The milliseconds of each namespace, in ascending order. Deletes the namespaces in the end.
  ///
  /// @param backToBack whether each is created at the answer to the one before, rather than when
  ///     that is protected
  List<Double> measure(String prefix, boolean backToBack) throws InterruptedException {
    var names = IntStream.range(0, NAMESPACES).mapToObj(i -> prefix + "-" + i).toList();
    var created = new ConcurrentHashMap<String, Long>();
    try (var limitRanges =
            admin
                .limitRanges()
                .inAnyNamespace()
                .withField("metadata.name", objects)
                .watch(new Sightings<>());
        var quotas =
            admin
                .resourceQuotas()
                .inAnyNamespace()
                .withField("metadata.name", objects)
                .watch(new Sightings<>())) {
      for (var name : names) {
        client.run(1, i -> Requests.namespace(name, true));
        created.put(name, System.nanoTime());
        if (!backToBack) {
          Bench.closely(() -> seenAt(name) != null);
        }
      }
      Bench.closely(() -> names.stream().allMatch(name -> seenAt(name) != null));
    }
    names.forEach(name -> admin.namespaces().withName(name).delete());
    return names.stream().map(name -> (seenAt(name) - created.get(name)) / 1e6).sorted().toList();
  }

  private Long seenAt(String namespace) {
    var limitRange = seen.get("LimitRange " + namespace);
    var quota = seen.get("ResourceQuota " + namespace);
    return limitRange == null || quota == null ? null : Long.valueOf(Math.max(limitRange, quota));
  }

  private final class Sightings<T extends HasMetadata> implements Watcher<T> {
    @Override
    public void eventReceived(Action action, T object) {
      seen.putIfAbsent(
          object.getKind() + " " + object.getMetadata().getNamespace(), System.nanoTime());
    }

    @Override
    public void onClose(WatcherException cause) {
      System.err.println("the watch ended: " + cause);
    }
  }
}
