package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Sha256;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.ReportedFindings.Reported;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Selects the rejections of workloads that are reported as events: each cause once for as long as
/// it holds.
///
/// An event regards the workload, where its owner sees it in `kubectl describe`. While the policy
/// audits, it regards the namespace: a draft must not alarm the owners of workloads.
public final class RejectionEvents {
  /// A rejection that returns this soon after its event is not reported again. A workload at the
  /// edge of a quota alternates between pods that are created and pods that are rejected.
  static final Duration QUIET = Duration.ofMinutes(10);

  /// How long an API server keeps events by default.
  static final Duration EVENT_LIFE = Duration.ofHours(1);

  /// Leaves room in an event's 1024 characters for the advice.
  private static final int MAX_MESSAGE = 500;

  /// Numbers that change while the cause stays.
  private static final Pattern COUNTS =
      Pattern.compile("(?<=: )\\d+ pods?, |requested: \\S+, used: \\S+, (?=limited: )");

  private RejectionEvents() {}

  /// An event to send.
  ///
  /// @param id the same in each process that reports the rejection, so that the API server refuses
  ///     to create the event twice
  /// @param about the workload that it regards, or null for the namespace
  public record Notice(
      String id, WorkloadFinding about, String reason, String action, String note) {}

  /// @param complete false if an event could not be sent, so that the caller must try again
  public record Result(ReportedFindings reported, boolean complete) {}

  /// @param open whether the workload may turn out to have an owner, which the event then regards
  /// @param before null if there is none
  /// @param send sends an event, or returns false if there are too many at once
  public static Result report(
      CompiledPolicy policy,
      String namespace,
      List<WorkloadFinding> findings,
      Predicate<WorkloadFinding> open,
      ReportedFindings before,
      Instant now,
      Predicate<Notice> send) {
    var known =
        before == null || !before.policyUid().equals(policy.uid())
            ? Map.<String, Reported>of()
            : before.rejections();
    var reported = new HashMap<String, Reported>();
    known.forEach(
        (digest, past) -> {
          if (past.at().plus(EVENT_LIFE).isAfter(now)) {
            reported.put(digest, new Reported(past.at(), false));
          }
        });
    boolean complete = true;
    var seen = new HashSet<String>();
    for (var found : findings) {
      var check = found.finding().check();
      if (check != Check.WouldReject && check != Check.RejectedByPolicy) {
        continue;
      }
      var digest = digest(policy, found, "");
      if (!seen.add(digest)) {
        continue;
      }
      var past = known.get(digest);
      if (past != null && (past.holds() || past.at().plus(QUIET).isAfter(now))) {
        reported.put(digest, new Reported(past.at(), true));
      } else if (!open.test(found)
          && (check == Check.WouldReject || found.uid() != null)) { // else its owner is looked up
        var id = past == null ? digest : digest(policy, found, past.at().toString());
        if (send.test(notice(policy, namespace, found, id))) {
          reported.put(digest, new Reported(now, true));
        } else {
          complete = false;
        }
      }
    }
    return new Result(new ReportedFindings(policy.uid(), Map.copyOf(reported)), complete);
  }

  private static String digest(CompiledPolicy policy, WorkloadFinding found, String occurrence) {
    var finding = found.finding();
    var who = found.uid() == null ? found.kind() + "/" + found.name() : found.uid();
    var all =
        String.join(
            "\n",
            policy.uid(),
            String.valueOf(policy.enforces()), // decides what it regards
            who,
            finding.check().name(),
            cause(finding),
            occurrence);
    return HexFormat.of().formatHex(Sha256.of(all), 0, 12);
  }

  /// The message without the numbers that change while the cause stays. The preview of a quota
  /// computes with all pods of the namespace.
  private static String cause(Finding finding) {
    var cause = COUNTS.matcher(finding.message()).replaceAll("");
    return finding.check() == Check.WouldReject && cause.contains("quota")
        ? cause.replaceAll("[0-9]+", "")
        : cause;
  }

  private static Notice notice(
      CompiledPolicy policy, String namespace, WorkloadFinding found, String id) {
    boolean rejected = found.finding().check() == Check.RejectedByPolicy;
    return new Notice(
        id,
        policy.enforces() && found.uid() != null ? found : null,
        found.finding().check().name(),
        rejected ? "Create" : "Preview",
        note(policy, namespace, found));
  }

  private static String note(CompiledPolicy policy, String namespace, WorkloadFinding found) {
    var message = found.finding().message();
    var subject =
        found.kind().equals("Namespace")
            ? ""
            : message.startsWith(namespace + "/")
                ? found.kind() + " "
                : found.kind() + " " + found.name() + ": ";
    boolean quota = message.contains("quota");
    var advice =
        message.contains("must specify")
            ? "Set these resources"
            : quota ? "Free some of the quota" : "Change these resources";
    var documentation = policy.annotations().get(Annotations.DOCUMENTATION);
    return "policy "
        + policy.name()
        + ": "
        + subject
        + (message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "..." : message)
        + (quota ? ". " : "; set by LimitRange " + Child.NAME + ". ")
        + advice
        + ", or ask "
        + (policy.contact() == null ? "a cluster administrator" : policy.contact())
        + " to change the policy"
        + (documentation == null ? "." : "; see " + documentation);
  }
}
