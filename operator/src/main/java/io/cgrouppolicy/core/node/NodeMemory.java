package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the operator remembers of a node from one decision to the next.
///
/// @param policies that judge the node, by name
/// @param capacity of the node: the linter needs that of the smallest node of a policy
/// @param verdicts on the kubelet's configuration, by policy
/// @param pressure verdicts on pressure, by policy
/// @param reported the figures in the findings on pressure, by policy
/// @param announced when an event last announced pressure, by check
/// @param undecided what verdicts wait for
/// @param pressureFailure why the kubelet gave no figures, or null
public record NodeMemory(
    Set<String> policies,
    Map<String, Quantity> capacity,
    Map<String, NodeVerdict> verdicts,
    Map<String, PressureVerdict> pressure,
    Map<String, Map<String, Double>> reported,
    Map<Check, Instant> announced,
    List<Undecided> undecided,
    Unusable<?> pressureFailure) {

  public static final NodeMemory EMPTY =
      new NodeMemory(Set.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), List.of(), null);
}
