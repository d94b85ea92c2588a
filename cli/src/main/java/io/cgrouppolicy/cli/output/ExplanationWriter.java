package io.cgrouppolicy.cli.output;

import static io.cgrouppolicy.cli.output.Terminal.printable;

import io.cgrouppolicy.cli.explain.Explanation;
import io.cgrouppolicy.cli.explain.Explanation.Change;
import io.cgrouppolicy.cli.explain.Explanation.Container;
import io.cgrouppolicy.cli.explain.Explanation.Origin;
import io.cgrouppolicy.cli.explain.Explanation.Result;
import io.cgrouppolicy.cli.explain.Explanation.Value;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;

/// Writes an explanation for a reader.
final class ExplanationWriter {
  private final Terminal terminal;

  ExplanationWriter(PrintWriter out, Ansi ansi) {
    terminal = new Terminal(out, ansi);
  }

  void write(Explanation explanation) {
    terminal.line(
        "%s in namespace %s, %s",
        terminal.bold(explanation.subject()), explanation.namespace(), explanation.creation());
    terminal.blank();
    terminal.line("%s", terminal.bold("Policies"));
    for (var policy : explanation.policies()) {
      terminal.line("  %s %s: %s", policy.policy(), policy.relation(), printable(policy.why()));
    }
    if (explanation.noPolicies() != null) {
      terminal.line("  none: %s", explanation.noPolicies());
    }
    if (!explanation.objects().isEmpty()) {
      terminal.blank();
      terminal.line("%s", terminal.bold("Objects in the namespace"));
      explanation.objects().forEach(object -> terminal.line("  %s", text(object)));
    }
    terminal.blank();
    result("Now", explanation.now());
    for (var other : explanation.with()) {
      terminal.blank();
      result("With the objects of policy " + other.policy(), other.result());
      terminal.line("  Not in the namespace: %s.", other.why());
    }
    for (var policy : explanation.policies()) {
      if (!policy.violations().isEmpty()) {
        terminal.blank();
        terminal.line("%s", terminal.bold("Violations of policy " + policy.policy()));
        policy
            .violations()
            .forEach(found -> terminal.line("  - %s: %s", found.check(), found.message()));
      }
    }
  }

  private void result(String title, Result result) {
    terminal.line(
        "%s: %s",
        terminal.bold(title),
        result.admitted()
            ? "admitted, QoS class " + result.qosClass()
            : terminal.styled("bold,red", "rejected"));
    result.rejections().forEach(text -> terminal.line("  - %s", printable(text)));
    for (var container : result.containers()) {
      container(container);
    }
    for (var counted : result.quotas()) {
      terminal.line(
          "  quota %s: %s %s + %s of %s",
          counted.quota(), counted.resource(), counted.used(), counted.requested(), counted.hard());
    }
    if (!result.admitted()) {
      advice(result);
    }
  }

  private void container(Container container) {
    terminal.line("  %s", container.name());
    values("requests", container.requests());
    values("limits", container.limits());
  }

  private void values(String title, List<Value> values) {
    var text =
        values.isEmpty()
            ? "none"
            : values.stream().map(ExplanationWriter::text).collect(Collectors.joining(", "));
    terminal.line("    %-9s %s", title, text);
  }

  private static String text(Origin object) {
    var text = object.kind() + " " + object.name();
    if (object.policy() != null) {
      text += " of policy " + object.policy();
    }
    if (object.contact() != null) {
      text += "; ask " + object.contact();
    }
    if (object.documentation() != null) {
      text += "; see " + object.documentation();
    }
    return printable(text);
  }

  private static String text(Value value) {
    var origin =
        switch (value.origin()) {
          case "default" -> " (default)";
          case "limit" -> " (from the limit)";
          default -> "";
        };
    return value.resource() + " " + value.quantity() + origin;
  }

  private void advice(Result result) {
    if (!result.change().isEmpty()) {
      terminal.line("  Smallest change of the pod that lets it in:");
      result.change().forEach(change -> terminal.line("    %s", text(change)));
      result.commands().forEach(command -> terminal.line("    %s", command));
    }
    if (!result.raises().isEmpty()) {
      terminal.line(
          "  %s:", result.change().isEmpty() ? "It fits if the quota rises" : "Or the quota rises");
      for (var raise : result.raises()) {
        terminal.line(
            "    quota %s: %s from %s to %s",
            raise.quota(), raise.resource(), raise.from(), raise.to());
      }
    }
    if (result.change().isEmpty() && result.raises().isEmpty()) {
      terminal.line("  No change of single values was found that lets it in.");
    }
  }

  private static String text(Change change) {
    return "%s: set %s to %s%s"
        .formatted(
            change.container(),
            change.field(),
            change.any() ? "what it needs, such as " + change.to() : change.to(),
            change.from() == null ? "" : " instead of " + change.from());
  }
}
