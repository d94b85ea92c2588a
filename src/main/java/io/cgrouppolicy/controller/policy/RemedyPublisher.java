package io.cgrouppolicy.controller.policy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.compliance.NamespaceVerdict.Trouble;
import io.cgrouppolicy.controller.OperatorSettings;
import io.cgrouppolicy.controller.PlatformDetector;
import io.cgrouppolicy.kubelet.KubeletRemedy;
import io.cgrouppolicy.limits.Child;
import io.cgrouppolicy.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Keeps the remedy of a policy with `spec.nodes.remedy: Publish` as a ConfigMap in the operator's
/// own namespace. Reads before it writes, and looks again from time to time, as nobody watches it.
@ApplicationScoped
class RemedyPublisher {
  private static final Logger LOG = Logger.getLogger(RemedyPublisher.class);
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(4);
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Child.MANAGER)
          .withForce(true)
          .build();

  private final KubernetesClient client;
  private final String namespace;
  private final PlatformDetector platform;
  private final InstantSource clock;
  private final Map<String, Kept> kept = new ConcurrentHashMap<>();

  /// What a policy's ConfigMap was last brought to.
  private record Kept(String uid, Map<String, String> files, Instant at) {}

  RemedyPublisher(
      KubernetesClient client,
      OperatorSettings settings,
      PlatformDetector platform,
      InstantSource clock) {
    this.client = client;
    this.namespace = settings.namespace();
    this.platform = platform;
    this.clock = clock;
  }

  static String name(String policy) {
    return "cgroup-policy-remedy-" + policy;
  }

  /// Brings the ConfigMap in line.
  ///
  /// @return why it could not be, or null
  Trouble keep(CompiledPolicy policy) {
    if (!policy.valid()) {
      return null; // it changes nothing
    }
    var files = files(policy);
    var now = clock.instant();
    var before = kept.get(policy.name());
    if (before != null
        && before.uid().equals(policy.uid())
        && before.files().equals(files)
        && now.isBefore(before.at().plus(LOOK_AGAIN))) {
      return null;
    }
    try {
      bring(policy, files);
      kept.put(policy.name(), new Kept(policy.uid(), files, now));
      return null;
    } catch (KubernetesClientException e) {
      LOG.warnf("the remedy was not published: %s", e.getMessage());
      return new Trouble(
          e.getCode() == 403 ? "Forbidden" : "RemedyNotPublished",
          "ConfigMap " + namespace + "/" + name(policy.name()) + ": " + e.getMessage());
    }
  }

  private Map<String, String> files(CompiledPolicy policy) {
    var nodes = policy.spec().nodes();
    return nodes == null || nodes.remedy() != NodesSpec.Remedy.Publish
        ? Map.of()
        : KubeletRemedy.render(policy.name(), nodes.kubelet(), platform.platform());
  }

  private void bring(CompiledPolicy policy, Map<String, String> files) {
    Resource<ConfigMap> place =
        client.configMaps().inNamespace(namespace).withName(name(policy.name()));
    var found = place.get();
    if (files.isEmpty()) {
      if (found != null && Child.isOurs(found)) {
        place.delete();
      }
      return;
    }
    var wanted = wanted(policy, files);
    if (found == null || !same(wanted, found)) {
      client.resource(wanted).patch(APPLY);
    }
  }

  private ConfigMap wanted(CompiledPolicy policy, Map<String, String> files) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name(policy.name()))
        .withNamespace(namespace)
        .withLabels(Child.labels(policy.name()))
        .withOwnerReferences(Child.owner(policy.name(), policy.uid()))
        .endMetadata()
        .withData(files)
        .build();
  }

  private static boolean same(ConfigMap wanted, ConfigMap found) {
    var labels = found.getMetadata().getLabels();
    return wanted.getData().equals(found.getData())
        && labels != null
        && labels.entrySet().containsAll(wanted.getMetadata().getLabels().entrySet())
        && found
            .getMetadata()
            .getOwnerReferences()
            .containsAll(wanted.getMetadata().getOwnerReferences());
  }

  void forget(String policy) {
    kept.remove(policy);
  }
}
