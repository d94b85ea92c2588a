package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.remedy.KubeletRemedy;
import io.cgrouppolicy.core.kubelet.remedy.RemedyObject;
import io.cgrouppolicy.core.kubelet.remedy.RemedyObject.Step;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyRecord;
import io.cgrouppolicy.core.status.PolicyRecord.Remedy;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PlatformDetector;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Publishes the remedy of a policy with `spec.nodes.remedy: Publish` as a ConfigMap in the
/// operator's own namespace. Reads before it writes, and checks the ConfigMap again every 4 minutes
/// because the operator does not watch it.
@ApplicationScoped
class RemedyPublisher {
  private static final Logger LOG = Logger.getLogger(RemedyPublisher.class);
  private static final Duration RECHECK = Duration.ofMinutes(4);
  private final KubernetesClient client;
  private final String namespace;
  private final PlatformDetector platform;
  private final InstantSource clock;
  private final ObjectStore<PolicyRecord> store;

  RemedyPublisher(
      KubernetesClient client,
      OperatorSettings settings,
      PlatformDetector platform,
      InstantSource clock,
      ObjectStore<PolicyRecord> store) {
    this.client = client;
    this.namespace = settings.namespace();
    this.platform = platform;
    this.clock = clock;
    this.store = store;
  }

  /// Creates, updates or deletes the ConfigMap as the policy requires.
  ///
  /// @param nodes that the policy judges
  /// @return why that failed, or null
  Trouble publish(CompiledPolicy policy, Supplier<List<NodeFacts>> nodes) {
    if (!policy.valid()) {
      return null; // an invalid policy changes nothing
    }
    var files = files(policy, nodes);
    var now = clock.instant();
    var before = store.get(policy.uid()).remedy();
    if (before != null && files.equals(before.files()) && now.isBefore(before.at().plus(RECHECK))) {
      return null;
    }
    try {
      if (!sync(policy, files)) {
        return new Trouble(
            "RemedyConflict",
            "ConfigMap "
                + place(policy)
                + " exists and is not managed by "
                + Child.MANAGER
                + "; rename or delete it");
      }
      remember(policy, new Remedy(files, now, null));
      return null;
    } catch (KubernetesClientException e) {
      if (before == null || !Objects.equals(e.getMessage(), before.failure())) {
        LOG.warnf("the remedy was not published: %s", e.getMessage());
      }
      remember(policy, new Remedy(null, now, e.getMessage()));
      return new Trouble(
          e.getCode() == 403 ? "Forbidden" : "RemedyNotPublished",
          "ConfigMap " + place(policy) + ": " + e.getMessage());
    }
  }

  private void remember(CompiledPolicy policy, Remedy remedy) {
    store.update(policy.uid(), record -> record.with(remedy));
  }

  private Map<String, String> files(CompiledPolicy policy, Supplier<List<NodeFacts>> facts) {
    var nodes = policy.spec().nodes();
    return nodes == null || nodes.remedy() != NodesSpec.Remedy.Publish
        ? Map.of()
        : KubeletRemedy.render(policy.name(), nodes.kubelet(), platform.platform(), facts.get());
  }

  private String place(CompiledPolicy policy) {
    return namespace + "/" + RemedyObject.name(policy.name());
  }

  /// @return false if the ConfigMap is not ours
  private boolean sync(CompiledPolicy policy, Map<String, String> files) {
    Resource<ConfigMap> configMap =
        client.configMaps().inNamespace(namespace).withName(RemedyObject.name(policy.name()));
    var desired = RemedyObject.desired(policy.name(), policy.uid(), namespace, files);
    var step = RemedyObject.step(desired, configMap.get());
    if (step == Step.DELETE || step == Step.DELETE_AND_APPLY) {
      configMap.delete();
    }
    if (step == Step.APPLY || step == Step.DELETE_AND_APPLY) {
      client.resource(desired).fieldManager(Child.MANAGER).forceConflicts().serverSideApply();
    }
    return step != Step.LEAVE;
  }
}
