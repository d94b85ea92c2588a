package io.cgrouppolicy.cli;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.cli.audit.Audit;
import io.cgrouppolicy.cli.audit.Inventories;
import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.manifest.ManifestFile;
import io.cgrouppolicy.cli.manifest.ManifestFile.Found;
import io.cgrouppolicy.cli.manifest.ManifestFile.UnreadableException;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.PolicyReport;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Policies, and where they come from.
///
/// @param origin such as `preset baseline`, for the user
record Policies(List<CgroupPolicy> policies, String origin) {
  /// The defaults of the operator's settings.
  static final SystemNamespaces SYSTEM_NAMESPACES =
      SystemNamespaces.of(List.of(SystemNamespaces.DEFAULT.split(",")), "cgroup-policy-system");

  /// The uid of a policy that is not in the cluster.
  private static final String NO_UID = "";

  /// A policy that comes with this program: a sample of config/samples.
  enum Preset {
    baseline("audit.yaml"),
    strict("strict.yaml"),
    openshift("variants/openshift.yaml");

    private final String file;

    Preset(String file) {
      this.file = file;
    }
  }

  static Policies of(Preset preset) {
    var origin = "preset " + preset;
    try (var stream = Policies.class.getResourceAsStream("/presets/" + preset.file)) {
      return of(ManifestFile.parse(origin, stream.readAllBytes()), origin);
    } catch (IOException | UnreadableException e) {
      throw new IllegalStateException(e); // it is part of this program
    }
  }

  /// @param files paths, or `-` for stdin
  static Policies of(List<String> files, InputStream stdin) {
    var found = new ArrayList<Found>();
    for (var file : files) {
      try {
        found.addAll(ManifestFile.read(file, stdin));
      } catch (UnreadableException e) {
        throw new FailureException(e.getMessage());
      }
    }
    return of(found, String.join(", ", files));
  }

  private static Policies of(List<Found> found, String origin) {
    var policies = new ArrayList<CgroupPolicy>();
    for (var manifest : found) {
      if (!(manifest.object() instanceof CgroupPolicy policy)) {
        throw new FailureException(
            origin + " contains a " + manifest.object().getKind() + ", no CgroupPolicy");
      }
      policies.add(policy);
    }
    if (policies.isEmpty()) {
      throw new FailureException(origin + " contains no CgroupPolicy");
    }
    for (var policy : policies) {
      if (policy.getMetadata().getName() == null) {
        throw new FailureException(origin + " contains a CgroupPolicy without metadata.name");
      }
      if (policy.getMetadata().getUid() == null) {
        policy.getMetadata().setUid(NO_UID);
      }
      var problems = CompiledPolicy.of(policy).problems();
      if (!problems.isEmpty()) {
        throw new FailureException(
            "%s: policy %s is invalid: %s"
                .formatted(
                    origin,
                    policy.getMetadata().getName(),
                    problems.stream().map(Problem::toString).collect(Collectors.joining("; "))));
      }
    }
    return new Policies(policies, origin);
  }

  List<CompiledPolicy> compiled() {
    return policies.stream().map(CompiledPolicy::of).toList();
  }

  PolicyBook book() {
    return new PolicyBook(compiled(), SYSTEM_NAMESPACES);
  }

  /// What the policies say of a cluster, in order of precedence.
  ///
  /// @param pods why pods could not be read, or null
  List<PolicyReport> reports(Snapshot cluster, Trouble pods) {
    var book = book();
    var statuses = Audit.of(book, cluster, pods, Instant.now());
    return book.policies().stream()
        .map(
            policy ->
                new PolicyReport(
                    policy.name(),
                    origin,
                    policy.enforces() ? "Enforce" : "Audit",
                    statuses.get(policy.name())))
        .map(report -> report.withMessages(Audit::ofOneLook))
        .toList();
  }

  /// What there is in a cluster, and which policies judge it.
  ///
  /// @param pods why pods could not be read, or null
  Inventory inventory(Snapshot cluster, Trouble pods) {
    var book = book();
    boolean known = pods == null && book.policies().stream().anyMatch(CompiledPolicy::needsPods);
    return Inventories.of(book, cluster, known);
  }

  /// Gives a policy that is in the cluster too the uid that it has there: it owns the objects in
  /// namespaces.
  Policies inCluster(KubernetesClient client) {
    for (var policy : policies) {
      try {
        var stored =
            client.resources(CgroupPolicy.class).withName(policy.getMetadata().getName()).get();
        if (stored != null) {
          policy.getMetadata().setUid(stored.getMetadata().getUid());
        }
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
          throw e;
        }
      }
    }
    return this;
  }

  /// The policies of the cluster. If the user sees none, the origin says why.
  static Policies ofCluster(KubernetesClient client) {
    try {
      var policies = client.resources(CgroupPolicy.class).list().getItems();
      return new Policies(
          policies, policies.isEmpty() ? "the cluster has no CgroupPolicy" : "cluster");
    } catch (KubernetesClientException e) {
      return new Policies(
          List.of(),
          switch (e.getCode()) {
            case HttpURLConnection.HTTP_NOT_FOUND -> "CgroupPolicy is not installed";
            case HttpURLConnection.HTTP_FORBIDDEN -> "you may not list cgrouppolicies";
            default -> throw e;
          });
    }
  }

  /// These policies, or the baseline if there is none.
  Policies orBaseline() {
    if (!policies.isEmpty()) {
      return this;
    }
    var preset = of(Preset.baseline);
    return new Policies(preset.policies(), preset.origin() + ", as " + origin);
  }
}
