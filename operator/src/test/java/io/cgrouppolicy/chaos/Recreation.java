package io.cgrouppolicy.chaos;

import static java.math.BigDecimal.ZERO;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a policy's objects would do to the pods of a namespace if each were recreated: see "Preview
/// and rollout" in `docs/concepts.md`. For pods without init containers, pod-level resources and
/// ratios, as those of scenes and histories are.
final class Recreation {
  private static final Set<String> MUST_BE_SET =
      Set.of("limits.cpu", "limits.memory", "requests.cpu", "requests.memory", "cpu", "memory");

  /// The names of the pods that would be rejected; with LimitRanges of other clients in the
  /// namespace, also of some that would not.
  final Set<String> rejected = new HashSet<>();

  /// The names of the pods that would be admitted and get other values.
  final Set<String> changed = new HashSet<>();

  /// The names of the pods that would not be the same with the LimitRange in place.
  final Set<String> outdated = new HashSet<>();

  private final Map<Pod, List<Needs>> runs = new HashMap<>();
  private final Map<Pod, List<Needs>> becomes = new HashMap<>();
  private boolean surgeFits = true;

  /// The resources of a container.
  private record Needs(Map<String, BigDecimal> requests, Map<String, BigDecimal> limits) {}

  static Recreation of(CgroupPolicy policy, World world, String namespace) {
    var foreign = world.foreign(namespace).stream().map(Limits::of).toList();
    var present =
        Stream.of(world.children(namespace).get(Templates.LIMIT_RANGE))
            .filter(object -> object != null && Marks.isOurs(object))
            .map(object -> Limits.of((LimitRange) object))
            .toList();
    return new Recreation(policy, present, foreign, world.podsIn(namespace));
  }

  private Recreation(
      CgroupPolicy policy, List<List<Limits>> present, List<List<Limits>> foreign, List<Pod> pods) {
    if (Templates.of(policy).isEmpty()) {
      return;
    }
    var ours = List.of(Limits.of(policy));
    var orders =
        foreign.isEmpty() ? List.of(ours) : List.of(join(ours, foreign), join(foreign, ours));
    for (var pod : pods) {
      runs.put(pod, needs(pod));
      becomes.put(pod, runs.get(pod));
      if (!isStatic(pod)) {
        recreate(pod, orders, present);
      }
    }
    Templates.quotas(policy)
        .values()
        .forEach(
            quota -> {
              var scopes = quota.scopes() == null ? List.<String>of() : quota.scopes();
              var counted = pods.stream().filter(pod -> isIn(scopes, pod)).toList();
              Limits.numbers(quota.hard()).forEach((key, hard) -> charge(counted, key, hard));
            });
    changed.removeAll(rejected);
  }

  /// Whether the policy's objects can be in place without rejecting a pod, or the additional pods
  /// of a rolling update.
  boolean safe() {
    return rejected.isEmpty() && surgeFits;
  }

  /// @param orders of the LimitRanges, which the API server does not define
  private void recreate(Pod pod, List<List<List<Limits>>> orders, List<List<Limits>> present) {
    var name = World.name(pod);
    var now = runs.get(pod);
    var after = admitted(written(pod), orders.getFirst());
    if (orders.stream().anyMatch(order -> rejects(order, admitted(written(pod), order)))) {
      rejected.add(name);
    } else if (!after.equals(now)) {
      becomes.put(pod, after);
      changed.add(name);
    }
    var today = admitted(written(pod), present);
    if (!present.isEmpty() && (rejects(present, today) || !today.equals(now))) {
      outdated.add(name);
    }
  }

  /// The containers with the defaults of LimitRanges: the first one that has a default wins.
  private static List<Needs> admitted(List<Needs> written, List<List<Limits>> limitRanges) {
    var admitted = new ArrayList<Needs>();
    for (var container : written) {
      var limits = new HashMap<>(container.limits);
      var requests = new HashMap<>(container.requests);
      limits.forEach(requests::putIfAbsent);
      for (var item : join(limitRanges)) {
        if (item.isOf("Container")) {
          item.limits().forEach(limits::putIfAbsent);
          item.requests().forEach(requests::putIfAbsent);
        }
      }
      admitted.add(new Needs(requests, limits));
    }
    return admitted;
  }

  private static boolean rejects(List<List<Limits>> limitRanges, List<Needs> containers) {
    var pod = new Needs(sum(containers, Needs::requests), sum(containers, Needs::limits));
    return containers.stream().anyMatch(Recreation::isInvalid)
        || join(limitRanges).stream()
            .anyMatch(
                item ->
                    item.isOf("Container") && containers.stream().anyMatch(c -> outside(item, c))
                        || item.isOf("Pod") && outside(item, pod));
  }

  private static boolean isInvalid(Needs container) {
    return container.requests.entrySet().stream()
        .anyMatch(request -> isAbove(request.getValue(), container.limits.get(request.getKey())));
  }

  private static boolean outside(Limits item, Needs needs) {
    return item.max().entrySet().stream()
            .anyMatch(
                max ->
                    !needs.limits.containsKey(max.getKey())
                        || isAbove(needs.limits.get(max.getKey()), max.getValue())
                        || isAbove(needs.requests.get(max.getKey()), max.getValue()))
        || item.min().entrySet().stream()
            .anyMatch(
                min ->
                    !needs.requests.containsKey(min.getKey())
                        || isAbove(min.getValue(), needs.requests.get(min.getKey()))
                        || isAbove(min.getValue(), needs.limits.get(min.getKey())));
  }

  private static boolean isAbove(BigDecimal a, BigDecimal b) {
    return a != null && b != null && a.compareTo(b) > 0;
  }

  /// Checks each pod against one key of a quota, while all others stay with what they use now or
  /// after they are recreated, whichever is more.
  private void charge(List<Pod> pods, String key, BigDecimal hard) {
    var most =
        pods.stream()
            .collect(
                Collectors.toMap(
                    pod -> pod,
                    pod -> usage(runs.get(pod), key).max(usage(becomes.get(pod), key))));
    var total = most.values().stream().reduce(ZERO, BigDecimal::add);
    var growing = new HashMap<String, List<Pod>>();
    for (var pod : pods) {
      var use = usage(becomes.get(pod), key);
      boolean unset =
          MUST_BE_SET.contains(key) && becomes.get(pod).stream().anyMatch(c -> !used(c, key));
      if (!isStatic(pod)
          && (unset || use.signum() > 0 && isAbove(total.subtract(most.get(pod)).add(use), hard))) {
        rejected.add(World.name(pod));
      }
      growing.computeIfAbsent(Pods.workload(pod), workload -> new ArrayList<>()).add(pod);
    }
    growing.forEach(
        (workload, replicas) -> {
          if (workload.startsWith("Deployment ")) {
            var surge = BigDecimal.valueOf(Math.ceilDiv(replicas.size(), 4)); // 25%
            var each = replicas.stream().map(pod -> usage(becomes.get(pod), key));
            var more = each.reduce(ZERO, BigDecimal::max).multiply(surge);
            surgeFits &= more.signum() == 0 || !isAbove(total.add(more), hard);
          }
        });
  }

  /// What a quota counts for a pod; zero for keys that are not about pods.
  private static BigDecimal usage(List<Needs> containers, String key) {
    return key.equals("pods") || key.equals("count/pods")
        ? BigDecimal.ONE
        : key.startsWith("limits.")
            ? sum(containers, Needs::limits).getOrDefault(resource(key), ZERO)
            : sum(containers, Needs::requests).getOrDefault(resource(key), ZERO);
  }

  private static boolean used(Needs container, String key) {
    return (key.startsWith("limits.") ? container.limits : container.requests)
        .containsKey(resource(key));
  }

  private static String resource(String key) {
    return key.replaceFirst("^(limits|requests)\\.", "");
  }

  private static Map<String, BigDecimal> sum(
      List<Needs> containers, Function<Needs, Map<String, BigDecimal>> of) {
    var sum = new HashMap<String, BigDecimal>();
    containers.forEach(c -> of.apply(c).forEach((name, n) -> sum.merge(name, n, BigDecimal::add)));
    return sum;
  }

  private static boolean isIn(List<String> scopes, Pod pod) {
    boolean terminating = pod.getSpec().getActiveDeadlineSeconds() != null;
    return scopes.stream()
        .allMatch(
            scope ->
                switch (scope) {
                  case "Terminating" -> terminating;
                  case "NotTerminating" -> !terminating;
                  default -> throw new IllegalArgumentException(scope);
                });
  }

  /// Admission does not stop static pods.
  private static boolean isStatic(HasMetadata pod) {
    var annotations = pod.getMetadata().getAnnotations();
    return annotations != null && annotations.containsKey("kubernetes.io/config.mirror");
  }

  private static List<Needs> needs(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .map(
            container ->
                new Needs(
                    Limits.numbers(container.getResources().getRequests()),
                    Limits.numbers(container.getResources().getLimits())))
        .toList();
  }

  /// The containers without the defaults that an annotation of the API server lists.
  private static List<Needs> written(Pod pod) {
    var needs = needs(pod);
    var annotations = pod.getMetadata().getAnnotations();
    var text =
        annotations == null ? "" : annotations.getOrDefault("kubernetes.io/limit-ranger", "");
    for (var part : text.replaceFirst("^LimitRanger plugin set: ", "").split("; ")) {
      var words = part.split(" (?=(limit|request) for container )| for container ");
      for (int i = 0; i < needs.size() && words.length == 3; i++) {
        if (pod.getSpec().getContainers().get(i).getName().equals(words[2])) {
          var of = words[1].equals("limit") ? needs.get(i).limits : needs.get(i).requests;
          of.keySet().removeAll(List.of(words[0].split(", ")));
        }
      }
    }
    return needs;
  }

  @SafeVarargs
  private static <T> List<T> join(List<T>... lists) {
    return Stream.of(lists).flatMap(List::stream).toList();
  }

  private static <T> List<T> join(List<List<T>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }
}
