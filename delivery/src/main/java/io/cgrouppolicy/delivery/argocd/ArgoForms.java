package io.cgrouppolicy.delivery.argocd;

import io.cgrouppolicy.delivery.Generated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The health check in each form that Argo CD reads, generated from its source.
public final class ArgoForms implements Generated {
  /// The form for Argo CD's repository, and the source of the others.
  static final Path DIRECTORY =
      Path.of("config/argocd/resource_customizations/cgroup-policy.io/CgroupPolicy");

  static final Path SOURCE = DIRECTORY.resolve("health.lua");
  static final Path CONFIG_MAP = Path.of("config/argocd/argocd-cm.yaml");
  static final Path OPENSHIFT = Path.of("config/argocd/openshift-gitops.yaml");

  @Override
  public Map<Path, String> files() throws IOException {
    var check = Files.readString(SOURCE);
    return Map.of(
        CONFIG_MAP,
            """
            # Keys to merge into argocd-cm, if you manage it yourself. Generated from health.lua by make manifests.
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: argocd-cm
              namespace: argocd
              labels:
                app.kubernetes.io/name: argocd-cm
                app.kubernetes.io/part-of: argocd
            data:
              resource.customizations.health.cgroup-policy.io_CgroupPolicy: |
            %s  # A change of only the status does not refresh applications; a change of health does.
              resource.customizations.ignoreResourceUpdates.cgroup-policy.io_CgroupPolicy: |
                jsonPointers:
                  - /status
            """
                .formatted(indented(check, 4)),
        OPENSHIFT,
            """
            # For OpenShift GitOps, or another argocd-operator, which writes argocd-cm from this.
            # Generated from health.lua by make manifests.
            apiVersion: argoproj.io/v1beta1
            kind: ArgoCD
            metadata:
              name: openshift-gitops
              namespace: openshift-gitops
            spec:
              resourceHealthChecks:
                - group: cgroup-policy.io
                  kind: CgroupPolicy
                  check: |
            %s  extraConfig: # a change of only the status does not refresh applications; there is no field for this
                resource.customizations.ignoreResourceUpdates.cgroup-policy.io_CgroupPolicy: |
                  jsonPointers:
                    - /status
            """
                .formatted(indented(check, 8)));
  }

  private static String indented(String text, int spaces) {
    return text.indent(spaces).replaceAll("(?m)^ +$", "");
  }
}
