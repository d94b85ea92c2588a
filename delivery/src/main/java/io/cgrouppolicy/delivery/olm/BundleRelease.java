package io.cgrouppolicy.delivery.olm;

import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.io.UncheckedIOException;

/// What differs from one rendering of the bundle to another.
///
/// @param version of the operator and the bundle
/// @param image of the operator; of a release, with a registry and a digest
/// @param scorecardImage that runs the scorecard's tests, which only `operator-sdk scorecard`
///     asks for
/// @param replaces the name of the bundle that this one follows in its channel; null in the first
/// @param skipRange the versions from which one may come to this one at once, as `>=0.1.0
///     <0.3.0`; or null
/// @param monitoring whether ServiceMonitor and PrometheusRule are in it: where their kinds are
///     unknown, OLM refuses the whole bundle
/// @param createdAt RFC 3339
public record BundleRelease(
    String version,
    String image,
    String scorecardImage,
    String replaces,
    String skipRange,
    boolean monitoring,
    String createdAt) {
  /// The one that is committed: it names no registry, and follows nothing.
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
    return "cgroup-policy-operator.v" + version;
  }
}
