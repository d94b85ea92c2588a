package io.cgrouppolicy.cli.manifest;

import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Manifests as a snapshot of the cluster that they would make: namespaces with the pods of the
/// workloads, and with LimitRanges and ResourceQuotas of the manifests.
public final class Manifests {
  private final String defaultNamespace;
  private final PodReader reader = new PodReader();
  private final Map<String, Contents> namespaces = new TreeMap<>();

  /// By the uid of the controller, which is the workload itself.
  private final Map<String, Workload> workloads = new HashMap<>();

  private static final class Contents {
    private final List<PodFacts> pods = new ArrayList<>();
    private final List<LimitRange> limitRanges = new ArrayList<>();
    private final List<ResourceQuota> quotas = new ArrayList<>();
  }

  private Manifests(String defaultNamespace) {
    this.defaultNamespace = defaultNamespace;
  }

  /// @param defaultNamespace of manifests that name none
  public static Snapshot snapshot(List<HasMetadata> objects, String defaultNamespace) {
    var manifests = new Manifests(defaultNamespace);
    objects.forEach(manifests::add);
    return manifests.snapshot();
  }

  private void add(HasMetadata object) {
    switch (object) {
      case LimitRange limitRange -> contents(object).limitRanges.add(limitRange);
      case ResourceQuota quota -> contents(object).quotas.add(quota);
      default -> PodTemplate.of(object).ifPresent(template -> add(object, template));
    }
  }

  private Contents contents(HasMetadata object) {
    return namespaces.computeIfAbsent(namespace(object), name -> new Contents());
  }

  private String namespace(HasMetadata object) {
    return namespace(object, defaultNamespace);
  }

  /// The namespace that a manifest names, or else the default.
  public static String namespace(HasMetadata object, String defaultNamespace) {
    var namespace = object.getMetadata().getNamespace();
    return namespace == null ? defaultNamespace : namespace;
  }

  private void add(HasMetadata object, PodTemplate template) {
    var name = object.getMetadata().getName();
    var uid = object.getKind() + "/" + namespace(object) + "/" + name;
    var workload =
        new Workload(object.getApiVersion(), object.getKind(), name, uid, template.surge());
    workloads.put(uid, workload);
    var pods = contents(object).pods;
    for (int i = 0; i < template.replicas(); i++) {
      var pod =
          new PodBuilder()
              .withNewMetadata()
              .withNamespace(namespace(object))
              .withName(name + "-" + i)
              .withUid(uid + "/" + i)
              .withOwnerReferences(
                  new OwnerReferenceBuilder()
                      .withApiVersion(object.getApiVersion())
                      .withKind(object.getKind())
                      .withName(name)
                      .withUid(uid)
                      .withController(true)
                      .build())
              .endMetadata()
              .withSpec(template.spec())
              .build();
      reader.read(pod).ifPresent(pods::add);
    }
  }

  private Snapshot snapshot() {
    var all = new ArrayList<NamespaceSnapshot>();
    namespaces.forEach(
        (name, contents) ->
            all.add(
                new NamespaceSnapshot(
                    name,
                    Map.of(),
                    Observed.of(contents.limitRanges, contents.quotas),
                    contents.pods,
                    List.of(),
                    List.of())));
    return new Snapshot(
        all, pod -> workloads.get(pod.controller().uid()), List.of(), Platform.UPSTREAM);
  }
}
