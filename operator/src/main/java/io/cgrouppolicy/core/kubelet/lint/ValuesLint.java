package io.cgrouppolicy.core.kubelet.lint;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.CpuSet;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Threshold;
import io.cgrouppolicy.core.kubelet.lint.Draft.Match;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.policy.PolicyValidator;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Lints the values of single fields like the kubelet after its defaulting:
/// `ValidateKubeletConfiguration`, `ParseThresholdConfig` in pkg/kubelet/eviction/helpers.go,
/// `parseResourceList` and `InitializeTLS` in cmd/kubelet/app/server.go, and the policies of its
/// managers.
final class ValuesLint {
  /// @param accepts whether the kubelet accepts a value of the right type
  /// @param refusal why it does not, after the value; or alone, for the key of a map
  private record Rule(String field, boolean key, Predicate<Match> accepts, String refusal) {
    void check(Draft draft) {
      if (GatesLint.isOff(draft, field)) {
        return;
      }
      for (var match : draft.all(field)) {
        boolean unset =
            KubeletFields.find(field)
                .filter(f -> f.defaulted() && Draft.isZero(f, match.value()))
                .isPresent();
        if (unset || accepts.test(match)) {
          continue;
        }
        var value = DisplayText.truncate(match.value().asText(), 40);
        var shown = match.value().isTextual() ? "'" + value + "' " : value + " ";
        draft.rejected(match.at(), (key ? "" : shown) + refusal);
      }
    }
  }

  private static final long ANY = Long.MAX_VALUE;
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1_000 * MILLISECOND;

  private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage", "pid");
  private static final Set<String> SIGNALS =
      Set.of(
          "allocatableMemory.available",
          "containerfs.available",
          "containerfs.inodesFree",
          "imagefs.available",
          "imagefs.inodesFree",
          "memory.available",
          "nodefs.available",
          "nodefs.inodesFree",
          "pid.available");

  /// `validateEndpoint` in k8s.io/component-base/tracing.
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "((?i:dns|unix|unix-abstract)://|(?!.*//))(\\[[0-9a-fA-F:.]+\\]|[^\\s%:/]*)(:[0-9]*)?(/(?!/)[^\\s%]*)?");

  /// `getAllowlistImagePattern` in pkg/kubelet/images/pullmanager.
  private static final Pattern IMAGES =
      Pattern.compile(
          "[^\\s*]+/\\*|([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*");

  private static final String OF_SIGNALS = "is not one of " + new TreeSet<>(SIGNALS);
  private static final String THRESHOLD =
      "is neither a positive quantity nor a percentage up to 100%";

  private static final List<Rule> RULES =
      Stream.of(
              numbers(-1000, 1000, "oomScoreAdj"),
              numbers(-1, ANY, "nodeStatusMaxImages"),
              numbers(0, ANY, "eventBurst", "eventRecordQPS", "kubeAPIBurst", "kubeAPIQPS"),
              numbers(0, ANY, "maxOpenFiles", "maxPods", "podsPerCore"),
              numbers(0, ANY, "registryBurst", "registryPullQPS"),
              numbers(0, 31, "iptablesDropBit", "iptablesMasqueradeBit"),
              numbers(0, 100, "imageGCHighThresholdPercent", "imageGCLowThresholdPercent"),
              numbers(0, 65_535, "healthzPort", "readOnlyPort"),
              numbers(0, 1_000_000, "tracing.samplingRatePerMillion"),
              numbers(0, Integer.MAX_VALUE, "logging.verbosity", "logging.vmodule[].verbosity"),
              numbers(1, 65_535, "port"),
              numbers(
                  1,
                  ANY,
                  "containerLogMaxWorkers",
                  "maxParallelImagePulls",
                  "nodeLeaseDurationSeconds"),
              numbers(2, ANY, "containerLogMaxFiles"),
              numbers(65_536, 4_294_967_295L, "userNamespaces.idsPerPod"),
              values(
                  v -> v.longValue() % 65_536 == 0,
                  "is not a multiple of 65536",
                  "userNamespaces.idsPerPod"),
              values(
                  v ->
                      v.decimalValue().signum() > 0
                          && v.decimalValue().compareTo(BigDecimal.ONE) <= 0,
                  "is not above 0 and at most 1",
                  "memoryThrottlingFactor"),
              values(v -> !v.asBoolean(), "is no longer supported", "runOnce"),
              values(
                  v -> v.asText().isEmpty(), "must not be set", "registerWithTaints[].timeAdded"),
              texts(
                  t -> in(t, MILLISECOND, SECOND),
                  "is not between 1ms and 1s",
                  "cpuCFSQuotaPeriod"),
              texts(
                  t -> in(t, SECOND, 300 * SECOND + MILLISECOND - 1),
                  "is not between 1s and 5m",
                  "crashLoopBackOff.maxContainerRestartPeriod"),
              texts(
                  t -> in(t, 3 * SECOND, ANY), "is not at least 3s", "containerLogMonitorInterval"),
              texts(
                  t -> in(t, 0, ANY), "is not a duration such as 30s", "evictionSoftGracePeriod.*"),
              texts(t -> in(t, 0, ANY), "is negative", "imageMaximumGCAge", "imageMinimumGCAge"),
              values(
                  v -> v.isNumber() ? v.longValue() >= 0 : in(v.asText(), 0, ANY),
                  "is negative",
                  "logging.flushFrequency"),
              texts(
                  t -> in(t, 0, 0) || in(t, SECOND, ANY),
                  "is neither 0 nor at least 1s",
                  "shutdownGracePeriod",
                  "shutdownGracePeriodCriticalPods"),
              oneOf("authorization.mode", "AlwaysAllow", "Webhook"),
              oneOf("configMapAndSecretChangeDetectionStrategy", "Get", "Cache", "Watch"),
              oneOf("cpuManagerPolicy", "none", "static"),
              oneOf("hairpinMode", "none", "hairpin-veth", "promiscuous-bridge"),
              oneOf(
                  "imagePullCredentialsVerificationPolicy",
                  "NeverVerify",
                  "NeverVerifyPreloadedImages",
                  "NeverVerifyAllowlistedImages",
                  "AlwaysVerify"),
              oneOf("logging.format", "text", "json"),
              oneOf("memoryManagerPolicy", "None", "Static"),
              oneOf("memoryReservationPolicy", "None", "TieredReservation"),
              oneOf("memorySwap.swapBehavior", "NoSwap", "LimitedSwap", ""),
              oneOf(
                  "registerWithTaints[].effect", "NoSchedule", "PreferNoSchedule", "NoExecute", ""),
              oneOf(
                  "topologyManagerPolicy", "none", "best-effort", "restricted", "single-numa-node"),
              oneOf("topologyManagerScope", "container", "pod"),
              generated("tlsCipherSuites[]"),
              generated("tlsCurvePreferences[]"),
              generated("tlsMinVersion"),
              keys(SIGNALS::contains, OF_SIGNALS, "evictionHard.*", "evictionSoft.*"),
              keys(
                  SIGNALS::contains,
                  OF_SIGNALS,
                  "evictionSoftGracePeriod.*",
                  "evictionMinimumReclaim.*"),
              keys(
                  RESOURCES::contains,
                  "cannot be reserved, only " + new TreeSet<>(RESOURCES) + " can",
                  "systemReserved.*",
                  "kubeReserved.*"),
              keys("memory"::equals, "cannot be reserved, only memory can", "qosReserved.*"),
              keys(
                  key -> key.equals("memory") || key.startsWith("hugepages-"),
                  "cannot be reserved, only memory and hugepages can",
                  "reservedMemory[].limits.*"),
              texts(
                  t -> Quantities.parse(t).isPresent(),
                  "is not a non-negative quantity",
                  "systemReserved.*",
                  "kubeReserved.*"),
              texts(
                  t -> t.matches("([+]?0*(100|[0-9]{1,2})|-0+)%+"),
                  "is not a whole percentage up to 100%",
                  "qosReserved.*"),
              texts(ValuesLint::threshold, THRESHOLD, "evictionHard.*", "evictionSoft.*"),
              texts(
                  ValuesLint::reclaim,
                  "is neither a quantity nor a positive percentage",
                  "evictionMinimumReclaim.*"),
              values(
                  v -> Threshold.parse(v.asText()).filter(t -> t.value().signum() != 0).isPresent(),
                  "is zero",
                  "reservedMemory[].limits.*"),
              texts(ValuesLint::logSize, "is not a whole number of bytes", "containerLogMaxSize"),
              texts(t -> CpuSet.parse(t).isPresent(), "is not a CPU list", "reservedSystemCPUs"),
              texts(
                  t -> t.matches("/[\\x00-\\x7f]*") && t.equals(Path.of(t).normalize().toString()),
                  "is not an absolute, normalized path in ASCII",
                  "podLogsDir"),
              texts(
                  t -> t.matches(PolicyValidator.LABEL_KEY) && t.indexOf('/') <= 253,
                  "is not a qualified name",
                  "registerWithTaints[].key"),
              texts(
                  t -> t.matches(PolicyValidator.LABEL_VALUE) && t.length() <= 63,
                  "is not a label value",
                  "registerWithTaints[].value"),
              texts(
                  t -> t.matches("[^=,]+"),
                  "is not a file pattern without '=' and ','",
                  "logging.vmodule[].filePattern"),
              texts(
                  t -> ENDPOINT.matcher(t).matches(),
                  "is not an address for dns, unix or unix-abstract",
                  "tracing.endpoint"),
              texts(
                  t -> IMAGES.matcher(t).matches(),
                  "is neither an image without tag and digest nor a prefix that ends in /*",
                  "preloadedImagesVerificationAllowlist[]"))
          .flatMap(rules -> rules)
          .toList();

  private ValuesLint() {}

  static void check(Draft draft) {
    RULES.forEach(rule -> rule.check(draft));
  }

  private static Stream<Rule> values(
      Predicate<JsonNode> accepts, String refusal, String... fields) {
    return Stream.of(fields)
        .map(
            field -> {
              var type = KubeletFields.find(field).orElseThrow().type();
              // A value of a wrong type gets no other problem. In a list, "" is the zero value.
              return new Rule(
                  field,
                  false,
                  match ->
                      !FieldsLint.fits(type, match.value()) && !match.value().asText().isEmpty()
                          || accepts.test(match.value()),
                  refusal);
            });
  }

  private static Stream<Rule> keys(Predicate<String> accepts, String refusal, String... fields) {
    return Stream.of(fields)
        .map(field -> new Rule(field, true, match -> accepts.test(match.key()), refusal));
  }

  private static Stream<Rule> texts(Predicate<String> accepts, String refusal, String... fields) {
    return values(value -> !value.isTextual() || accepts.test(value.textValue()), refusal, fields);
  }

  private static Stream<Rule> numbers(long least, long most, String... fields) {
    return values(
        value -> value.longValue() >= least && value.longValue() <= most,
        most == ANY ? "is not at least " + least : "is not between " + least + " and " + most,
        fields);
  }

  private static Stream<Rule> oneOf(String field, String... values) {
    var shown = Stream.of(values).filter(value -> !value.isEmpty()).collect(joining(", "));
    return texts(List.of(values)::contains, "is not one of " + shown, field);
  }

  private static Stream<Rule> generated(String field) {
    var values = KubeletFields.find(field).orElseThrow().list("allowed");
    return values(
        value ->
            values.contains(value.asText()) || !field.endsWith("[]") && value.asText().isEmpty(),
        "is not one of " + String.join(", ", values),
        field);
  }

  private static boolean in(String duration, long least, long most) {
    return GoDuration.parse(duration).filter(d -> d >= least && d <= most).isPresent();
  }

  private static boolean threshold(String text) {
    return text.equals("0%")
        || Threshold.parse(text)
            .filter(t -> t.value().signum() > (t.percent() ? -1 : 0) && t.atMostWhole())
            .isPresent();
  }

  private static boolean reclaim(String text) {
    return Threshold.parse(text)
        .filter(t -> t.value().signum() > (t.percent() ? 0 : -1))
        .isPresent();
  }

  /// `parseMaxSize` in pkg/kubelet/logs takes what `Quantity.AsInt64` can represent.
  private static boolean logSize(String text) {
    if (text.matches("[+-]?[0-9]{1,15}\\.?([KMGTPE]i|[kMGTPE]|[eE]\\+?[0-9]{1,2})?")) {
      return true;
    }
    return text.matches("[+-]?[0-9]*\\.[0-9]{0,3}[kMGTPE]")
        && Threshold.parse(text)
            .filter(t -> t.value().stripTrailingZeros().scale() <= 0)
            .isPresent();
  }
}
