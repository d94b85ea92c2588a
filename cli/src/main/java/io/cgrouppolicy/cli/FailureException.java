package io.cgrouppolicy.cli;

/// The command could not do what it was asked for. The message is for the user.
final class FailureException extends RuntimeException {
  FailureException(String message) {
    super(message);
  }
}
