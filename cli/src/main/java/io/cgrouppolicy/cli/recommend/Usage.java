package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What containers used, as far as there are metrics.
public final class Usage {
  /// How much the figures say.
  enum Kind {
    NONE,
    /// The present usage, which is no peak.
    SAMPLE,
    /// Peaks and percentiles of a window.
    WINDOW
  }

  /// A container of one pod.
  public record ContainerId(String namespace, String pod, String container) {}

  /// The characters of generated names (`SafeEncodeString` of apimachinery).
  private static final String SAFE = "[bcdfghjklmnpqrstvwxz2456789]";

  /// The names of the pods of a workload: what follows its name.
  private enum Naming {
    HASH("-" + SAFE + "{4,10}-" + SAFE + "{5}"),
    RANDOM("-" + SAFE + "{5}"),
    ORDINAL("-[0-9]+"),
    RUN("-[0-9]{8,11}-" + SAFE + "{5}");

    private final Pattern pattern;

    Naming(String suffix) {
      pattern = Pattern.compile("(?<workload>.+)" + suffix);
    }

    static Naming of(Workload workload) {
      return switch (workload.kind()) {
        case "Deployment" -> HASH;
        case "StatefulSet" -> ORDINAL;
        case "CronJob" -> RUN;
        case "ReplicaSet", "ReplicationController", "DaemonSet", "Job" -> RANDOM;
        default -> null;
      };
    }
  }

  private record OfWorkload(Naming naming, String namespace, String workload, String container) {}

  private final Kind kind;
  private final String title;
  private final Map<ContainerId, ContainerUsage> byPod;
  private final Map<OfWorkload, ContainerUsage> byWorkload = new HashMap<>();

  private Usage(Kind kind, String title, Map<ContainerId, ContainerUsage> byPod) {
    this.kind = kind;
    this.title = title;
    this.byPod = byPod;
    byPod.forEach(this::index);
  }

  /// @param why there are no metrics, to follow a colon
  public static Usage none(String why) {
    return new Usage(Kind.NONE, why, Map.of());
  }

  /// @param source of the present usage, such as `metrics.k8s.io`
  public static Usage sample(String source, Map<ContainerId, ContainerUsage> containers) {
    return new Usage(Kind.SAMPLE, source, containers);
  }

  /// @param source of the figures and their window, for the user
  /// @param containers of all pods in the window, also of those that are gone
  public static Usage window(String source, Map<ContainerId, ContainerUsage> containers) {
    return new Usage(Kind.WINDOW, source, containers);
  }

  /// The pod may be gone: other pods of its workload then count what it used.
  private void index(ContainerId id, ContainerUsage usage) {
    for (var naming : Naming.values()) {
      var name = naming.pattern.matcher(id.pod());
      if (name.matches()) {
        byWorkload.merge(
            new OfWorkload(naming, id.namespace(), name.group("workload"), id.container()),
            usage,
            ContainerUsage::max);
      }
    }
  }

  Kind kind() {
    return kind;
  }

  /// The source of the figures, or why there are none.
  String title() {
    return title;
  }

  /// What the containers of this name used in the pods of a workload, also in pods that are gone;
  /// those of other replicas count because a new pod is like them.
  Optional<ContainerUsage> of(PodFacts pod, Workload workload, String container) {
    var own = byPod.get(new ContainerId(pod.namespace(), pod.name(), container));
    var naming = Naming.of(workload);
    var others =
        naming == null
            ? null
            : byWorkload.get(new OfWorkload(naming, pod.namespace(), workload.name(), container));
    return Optional.ofNullable(own == null ? others : others == null ? own : own.max(others));
  }

  @Override
  public String toString() {
    return kind
        + " "
        + title
        + (kind == Kind.NONE
            ? ""
            : byPod.size() == 1 ? ", 1 container" : ", " + byPod.size() + " containers");
  }
}
