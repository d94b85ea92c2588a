package io.cgrouppolicy.delivery.olm;

import io.cgrouppolicy.delivery.Changelog;
import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/// The parameters of a rendering of the bundle.
///
/// @param version of the operator and the bundle
/// @param image of the operator; for a release, with a registry and a digest
/// @param scorecardImage runs the scorecard's tests; only `operator-sdk scorecard` uses it
/// @param replaces the name of the bundle that this one replaces in its channel; null for the first
/// @param skipRange the versions that can upgrade directly to this one, as `>=0.1.0 <0.3.0`; or
///     null
/// @param monitoring whether it contains ServiceMonitor and PrometheusRule: OLM rejects a bundle
///     with kinds that the cluster does not have
/// @param createdAt RFC 3339
public record BundleRelease(
    String version,
    String image,
    String scorecardImage,
    String replaces,
    String skipRange,
    boolean monitoring,
    String createdAt) {
  private static final String PREFIX = "cgroup-policy-operator.v";

  /// The committed one: it names no registry, and replaces no other.
  public static BundleRelease committed() {
    try {
      var version = Project.version();
      return new BundleRelease(
          version,
          "cgroup-policy-operator:" + version,
          "scorecard-test:v1.42.2",
          null,
          null,
          true,
          Project.timestamp());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The one that parameters ask for; what they do not say is as in the committed one, except that
  /// it replaces the version that CHANGELOG.md lists before.
  ///
  /// @param parameters `IMAGE`, `SCORECARD_IMAGE`, `REPLACES`, `SKIP_RANGE` and `MONITORING`
  /// @throws IllegalArgumentException when one is wrong
  public static BundleRelease of(Map<String, String> parameters) throws IOException {
    var given = new HashMap<>(parameters);
    given.values().removeIf(String::isBlank);
    var committed = committed();
    var monitoring = given.getOrDefault("MONITORING", "true");
    if (!monitoring.matches("true|false")) {
      throw new IllegalArgumentException("MONITORING is true or false, not " + monitoring);
    }
    var before = Changelog.read().before(committed.version()).map(v -> PREFIX + v);
    return new BundleRelease(
        committed.version(),
        given.getOrDefault("IMAGE", committed.image()),
        given.getOrDefault("SCORECARD_IMAGE", committed.scorecardImage()),
        given.getOrDefault("REPLACES", before.orElse(null)),
        given.get("SKIP_RANGE"),
        monitoring.equals("true"),
        committed.createdAt());
  }

  public BundleRelease withImage(String other) {
    return new BundleRelease(
        version, other, scorecardImage, replaces, skipRange, monitoring, createdAt);
  }

  public BundleRelease withVersion(String other) {
    return new BundleRelease(
        other, image, scorecardImage, replaces, skipRange, monitoring, createdAt);
  }

  public BundleRelease withReplaces(String other) {
    return new BundleRelease(
        version, image, scorecardImage, other, skipRange, monitoring, createdAt);
  }

  /// The name of the CSV and of the bundle in a catalog.
  public String name() {
    return PREFIX + version;
  }
}
