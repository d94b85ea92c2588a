package io.cgrouppolicy.delivery.olm;

import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.io.UncheckedIOException;

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
