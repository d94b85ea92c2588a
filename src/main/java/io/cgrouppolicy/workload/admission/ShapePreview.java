package io.cgrouppolicy.workload.admission;

import io.cgrouppolicy.workload.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What some LimitRanges would make of a pod that runs, were it created anew.
///
/// @param becomes the pod as the quota would see it; as it runs where it would be refused
/// @param changes a text for each container that would get a default; empty where it would be
///     refused
/// @param refusals of the LimitRange that is asked about: what others refuse without it is not its
///     doing
record ShapePreview(PodShape becomes, List<String> changes, List<Refusal> refusals) {
  /// LimitRanges in the orders that are tried: which one the server asks first is not known.
  static final class Rules {
    private static final LimitRanger NONE = new LimitRanger(List.of());

    private final List<LimitRanger> orders = new ArrayList<>();
    private final LimitRanger others;

    /// @param ours may be null
    Rules(LimitRangeSpec ours, List<LimitRangeSpec> others) {
      this.others = new LimitRanger(others);
      var own = Stream.ofNullable(ours).toList();
      orders.add(new LimitRanger(Stream.concat(own.stream(), others.stream()).toList()));
      if (!own.isEmpty() && !others.isEmpty()) {
        orders.add(new LimitRanger(Stream.concat(others.stream(), own.stream()).toList()));
      }
    }

    ShapePreview of(PodShape pod) {
      var running = NONE.admit(pod);
      var changes = List.<String>of();
      var becomes = running.checked();
      for (var order : orders) {
        var admitted = order.admit(pod);
        var refusals = admitted.refusals();
        if (!refusals.isEmpty()) {
          var without = others.admit(pod).refusals();
          return new ShapePreview(
              running.checked(),
              List.of(),
              refusals.stream().filter(r -> !without.contains(r)).toList());
        }
        if (changes.isEmpty()) {
          changes = changes(running.stored(), admitted.stored());
          becomes = admitted.checked();
        }
      }
      return new ShapePreview(becomes, changes, List.of());
    }
  }

  private static List<String> changes(PodShape from, PodShape to) {
    var texts = new ArrayList<String>();
    for (int i = 0; i < from.containers().size(); i++) {
      var before = from.containers().get(i);
      var after = to.containers().get(i);
      var added = new TreeSet<String>();
      added(before.limits(), after.limits(), "limits.", added);
      added(before.requests(), after.requests(), "requests.", added);
      if (!added.isEmpty()) {
        texts.add(LimitRanger.subject(before) + " " + String.join(", ", added));
      }
    }
    return texts;
  }

  private static void added(
      Map<String, Quantity> before,
      Map<String, Quantity> after,
      String prefix,
      TreeSet<String> texts) {
    after.forEach(
        (resource, quantity) -> {
          if (!before.containsKey(resource)) {
            texts.add(prefix + resource + "=" + Amount.of(quantity));
          }
        });
  }
}
