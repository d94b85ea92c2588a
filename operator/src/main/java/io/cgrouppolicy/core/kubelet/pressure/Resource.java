package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.SomeAndFull;
import io.cgrouppolicy.core.check.Check;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What tasks can stall on.
public enum Resource {
  /// `full` is meaningless for a whole node: the kernel reports zero.
  CPU(Check.PressureCpu, List.of(Stall.SOME)),
  MEMORY(Check.PressureMemory, List.of(Stall.FULL, Stall.SOME)),
  IO(Check.PressureIo, List.of(Stall.FULL, Stall.SOME));

  private final Check check;
  private final List<Stall> kinds;

  Resource(Check check, List<Stall> kinds) {
    this.check = check;
    this.kinds = kinds;
  }

  Check check() {
    return check;
  }

  /// The kinds that are meaningful for a node, the graver first.
  public List<Stall> kinds() {
    return kinds;
  }

  public Psi of(NodeSummary node) {
    return of(node.cpu(), node.memory(), node.io());
  }

  Psi of(PodSummary pod) {
    return of(pod.cpu(), pod.memory(), pod.io());
  }

  private Psi of(Psi cpu, Psi memory, Psi io) {
    return switch (this) {
      case CPU -> cpu;
      case MEMORY -> memory;
      case IO -> io;
    };
  }

  /// The thresholds of the policy in percent, by the kinds that it limits.
  Map<Stall, Double> thresholds(PressureSpec spec) {
    return switch (this) {
      case CPU -> thresholds(spec.cpu() == null ? null : spec.cpu().some(), null);
      case MEMORY -> thresholds(spec.memory());
      case IO -> thresholds(spec.io());
    };
  }

  private static Map<Stall, Double> thresholds(SomeAndFull both) {
    return both == null ? Map.of() : thresholds(both.some(), both.full());
  }

  private static Map<Stall, Double> thresholds(Double some, Double full) {
    var thresholds = new EnumMap<Stall, Double>(Stall.class);
    if (some != null) {
      thresholds.put(Stall.SOME, some);
    }
    if (full != null) {
      thresholds.put(Stall.FULL, full);
    }
    return thresholds;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
