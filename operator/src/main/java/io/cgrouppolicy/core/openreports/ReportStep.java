package io.cgrouppolicy.core.openreports;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Predicate;

/// One write of a report.
///
/// @param key where the report is stored
/// @param draft what to write; null to delete the report
/// @param stored the report to replace or delete; null to create one
public record ReportStep(ReportKey key, ReportDraft draft, StoredReport stored) {
  /// The writes that lead from the stored reports to the desired ones, sorted by key.
  ///
  /// @param held whether the reports of a namespace (null: of nodes) stay as they are, because it
  ///     is not evaluated
  public static List<ReportStep> plan(
      SortedMap<ReportKey, ReportDraft> desired,
      Map<ReportKey, StoredReport> stored,
      Predicate<String> held) {
    var steps = new ArrayList<ReportStep>();
    desired.forEach(
        (key, draft) -> {
          var found = stored.get(key);
          if (!held.test(key.namespace())
              && (found == null || !found.owned() || !draft.hash().equals(found.hash()))) {
            steps.add(new ReportStep(key, draft, found));
          }
        });
    stored.forEach(
        (key, found) -> {
          if (!held.test(key.namespace()) && !desired.containsKey(key)) {
            steps.add(new ReportStep(key, null, found));
          }
        });
    steps.sort((a, b) -> a.key().compareTo(b.key()));
    return steps;
  }
}
