package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What some LimitRanges would make of a pod that runs, were it created anew.
///
/// @param runs the pod as the quota sees it now
/// @param becomes the pod as the quota would see it; as it runs where it would be refused
/// @param changes what it would have instead; none where it would be refused
/// @param rejections of the LimitRange that is asked about: what others refuse without it is not
///     its doing
record ShapePreview(
    PodShape runs, PodShape becomes, ResourceChanges changes, List<Rejection> rejections) {
  /// LimitRanges in the orders that are tried: which one the server asks first is not known.
  static final class Rules {
    private static final LimitRanger NONE = new LimitRanger(List.of());

    private final List<LimitRanger> orders = new ArrayList<>();
    private final List<LimitRanger> each;
    private final LimitRanger others;

    /// @param ours may be null
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
        var admitted = order.admitAnew(pod);
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

    /// What is refused whatever ours says. Nothing where the pod could be created as it runs: what
    /// it then lacks is a default that it once got.
    private List<Rejection> withoutOurs(PodShape pod) {
      return others.admit(pod).rejections().isEmpty()
          ? List.of()
          : others.admitAnew(pod).rejections();
    }

    /// What each LimitRange by itself would make of a pod that got defaults: it may have got them
    /// from any of them.
    private List<PodShape> alternatives(PodShape pod) {
      return pod.defaulted()
          ? each.stream().map(alone -> alone.admitAnew(pod).stored()).toList()
          : List.of();
    }
  }
}
