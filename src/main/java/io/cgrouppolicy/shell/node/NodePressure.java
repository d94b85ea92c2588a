package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Answered;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudgement;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.node.PressureSurvey.Survey;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.fabric8.kubernetes.api.model.Node;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Judges nodes by the pressure that their kubelets tell, and files the verdicts. An answer is
/// judged where it comes in: a reconciliation for each, every half minute, would cost more than the
/// judging.
@ApplicationScoped
class NodePressure {
  /// How long an event is not told again: pressure around a threshold comes and goes.
  private static final Duration SILENCE = Duration.ofMinutes(5);

  private final PressureSurvey survey;
  private final PodsOnNode pods;
  private final ComplianceIndex<PressureVerdict> index;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Map<String, Subject> subjects = new ConcurrentHashMap<>();

  /// A node that some policy with thresholds is about. Guarded by itself.
  private static final class Subject {
    private final Map<String, ReportedFigures> told = new HashMap<>();
    private final Map<Check, Instant> announced = new HashMap<>();
    private List<CompiledPolicy> policies = List.of();
    private double cpus = Double.NaN;
    private boolean gone;
  }

  /// The figures that were told by the thresholds of one generation of a policy.
  private record ReportedFigures(String policyUid, long generation, Map<String, Double> figures) {
    Map<String, Double> by(CompiledPolicy policy) {
      return policy.uid().equals(policyUid) && policy.generation() == generation
          ? figures
          : Map.of();
    }
  }

  NodePressure(
      PressureSurvey survey,
      PodsOnNode pods,
      ComplianceIndex<PressureVerdict> index,
      EventRecorder events,
      InstantSource clock) {
    this.survey = survey;
    this.pods = pods;
    this.index = index;
    this.events = events;
    this.clock = clock;
  }

  /// Takes a node as it is now: asks its kubelet from now on where some policy has thresholds, and
  /// judges by the last answer.
  ///
  /// @param judging the policies that count it as theirs
  void look(Node node, NodeState state, List<CompiledPolicy> judging) {
    var name = node.getMetadata().getName();
    var policies =
        judging.stream().filter(policy -> policy.spec().nodes().pressure() != null).toList();
    if (policies.isEmpty()) {
      forget(name);
      return;
    }
    var subject = subjects.computeIfAbsent(name, n -> new Subject());
    synchronized (subject) {
      subject.policies = policies;
      subject.cpus = cpus(state);
    }
    survey.follow(node, state, () -> judge(name));
    judge(name);
  }

  private static double cpus(NodeState state) {
    var cpu = state.facts().capacity().get("cpu");
    return cpu == null ? Double.NaN : Quantities.number(cpu).doubleValue();
  }

  /// Drops what is known of a node that is gone, or that no policy asks about.
  void forget(String name) {
    survey.forget(name);
    var subject = subjects.remove(name);
    if (subject != null) {
      synchronized (subject) {
        subject.gone = true;
        index.remove(name);
      }
    }
  }

  /// The nodes' figures for a policy, as far as there are any: what its gauges are made of.
  List<Answered> figures(String policy) {
    return subjects.entrySet().stream()
        .filter(e -> isAbout(e.getValue(), policy))
        .map(e -> survey.latest(e.getKey()).map(Survey::answer))
        .flatMap(Optional::stream)
        .filter(Answered.class::isInstance)
        .map(Answered.class::cast)
        .toList();
  }

  private static boolean isAbout(Subject subject, String policy) {
    synchronized (subject) {
      return subject.policies.stream().anyMatch(p -> p.name().equals(policy));
    }
  }

  private void judge(String name) {
    var subject = subjects.get(name);
    if (subject == null) {
      return;
    }
    synchronized (subject) {
      if (!subject.gone) {
        file(name, subject);
      }
    }
  }

  private void file(String name, Subject subject) {
    var latest = survey.latest(name).orElse(null);
    var verdicts = new HashMap<String, PressureVerdict>();
    if (latest != null) {
      var circumstances = new Circumstances(subject.cpus, pods.limits(name).orElse(null));
      for (var policy : subject.policies) {
        verdicts.put(policy.name(), verdict(subject, policy, latest, circumstances));
      }
    }
    var before = index.get(name);
    index.put(name, verdicts);
    verdicts.forEach(
        (policy, verdict) -> announce(name, subject, policy, before.get(policy), verdict));
  }

  private static PressureVerdict verdict(
      Subject subject, CompiledPolicy policy, Survey latest, Circumstances circumstances) {
    var told = subject.told.get(policy.name());
    var judgement =
        PressureJudge.judge(
            policy.spec().nodes().pressure(),
            latest.answer(),
            circumstances,
            told == null ? Map.of() : told.by(policy));
    subject.told.put(
        policy.name(), new ReportedFigures(policy.uid(), policy.generation(), judgement.told()));
    return new PressureVerdict(
        policy.uid(), policy.generation(), judgement.state(), findings(judgement, latest));
  }

  /// That there is no answer is told with the time of the last one: see
  /// [io.cgrouppolicy.core.kubelet.judge.NodeVerdict#findings()].
  private static List<Finding> findings(PressureJudgement judgement, Survey latest) {
    if (latest.answer() instanceof Answered) {
      return judgement.findings();
    }
    var age =
        latest.lastAnswer() == null
            ? "it has told none since the operator started"
            : "its last figures are of " + latest.lastAnswer().truncatedTo(ChronoUnit.SECONDS);
    return judgement.findings().stream()
        .map(f -> Finding.of(f.check(), f.expected(), f.actual(), f.message() + "; " + age))
        .toList();
  }

  /// An event for each resource for which pressure begins; none for what was there when the node
  /// was first judged, nor when the policy changed, as for
  /// [kubelets][io.cgrouppolicy.core.kubelet.judge.NodeVerdict#news]. That figures are missing is
  // no event: a
  /// node that goes away has enough of them.
  private void announce(
      String node,
      Subject subject,
      String policy,
      PressureVerdict before,
      PressureVerdict verdict) {
    if (before == null || !before.isAsOf(verdict)) {
      return;
    }
    var now = clock.instant();
    for (var finding : Finding.added(before.findings(), verdict.findings())) {
      var check = finding.check();
      var last = subject.announced.get(check);
      if (check != Check.PressureUnavailable
          && (last == null || !now.isBefore(last.plus(SILENCE)))) {
        subject.announced.put(check, now);
        events.node(node, check.name(), "Judge", "policy " + policy + ": " + finding.message());
      }
    }
  }
}
