package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.remedy.KubeletRemedy;
import io.cgrouppolicy.core.kubelet.remedy.RemedyObject;
import io.cgrouppolicy.core.kubelet.remedy.RemedyObject.Step;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.PlatformDetector;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
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
      if (!bring(policy, files)) {
        return new Trouble(
            "RemedyConflict",
            "ConfigMap " + place(policy) + " is somebody else's; rename or delete it");
      }
      kept.put(policy.name(), new Kept(policy.uid(), files, now));
      return null;
    } catch (KubernetesClientException e) {
      LOG.warnf("the remedy was not published: %s", e.getMessage());
      return new Trouble(
          e.getCode() == 403 ? "Forbidden" : "RemedyNotPublished",
          "ConfigMap " + place(policy) + ": " + e.getMessage());
    }
  }

  private Map<String, String> files(CompiledPolicy policy) {
    var nodes = policy.spec().nodes();
    return nodes == null || nodes.remedy() != NodesSpec.Remedy.Publish
        ? Map.of()
        : KubeletRemedy.render(policy.name(), nodes.kubelet(), platform.platform());
  }

  private String place(CompiledPolicy policy) {
    return namespace + "/" + RemedyObject.name(policy.name());
  }

  /// @return whether the ConfigMap is ours to bring in line
  private boolean bring(CompiledPolicy policy, Map<String, String> files) {
    Resource<ConfigMap> place =
        client.configMaps().inNamespace(namespace).withName(RemedyObject.name(policy.name()));
    var wanted = RemedyObject.desired(policy.name(), policy.uid(), namespace, files);
    var step = RemedyObject.step(wanted, place.get());
    if (step == Step.DELETE || step == Step.DELETE_AND_APPLY) {
      place.delete();
    }
    if (step == Step.APPLY || step == Step.DELETE_AND_APPLY) {
      client.resource(wanted).patch(APPLY);
    }
    return step != Step.LEAVE;
  }

  void forget(String policy) {
    kept.remove(policy);
  }
}
