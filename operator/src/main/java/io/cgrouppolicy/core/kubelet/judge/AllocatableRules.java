package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.EnforcementLevel;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ReservationFormula;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.CgroupName;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration.Reservation;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import io.cgrouppolicy.core.kubelet.reservation.NodeSize;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Checks node allocatable: the reservations for daemons, and whether they are enforced.
public final class AllocatableRules {
  private static final String COMPRESSIBLE = "-compressible";

  private AllocatableRules() {}

  /// The name of a level in a KubeletConfiguration.
  public static String name(EnforcementLevel level) {
    return switch (level) {
      case none -> "none";
      case pods -> "pods";
      case SYSTEM_RESERVED -> "system-reserved";
      case SYSTEM_RESERVED_COMPRESSIBLE -> "system-reserved" + COMPRESSIBLE;
      case KUBE_RESERVED -> "kube-reserved";
      case KUBE_RESERVED_COMPRESSIBLE -> "kube-reserved" + COMPRESSIBLE;
    };
  }

  static List<RuleOutcome> enforceNodeAllocatable(Subject subject) {
    var required = subject.required().enforceNodeAllocatable();
    var inForce = Set.copyOf(subject.config().enforceNodeAllocatable());
    return required == null
        ? List.of()
        : required.stream().distinct().map(name -> level(name(name), inForce, subject)).toList();
  }

  private static RuleOutcome level(String level, Set<String> inForce, Subject subject) {
    var shown =
        DisplayText.truncate(String.join(" ", subject.config().enforceNodeAllocatable()), 120);
    var actual = shown.isEmpty() ? "none" : shown;
    if (level.equals("none")) {
      return inForce.isEmpty() || inForce.equals(Set.of("none"))
          ? RuleOutcome.SATISFIED
          : new RuleOutcome.Violated(
              "none", actual, actual + " is enforced, but the policy requires none");
    }
    var full = level.replace(COMPRESSIBLE, "");
    if (inForce.contains(level) || inForce.contains(full)) {
      return full.equals("kube-reserved") ? holdsTheKubelet(subject) : RuleOutcome.SATISFIED;
    }
    if (!level.equals("pods") && subject.config().reservedSystemCpus() > 0) {
      return byReservedCpus(level + " cannot be enforced");
    }
    if (full.equals("kube-reserved") && subject.platform() == Platform.OPENSHIFT) {
      return folded(level + " is not used");
    }
    if (inForce.contains(level + COMPRESSIBLE)) {
      return new RuleOutcome.Violated(
          level,
          level + COMPRESSIBLE,
          "only "
              + level
              + COMPRESSIBLE
              + " is enforced: it limits the daemons' CPU, but not their memory or PIDs");
    }
    return new RuleOutcome.Violated(level, actual, level + " is not enforced");
  }

  /// Checks that the limit of kube-reserved binds the kubelet, as far as that shows: a kubelet with
  /// `kubeletCgroups` moves itself there (`setupNode` in
  /// pkg/kubelet/cm/container_manager_linux.go). Nothing shows where others run: the
  /// systemContainers of `/stats/summary` have no paths.
  private static RuleOutcome holdsTheKubelet(Subject subject) {
    var config = subject.config();
    var runsIn = config.json().path("kubeletCgroups").asText();
    var reserved = CgroupName.path(config.kube().cgroup(), config.cgroupDriver().equals("systemd"));
    if (runsIn.isEmpty()
        || config.kube().cgroup().isEmpty()
        || reserved.isEmpty()
        || (runsIn + "/").startsWith(reserved.get() + "/")) {
      return RuleOutcome.SATISFIED;
    }
    var limited = DisplayText.truncate(reserved.get(), 120);
    var elsewhere = DisplayText.truncate(runsIn, 120);
    return new RuleOutcome.Violated(
        "the kubelet in " + limited,
        "the kubelet in " + elsewhere,
        "kube-reserved is enforced on %s, but the kubelet runs in %s (kubeletCgroups), where that limit does not apply"
            .formatted(limited, elsewhere));
  }

  /// `ValidateKubeletConfiguration` rejects both together.
  private static RuleOutcome byReservedCpus(String what) {
    return new RuleOutcome.NotApplicable(
        "ReservedSystemCPUs",
        what
            + ": the kubelet sets reservedSystemCPUs, which excludes cgroups of reserved resources");
  }

  private static RuleOutcome folded(String what) {
    return new RuleOutcome.NotApplicable(
        "OpenShift", what + ": on OpenShift, kube-reserved is part of system-reserved");
  }

  static List<RuleOutcome> systemReserved(Subject subject) {
    var config = subject.config();
    var amounts = new TreeMap<>(config.system().amounts());
    if (config.reservedSystemCpus() > 0) {
      amounts.put("cpu", new Quantity(String.valueOf(config.reservedSystemCpus())));
    }
    var outcomes = new ArrayList<RuleOutcome>();
    var formula = formula(subject, KubeletSpec::systemReservedFormula);
    orEmpty(subject.required().systemReserved())
        .forEach(
            (name, least) ->
                outcomes.add(
                    atLeast("systemReserved", name, least, amounts, origin(formula, name, least))));
    outcomes.addAll(unknown("systemReserved", formula));
    cgroup(
        "systemReservedCgroup",
        subject.required().systemReservedCgroup(),
        config.system(),
        subject,
        outcomes);
    return outcomes;
  }

  static List<RuleOutcome> kubeReserved(Subject subject) {
    var config = subject.config();
    var outcomes = new ArrayList<RuleOutcome>();
    var formula = formula(subject, KubeletSpec::kubeReservedFormula);
    orEmpty(subject.required().kubeReserved())
        .forEach(
            (name, least) ->
                outcomes.add(
                    name.equals("cpu") && config.reservedSystemCpus() > 0
                        ? new RuleOutcome.NotApplicable(
                            "ReservedSystemCPUs",
                            "the kubelet sets reservedSystemCPUs and ignores the CPU of kube-reserved")
                        : atLeast(
                            "kubeReserved",
                            name,
                            least,
                            config.kube().amounts(),
                            origin(formula, name, least))));
    outcomes.addAll(unknown("kubeReserved", formula));
    cgroup(
        "kubeReservedCgroup",
        subject.required().kubeReservedCgroup(),
        config.kube(),
        subject,
        outcomes);
    if (subject.platform() == Platform.OPENSHIFT
        && outcomes.stream().anyMatch(RuleOutcome.Violated.class::isInstance)) {
      return List.of(folded("kubeReserved is not used"));
    }
    return outcomes;
  }

  /// A formula of the policy, evaluated for the node.
  private record Evaluated(NodeSize size, Map<String, Optional<Quantity>> amounts) {}

  private static Evaluated formula(
      Subject subject, Function<KubeletSpec, ReservationFormula> which) {
    var size = KubeletJudge.size(subject.node(), subject.config());
    var formula = Optional.ofNullable(subject.spec().kubelet()).map(which);
    return new Evaluated(size, formula.map(f -> Reservations.amounts(f, size)).orElse(Map.of()));
  }

  /// Explains a minimum that was computed.
  private static String origin(Evaluated formula, String resource, Quantity least) {
    var computed = formula.amounts().getOrDefault(resource, Optional.empty());
    return computed.filter(least::equals).isPresent() ? ", computed for " + formula.size() : "";
  }

  private static List<RuleOutcome> unknown(String field, Evaluated formula) {
    return formula.amounts().entrySet().stream()
        .filter(entry -> entry.getValue().isEmpty())
        .<RuleOutcome>map(
            entry ->
                new RuleOutcome.Unknown(
                    "CapacityUnknown",
                    field + "." + entry.getKey() + ": the node does not report its capacity"))
        .toList();
  }

  private static RuleOutcome atLeast(
      String field, String resource, Quantity least, Map<String, Quantity> amounts, String origin) {
    var minimum = Quantities.parse(least.toString());
    if (minimum.isEmpty()) {
      return new RuleOutcome.Unknown(
          "InvalidQuantity", field + "." + resource + ": '" + least + "' is not a quantity");
    }
    var amount = amounts.get(resource);
    var found = amount == null ? BigDecimal.ZERO : Quantities.number(amount);
    if (found.compareTo(minimum.get()) >= 0) {
      return RuleOutcome.SATISFIED;
    }
    var shown = amount == null ? "unset" : DisplayText.truncate(amount.toString(), 40);
    return new RuleOutcome.Violated(
        resource + " >= " + least,
        resource + " " + shown,
        field
            + "."
            + resource
            + " is "
            + shown
            + ", but the policy requires at least "
            + least
            + origin);
  }

  private static void cgroup(
      String field,
      String required,
      Reservation reservation,
      Subject subject,
      List<RuleOutcome> outcomes) {
    if (required == null || required.isEmpty()) {
      return;
    }
    boolean systemd = subject.config().cgroupDriver().equals("systemd");
    if (CgroupName.same(required, reservation.cgroup(), systemd)) {
      outcomes.add(RuleOutcome.SATISFIED);
    } else if (subject.config().reservedSystemCpus() > 0) {
      outcomes.add(byReservedCpus(field + " cannot be set"));
    } else {
      var shown =
          reservation.cgroup().isEmpty()
              ? "unset"
              : DisplayText.truncate(reservation.cgroup(), 120);
      outcomes.add(
          new RuleOutcome.Violated(
              "cgroup " + required,
              "cgroup " + shown,
              field + " is " + shown + ", but the policy requires " + required));
    }
  }

  private static Map<String, Quantity> orEmpty(Map<String, Quantity> map) {
    return map == null ? Map.of() : new TreeMap<>(map);
  }
}
