package io.cgrouppolicy.shell.report;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.report.Area;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.NamespacePicture;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Unseen;
import io.cgrouppolicy.report.html.HtmlWriter;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.cgrouppolicy.shell.node.NodePictures;
import io.cgrouppolicy.shell.policy.PolicyReports;
import io.cgrouppolicy.shell.start.Leadership;
import io.cgrouppolicy.telemetry.endpoint.ReportSource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.Config;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the operator's verdicts say of the cluster now.
@ApplicationScoped
class LiveFindings implements ReportSource {
  private final Leadership leadership;
  private final PolicyReports policies;
  private final NodePictures pictures;
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final PodCache pods;
  private final Config config;
  private final InstantSource clock;

  LiveFindings(
      Leadership leadership,
      PolicyReports policies,
      NodePictures pictures,
      ClusterCache cluster,
      NodeCache nodes,
      PodCache pods,
      Config config,
      InstantSource clock) {
    this.leadership = leadership;
    this.policies = policies;
    this.pictures = pictures;
    this.cluster = cluster;
    this.nodes = nodes;
    this.pods = pods;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public Optional<String> html() {
    return leadership.leads()
        ? Optional.of(HtmlWriter.write(report(), clock.instant()))
        : Optional.empty();
  }

  private Report report() {
    return new Report(
        "Cluster " + config.getMasterUrl(),
        List.of(),
        policies.all(clock.instant()),
        unseen(),
        Map.of(),
        new Inventory(cluster.namespaces().stream().map(this::namespace).toList(), pictures.all()));
  }

  private List<Unseen> unseen() {
    var unseen = new ArrayList<Unseen>();
    add(unseen, Area.PODS, pods.trouble());
    add(unseen, Area.NODES, nodes.trouble());
    return unseen;
  }

  private static void add(List<Unseen> unseen, Area area, Trouble trouble) {
    if (trouble != null) {
      unseen.add(new Unseen(area, trouble.reason(), trouble.message(), false));
    }
  }

  private NamespacePicture namespace(Namespace namespace) {
    var name = namespace.getMetadata().getName();
    return NamespacePicture.of(
        name,
        cluster.selection(name).judging().stream().map(CompiledPolicy::name).toList(),
        pods.synced() ? pods.inNamespace(name) : null);
  }
}
