package io.cgrouppolicy.delivery.docs;

import io.cgrouppolicy.delivery.Generated;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// docs/permissions.md: every rule in config/rbac and its purpose, from the comments there.
public final class PermissionsPage implements Generated {
  private static final Path ROLES = Path.of("config/rbac");

  @Override
  public Map<Path, String> files() throws IOException {
    var page =
        new StringBuilder(
            """
            # Permissions

            Every rule of the roles in [config/rbac](../config/rbac), and its purpose. All installation methods grant the operator these rules,
            and those of `cgroup-policy-kubelet-reader` to the ServiceAccount with that name, except for roles that are for people or marked as
            not installed. This page is generated from the roles and their comments (`make manifests`); its commands are not run by CI.
            """);
    try (var files = Files.walk(ROLES)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        page.append(section(file.toString(), Files.readString(file)));
      }
    }
    return Map.of(Path.of("docs/permissions.md"), page.toString());
  }

  /// The section for a role, or nothing for other kinds. A comment above a rule is its purpose, and
  /// that of the rules after it up to the next comment. The comment at the head of the file is the
  /// purpose of the whole role.
  ///
  /// @throws IllegalArgumentException if a rule has no purpose
  static String section(String file, String yaml) {
    HasMetadata object = null;
    List<PolicyRule> rules = null;
    if (yaml.contains("\nkind: ClusterRole\n")) {
      var role = Serialization.unmarshal(yaml, ClusterRole.class);
      object = role;
      rules = role.getRules();
    } else if (yaml.contains("\nkind: Role\n")) {
      var role = Serialization.unmarshal(yaml, Role.class);
      object = role;
      rules = role.getRules();
    }
    if (object == null) {
      return "";
    }
    var head = head(yaml);
    var purposes = purposes(yaml);
    if (purposes.size() != rules.size()) {
      throw new IllegalArgumentException(file + ": write each rule as '- apiGroups: ...'");
    }
    if (head.isEmpty() && purposes.contains("")) {
      throw new IllegalArgumentException(
          file + ": comment each rule, or the head of the file, with its purpose");
    }
    var section = new StringBuilder("\n## ").append(object.getMetadata().getName()).append("\n\n");
    section.append(
        "%s, in [%s](../%s).".formatted(object.getKind(), file.replace("config/", ""), file));
    section.append(head.isEmpty() ? "" : " " + head).append('\n');
    if (!rules.isEmpty()) {
      section.append("\n| API group | resources | verbs | purpose |\n|---|---|---|---|\n");
    }
    for (int i = 0; i < rules.size(); i++) {
      section.append(row(rules.get(i), purposes.get(i)));
    }
    return section.toString();
  }

  private static String row(PolicyRule rule, String purpose) {
    var paths = rule.getNonResourceURLs();
    var resources = paths.isEmpty() ? rule.getResources() : paths;
    var names = rule.getResourceNames();
    return "| %s | %s%s | %s | %s |\n"
        .formatted(
            code(rule.getApiGroups().stream().map(g -> g.isEmpty() ? "core" : g).toList()),
            code(resources),
            names.isEmpty() ? "" : " named " + code(names),
            String.join(", ", rule.getVerbs()),
            purpose.isEmpty() ? "see above" : purpose.replace("|", "\\|"));
  }

  private static String code(List<String> names) {
    return names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
  }

  /// The comment before the object. Indented lines become a code block.
  private static String head(String yaml) {
    var text = new StringBuilder();
    boolean block = false;
    for (var line : yaml.lines().takeWhile(l -> l.startsWith("#")).toList()) {
      boolean indented = line.startsWith("#   ");
      if (indented != block) {
        text.append(indented ? "\n\n```text" : "\n```\n");
        block = indented;
      }
      if (indented) {
        text.append('\n').append(line.substring(4));
      } else {
        text.append(text.isEmpty() ? "" : " ").append(line.substring(1).strip());
      }
    }
    return text.append(block ? "\n```" : "").toString();
  }

  /// The comment of each rule.
  private static List<String> purposes(String yaml) {
    var purposes = new ArrayList<String>();
    var comment = new StringBuilder();
    var last = "";
    for (var line : yaml.lines().dropWhile(l -> !l.startsWith("rules:")).skip(1).toList()) {
      var stripped = line.strip();
      if (stripped.startsWith("#")) {
        comment.append(comment.isEmpty() ? "" : " ").append(stripped.substring(1).strip());
      } else if (stripped.startsWith("- apiGroups:") || stripped.startsWith("- nonResourceURLs:")) {
        last = comment.isEmpty() ? last : comment.toString();
        comment.setLength(0);
        purposes.add(last);
      }
    }
    return purposes;
  }
}
