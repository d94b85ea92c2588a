package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Previews what LimitRanges would do to a running pod if it were recreated.
///
/// @param runs the pod as the quota sees it now
/// @param becomes the recreated pod as the quota would see it; the same as `runs` if it would be
///     rejected
/// @param changes the differences between both; none if it would be rejected
/// @param rejections by the policy's LimitRange; excludes what the other LimitRanges reject without
///     it
record ShapePreview(
    PodShape runs, PodShape becomes, ResourceChanges changes, List<Rejection> rejections) {
  /// LimitRanges in every order to try, because the server's order is unpredictable.
  static final class Rules {
    private static final LimitRanger NONE = new LimitRanger(List.of());

    private final List<LimitRanger> orders = new ArrayList<>();
    private final List<LimitRanger> each;
    private final LimitRanger others;

    /// @param ours the policy's LimitRange, or null
    Rules(LimitRangeSpec ours, List<LimitRangeSpec> others) {
      this.others = new LimitRanger(others);
      var own = Stream.ofNullable(ours).toList();
      var all = Stream.concat(own.stream(), others.stream()).toList();
      orders.add(new LimitRanger(all));
      if (!own.isEmpty() && !others.isEmpty()) {
        orders.add(new LimitRanger(Stream.concat(others.stream(), own.stream()).toList()));
      }
      each =
          all.size() < 2
              ? List.of()
              : all.stream().map(spec -> new LimitRanger(List.of(spec))).toList();
    }

    ShapePreview of(PodShape pod) {
      var running = NONE.admit(pod);
      var changes = ResourceChanges.NONE;
      var becomes = running.checked();
      for (var order : orders) {
        var admitted = order.admitReplacement(pod);
        var rejections = admitted.rejections();
        if (!rejections.isEmpty()) {
          var without = withoutOurs(pod);
          return new ShapePreview(
              running.checked(),
              running.checked(),
              ResourceChanges.NONE,
              rejections.stream().filter(r -> !without.contains(r)).toList());
        }
        if (changes.isEmpty()) {
          changes = ResourceChanges.of(running.stored(), admitted.stored(), alternatives(pod));
          becomes = admitted.checked();
        }
      }
      return new ShapePreview(running.checked(), becomes, changes, List.of());
    }

    /// The rejections that do not depend on the policy's LimitRange. Empty if the other LimitRanges
    /// admit the pod with its current resources: then it only lacks a default that it once got.
    private List<Rejection> withoutOurs(PodShape pod) {
      return others.admit(pod).rejections().isEmpty()
          ? List.of()
          : others.admitReplacement(pod).rejections();
    }

    /// What each single LimitRange would make of a pod that got defaults, because they may come
    /// from any of them.
    private List<PodShape> alternatives(PodShape pod) {
      return pod.defaulted()
          ? each.stream().map(alone -> alone.admitReplacement(pod).stored()).toList()
          : List.of();
    }
  }
}
