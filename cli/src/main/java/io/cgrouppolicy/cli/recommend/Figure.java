package io.cgrouppolicy.cli.recommend;

import io.fabric8.kubernetes.api.model.Quantity;

/// A quantity of the policy.
///
/// @param why for a comment
record Figure(Quantity value, String why) {}
