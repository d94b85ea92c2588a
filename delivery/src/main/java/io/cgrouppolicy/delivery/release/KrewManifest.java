package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.release.CliArchives.Platform;
import java.io.IOException;
import java.util.Map;

/// The manifest by which krew, the plugin manager of kubectl, installs the command line.
final class KrewManifest {
  /// krew requires the name of the plugin.
  static final String FILE = "cgp.yaml";

  private KrewManifest() {}

  /// @param digests SHA-256 of the archive of each platform
  static String of(Map<Platform, String> digests) throws IOException {
    var manifest =
        Yaml.object()
            .put("apiVersion", "krew.googlecontainertools.github.com/v1alpha2")
            .put("kind", "Plugin");
    manifest.withObject("/metadata").put("name", "cgp");
    var spec = manifest.withObject("/spec");
    spec.put("version", "v" + Project.version());
    spec.put("homepage", Project.url());
    spec.put("shortDescription", "Find pods and nodes without effective limits");
    spec.put(
        "description",
        """
        Audits a cluster, or manifests, against a CgroupPolicy: which pods have no
        limits and which pods they endanger, what a LimitRange and a ResourceQuota
        would reject, how the kubelets are configured, and where there is pressure.
        It evaluates as the CgroupPolicy operator does, but needs no operator in
        the cluster, and only reads, with your own permissions.
        """);
    spec.put(
        "caveats",
        """
        Start with: kubectl cgp audit
        On Linux, the plugin needs glibc, so it does not run on Alpine.
        To complete its commands with the Tab key, as those of kubectl:
          ln -s kubectl-cgp "${KREW_ROOT:-$HOME/.krew}/bin/kubectl_complete-cgp"
        """);
    var platforms = spec.putArray("platforms");
    for (var entry : digests.entrySet()) {
      var platform = platforms.addObject();
      platform
          .withObject("/selector/matchLabels")
          .put("os", entry.getKey().os())
          .put("arch", entry.getKey().arch());
      platform.put("uri", address() + "/" + entry.getKey().archive());
      platform.put("sha256", entry.getValue());
      platform.putArray("files").addObject().put("from", "kubectl-cgp/*").put("to", ".");
      platform.put("bin", "kubectl-cgp");
    }
    return Yaml.write(manifest);
  }

  /// Where the files of the release are, once it is published.
  static String address() throws IOException {
    return Project.url() + "/releases/download/v" + Project.version();
  }
}
