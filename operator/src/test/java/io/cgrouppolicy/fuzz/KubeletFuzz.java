package io.cgrouppolicy.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/// The fuzzing of kubelets' answers: `make fuzz`.
public final class KubeletFuzz {
  static final int LENGTH = 256;

  private static final List<String> CONFIGURATIONS =
      List.of(
          KubeletMutator.compact("configz-hardened.json"),
          KubeletMutator.compact("configz-defaults.json"));
  private static final List<String> SUMMARIES =
      List.of(
          KubeletMutator.compact("stats-summary.json"),
          KubeletMutator.compact("stats-summary-pressure.json"));

  private KubeletFuzz() {}

  /// The entry point of Jazzer.
  public static void fuzzerTestOneInput(byte[] input) {
    test(new Choices(input));
  }

  /// @return whether the answer is good in spite of its changes
  static boolean test(Choices choices) {
    boolean summary = choices.oneIn(2);
    var answer = new KubeletMutator(choices, summary ? SUMMARIES : CONFIGURATIONS).answer();
    try {
      return summary
          ? KubeletPipeline.checkSummary(answer)
          : KubeletPipeline.checkConfiguration(answer);
    } catch (RuntimeException | Error e) {
      var shown = new String(answer, 0, Math.min(answer.length, 20_000), UTF_8);
      throw new AssertionError("with the answer " + shown, e);
    }
  }
}
