package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All objects of a cluster that policies are about, and which policy governs which of them.
/// Written from `docs/concepts.md`, without the operator's code: see [Oracle].
record World(
    List<CgroupPolicy> policies,
    List<Namespace> namespaces,
    Map<String, List<HasMetadata>> objects,
    Map<String, List<Pod>> pods,
    List<Node> nodes,
    Map<String, Kubelet> kubelets) {

  private static final Pattern SYSTEM =
      Pattern.compile(
          "kube-system|kube-public|kube-node-lease|openshift(-.*)?|cgroup-policy-system");

  static final Comparator<CgroupPolicy> PRECEDENCE =
      Comparator.comparing((CgroupPolicy policy) -> -policy.getSpec().priority())
          .thenComparing(policy -> policy.getMetadata().getCreationTimestamp())
          .thenComparing(World::name);

  /// What a kubelet serves on `/configz` and on `/stats/summary`; null if no usable answer.
  record Kubelet(JsonNode configz, JsonNode summary) {
    static final Kubelet SILENT = new Kubelet(null, null);
  }

  /// Reads all objects but those that are being deleted, and pods that have ended.
  ///
  /// @param prefix what the names of policies and namespaces start with
  /// @param kubelets by node
  static World read(KubernetesClient admin, String prefix, Map<String, Kubelet> kubelets) {
    return new World(
        admin.resources(CgroupPolicy.class).list().getItems().stream()
            .sorted(PRECEDENCE)
            .filter(policy -> stays(policy) && name(policy).startsWith(prefix))
            .toList(),
        admin.namespaces().list().getItems().stream()
            .filter(namespace -> stays(namespace) && name(namespace).startsWith(prefix))
            .toList(),
        byNamespace(
            Stream.concat(
                admin.limitRanges().inAnyNamespace().list().getItems().stream(),
                admin.resourceQuotas().inAnyNamespace().list().getItems().stream())),
        byNamespace(admin.pods().inAnyNamespace().list().getItems().stream().filter(World::runs)),
        admin.nodes().list().getItems().stream().filter(World::stays).toList(),
        kubelets);
  }

  /// Without objects.
  static World of(List<CgroupPolicy> policies) {
    return new World(policies, List.of(), Map.of(), Map.of(), List.of(), Map.of());
  }

  static <T extends HasMetadata> Map<String, List<T>> byNamespace(Stream<? extends T> objects) {
    return objects.collect(Collectors.groupingBy(object -> object.getMetadata().getNamespace()));
  }

  /// Terminating pods do not count, because nothing can mend them.
  static boolean runs(Pod pod) {
    return stays(pod) && !List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
  }

  static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private static boolean stays(HasMetadata object) {
    return object.getMetadata().getDeletionTimestamp() == null;
  }

  /// Whether the operator found the policy's spec impossible. Only the operator says so, because
  /// the schema rejects almost all such specs.
  static boolean invalid(CgroupPolicy policy) {
    return Oracle.condition(policy, "Stalled") != null;
  }

  static boolean enforces(CgroupPolicy policy) {
    return policy.getSpec().mode() == Mode.Enforce;
  }

  /// The policies in mode Enforce that select a namespace or node, the governing one first.
  List<CgroupPolicy> enforcing(HasMetadata object) {
    return policies.stream().filter(World::enforces).filter(selects(object)).toList();
  }

  /// Whether a policy counts a namespace or node: the governing one does, and those in mode Audit
  /// that would govern it in mode Enforce.
  boolean judges(CgroupPolicy policy, HasMetadata object) {
    var governing = enforcing(object).stream().findFirst();
    return selects(object).test(policy)
        && (enforces(policy)
            ? policy == governing.orElseThrow()
            : governing.isEmpty() || PRECEDENCE.compare(policy, governing.get()) < 0);
  }

  private static Predicate<CgroupPolicy> selects(HasMetadata object) {
    var name = name(object);
    return policy -> {
      if (invalid(policy)) {
        return false;
      }
      if (object instanceof Node) {
        var nodes = policy.getSpec().nodes();
        return nodes != null && matches(nodes.selector(), object.getMetadata().getLabels());
      }
      var namespaces = policy.getSpec().namespaces();
      return namespaces != null
          && (Boolean.TRUE.equals(namespaces.includeSystem()) || !SYSTEM.matcher(name).matches())
          && Stream.ofNullable(namespaces.exclude())
              .flatMap(List::stream)
              .noneMatch(glob -> matchesGlob(glob, name))
          && matches(namespaces.selector(), object.getMetadata().getLabels());
    };
  }

  /// Whether a policy has an exception from a check for a namespace.
  static boolean exempt(CgroupPolicy policy, String check, String namespace) {
    return Stream.ofNullable(policy.getSpec().exceptions())
        .flatMap(List::stream)
        .filter(e -> e.expires() == null || Instant.parse(e.expires()).isAfter(Instant.now()))
        .filter(e -> e.check().name().equals(check) && e.namespaces() != null)
        .flatMap(e -> e.namespaces().stream())
        .anyMatch(glob -> matchesGlob(glob, namespace));
  }

  private static boolean matchesGlob(String glob, String name) {
    return name.matches(glob.replace(".", "\\.").replace("*", ".*").replace("?", "."));
  }

  private static boolean matches(LabelSelector selector, Map<String, String> labels) {
    var present = labels == null ? Map.<String, String>of() : labels;
    var equal = selector.getMatchLabels();
    return (equal == null || present.entrySet().containsAll(equal.entrySet()))
        && selector.getMatchExpressions().stream()
            .allMatch(
                expression -> {
                  var value = present.get(expression.getKey());
                  return switch (expression.getOperator()) {
                    case "In" -> value != null && expression.getValues().contains(value);
                    case "NotIn" -> value == null || !expression.getValues().contains(value);
                    case "Exists" -> value != null;
                    default -> value == null;
                  };
                });
  }

  /// The objects in a namespace with names that the operator uses, as `KIND NAME`.
  Map<String, HasMetadata> children(String namespace) {
    return objects.getOrDefault(namespace, List.of()).stream()
        .filter(
            object ->
                name(object).equals("cgroup-policy")
                    || object instanceof ResourceQuota && name(object).startsWith("cgroup-policy-"))
        .collect(Collectors.toMap(object -> object.getKind() + " " + name(object), o -> o));
  }

  /// The LimitRanges of other clients in a namespace.
  List<LimitRange> foreign(String namespace) {
    return objects.getOrDefault(namespace, List.of()).stream()
        .filter(object -> !Marks.isOurs(object))
        .filter(LimitRange.class::isInstance)
        .map(LimitRange.class::cast)
        .toList();
  }

  List<Pod> podsIn(String namespace) {
    return pods.getOrDefault(namespace, List.of());
  }
}
