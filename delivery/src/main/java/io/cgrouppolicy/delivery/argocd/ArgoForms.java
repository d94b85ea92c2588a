package io.cgrouppolicy.delivery.argocd;

import io.cgrouppolicy.delivery.Generated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The health check in the forms in which it is configured, made from its source.
public final class ArgoForms implements Generated {
  /// The form that Argo CD's repository takes, and the source of the others.
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
            # For an Argo CD whose administrator owns argocd-cm: keys to merge into it. Made from health.lua by make manifests.
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
            %s  # A new status alone refreshes no application; a new health does.
              resource.customizations.ignoreResourceUpdates.cgroup-policy.io_CgroupPolicy: |
                jsonPointers:
                  - /status
            """
                .formatted(indented(check, 4)),
        OPENSHIFT,
            """
            # For an Argo CD that OpenShift GitOps, or another argocd-operator, manages, which writes argocd-cm from this.
            # Made from health.lua by make manifests.
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
            %s  extraConfig: # there is no field of its own for this; a new status alone refreshes no application
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
