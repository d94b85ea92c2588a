package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.util.List;
import java.util.Map;

/// The plan for a namespace.
///
/// @param steps the writes, in the order in which they must be made
/// @param heldBy the invalid policy whose objects stay in the namespace unchanged, or null
/// @param findings the deviations before the steps, by judging policy; includes those that the
///     steps fix
public record Plan(List<Step> steps, String heldBy, Map<CompiledPolicy, List<Finding>> findings) {}
