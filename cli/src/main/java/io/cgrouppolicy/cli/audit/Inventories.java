package io.cgrouppolicy.cli.audit;

import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NodeSnapshot;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.NamespacePicture;
import io.cgrouppolicy.report.NodePicture;

/// Lists what a snapshot contains, for a report.
public final class Inventories {
  private Inventories() {}

  /// @param podsKnown whether the snapshot has the pods of the cluster
  public static Inventory of(PolicyBook book, Snapshot cluster, boolean podsKnown) {
    return new Inventory(
        cluster.namespaces().stream().map(found -> namespace(book, found, podsKnown)).toList(),
        cluster.nodes().stream().map(found -> node(found, podsKnown)).toList());
  }

  private static NamespacePicture namespace(
      PolicyBook book, NamespaceSnapshot namespace, boolean podsKnown) {
    var judging = book.select(namespace.name(), namespace.labels()).judging();
    return NamespacePicture.of(
        namespace.name(),
        judging.stream().map(CompiledPolicy::name).toList(),
        podsKnown ? namespace.pods() : null);
  }

  private static NodePicture node(NodeSnapshot node, boolean podsKnown) {
    return NodePicture.of(
        node.facts(),
        node.configuration() instanceof Usable<KubeletConfiguration>(var given) ? given : null,
        podsKnown ? node.pods() : null);
  }
}
