package io.cgrouppolicy.core.check;

/// What keeps the operator from judging an object or writing to it. Not a violation, because the
/// object's owner cannot fix it.
///
/// @param reason CamelCase; becomes the reason of condition Ready
/// @param message what failed, on which object, and why
public record Trouble(String reason, String message) {}
