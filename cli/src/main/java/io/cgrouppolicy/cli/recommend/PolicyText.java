package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.core.check.DisplayText;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;

/// Writes a recommendation as YAML, with the reason for each figure above it.
public final class PolicyText {
  private static final int WIDTH = 100;

  /// The most rejections of one namespace to list.
  private static final int MAX_REJECTIONS = 5;

  private static final int MAX_MESSAGE = 500;

  private final StringBuilder out = new StringBuilder();
  private final Recommendation found;

  private PolicyText(Recommendation found) {
    this.found = found;
  }

  /// @param unseen what could not be read, as sentences
  public static String of(Recommendation found, List<String> unseen) {
    var text = new PolicyText(found);
    text.head(unseen);
    text.policy();
    return text.out.toString();
  }

  private void head(List<String> unseen) {
    var choices = found.choices();
    comment(
        0,
        "Recommended by kubectl cgp recommend, from %s in %s%s."
            .formatted(
                count(found.pods(), "pod"),
                count(found.namespaces(), "namespace"),
                choices.namespaces().isEmpty() ? ", all but system namespaces" : ""));
    comment(0, usage());
    comment(0, verdict());
    found.leftOut().forEach((namespace, texts) -> rejections("Left out: ", namespace, texts));
    found.rejected().forEach((namespace, texts) -> rejections("", namespace, texts));
    found.notes().forEach(note -> comment(0, "Note: " + note));
    unseen.forEach(lack -> comment(0, "Not looked at: " + lack));
    comment(
        0,
        "Not counted: CronJobs between their runs, what an autoscaler may add, and rollouts of several"
            + " workloads at the same time. Head-room is for those.");
    comment(
        0,
        "Next: kubectl apply -f this file. It only reports: see kubectl describe cgp %s. To put the"
                .formatted(choices.name())
            + " limits in place, set mode: Enforce. With rollout: WhenSafe, a namespace gets them only"
            + " while no running pod would be rejected. Running pods stay as they are.");
  }

  private String usage() {
    var headroom = " Head-room: %d %%.".formatted(found.choices().headroom());
    return switch (found.usage().kind()) {
      case NONE ->
          "Usage: unknown (" + found.usage().title() + "), so from what pods declare." + headroom;
      case SAMPLE ->
          "Usage: "
              + found.usage().title()
              + ", one sample of each container, which is no peak: for the peaks of a week, use"
              + " --prometheus."
              + headroom;
      case WINDOW -> "Usage: " + found.usage().title() + "." + headroom;
    };
  }

  private String verdict() {
    var changed =
        " %s would get a default when next created."
            .formatted(
                found.wouldChange() == found.pods() && found.pods() > 1
                    ? "All pods"
                    : found.wouldChange() + " of " + count(found.pods(), "pod"));
    return found.rejected().isEmpty()
        ? "It would reject no pod of these, by the operator's own preview." + changed
        : "IT WOULD REJECT PODS THAT RUN TODAY when they are next created, for the reasons below."
            + changed;
  }

  private void rejections(String begin, String namespace, List<String> texts) {
    comment(
        0,
        begin
            + "namespace "
            + namespace
            + ", where %s rejected:"
                .formatted(begin.isEmpty() ? "pods would be" : "something would be"));
    texts.stream()
        .limit(MAX_REJECTIONS)
        .forEach(text -> comment(0, "- " + DisplayText.truncate(text, MAX_MESSAGE)));
    if (texts.size() > MAX_REJECTIONS) {
      comment(0, "- " + (texts.size() - MAX_REJECTIONS) + " more like these");
    }
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  private void policy() {
    var spec = found.policy().getSpec();
    line(0, "apiVersion: cgroup-policy.io/v1alpha1");
    line(0, "kind: CgroupPolicy");
    line(0, "metadata:");
    line(1, "name: " + quoted(found.choices().name()));
    line(0, "spec:");
    line(1, "mode: Audit");
    if (spec.priority() != null) {
      comment(1, "Takes precedence over a policy for all namespaces.");
      line(1, "priority: " + spec.priority());
    }
    line(1, "rollout: WhenSafe");
    line(1, "namespaces:");
    selector(found.choices().namespaces());
    if (spec.namespaces().exclude() != null) {
      line(2, "exclude: " + list(spec.namespaces().exclude()));
    }
    limitRange();
    line(2, "resourceQuota:");
    line(3, "hard:");
    found.quota().forEach((resource, figure) -> figure(4, resource, figure));
  }

  private void selector(List<String> namespaces) {
    if (namespaces.isEmpty()) {
      line(2, "selector: {}");
      return;
    }
    line(2, "selector:");
    if (namespaces.size() == 1) {
      line(
          3,
          "matchLabels: {%s: %s}"
              .formatted(PolicyFactory.NAME_LABEL, quoted(namespaces.getFirst())));
    } else {
      line(3, "matchExpressions:");
      line(
          4,
          "- {key: %s, operator: In, values: %s}"
              .formatted(PolicyFactory.NAME_LABEL, list(namespaces)));
    }
  }

  private void limitRange() {
    var limits = found.limits();
    line(2, "limitRange:");
    line(3, "limits:");
    line(4, "- type: Container");
    comment(5, "No CPU limit: it would throttle pods on idle nodes, too.");
    line(5, "default:");
    figure(6, "memory", limits.defaultMemory());
    line(5, "defaultRequest:");
    figure(6, "cpu", limits.requestCpu());
    figure(6, "memory", limits.requestMemory());
    if (limits.maxMemory() != null) {
      line(5, "max:");
      figure(6, "memory", limits.maxMemory());
    }
  }

  private void figure(int level, String resource, Figure figure) {
    comment(level, figure.why());
    line(level, resource + ": " + quoted(figure.value()));
  }

  private static String quoted(Quantity quantity) {
    return quoted(quantity.toString());
  }

  /// Quotes what YAML would not read as a string.
  private static String quoted(String text) {
    return text.matches("[a-z][-a-z0-9.]*[a-z0-9]|[0-9]+[A-Za-z]+")
            && !text.matches("true|false|yes|no|on|off|null|[0-9]+e[0-9]*")
        ? text
        : '"' + text + '"';
  }

  private static String list(List<String> names) {
    return "[" + String.join(", ", names.stream().map(PolicyText::quoted).toList()) + "]";
  }

  private void line(int level, String text) {
    out.append("  ".repeat(level)).append(text).append('\n');
  }

  /// Breaks a comment at spaces.
  private void comment(int level, String text) {
    var words = new ArrayList<>(List.of(DisplayText.printable(text, " ").split(" ")));
    var line = new StringBuilder("#");
    for (var word : words) {
      if (line.length() > 1 && 2 * level + line.length() + 1 + word.length() > WIDTH) {
        line(level, line.toString());
        line = new StringBuilder(text.startsWith("- ") ? "#  " : "#");
      }
      line.append(' ').append(word);
    }
    line(level, line.toString());
  }
}
