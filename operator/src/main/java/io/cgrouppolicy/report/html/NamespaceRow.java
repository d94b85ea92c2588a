package io.cgrouppolicy.report.html;

import static java.util.stream.Collectors.toSet;

import io.cgrouppolicy.report.NamespacePicture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// A namespace with its policies and the number of its findings.
///
/// @param policies such as `guard (Enforce)`
/// @param selected whether there are any
/// @param load null if the pods are unknown
record NamespaceRow(
    String name,
    List<String> policies,
    boolean selected,
    NamespacePicture.Load load,
    Tally findings) {

  /// The most severe first.
  ///
  /// @param tallies by namespace; those with findings that the report did not list are included
  /// @param modes by policy
  static List<NamespaceRow> of(
      Collection<NamespacePicture> namespaces,
      Map<String, Tally> tallies,
      Map<String, String> modes) {
    var rows = new ArrayList<NamespaceRow>();
    for (var namespace : namespaces) {
      rows.add(
          new NamespaceRow(
              namespace.name(),
              namespace.policies().stream()
                  .map(policy -> policy + " (" + modes.get(policy) + ")")
                  .toList(),
              !namespace.policies().isEmpty(),
              namespace.load(),
              tallies.getOrDefault(namespace.name(), new Tally())));
    }
    var listed = namespaces.stream().map(NamespacePicture::name).collect(toSet());
    tallies.forEach(
        (name, findings) -> {
          if (!listed.contains(name)) {
            rows.add(new NamespaceRow(name, List.of(), true, null, findings));
          }
        });
    rows.sort(
        Comparator.comparingLong((NamespaceRow row) -> -row.findings().weight())
            .thenComparing(NamespaceRow::name));
    return rows;
  }

  public boolean clean() {
    return findings.total() == 0;
  }

  public String digits() {
    return Amounts.count(findings.total(), "finding");
  }

  /// For a sorted table.
  public int uncapped() {
    return load == null ? -1 : load.uncapped();
  }

  public String podDigits() {
    return Amounts.digits(load.pods());
  }

  public String uncappedDigits() {
    return Amounts.digits(load.uncapped());
  }
}
