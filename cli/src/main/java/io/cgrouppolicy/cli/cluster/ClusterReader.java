package io.cgrouppolicy.cli.cluster;

import static java.util.stream.Collectors.groupingBy;

import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NodeSnapshot;
import io.cgrouppolicy.core.admission.Claim;
import io.cgrouppolicy.core.admission.ClaimTemplates;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.report.Area;
import io.cgrouppolicy.report.Unseen;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Reads what some policies need to know of a cluster, with the rights of the user. What these do
/// not permit is noted; only namespaces, LimitRanges and ResourceQuotas are indispensable.
public final class ClusterReader {
  private final KubernetesClient client;
  private final String namespace;
  private final List<CompiledPolicy> policies;
  private final Progress progress;
  private final Lists lists;
  private final List<Unseen> unseen = new ArrayList<>();

  /// @param namespace to which the audit is limited, or null
  public ClusterReader(
      KubernetesClient client, String namespace, List<CompiledPolicy> policies, Progress progress) {
    this.client = client;
    this.namespace = namespace;
    this.policies = policies;
    this.progress = progress;
    this.lists = new Lists(client, namespace, progress);
  }

  /// An object of a namespace, reduced to what is needed.
  private record In<T>(String namespace, T value) {}

  /// @throws KubernetesClientException if the API server does not answer, or does not permit what
  ///     is indispensable
  public Snapshot read() {
    var limitRanges = byNamespace(LimitRange.class, Stream::of);
    var quotas = byNamespace(ResourceQuota.class, Stream::of);
    Map<String, List<Claim>> claims = Map.of();
    Map<String, List<ClaimTemplates>> templates = Map.of();
    if (any(CompiledPolicy::limitsStorage)) {
      claims =
          permitted(
              Area.CLAIMS,
              () -> byNamespace(PersistentVolumeClaim.class, c -> Stream.of(Claim.of(c))),
              claims);
      templates =
          permitted(
              Area.CLAIMS,
              () -> byNamespace(StatefulSet.class, s -> Stream.ofNullable(ClaimTemplates.of(s))),
              templates);
    }
    var pods = any(CompiledPolicy::needsPods) ? pods() : List.<PodFacts>of();
    var owners = new Owners(lists);
    if (!pods.isEmpty()) {
      permitted(Area.OWNERS, owners::read);
    }
    var podsByNamespace = pods.stream().collect(groupingBy(PodFacts::namespace));
    var namespaces = new ArrayList<NamespaceSnapshot>();
    for (var found : namespaces()) {
      var name = found.getMetadata().getName();
      namespaces.add(
          new NamespaceSnapshot(
              name,
              found.getMetadata().getLabels(),
              Observed.of(of(limitRanges, name), of(quotas, name)),
              podsByNamespace.getOrDefault(name, List.of()),
              of(claims, name),
              of(templates, name)));
    }
    return new Snapshot(namespaces, owners::of, nodes(pods), platform());
  }

  /// What the user may not read, once [#read] has returned.
  public List<Unseen> unseen() {
    return List.copyOf(unseen);
  }

  private boolean any(Predicate<CompiledPolicy> needs) {
    return policies.stream().anyMatch(policy -> policy.valid() && needs.test(policy));
  }

  private <T extends HasMetadata, R> Map<String, List<R>> byNamespace(
      Class<T> type, Function<T, Stream<R>> keep) {
    var found =
        lists.<T, In<R>>namespaced(
            type,
            object ->
                keep.apply(object)
                    .map(kept -> new In<>(object.getMetadata().getNamespace(), kept)));
    var map = new TreeMap<String, List<R>>();
    found.forEach(
        in -> map.computeIfAbsent(in.namespace(), name -> new ArrayList<>()).add(in.value()));
    return map;
  }

  private static <T> List<T> of(Map<String, List<T>> byNamespace, String name) {
    return byNamespace.getOrDefault(name, List.of());
  }

  /// Without those that are terminating, as the operator.
  private List<Namespace> namespaces() {
    if (namespace == null) {
      return lists.all(
          Namespace.class,
          found -> Stream.of(found).filter(n -> n.getMetadata().getDeletionTimestamp() == null));
    }
    try {
      var found = client.namespaces().withName(namespace).get();
      if (found == null) {
        throw new NoSuchNamespaceException(namespace);
      }
      return List.of(found);
    } catch (KubernetesClientException e) {
      refused(Area.LABELS, e);
      return List.of(
          new NamespaceBuilder()
              .withNewMetadata()
              .withName(namespace)
              .addToLabels("kubernetes.io/metadata.name", namespace)
              .endMetadata()
              .build());
    }
  }

  private List<PodFacts> pods() {
    var reader = new PodReader();
    return permitted(
        Area.PODS,
        () -> lists.<Pod, PodFacts>namespaced(Pod.class, pod -> reader.read(pod).stream()),
        List.of());
  }

  private List<NodeSnapshot> nodes(List<PodFacts> pods) {
    if (!any(policy -> policy.spec().nodes() != null)) {
      return List.of();
    }
    if (namespace != null) {
      unseen.add(new Unseen(Area.NODES, "NotRequested", "the audit is of one namespace", true));
      return List.of();
    }
    var nodes =
        permitted(
            Area.NODES,
            () -> lists.<Node, NodeFacts>all(Node.class, node -> Stream.of(NodeFacts.of(node))),
            List.<NodeFacts>of());
    var podsByNode = pods.stream().collect(groupingBy(PodFacts::node));
    var kubelets = new Kubelets(client, progress);
    var judged =
        nodes.stream().filter(node -> any(policy -> policy.selectsNode(node.labels()))).toList();
    Map<String, Answer<KubeletConfiguration>> configurations = Map.of();
    if (any(policy -> policy.spec().nodes() != null && NodeDecider.needsConfiguration(policy))) {
      configurations = kubelets.configurations(judged);
    }
    Map<String, Answer<NodeSummary>> summaries = Map.of();
    if (any(policy -> policy.spec().nodes() != null && NodeDecider.needsPressure(policy))) {
      summaries = kubelets.summaries(judged);
    }
    kubelets
        .refusal()
        .ifPresent(why -> unseen.add(new Unseen(Area.KUBELETS, "Forbidden", why, false)));
    var snapshots = new ArrayList<NodeSnapshot>();
    for (var node : nodes) {
      snapshots.add(
          new NodeSnapshot(
              node,
              configurations.get(node.name()),
              summaries.get(node.name()),
              podsByNode.getOrDefault(node.name(), List.of())));
    }
    return snapshots;
  }

  private Platform platform() {
    try {
      return Platform.of(
          client.getApiGroups().getGroups().stream().map(group -> group.getName()).toList());
    } catch (KubernetesClientException e) {
      return Platform.UPSTREAM;
    }
  }

  private void permitted(Area area, Runnable read) {
    permitted(
        area,
        () -> {
          read.run();
          return null;
        },
        null);
  }

  private <T> T permitted(Area area, Supplier<T> read, T otherwise) {
    try {
      return read.get();
    } catch (KubernetesClientException e) {
      refused(area, e);
      return otherwise;
    }
  }

  private void refused(Area area, KubernetesClientException e) {
    if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
      throw e;
    }
    unseen.add(new Unseen(area, "Forbidden", message(e), false));
  }

  /// What the API server says, without the client's words around it.
  public static String message(KubernetesClientException e) {
    return e.getStatus() == null || e.getStatus().getMessage() == null
        ? e.getMessage()
        : e.getStatus().getMessage();
  }
}
