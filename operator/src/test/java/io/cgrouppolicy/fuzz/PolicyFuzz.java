package io.cgrouppolicy.fuzz;

/// The fuzzing of CgroupPolicies: `make fuzz`.
public final class PolicyFuzz {
  /// The length of inputs: enough decisions for a large policy.
  static final int LENGTH = 4096;

  private PolicyFuzz() {}

  /// The entry point of Jazzer.
  public static void fuzzerTestOneInput(byte[] input) {
    test(new Choices(input));
  }

  /// @return whether the policy is valid
  static boolean test(Choices choices) {
    var spec = new PolicyGenerator(choices).spec();
    try {
      return PolicyPipeline.check(spec);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("with the spec " + spec, e);
    }
  }
}
