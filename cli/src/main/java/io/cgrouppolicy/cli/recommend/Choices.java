package io.cgrouppolicy.cli.recommend;

import java.util.List;

/// What the user chose.
///
/// @param headroom percent to add to what is needed
/// @param percentile of samples, and of declared limits, from 1 to 100
/// @param namespaces to select by name; empty for all but system namespaces
/// @param exclude names and globs of namespaces to leave out
public record Choices(
    String name, int headroom, int percentile, List<String> namespaces, List<String> exclude) {}
