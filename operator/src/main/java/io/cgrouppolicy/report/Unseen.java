package io.cgrouppolicy.report;

/// What could not be read.
///
/// @param reason a CamelCase word, such as Forbidden
/// @param why with what to do
/// @param asked whether the user left it out, so that it is no error
public record Unseen(Area area, String reason, String why, boolean asked) {}
