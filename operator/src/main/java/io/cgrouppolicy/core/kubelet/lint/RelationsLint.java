package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;

/// Lints relations between fields like `ValidateKubeletConfiguration`, after the kubelet's
/// defaulting.
final class RelationsLint {
  private RelationsLint() {}

  static void check(Draft draft) {
    images(draft);
    shutdown(draft);
    if (draft.is("enableSystemLogQuery") && !draft.is("enableSystemLogHandler")) {
      draft.rejected("enableSystemLogQuery", "requires enableSystemLogHandler");
    }
    if (!draft.text("systemCgroups").isEmpty() && draft.text("cgroupRoot").isEmpty()) {
      draft.rejected("systemCgroups", "requires cgroupRoot");
    }
    if (!draft.all("logging.vmodule[]").isEmpty() && !draft.text("logging.format").equals("text")) {
      draft.rejected("logging.vmodule", "requires logging.format text");
    }
    var periods = draft.set("evictionSoftGracePeriod");
    for (var soft : draft.all("evictionSoft.*")) {
      boolean ignored = Set.of("0%", "100%").contains(soft.value().asText());
      if (!ignored && periods.filter(map -> map.has(soft.key())).isEmpty()) {
        draft.rejected(soft.at(), "requires a grace period in evictionSoftGracePeriod");
      }
    }
    var curves = new HashSet<JsonNode>();
    for (var curve : draft.all("tlsCurvePreferences[]")) {
      if (!curves.add(curve.value())) {
        draft.rejected(curve.at(), curve.value() + " occurs more than once");
      }
    }
    var reserved = new HashSet<String>();
    for (var entry : draft.all("reservedMemory[]")) {
      entry
          .value()
          .path("limits")
          .fieldNames()
          .forEachRemaining(
              resource -> {
                var node = entry.value().path("numaNode").asInt();
                if (!reserved.add(node + " " + resource)) {
                  draft.rejected(entry.at(), resource + " of NUMA node " + node + " occurs again");
                }
              });
    }
  }

  private static void images(Draft draft) {
    long high = draft.number("imageGCHighThresholdPercent", 0);
    long low = draft.number("imageGCLowThresholdPercent", 0);
    if (low >= high) {
      var field =
          draft.set("imageGCLowThresholdPercent").isPresent()
              ? "imageGCLowThresholdPercent"
              : "imageGCHighThresholdPercent";
      draft.rejected(field, "the low threshold, " + low + ", must be below the high one, " + high);
    }
    long oldest = draft.duration("imageMaximumGCAge");
    if (oldest > 0 && oldest <= draft.duration("imageMinimumGCAge")) {
      draft.rejected("imageMaximumGCAge", "must be above imageMinimumGCAge (2m by default)");
    }
    // Without serializeImagePulls, maxParallelImagePulls decides about it.
    if (draft.set("serializeImagePulls").filter(JsonNode::asBoolean).isPresent()
        && draft.number("maxParallelImagePulls", 1) > 1) {
      draft.rejected("maxParallelImagePulls", "above 1 requires serializeImagePulls: false");
    }
    if (!draft.all("preloadedImagesVerificationAllowlist[]").isEmpty()
        && !draft
            .text("imagePullCredentialsVerificationPolicy")
            .equals("NeverVerifyAllowlistedImages")) {
      draft.rejected(
          "preloadedImagesVerificationAllowlist",
          "requires imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages");
    }
  }

  private static void shutdown(Draft draft) {
    long all = draft.duration("shutdownGracePeriod");
    long critical = draft.duration("shutdownGracePeriodCriticalPods");
    if (critical > all && draft.gate("GracefulNodeShutdown")) {
      draft.rejected("shutdownGracePeriodCriticalPods", "must be at most shutdownGracePeriod");
    }
    if ((all > 0 || critical > 0)
        && !draft.all("shutdownGracePeriodByPodPriority[]").isEmpty()
        && draft.gate("GracefulNodeShutdownBasedOnPodPriority")) {
      draft.rejected(
          "shutdownGracePeriodByPodPriority",
          "excludes shutdownGracePeriod and shutdownGracePeriodCriticalPods");
    }
  }
}
