package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.openreports.Report;
import io.cgrouppolicy.core.openreports.Report.Timestamp;
import io.cgrouppolicy.core.openreports.ReportDraft;
import io.cgrouppolicy.core.openreports.ReportKey;
import io.cgrouppolicy.core.openreports.ReportStep;
import io.cgrouppolicy.core.openreports.StoredReport;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Evaluated;
import io.cgrouppolicy.core.status.PolicyRecord;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.Reports;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.Coalescer;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.shell.write.ReportWriter;
import io.cgrouppolicy.shell.write.WriteFailure;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Writes the violations of policies as Reports and ClusterReports of `openreports.io`, if the
/// operator has that setting. Without it, this class sends nothing.
///
/// Writes on one thread, and few in a second, so that reports never delay the objects that enforce
/// policies. Does not watch the reports: that would transfer each of them whole. Instead, lists
/// their metadata before the first write and then once per interval. Between two lists, the record
/// of the policy has what this class wrote.
@ApplicationScoped
class ReportPublisher {
  private static final Logger LOG = Logger.getLogger(ReportPublisher.class);
  private static final Duration SOON = Duration.ofMillis(100);

  /// The least time between two runs for a policy, as the figures in violations change constantly.
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private static final int PER_SECOND = 50;

  private final OperatorSettings.OpenReports settings;
  private final ClusterCache cluster;
  private final PolicyScope scope;
  private final ReportWriter writer;
  private final PolicyWaker waker;
  private final ObjectStore<PolicyRecord> store;
  private final InstantSource clock;
  private final Coalescer coalescer;

  ReportPublisher(
      OperatorSettings settings,
      ClusterCache cluster,
      PolicyScope scope,
      ReportWriter writer,
      PolicyWaker waker,
      ObjectStore<PolicyRecord> store,
      InstantSource clock) {
    this.settings = settings.openReports();
    this.cluster = cluster;
    this.scope = scope;
    this.writer = writer;
    this.waker = waker;
    this.store = store;
    this.clock = clock;
    this.coalescer =
        this.settings.enabled()
            ? new Coalescer("open-reports", SOON, SOON, PAUSE, this::run)
            : null;
  }

  /// Compares the reports of a policy with its violations soon. Does not block. Only the replica
  /// that leads calls this.
  ///
  /// @return what is known of the reports; null if the operator writes none
  Reports changed(CompiledPolicy policy) {
    if (coalescer == null) {
      return null;
    }
    coalescer.mark(policy.name());
    return store.get(policy.uid()).reports();
  }

  /// When the policy must be passed to [#changed] again in any case; null if never.
  Duration lookAgain(String uid) {
    if (coalescer == null) {
      return null;
    }
    var reports = store.get(uid).reports();
    return reports.listed() == null || reports.trouble() != null
        ? settings.interval().dividedBy(10)
        : settings.interval();
  }

  /// Drops the state of a deleted policy. The garbage collector deletes its reports.
  void forget(String policy) {
    if (coalescer != null) {
      coalescer.forget(policy);
    }
  }

  private void run(String policy) {
    MDC.put("policy", policy);
    try {
      publish(policy);
    } finally {
      MDC.remove("policy");
    }
  }

  private void publish(String name) {
    var policy =
        cluster.book().policies().stream()
            .filter(other -> other.name().equals(name) && other.valid()) // invalid: changes nothing
            .findFirst()
            .orElse(null);
    if (policy == null) {
      return;
    }
    var before = store.get(policy.uid()).reports();
    var after = listed(policy, before, clock.instant());
    if (after.listed() != null) {
      after = write(policy, after);
    }
    var result = after;
    store.update(policy.uid(), record -> record.with(result));
    if (!after.sameCondition(before)) {
      if (after.trouble() != null) {
        LOG.warnf("not all reports were written: %s", after.trouble().message());
      }
      waker.wake(name);
    }
  }

  /// Lists the reports, unless that was done recently.
  private Reports listed(CompiledPolicy policy, Reports before, Instant now) {
    if (before.listed() != null && now.isBefore(before.listed().plus(settings.interval()))) {
      return before;
    }
    try {
      var stored = writer.list(policy.name(), policy.uid());
      return new Reports(stored, now, before.trouble(), before.complete());
    } catch (WriteFailure failure) {
      var trouble =
          failure.notFound()
              ? new Trouble(
                  "CrdNotInstalled",
                  "the cluster has no CRDs of " + ReportKey.VERSION + "; install OpenReports")
              : trouble(failure);
      return new Reports(Map.of(), null, trouble, false);
    }
  }

  private static Trouble trouble(WriteFailure failure) {
    return new Trouble(failure.reason(), failure.getMessage());
  }

  /// Makes all writes. One that fails does not keep the others from being tried, unless the
  /// operator lacks the permission.
  private Reports write(CompiledPolicy policy, Reports reports) {
    var input = scope.input(policy, null, null, null, clock.instant());
    var evaluated = Evaluated.of(input);
    var violations = PolicyStatusFactory.complete(input).status().violations();
    var drafts = ReportDraft.of(policy.name(), policy.uid(), violations);
    var stored = new HashMap<>(reports.stored());
    var listed = reports.listed();
    Trouble trouble = null;
    var since = new Since(policy.name());
    for (var step : ReportStep.plan(drafts, stored, evaluated::holds)) {
      try {
        var conflict = perform(step, since.of(step, stored), stored);
        trouble = trouble == null ? conflict : trouble;
      } catch (WriteFailure failure) {
        if (failure.notFound() || failure.conflict()) {
          listed = null; // other clients deleted the report, its namespace or the CRD
        } else if (!failure.benign() && trouble == null) {
          trouble = trouble(failure);
        }
        if (failure.reason().equals("Forbidden")) {
          break;
        }
      }
      if (!pause() || !isCurrent(policy)) {
        return new Reports(stored, listed, trouble, reports.complete());
      }
    }
    boolean complete = trouble == null && (reports.complete() || evaluated.complete());
    return new Reports(stored, listed, trouble, complete);
  }

  private boolean isCurrent(CompiledPolicy policy) {
    return cluster
        .book()
        .find(policy.name(), policy.uid())
        .filter(now -> now.generation() == policy.generation())
        .isPresent();
  }

  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit itself
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// @param since since when results have been reported, by id
  /// @param stored the reports in the cluster, which this changes
  /// @return why the report cannot be written, or null
  private Trouble perform(
      ReportStep step, Map<String, Timestamp> since, Map<ReportKey, StoredReport> stored) {
    var key = step.key();
    var found = step.stored();
    if (found != null && (step.draft() == null || !found.owned())) {
      delete(key, found);
      stored.remove(key);
    }
    if (step.draft() != null) {
      var report = step.draft().report(since, clock.instant().getEpochSecond());
      var uid = stored.containsKey(key) ? writer.apply(key, report) : create(key, report);
      if (uid == null) {
        return new Trouble(
            "ReportConflict",
            key + " exists and is not managed by " + Child.MANAGER + "; rename or delete it");
      }
      stored.put(key, new StoredReport(uid, step.draft().hash(), true));
    }
    return null;
  }

  private void delete(ReportKey key, StoredReport found) {
    try {
      writer.delete(key, found.uid());
    } catch (WriteFailure failure) {
      if (!failure.notFound()) {
        throw failure;
      }
    }
  }

  /// Takes over a report that only lost its labels, and so is missing in the list.
  ///
  /// @return its uid, or null if there is one of another owner
  private String create(ReportKey key, Report report) {
    try {
      return writer.create(key, report);
    } catch (WriteFailure failure) {
      if (!failure.conflict()) {
        throw failure;
      }
      var ours = StoredReport.isOurs(writer.read(key).path("metadata"));
      return ours ? writer.apply(key, report) : null;
    }
  }

  /// Since when the results of one namespace, or of nodes, have been reported. Reads its reports
  /// before the first of them is replaced, because a result can move from one to another.
  private final class Since {
    private final String policy;
    private ReportKey read;
    private Map<String, Timestamp> times = Map.of();

    Since(String policy) {
      this.policy = policy;
    }

    /// @return by id
    Map<String, Timestamp> of(ReportStep step, Map<ReportKey, StoredReport> stored) {
      var first = ReportKey.of(step.key().namespace(), policy, 1);
      if (step.draft() != null && !first.equals(read)) {
        var found = new HashMap<String, Timestamp>();
        var key = first;
        for (int number = 2; stored.containsKey(key); number++) {
          found.putAll(StoredReport.since(writer.read(key)));
          key = ReportKey.of(step.key().namespace(), policy, number);
        }
        read = first;
        times = found;
      }
      return times;
    }
  }

  void stop(@Observes ShutdownEvent event) {
    if (coalescer != null) {
      coalescer.stop();
    }
  }
}
