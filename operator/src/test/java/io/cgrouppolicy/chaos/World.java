package io.cgrouppolicy.chaos;

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
    List<LimitRange> limitRanges,
    List<ResourceQuota> quotas,
    List<Pod> pods,
    List<Node> nodes) {

  private static final Pattern SYSTEM =
      Pattern.compile(
          "kube-system|kube-public|kube-node-lease|openshift(-.*)?|cgroup-policy-system");

  static final Comparator<CgroupPolicy> PRECEDENCE =
      Comparator.comparing((CgroupPolicy policy) -> -policy.getSpec().priority())
          .thenComparing(policy -> policy.getMetadata().getCreationTimestamp())
          .thenComparing(World::name);

  /// Excludes what is being deleted.
  ///
  /// @param prefix what the names of policies and namespaces start with
  static World read(KubernetesClient admin, String prefix) {
    return new World(
        admin.resources(CgroupPolicy.class).list().getItems().stream()
            .sorted(PRECEDENCE)
            .filter(policy -> stays(policy) && name(policy).startsWith(prefix))
            .toList(),
        admin.namespaces().list().getItems().stream()
            .filter(namespace -> stays(namespace) && name(namespace).startsWith(prefix))
            .toList(),
        admin.limitRanges().inAnyNamespace().list().getItems(),
        admin.resourceQuotas().inAnyNamespace().list().getItems(),
        admin.pods().inAnyNamespace().list().getItems().stream()
            .filter(World::stays)
            .filter(pod -> !List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase()))
            .toList(),
        admin.nodes().list().getItems().stream().filter(World::stays).toList());
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

  /// The policies that count a namespace or node: the governing one, and those in mode Audit that
  /// would govern it in mode Enforce.
  List<CgroupPolicy> judging(HasMetadata object) {
    var governing = enforcing(object).stream().findFirst();
    return policies.stream()
        .filter(selects(object))
        .filter(
            policy ->
                enforces(policy)
                    ? policy == governing.orElseThrow()
                    : governing.isEmpty() || PRECEDENCE.compare(policy, governing.get()) < 0)
        .toList();
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

  static boolean matchesGlob(String glob, String name) {
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
    return Stream.concat(limitRanges.stream(), quotas.stream())
        .filter(object -> object.getMetadata().getNamespace().equals(namespace))
        .filter(
            object ->
                name(object).equals("cgroup-policy")
                    || object instanceof ResourceQuota && name(object).startsWith("cgroup-policy-"))
        .collect(Collectors.toMap(object -> object.getKind() + " " + name(object), o -> o));
  }

  List<Pod> podsIn(String namespace) {
    return pods.stream().filter(p -> p.getMetadata().getNamespace().equals(namespace)).toList();
  }
}
