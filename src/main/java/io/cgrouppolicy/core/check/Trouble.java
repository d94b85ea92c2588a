package io.cgrouppolicy.core.check;

/// What keeps the operator from judging an object or from writing to it. Not a violation: the
/// object's owner cannot resolve it.
///
/// @param reason CamelCase; becomes the reason of the condition Ready
/// @param message what failed, on which object, and why
public record Trouble(String reason, String message) {}
