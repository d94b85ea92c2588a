package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// The policies as the watch shows them, compiled once per generation.
final class PolicyStore {
  private static final Duration READ_TIMEOUT = Duration.ofMillis(1500);

  /// How long after [#read] the watch may show older versions: it reconnects after 90 s.
  private static final Duration CATCH_UP = Duration.ofMinutes(2);

  private final BiConsumer<CompiledPolicy, CompiledPolicy> listener;
  private volatile PolicyBook book;
  private long catchUpUntil = System.nanoTime();

  /// @param listener receives each change, one after the other: the policy before, or null, and the
  ///     policy after, or null if it was deleted
  PolicyStore(PolicyBook empty, BiConsumer<CompiledPolicy, CompiledPolicy> listener) {
    this.book = empty;
    this.listener = listener;
  }

  PolicyBook book() {
    return book;
  }

  /// Records a new or changed policy. Ignores changes of only its status or metadata.
  synchronized void apply(CgroupPolicy policy) {
    var metadata = policy.getMetadata();
    var before = book.find(metadata.getName()).orElse(null);
    if (before != null && before.uid().equals(metadata.getUid())) {
      boolean catchingUp = System.nanoTime() - catchUpUntil < 0;
      if (before.generation() == metadata.getGeneration()
          || catchingUp && before.generation() > metadata.getGeneration()) {
        return;
      }
    }
    var after = CompiledPolicy.of(policy);
    book = book.with(after);
    listener.accept(before, after);
  }

  /// Removes a policy, but not a later one of the same name.
  synchronized void delete(String name, String uid) {
    var before = book.find(name, uid).orElse(null);
    if (before != null) {
      book = book.without(name);
      listener.accept(before, null);
    }
  }

  /// Updates the policies by a list. To be called before this replica starts to write: if its
  /// connections died silently, its watch reconnects later, and until then it would restore the
  /// limits of old versions. Policies that the watch has not shown are left to the watch.
  ///
  /// @throws KubernetesClientException if they cannot be listed
  void read(KubernetesClient client) {
    var known = book.policies();
    var listed =
        SingleAttempt.once(client, READ_TIMEOUT)
            .resources(CgroupPolicy.class)
            .list()
            .getItems()
            .stream()
            .collect(Collectors.toMap(policy -> policy.getMetadata().getUid(), policy -> policy));
    synchronized (this) {
      catchUpUntil = System.nanoTime() + CATCH_UP.toNanos();
      for (var policy : known) {
        var current = listed.get(policy.uid());
        if (current == null) {
          delete(policy.name(), policy.uid());
        } else if (book.find(policy.name(), policy.uid()).isPresent()) {
          apply(current);
        }
      }
    }
  }
}
