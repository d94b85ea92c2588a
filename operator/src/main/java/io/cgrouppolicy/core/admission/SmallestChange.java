package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.admission.Admission.Outcome;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Finds a small change of a rejected pod with which the API server admits it: each value moves no
/// farther than to the bound that it violates. Requests rise before limits fall, because a lower
/// limit can end a container.
///
/// Repairs one stage of admission after the other, and asks [Admission] each time, so a change that
/// it returns is sufficient. It finds none for pods with pod-level resources, and none if only a
/// quota can help: see [#raises].
public final class SmallestChange {
  private static final int MAX_ROUNDS = 20;

  private final PodShape written;
  private final Admission admission;

  /// The pod with the repairs so far.
  private PodShape pod;

  /// The values that a quota only requires to be set.
  private final List<String> free = new ArrayList<>();

  public enum Field {
    requests,
    limits
  }

  /// One value to set.
  ///
  /// @param container as in [Rejection]: "container app", "init container setup"
  /// @param from the written value; null if it is unset
  /// @param free whether any value in bounds is enough, so that `to` is only an example
  public record Change(
      String container, Field field, String resource, Quantity from, Quantity to, boolean free) {
    /// The value's name in messages: `limits.memory`.
    public String name() {
      return field + "." + resource;
    }
  }

  /// What a quota would have to be for a pod.
  public record Raise(String quota, String resource, Quantity from, Quantity to) {}

  private SmallestChange(PodShape written, Admission admission) {
    this.written = written;
    this.admission = admission;
    this.pod = written;
  }

  /// @param written the pod without defaults
  /// @return empty if none is found; no changes if the pod is admitted
  public static Optional<List<Change>> of(PodShape written, Admission admission) {
    var search = new SmallestChange(written, admission);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      var outcome = admission.admit(search.pod);
      if (outcome.admitted()) {
        return Optional.of(search.changes());
      }
      if (PodResources.isPodLevelSet(written) || !search.repair(outcome)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// How far the quotas would have to rise for the pod; empty unless only they reject it.
  public static List<Raise> raises(PodShape written, Admission admission) {
    var outcome = admission.admit(written);
    if (outcome.rejections().stream().anyMatch(r -> r.kind() != Rejection.Kind.QUOTA_EXCEEDED)) {
      return List.of();
    }
    var raises = new ArrayList<Raise>();
    for (var quota : admission.quotas()) {
      var usage = quota.evaluator().usage(outcome.checked()).withoutZeros();
      for (var name : usage.names()) {
        var hard = quota.evaluator().hard().get(name);
        var needed = quota.used().getOrZero(name).plus(usage.get(name));
        if (needed.compareTo(hard) > 0) {
          raises.add(new Raise(quota.evaluator().name(), name, hard.quantity(), needed.quantity()));
        }
      }
    }
    return raises;
  }

  private List<Change> changes() {
    var changes = new ArrayList<Change>();
    for (int i = 0; i < pod.containers().size(); i++) {
      var before = written.containers().get(i);
      var after = pod.containers().get(i);
      for (var field : Field.values()) {
        var had = values(before, field);
        var has = values(after, field);
        for (var resource : new TreeSet<>(has.keySet())) {
          if (!has.get(resource).equals(had.get(resource))) {
            changes.add(
                new Change(
                    Rejection.subject(after),
                    field,
                    resource,
                    had.get(resource),
                    has.get(resource),
                    free.contains(key(i, field, resource))));
          }
        }
      }
    }
    return changes;
  }

  /// @return whether the pod changed
  private boolean repair(Outcome outcome) {
    var before = pod;
    switch (outcome.rejections().getFirst().kind()) {
      case INVALID, LIMIT_RANGE -> {
        for (int i = 0; i < pod.containers().size(); i++) {
          container(i, outcome.checked().containers().get(i));
        }
        if (pod == before) {
          wholePod(outcome.checked());
        }
      }
      case QUOTA_UNSET -> unset(outcome.checked());
      case QUOTA_EXCEEDED -> exceeded(outcome.checked());
    }
    return pod != before;
  }

  private void container(int index, ContainerShape checked) {
    var resources = new TreeSet<>(checked.requests().keySet());
    resources.addAll(checked.limits().keySet());
    resources.addAll(Bounds.names(admission.limitRanges(), "Container"));
    for (var resource : resources) {
      var bounds = Bounds.of(admission.limitRanges(), "Container", resource);
      container(index, resource, bounds, checked);
    }
  }

  private void container(int index, String resource, Bounds bounds, ContainerShape checked) {
    var mine = pod.containers().get(index);
    var limit = amount(checked.limits(), resource);
    var request = amount(checked.requests(), resource);
    var newLimit = bounds.limit(limit);
    var newRequest = bounds.request(request);
    if (newLimit == null && bounds.ratio() != null && newRequest != null) {
      newLimit = bounds.largestLimit(newRequest);
    }
    if (newLimit != null && newRequest != null && newRequest.compareTo(newLimit) > 0) {
      if (!mine.limits().containsKey(resource)) {
        newLimit = bounds.limit(newRequest); // a default is too low for it
      }
      newRequest = min(newRequest, newLimit);
    }
    if (!ResourceNames.mayOvercommit(resource)) {
      newLimit = newLimit == null ? newRequest : newLimit;
      newRequest = newLimit;
    } else {
      newRequest = bounds.atRatio(resource, newRequest, newLimit);
    }
    boolean limitChanges = set(index, Field.limits, resource, limit, newLimit);
    // Without a request of its own, the container's may follow from the limit: the next round
    // shows.
    if (!limitChanges || mine.requests().containsKey(resource)) {
      set(index, Field.requests, resource, request, newRequest);
    }
  }

  /// Repairs the sums that entries of type Pod bound.
  private void wholePod(PodShape checked) {
    for (var resource : Bounds.names(admission.limitRanges(), "Pod")) {
      var bounds = Bounds.of(admission.limitRanges(), "Pod", resource);
      var limits = PodResources.limitRangerLimits(checked).get(resource);
      var requests = PodResources.limitRangerRequests(checked).get(resource);
      if (limits == null && bounds.max() != null) {
        eachWithout(checked, resource, bounds.max());
      } else {
        shift(checked, Field.limits, resource, limits, bounds.limit(limits));
      }
      var newRequests = bounds.request(requests);
      shift(
          checked,
          Field.requests,
          resource,
          requests,
          limits == null ? newRequests : bounds.atRatio(resource, newRequests, limits));
    }
  }

  /// Gives each container an equal part of what the pod may use.
  private void eachWithout(PodShape checked, String resource, CanonicalQuantity all) {
    var main = PodResources.main(checked).size();
    var part =
        Bounds.roundDown(resource, all.number().divideToIntegralValue(BigDecimal.valueOf(main)));
    for (int i = 0; i < checked.containers().size(); i++) {
      set(i, Field.limits, resource, null, part);
    }
  }

  /// Changes a sum by changing the container with the largest value.
  ///
  /// @param to null if nothing is to change
  private void shift(
      PodShape checked,
      Field field,
      String resource,
      CanonicalQuantity from,
      CanonicalQuantity to) {
    if (to == null || from != null && from.compareTo(to) == 0) {
      return;
    }
    var sum = from == null ? CanonicalQuantity.ZERO : from;
    var containers = checked.containers();
    int largest = largest(containers, field, resource);
    var had = amount(values(containers.get(largest), field), resource);
    var number = (had == null ? CanonicalQuantity.ZERO : had).plus(to.minus(sum));
    if (number.number().signum() <= 0) {
      return;
    }
    var value =
        to.compareTo(sum) < 0
            ? Bounds.roundDown(resource, number.number())
            : Bounds.roundUp(resource, number.number());
    set(largest, field, resource, had, value.isZero() ? number : value);
  }

  private static int largest(List<ContainerShape> containers, Field field, String resource) {
    var order =
        Comparator.comparing(
            (Integer i) -> {
              var amount = amount(values(containers.get(i), field), resource);
              return amount == null ? BigDecimal.ZERO : amount.number();
            });
    var main = new ArrayList<Integer>();
    for (int i = 0; i < containers.size(); i++) {
      if (containers.get(i).role() != Role.INIT) {
        main.add(i);
      }
    }
    return main.stream().max(order).orElse(0);
  }

  /// Sets what a quota requires every container to set.
  private void unset(PodShape checked) {
    for (var quota : admission.quotas()) {
      if (!quota.evaluator().matches(checked)) {
        continue;
      }
      for (var name : quota.evaluator().required()) {
        var field = field(name);
        var resource = resource(name);
        var other = field == Field.limits ? Field.requests : Field.limits;
        for (int i = 0; i < checked.containers().size(); i++) {
          var container = checked.containers().get(i);
          if (!values(container, field).containsKey(resource)) {
            var bounds = Bounds.of(admission.limitRanges(), "Container", resource);
            var otherwise = amount(values(container, other), resource);
            var value = otherwise == null ? bounds.example(resource) : otherwise;
            if (set(i, field, resource, null, value)) {
              free.add(key(i, field, resource));
            }
          }
        }
      }
    }
  }

  /// Lowers what exceeds a quota, if that is possible.
  private void exceeded(PodShape checked) {
    for (var quota : admission.quotas()) {
      var evaluator = quota.evaluator();
      var usage = evaluator.usage(checked).withoutZeros();
      for (var name : usage.names()) {
        var room = evaluator.hard().get(name).minus(quota.used().getOrZero(name));
        if (usage.get(name).compareTo(room) > 0
            && PodResources.isCompute(resource(name))
            && room.number().signum() > 0) {
          shift(checked, field(name), resource(name), usage.get(name), room);
        }
      }
    }
  }

  private static Field field(String counted) {
    return counted.startsWith("limits.") ? Field.limits : Field.requests;
  }

  private static String resource(String counted) {
    return counted.replaceFirst("^(requests|limits)\\.", "");
  }

  /// @return whether the value changes
  private boolean set(
      int index, Field field, String resource, CanonicalQuantity from, CanonicalQuantity to) {
    if (to == null || from != null && from.compareTo(to) == 0) {
      return false;
    }
    var container = pod.containers().get(index);
    var values = new HashMap<>(values(container, field));
    values.put(resource, to.quantity());
    var containers = new ArrayList<>(pod.containers());
    containers.set(
        index,
        new ContainerShape(
            container.name(),
            container.role(),
            field == Field.requests ? values : container.requests(),
            field == Field.limits ? values : container.limits()));
    pod = PodDefaults.with(pod, containers);
    return true;
  }

  private static String key(int index, Field field, String resource) {
    return index + " " + field + " " + resource;
  }

  private static Map<String, Quantity> values(ContainerShape container, Field field) {
    return field == Field.limits ? container.limits() : container.requests();
  }

  private static CanonicalQuantity amount(Map<String, Quantity> values, String resource) {
    var quantity = values.get(resource);
    return quantity == null ? null : CanonicalQuantity.of(quantity);
  }

  private static CanonicalQuantity min(CanonicalQuantity a, CanonicalQuantity b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
