package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.core.kubelet.DisplayText;
import io.cgrouppolicy.core.kubelet.lint.Lint.Draft;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;

/// Lints the ranges and allowed values of single fields like `ValidateKubeletConfiguration`, after
/// defaulting (`SetDefaults_KubeletConfiguration`, which treats 0 as unset in many fields).
final class LimitsLint {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1_000 * MILLISECOND;
  private static final long ANY = Long.MAX_VALUE;

  private record Range(String field, long least, long most) {}

  private record Choice(String field, List<String> values) {}

  private static final List<Range> INTEGERS =
      List.of(
          new Range("nodeLeaseDurationSeconds", 0, ANY),
          new Range("eventBurst", 0, ANY),
          new Range("eventRecordQPS", 0, ANY),
          new Range("healthzPort", 0, 65_535),
          new Range("imageGCHighThresholdPercent", 0, 100),
          new Range("imageGCLowThresholdPercent", 0, 100),
          new Range("iptablesDropBit", 0, 31),
          new Range("iptablesMasqueradeBit", 0, 31),
          new Range("kubeAPIBurst", 0, ANY),
          new Range("kubeAPIQPS", 0, ANY),
          new Range("nodeStatusMaxImages", -1, ANY),
          new Range("maxOpenFiles", 0, ANY),
          new Range("maxPods", 0, ANY),
          new Range("oomScoreAdj", -1000, 1000),
          new Range("podsPerCore", 0, ANY),
          new Range("port", 0, 65_535),
          new Range("readOnlyPort", 0, 65_535),
          new Range("registryBurst", 0, ANY),
          new Range("registryPullQPS", 0, ANY),
          new Range("maxParallelImagePulls", 1, ANY),
          new Range("containerLogMaxWorkers", 1, ANY),
          new Range("containerLogMaxFiles", 2, ANY));

  /// Ranges in nanoseconds.
  private static final List<Range> DURATIONS =
      List.of(
          new Range("cpuCFSQuotaPeriod", MILLISECOND, SECOND),
          new Range("containerLogMonitorInterval", 3 * SECOND, ANY),
          new Range("imageMinimumGCAge", 0, ANY),
          new Range("imageMaximumGCAge", 0, ANY),
          new Range(
              "crashLoopBackOff.maxContainerRestartPeriod",
              SECOND,
              300 * SECOND + MILLISECOND - 1));

  private static final List<Choice> CHOICES =
      List.of(
          new Choice(
              "topologyManagerPolicy",
              List.of("none", "best-effort", "restricted", "single-numa-node")),
          new Choice("topologyManagerScope", List.of("container", "pod")),
          new Choice("hairpinMode", List.of("none", "hairpin-veth", "promiscuous-bridge")),
          new Choice("memorySwap.swapBehavior", List.of("NoSwap", "LimitedSwap")),
          new Choice(
              "imagePullCredentialsVerificationPolicy",
              List.of(
                  "NeverVerify",
                  "NeverVerifyPreloadedImages",
                  "NeverVerifyAllowlistedImages",
                  "AlwaysVerify")),
          new Choice("memoryReservationPolicy", List.of("None", "TieredReservation")));

  private LimitsLint() {}

  static void check(Draft draft) {
    for (var range : INTEGERS) {
      draft
          .integer(range.field())
          .ifPresent(
              value -> {
                if (value < range.least() || value > range.most()) {
                  rejected(draft, range.field(), between(range, value + " is", 1, ""));
                }
              });
    }
    for (var range : DURATIONS) {
      draft
          .duration(range.field())
          .filter(value -> value < range.least() || value > range.most())
          .ifPresent(
              value ->
                  rejected(
                      draft,
                      range.field(),
                      between(range, draft.text(range.field()) + " is", MILLISECOND, " ms")));
    }
    for (var choice : CHOICES) {
      var value = draft.text(choice.field());
      if (!value.isEmpty() && !choice.values().contains(value)) {
        rejected(
            draft,
            choice.field(),
            "'"
                + DisplayText.truncate(value, 40)
                + "' is not one of "
                + String.join(", ", choice.values()));
      }
    }
    draft
        .value("memoryThrottlingFactor")
        .filter(value -> value.isNumber())
        .filter(
            value ->
                value.decimalValue().signum() <= 0
                    || value.decimalValue().compareTo(BigDecimal.ONE) > 0)
        .ifPresent(
            value -> rejected(draft, "memoryThrottlingFactor", "must be above 0 and at most 1"));
    relations(draft);
    paths(draft);
  }

  private static String between(Range range, String is, long unit, String name) {
    return is
        + " not "
        + (range.most() == ANY
            ? "at least " + range.least() / unit
            : "between " + range.least() / unit + " and " + range.most() / unit)
        + name;
  }

  private static void relations(Draft draft) {
    long high = draft.integer("imageGCHighThresholdPercent").orElse(85);
    long low = draft.integer("imageGCLowThresholdPercent").orElse(80);
    if (low >= high) {
      var field =
          draft.value("imageGCLowThresholdPercent").isPresent()
              ? "imageGCLowThresholdPercent"
              : "imageGCHighThresholdPercent";
      rejected(draft, field, "the low threshold, " + low + ", must be below the high one, " + high);
    }
    long oldest = draft.duration("imageMaximumGCAge").orElse(0L);
    long youngest =
        draft.duration("imageMinimumGCAge").filter(age -> age != 0).orElse(120 * SECOND);
    if (oldest > 0 && oldest <= youngest) {
      rejected(draft, "imageMaximumGCAge", "must be above imageMinimumGCAge (2m by default)");
    }
    // The default is true without maxParallelImagePulls, and therefore also under a drop-in.
    if (draft.bool("serializeImagePulls").orElse(true)
        && draft.integer("maxParallelImagePulls").orElse(1) > 1) {
      rejected(draft, "maxParallelImagePulls", "above 1 requires serializeImagePulls: false");
    }
    if (draft.bool("runOnce").orElse(false)) {
      rejected(draft, "runOnce", "is no longer supported");
    }
    if (draft.bool("enableSystemLogQuery").orElse(false)
        && !draft.bool("enableSystemLogHandler").orElse(true)) {
      rejected(draft, "enableSystemLogQuery", "requires enableSystemLogHandler");
    }
    if (!draft.text("systemCgroups").isEmpty() && draft.text("cgroupRoot").isEmpty()) {
      rejected(draft, "systemCgroups", "requires cgroupRoot");
    }
    shutdown(draft);
    userNamespaces(draft);
  }

  private static void shutdown(Draft draft) {
    long all = draft.duration("shutdownGracePeriod").orElse(0L);
    long critical = draft.duration("shutdownGracePeriodCriticalPods").orElse(0L);
    if (critical > all) {
      rejected(draft, "shutdownGracePeriodCriticalPods", "must be at most shutdownGracePeriod");
    }
    for (var field : List.of("shutdownGracePeriod", "shutdownGracePeriodCriticalPods")) {
      if (draft.duration(field).filter(d -> d < 0 || d > 0 && d < SECOND).isPresent()) {
        rejected(draft, field, "must be 0 or at least 1s");
      }
    }
  }

  /// `validateKubeletOSConfiguration` for Linux.
  private static void userNamespaces(Draft draft) {
    draft
        .integer("userNamespaces.idsPerPod")
        .ifPresent(
            ids -> {
              if (ids < 65_536 || ids % 65_536 != 0 || ids > 4_294_967_295L) {
                rejected(
                    draft,
                    "userNamespaces.idsPerPod",
                    "must be a multiple of 65536, at most 4294967295");
              }
            });
  }

  private static void paths(Draft draft) {
    var logs = draft.text("podLogsDir");
    if (!logs.isEmpty()
        && !(logs.startsWith("/")
            && logs.equals(Path.of(logs).normalize().toString())
            && logs.chars().allMatch(c -> c < 128))) {
      rejected(draft, "podLogsDir", "must be an absolute, normalized path in ASCII");
    }
  }

  private static void rejected(Draft draft, String field, String message) {
    draft.rejected(field, message + "; the kubelet refuses to start");
  }
}
