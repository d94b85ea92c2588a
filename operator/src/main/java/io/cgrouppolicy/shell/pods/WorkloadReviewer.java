package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.Coalescer;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.cluster.StorageCache;
import io.cgrouppolicy.shell.node.NeighbourReviewer;
import io.cgrouppolicy.shell.pods.PodJudge.Judged;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Judges the pods of one namespace at a time for the policies that count its verdicts, on its own
/// thread, and stores the verdicts. Triggered by pod changes and by each reconciliation of the
/// namespace (labels, policies, LimitRanges). A replica that does not lead therefore reviews
/// nothing, although it already watches pods.
@ApplicationScoped
public class WorkloadReviewer implements ClusterCache.PolicyListener, PodCache.Listener {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
  private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(20);

  private final ClusterCache cluster;
  private final PodCache pods;
  private final StorageCache storage;
  private final PodJudge judge;
  private final OwnerResolver owners;
  private final FailedCreateWatch rejected;
  private final RolloutGate gate;
  private final NeighbourReviewer neighbours;
  private final PolicyWaker waker;
  private final RejectionReporter reporter;
  private final ObjectStore<NamespaceRecord> store;
  private final Coalescer coalescer = new Coalescer("workload-reviewer", this::review);

  private volatile Consumer<String> wake = namespace -> {};

  /// Whether this replica leads. Known from the first reconciliation.
  private final AtomicBoolean leading = new AtomicBoolean();

  WorkloadReviewer(
      ClusterCache cluster,
      PodCache pods,
      StorageCache storage,
      PodJudge judge,
      OwnerResolver owners,
      FailedCreateWatch rejected,
      RolloutGate gate,
      NeighbourReviewer neighbours,
      PolicyWaker waker,
      RejectionReporter reporter,
      ObjectStore<NamespaceRecord> store) {
    this.cluster = cluster;
    this.pods = pods;
    this.storage = storage;
    this.judge = judge;
    this.owners = owners;
    this.rejected = rejected;
    this.gate = gate;
    this.neighbours = neighbours;
    this.waker = waker;
    this.reporter = reporter;
    this.store = store;
  }

  /// @param wake triggers the reconciliation of a namespace
  public void onWake(Consumer<String> wake) {
    this.wake = wake;
  }

  /// Starts the watches on pods, on storage, and on events about ReplicaSets with the first policy
  /// that needs them.
  @Override
  public void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    if (after != null && after.needsPods() && pods.start(this)) {
      await(pods::synced);
    }
    if (after != null
        && after.valid()
        && after.limitsStorage()
        && storage.start(this::storageChanged)) {
      await(storage::visible);
    }
    if (after != null && after.valid() && after.limitsReplicaSets()) {
      rejected.watchReplicaSets();
    }
  }

  private void storageChanged(String namespace) {
    if (leading.get()) {
      coalescer.mark(namespace);
    }
  }

  /// Reviews all namespaces and nodes once a first list is complete. Polls, because the informer
  /// does not report when a list succeeds that was rejected at first.
  private void await(BooleanSupplier complete) {
    if (!complete.getAsBoolean()) {
      coalescer.schedule(POLL_INTERVAL, () -> await(complete));
    } else if (leading.get()) {
      cluster.namespaces().forEach(namespace -> changed(namespace.getMetadata().getName()));
      neighbours.all();
    }
  }

  @Override
  public void podChanged(PodFacts before, PodFacts after) {
    if (!leading.get() || !pods.synced()) {
      return;
    }
    coalescer.mark((after == null ? before : after).namespace());
    var left = before == null ? "" : before.node();
    var joined = after == null ? "" : after.node();
    if (!left.isEmpty()) {
      neighbours.changed(left);
    }
    if (!joined.isEmpty() && !joined.equals(left)) {
      neighbours.changed(joined);
    }
  }

  @Override
  public void podViewChanged() {
    waker.wakeAll();
    store
        .all()
        .forEach(
            (namespace, record) -> {
              if (record.memory().heldBack() != null) {
                wake.accept(namespace);
              }
            });
  }

  /// Triggers a review of a namespace. Does not block.
  public void changed(String namespace) {
    if (leading.compareAndSet(false, true)) {
      owners.start(coalescer::mark);
      rejected.onChange(coalescer::mark);
      expireRejections();
    }
    coalescer.mark(namespace);
  }

  private void expireRejections() {
    coalescer.schedule(EXPIRY_INTERVAL, this::expireRejections);
    rejected.expire();
  }

  public void forget(String namespace) {
    coalescer.forget(namespace);
  }

  /// Why the operator cannot judge pods, or null.
  public Trouble trouble() {
    var trouble = pods.trouble();
    if (trouble != null) {
      return trouble;
    }
    var failed = new TreeMap<>(coalescer.failures());
    failed.putAll(neighbours.failures());
    return failed.isEmpty()
        ? null
        : new Trouble(
            "InternalError",
            "the pods of " + failed.firstKey() + ": " + failed.firstEntry().getValue());
  }

  private void review(String name) {
    if (!cluster.hasNamespace(name)) {
      forget(name);
      return;
    }
    var selection = cluster.selection(name);
    var policies = selection.judging().stream().filter(CompiledPolicy::judgesPods).toList();
    if (!policies.isEmpty() && !pods.synced()) {
      return;
    }
    var podsHere = policies.isEmpty() ? List.<PodFacts>of() : pods.inNamespace(name);
    var verdicts = new HashMap<CompiledPolicy, Judged>();
    for (var policy : policies) {
      // Only the governing policy has objects here, which can reject pods.
      boolean governs = selection.governing().filter(policy::equals).isPresent();
      var rejections =
          governs && policy.previews() ? rejected.findings(name) : List.<WorkloadFinding>of();
      verdicts.put(policy, judge.judge(policy, name, podsHere, rejections));
    }
    record(name, verdicts);
    wakeIfGateChanged(name);
  }

  private void record(String name, Map<CompiledPolicy, Judged> verdicts) {
    var before = store.get(name);
    var stored = new HashMap<String, WorkloadVerdict>();
    verdicts.forEach((policy, judged) -> stored.put(policy.name(), judged.verdict()));
    var outcome = reporter.report(name, before.reported(), verdicts);
    store.update(name, record -> record.withWorkloads(stored).withReported(outcome.reported()));
    if (!outcome.complete()) {
      coalescer.schedule(Duration.ofSeconds(5), () -> coalescer.mark(name));
    }
    if (!before.workloads().keySet().equals(stored.keySet())) {
      pods.inNamespace(name).stream()
          .map(PodFacts::node)
          .filter(node -> !node.isEmpty())
          .distinct()
          .forEach(neighbours::changed);
    }
  }

  /// Wakes a namespace whose objects are held back when the rollout gate's answer changes. This is
  /// the only place that does so for pods and their owners: each of their changes triggers a
  /// review.
  private void wakeIfGateChanged(String name) {
    var heldBack = store.get(name).memory().heldBack();
    var governing = cluster.selection(name).governing().orElse(null);
    if (heldBack != null && governing != null && gate.safety(governing, name) != heldBack) {
      wake.accept(name);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    coalescer.stop();
  }
}
