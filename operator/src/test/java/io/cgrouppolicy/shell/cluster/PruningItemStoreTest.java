package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.write.PendingWrites;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The fields kept for a quota and a node.
class PruningItemStoreTest {
  private static final String WRITTEN = "2026-06-01T12:00:00Z";

  private static ResourceQuota kept(String manager, String adopted, String used) {
    return kept(manager, adopted, Map.of("pods", new Quantity(used)));
  }

  private static ResourceQuota kept(String manager, String adopted, Map<String, Quantity> used) {
    var quota =
        new ResourceQuotaBuilder()
            .withNewMetadata()
            .withNamespace("a")
            .withName(Child.NAME)
            .withUid("u")
            .addToAnnotations("some", "text")
            .addNewManagedField()
            .withManager(manager)
            .withOperation("Apply")
            .withTime(WRITTEN)
            .endManagedField()
            .addNewManagedField()
            .withManager("kube-controller-manager")
            .withSubresource("status")
            .withOperation("Update")
            .withTime("2026-06-01T12:30:00Z")
            .endManagedField()
            .endMetadata()
            .withNewSpec()
            .withHard(Map.of("pods", new Quantity("5")))
            .endSpec()
            .withNewStatus()
            .withHard(adopted == null ? Map.of() : Map.of("pods", new Quantity(adopted)))
            .withUsed(used)
            .endStatus()
            .build();
    var store = new PruningItemStore<ResourceQuota>();
    store.put("a/" + Child.NAME, quota);
    return store.get("a/" + Child.NAME);
  }

  @Test
  void anAdoptedQuotaKeepsOnlyItsSpec() {
    var quota = kept(Child.MANAGER, "5", "3");
    assertThat(QuotaAdoption.adopted(quota)).isTrue();
    assertThat(QuotaAdoption.hard(quota)).isSameAs(quota.getSpec().getHard());
    assertThat(quota.getStatus().getUsed()).isNullOrEmpty();
    assertThat(quota.getMetadata().getAnnotations()).isNullOrEmpty();
    assertThat(QuotaAdoption.written(quota)).isEmpty();
    assertThat(quota).as("regardless of usage").isEqualTo(kept(Child.MANAGER, "5", "4"));
  }

  @Test
  void usageIsKeptOnlyWhereItExceedsTheQuota() {
    var used = Map.of("pods", new Quantity("6"), "services", new Quantity("9"));
    var quota = kept(Child.MANAGER, "5", used);
    assertThat(QuotaAdoption.adopted(quota)).isTrue();
    assertThat(quota.getStatus().getUsed()).containsExactly(Map.entry("pods", new Quantity("6")));
    assertThat(QuotaAdoption.exceeded(quota)).containsOnlyKeys("pods");
    assertThat(QuotaAdoption.exceeded(kept(Child.MANAGER, "5", "5"))).isEmpty();

    var pending = kept(Child.MANAGER, "4", "5");
    assertThat(QuotaAdoption.adopted(pending)).isFalse();
    assertThat(QuotaAdoption.exceeded(pending)).containsEntry("pods", new Quantity("5"));
    assertThat(QuotaAdoption.exceeded(kept(Child.MANAGER, "4", "3"))).isEmpty();
  }

  /// The calls of a listener when the usage of an adopted quota changes.
  private static List<String> calls(String before, String after) {
    var calls = new ArrayList<String>();
    var listener =
        new ClusterCache.Listener() {
          @Override
          public void childChanged(String namespace) {
            calls.add("changed " + namespace);
          }

          @Override
          public void quotaStatusChanged(String namespace, boolean adopted) {
            calls.add("status " + adopted);
          }

          @Override
          public void policyChanged(
              CompiledPolicy before, CompiledPolicy after, Collection<String> affected) {}

          @Override
          public void viewChanged() {}
        };
    new ChildHandler<ResourceQuota>(Child.Kind.ResourceQuota, new PendingWrites(), listener)
        .onUpdate(kept(Child.MANAGER, "5", before), kept(Child.MANAGER, "5", after));
    return calls;
  }

  @Test
  void aChangeOfUsageIsReportedOnlyWhenAnotherKeyIsExceeded() {
    assertThat(calls("3", "4")).isEmpty();
    assertThat(calls("5", "6")).containsExactly("changed a");
    assertThat(calls("7", "6")).isEmpty();
    assertThat(calls("6", "5")).containsExactly("changed a");
  }

  @Test
  void anUnadoptedQuotaKeepsTheTimeOfItsLastWrite() {
    for (var adopted : new String[] {"4", null}) {
      var quota = kept(Child.MANAGER, adopted, "3");
      assertThat(QuotaAdoption.adopted(quota)).isFalse();
      assertThat(QuotaAdoption.written(quota)).contains(Instant.parse(WRITTEN));
      assertThat(Child.isOurs(quota)).isTrue();
      assertThat(quota.getMetadata().getManagedFields()).hasSize(1);
    }
  }

  @Test
  void anUncountedKeyIsStillKnown() {
    var quota = kept(Child.MANAGER, "5", Map.of());
    assertThat(QuotaAdoption.adopted(quota)).isFalse();
    assertThat(QuotaAdoption.uncounted(quota)).containsExactly("pods");
    assertThat(QuotaAdoption.written(quota)).contains(Instant.parse(WRITTEN));
    assertThat(QuotaAdoption.uncounted(kept(Child.MANAGER, "4", "3"))).isEmpty();
  }

  private static Map<String, String> annotations(String namespace, Map<String, String> stored) {
    var quota = kept(Child.MANAGER, "5", "3");
    quota.getMetadata().setNamespace(namespace);
    quota.getMetadata().setAnnotations(stored);
    new PruningItemStore<ResourceQuota>().put(namespace + "/" + Child.NAME, quota);
    return quota.getMetadata().getAnnotations();
  }

  @Test
  void namespacesShareTheirAnnotations() {
    var desired = Annotations.of("p", "team", null);
    var kept =
        Stream.of("a", "b")
            .map(
                namespace -> {
                  var stored = new HashMap<>(desired);
                  stored.put("some", "text");
                  stored.computeIfPresent(
                      Annotations.LIST_REJECTIONS,
                      (key, command) -> command.replace("NAMESPACE", namespace));
                  return annotations(namespace, stored);
                })
            .toList();
    assertThat(kept.getFirst()).isEqualTo(desired).isSameAs(kept.getLast());
    assertThat(annotations("a", desired))
        .as("the placeholder itself is not the command")
        .isNotEqualTo(desired);
    assertThat(annotations("a", Map.of("some", "text"))).isNull();
  }

  @Test
  void aQuotaWithAnotherNameIsDropped() {
    var store = new PruningItemStore<ResourceQuota>();
    for (var name : new String[] {"cgroup-policy", "cgroup-policy-b", "cgroup-policyb", "team"}) {
      var quota =
          new ResourceQuotaBuilder()
              .withNewMetadata()
              .withNamespace("a")
              .withName(name)
              .endMetadata()
              .withNewSpec()
              .endSpec()
              .build();
      store.put("a/" + name, quota);
    }
    assertThat(store.keySet()).containsExactlyInAnyOrder("a/cgroup-policy", "a/cgroup-policy-b");
  }

  @Test
  void aForeignQuotaDoesNotBecomeOurs() {
    assertThat(Child.isOurs(kept("kubectl", null, "3"))).isFalse();
  }

  @Test
  void aNodeKeepsWhatIsJudgedAndWhereItsKubeletIs() {
    var node =
        new NodeBuilder()
            .withNewMetadata()
            .withName("n")
            .addToLabels("pool", "a")
            .addToAnnotations("some", "text")
            .endMetadata()
            .withNewStatus()
            .addToCapacity("memory", new Quantity("8Gi"))
            .addNewAddress("192.0.2.1", "InternalIP")
            .withNewDaemonEndpoints()
            .withNewKubeletEndpoint(10250)
            .endDaemonEndpoints()
            .withNewNodeInfo()
            .withBootID("boot")
            .withKernelVersion("6.12")
            .withKubeletVersion("v1.36.3")
            .withContainerRuntimeVersion("containerd://2.1.0")
            .withOperatingSystem("windows")
            .endNodeInfo()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .withMessage("kubelet is posting ready status")
            .endCondition()
            .endStatus()
            .build();
    var facts = NodeFacts.of(node);
    var store = new PruningItemStore<Node>();
    store.put("n", node);
    var kept = store.get("n");
    assertThat(NodeFacts.of(kept)).isEqualTo(facts);
    assertThat(facts.ready()).isTrue();
    assertThat(facts.exemption()).isEqualTo(Exemption.Windows);
    assertThat(kept.getStatus().getNodeInfo().getBootID()).isEqualTo("boot");
    assertThat(kept.getStatus().getAddresses()).hasSize(1);
    assertThat(kept.getStatus().getDaemonEndpoints().getKubeletEndpoint().getPort())
        .isEqualTo(10250);
    assertThat(kept.getStatus().getNodeInfo().getKernelVersion()).isNull();
    assertThat(kept.getStatus().getConditions().getFirst().getMessage()).isNull();
  }
}
