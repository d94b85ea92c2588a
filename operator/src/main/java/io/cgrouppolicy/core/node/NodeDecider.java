package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.LastAnswer;
import io.cgrouppolicy.core.kubelet.judge.KubeletJudge;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.node.NodeDecision.Event;
import io.cgrouppolicy.core.node.Undecided.Reason;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Judges a node by what its kubelet answered.
public final class NodeDecider {
  /// Pressure around a threshold comes and goes: no second event about it within this time.
  private static final Duration SILENCE = Duration.ofMinutes(5);

  private final ObservedNode node;
  private final NodeMemory before;
  private final Instant now;
  private final Map<String, NodeVerdict> verdicts = new HashMap<>();
  private final Map<String, PressureVerdict> pressure = new HashMap<>();
  private final Map<String, Map<String, Double>> reported = new HashMap<>();
  private final Map<Check, Instant> announced;
  private final Set<Reason> undecided = EnumSet.noneOf(Reason.class);
  private final List<Event> events = new ArrayList<>();

  private NodeDecider(ObservedNode node, NodeMemory before, Instant now) {
    this.node = node;
    this.before = before;
    this.now = now;
    this.announced = new HashMap<>(before.announced());
  }

  public static boolean needsConfiguration(CompiledPolicy policy) {
    return KubeletJudge.asks(policy.spec().nodes());
  }

  public static boolean needsPressure(CompiledPolicy policy) {
    return policy.spec().nodes().pressure() != null;
  }

  /// @param policies that judge the node
  public static NodeDecision decide(
      List<CompiledPolicy> policies, ObservedNode node, NodeMemory before, Instant now) {
    return new NodeDecider(node, before, now).decide(policies);
  }

  private NodeDecision decide(List<CompiledPolicy> policies) {
    var names = new HashSet<String>();
    for (var policy : policies) {
      names.add(policy.name());
      judgeConfiguration(policy);
      if (needsPressure(policy)) {
        judgePressure(policy);
      }
    }
    var capacity = names.isEmpty() ? Map.<String, Quantity>of() : node.facts().capacity();
    var wake = new HashSet<String>();
    if (!names.equals(before.policies()) || !capacity.equals(before.capacity())) {
      wake.addAll(names);
      wake.addAll(before.policies());
    }
    var waiting = undecided.stream().map(reason -> new Undecided(reason, since(reason))).toList();
    var failure = pressureFailure();
    return new NodeDecision(
        new NodeMemory(names, capacity, verdicts, pressure, reported, announced, waiting, failure),
        events,
        wake,
        doubtsConfiguration(failure));
  }

  /// Why the kubelet gave no figures, or null. A request that still waits says nothing about it.
  private Unusable<?> pressureFailure() {
    var reading = node.pressure();
    return switch (reading == null ? null : reading.answer()) {
      case null -> null;
      case Usable<NodeSummary> _ -> null;
      case Unusable<NodeSummary> failure ->
          failure.reason().equals(Unusable.OVERDUE) ? before.pressureFailure() : failure;
    };
  }

  /// Whether the kubelet has just become unreachable, so that its configuration may be out of date.
  /// Pressure is asked for more often.
  private boolean doubtsConfiguration(Unusable<?> failure) {
    return failure != null
        && failure.check() == Check.KubeletUnreachable
        && (before.pressureFailure() == null
            ? node.pressure().lastUsable() != null
            : !before.pressureFailure().reason().equals(failure.reason()))
        && node.configuration() != null
        && node.configuration().answer() instanceof Usable;
  }

  private void judgeConfiguration(CompiledPolicy policy) {
    var reading = node.configuration();
    if (reading == null && needsConfiguration(policy) && node.facts().obstacle().isEmpty()) {
      undecided.add(Reason.CONFIGURATION_NOT_READ);
      return;
    }
    var judgement =
        KubeletJudge.judge(
            policy.spec().nodes(),
            node.facts(),
            reading == null ? null : reading.answer(),
            node.platform());
    var verdict =
        new NodeVerdict(
            policy.uid(),
            policy.generation(),
            judgement,
            judgement.unanswered() == null ? null : LastAnswer.of(reading, now));
    verdicts.put(policy.name(), verdict);
    verdict
        .news(before.verdicts().get(policy.name()))
        .forEach(finding -> events.add(Event.of(policy.name(), finding)));
  }

  private void judgePressure(CompiledPolicy policy) {
    if (node.facts().exemption() != null) {
      pressure.put(policy.name(), PressureVerdict.exempt(policy));
      return;
    }
    var reading = node.pressure();
    var answer = node.facts().obstacleOr(reading == null ? null : reading.answer());
    if (answer == null) {
      undecided.add(Reason.SUMMARY_NOT_READ);
      return;
    }
    var earlier = before.pressure().get(policy.name());
    var judgement =
        PressureJudge.judge(
            policy.spec().nodes().pressure(),
            answer,
            new Circumstances(cpus(), node.pods()),
            earlier != null && earlier.isOf(policy)
                ? before.reported().get(policy.name())
                : Map.of());
    var verdict = PressureVerdict.of(policy, judgement, answer, LastAnswer.of(reading, now));
    pressure.put(policy.name(), verdict);
    reported.put(policy.name(), judgement.reported());
    for (var finding : verdict.news(earlier)) {
      var last = announced.get(finding.check());
      if (last == null || !now.isBefore(last.plus(SILENCE))) {
        announced.put(finding.check(), now);
        events.add(Event.of(policy.name(), finding));
      }
    }
  }

  private double cpus() {
    var cpu = node.facts().capacity().get("cpu");
    return cpu == null ? Double.NaN : Quantities.number(cpu).doubleValue();
  }

  private Instant since(Reason reason) {
    return before.undecided().stream()
        .filter(earlier -> earlier.reason() == reason)
        .map(Undecided::since)
        .findFirst()
        .orElse(now);
  }
}
