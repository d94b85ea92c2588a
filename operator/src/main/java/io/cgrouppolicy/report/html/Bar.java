package io.cgrouppolicy.report.html;

import io.cgrouppolicy.report.NodePicture;
import io.cgrouppolicy.report.NodePicture.Asked;
import io.cgrouppolicy.report.NodePicture.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A resource of a node as a bar, and in words. The axis ends at one and a half times the capacity,
/// so that limits above the capacity reach out of the node.
///
/// @param allocatable width, like all others in percent of the axis; null if unknown
/// @param requests likewise
/// @param limits likewise
/// @param beyond whether the limits reach beyond the axis
/// @param request in words, like limit, room and reserve; "" if unknown
/// @param overcommitted whether pods may use more memory than there is; CPU is only shared
/// @param order of a sorted table: limits in thousandths of what is allocatable
record Bar(
    boolean known,
    String allocatable,
    List<Segment> segments,
    String requests,
    String limits,
    boolean beyond,
    String request,
    String limit,
    boolean overcommitted,
    String room,
    String reserve,
    long order) {

  /// What is reserved.
  ///
  /// @param kind system, kube, eviction or other
  record Segment(String kind, String x, String width) {}

  /// Where the capacity ends on the axis.
  static final double CAPACITY = 100 / 1.5;

  private static final double END = 99.5;

  /// @param asked null if the pods are unknown
  static Bar of(Share share, Asked asked, Amounts unit) {
    long capacity = share.capacity();
    if (capacity <= 0) {
      return new Bar(
          false, null, List.of(), null, null, false, "", "", false, "capacity unknown", "", -1);
    }
    long allocatable = share.allocatable() == NodePicture.UNKNOWN ? capacity : share.allocatable();
    boolean known = asked != null;
    double limits = known ? at(asked.limits(), capacity) : 0;
    return new Bar(
        true,
        percent(at(allocatable, capacity)),
        segments(share, allocatable),
        known ? percent(Math.min(at(asked.requests(), capacity), END)) : null,
        known && asked.limits() > 0 ? percent(Math.min(limits, END)) : null,
        limits > END,
        known ? amount(asked.requests(), allocatable, unit) : "",
        known ? amount(asked.limits(), allocatable, unit) : "",
        known && unit == Amounts.MEMORY && asked.limits() > allocatable,
        share.allocatable() == NodePicture.UNKNOWN
            ? unit.format(capacity) + ", allocatable unknown"
            : unit.format(allocatable) + " of " + unit.format(capacity),
        reserve(share, allocatable, unit),
        known ? thousandths(asked.limits(), allocatable) : -1);
  }

  private static long thousandths(long amount, long of) {
    return Math.round(1000.0 * amount / Math.max(1, of));
  }

  private static String amount(long amount, long allocatable, Amounts unit) {
    return amount == 0
        ? "none"
        : "%s (%s %%)"
            .formatted(
                unit.format(amount),
                Amounts.digits(Math.round(100.0 * amount / Math.max(1, allocatable))));
  }

  private static List<Segment> segments(Share share, long allocatable) {
    var segments = new ArrayList<Segment>();
    long from = allocatable;
    for (var part : parts(share, allocatable)) {
      double start = at(from, share.capacity());
      from += part.amount();
      double width = at(from, share.capacity()) - start;
      if (width >= 0.05) {
        segments.add(new Segment(part.kind(), percent(start), percent(width)));
      }
    }
    return List.copyOf(segments);
  }

  private record Part(String kind, String name, long amount) {}

  /// The parts of what is not allocatable, up to the capacity.
  private static List<Part> parts(Share share, long allocatable) {
    long rest = Math.max(0, share.capacity() - allocatable);
    var parts = new ArrayList<Part>();
    if (share.reserved() != null) {
      for (var part :
          List.of(
              new Part("eviction", "eviction", share.reserved().eviction()),
              new Part("kube", "Kubernetes", share.reserved().kube()),
              new Part("system", "system", share.reserved().system()))) {
        long amount = Math.min(part.amount(), rest);
        if (amount > 0) {
          parts.add(new Part(part.kind(), part.name(), amount));
          rest -= amount;
        }
      }
    }
    // Huge pages are allocated apart, and kubelets round.
    if (rest > share.capacity() / 1000) {
      parts.add(new Part("other", share.reserved() == null ? "" : "other", rest));
    }
    return parts;
  }

  private static String reserve(Share share, long allocatable, Amounts unit) {
    if (share.allocatable() == NodePicture.UNKNOWN) {
      return "";
    }
    var texts =
        parts(share, allocatable).reversed().stream()
            .map(part -> (part.name() + " " + unit.format(part.amount())).strip())
            .toList();
    return texts.isEmpty() ? "nothing" : String.join(", ", texts);
  }

  private static double at(long amount, long capacity) {
    return Math.max(0, CAPACITY * amount / capacity);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f%%", value);
  }
}
