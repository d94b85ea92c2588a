package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Threshold;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Lints feature gates like `SetFromMap` in k8s.io/component-base/featuregate, and the fields that
/// need one.
final class GatesLint {
  /// @param uses whether a value needs the gate
  private record Gated(String field, String gate, Predicate<JsonNode> uses) {}

  private static final Predicate<JsonNode> ANY = value -> true;
  private static final Predicate<JsonNode> NOT_EMPTY =
      value -> value.isTextual() ? !value.textValue().isEmpty() : !value.isEmpty();
  private static final Predicate<JsonNode> ABOVE_ZERO =
      value -> GoDuration.parse(value.asText()).filter(d -> d > 0).isPresent();
  private static final Predicate<JsonNode> NOT_ZERO =
      value -> Threshold.parse(value.asText()).filter(t -> t.value().signum() != 0).isPresent();

  /// The fields whose gates are not locked.
  private static final List<Gated> FIELDS =
      List.of(
          new Gated(
              "cpuCFSQuotaPeriod",
              "CustomCPUCFSQuotaPeriod",
              value -> !GoDuration.parse(value.asText()).equals(Optional.of(100_000_000L))),
          new Gated(
              "crashLoopBackOff.maxContainerRestartPeriod", "KubeletCrashLoopBackOffMax", ANY),
          new Gated(
              "imagePullCredentialsVerificationPolicy",
              "KubeletEnsureSecretPulledImages",
              NOT_EMPTY),
          new Gated(
              "preloadedImagesVerificationAllowlist", "KubeletEnsureSecretPulledImages", NOT_EMPTY),
          new Gated("logging.format", "LoggingBetaOptions", value -> "json".equals(value.asText())),
          new Gated("logging.options.json.infoBufferSize", "LoggingAlphaOptions", NOT_ZERO),
          new Gated("logging.options.json.splitStream", "LoggingAlphaOptions", JsonNode::asBoolean),
          new Gated("logging.options.text.infoBufferSize", "LoggingAlphaOptions", NOT_ZERO),
          new Gated("logging.options.text.splitStream", "LoggingAlphaOptions", JsonNode::asBoolean),
          new Gated(
              "memoryReservationPolicy",
              "MemoryQoS",
              value -> "TieredReservation".equals(value.asText())),
          new Gated("serverTLSBootstrap", "RotateKubeletServerCertificate", JsonNode::asBoolean),
          new Gated("shutdownGracePeriod", "GracefulNodeShutdown", ABOVE_ZERO),
          new Gated("shutdownGracePeriodCriticalPods", "GracefulNodeShutdown", ABOVE_ZERO),
          new Gated(
              "shutdownGracePeriodByPodPriority",
              "GracefulNodeShutdownBasedOnPodPriority",
              NOT_EMPTY));

  /// Fields whose values the kubelet also checks without the gate.
  private static final Set<String> ALWAYS_CHECKED =
      Set.of("logging.format", "memoryReservationPolicy");

  private GatesLint() {}

  static void check(Draft draft) {
    for (var match : draft.all("featureGates.*")) {
      var gate = KubeletFields.gates().get(match.key());
      if (gate == null) {
        draft.rejected(match.at(), "is not a feature gate of Kubernetes 1.36");
      } else if (gate.locked()
          && match.value().asBoolean() != gate.byDefault().orElseThrow().asBoolean()) {
        draft.rejected(match.at(), "is locked to " + gate.byDefault().orElseThrow());
      }
    }
    KubeletFields.gates()
        .forEach(
            (name, gate) -> {
              for (var need : gate.list("needs")) {
                if (draft.gate(name) && !draft.gate(need)) {
                  draft.rejected("featureGates", name + " requires " + need);
                }
              }
            });
    for (var gated : FIELDS) {
      if (!draft.gate(gated.gate()) && draft.set(gated.field()).filter(gated.uses()).isPresent()) {
        draft.rejected(
            gated.field(),
            DisplayText.show(draft.set(gated.field()).get())
                + " requires the feature gate "
                + gated.gate());
      }
    }
  }

  /// Whether the kubelet does not check a field because its gate is off.
  static boolean isOff(Draft draft, String field) {
    return !ALWAYS_CHECKED.contains(field)
        && FIELDS.stream()
            .anyMatch(gated -> gated.field().equals(field) && !draft.gate(gated.gate()));
  }
}
