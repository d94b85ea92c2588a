package io.cgrouppolicy.core.openreports;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.openreports.Report.Result;
import io.cgrouppolicy.core.openreports.Report.Timestamp;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// A report as the cluster has it, by its metadata.
///
/// @param hash of its content; null if it must be written in any case
/// @param owned whether the policy owns it. Otherwise it belongs to a policy of the same name that
///     was deleted, and the garbage collector may delete it at any time
public record StoredReport(String uid, String hash, boolean owned) {
  /// Reads the metadata of a report. Trusts the hash unless another manager owns a field outside
  /// the metadata: then a client has changed the results, and not the hash.
  ///
  /// @param policy the uid of the policy
  public static StoredReport of(JsonNode metadata, String policy) {
    var hash = metadata.path("annotations").path(ReportDraft.HASH).asText(null);
    boolean edited =
        stream(metadata.path("managedFields"))
            .filter(entry -> !entry.path("manager").asText().equals(Child.MANAGER))
            .flatMap(entry -> entry.path("fieldsV1").properties().stream())
            .anyMatch(field -> !field.getKey().equals("f:metadata"));
    boolean owned =
        stream(metadata.path("ownerReferences"))
            .anyMatch(owner -> owner.path("uid").asText().equals(policy));
    return new StoredReport(metadata.path("uid").asText(), edited ? null : hash, owned);
  }

  /// Where a report is stored.
  public static ReportKey key(JsonNode metadata) {
    return new ReportKey(
        metadata.path("namespace").asText(null), metadata.path("name").asText(null));
  }

  /// Whether the operator created the object.
  public static boolean isOurs(JsonNode metadata) {
    return metadata.path("labels").path(Child.MANAGED_BY).asText().equals(Child.MANAGER)
        || stream(metadata.path("managedFields"))
            .anyMatch(entry -> entry.path("manager").asText().equals(Child.MANAGER));
  }

  /// Since when the results of a report have been reported, by id.
  public static Map<String, Timestamp> since(JsonNode report) {
    var since = new HashMap<String, Timestamp>();
    for (var result : report.path("results")) {
      var id = result.path("properties").path(Result.ID).asText();
      long seconds = result.path("timestamp").path("seconds").asLong();
      if (!id.isEmpty() && seconds > 0) {
        since.put(id, new Timestamp(seconds, 0));
      }
    }
    return since;
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
