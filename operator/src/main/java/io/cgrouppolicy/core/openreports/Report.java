package io.cgrouppolicy.core.openreports;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/// A Report or ClusterReport of `openreports.io/v1alpha1`: the fields that the operator writes. The
/// project's own CRDs are the reference (`OpenReportsIT`).
///
/// There is no `scope`: consumers would take it for the object of each result.
///
/// @param source the program that reports
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Report(
    String apiVersion,
    String kind,
    Metadata metadata,
    String source,
    Summary summary,
    List<Result> results) {
  /// The value of `source`. Each result has it too, as some consumers read only that.
  public static final String SOURCE = "cgroup-policy";

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Metadata(
      String name,
      String namespace,
      Map<String, String> labels,
      Map<String, String> annotations,
      List<Owner> ownerReferences) {}

  public record Owner(String apiVersion, String kind, String name, String uid) {}

  /// The number of results in this object, by result.
  public record Summary(int pass, int fail, int warn, int error, int skip) {}

  /// One violation.
  ///
  /// @param policy the name of the policy
  /// @param rule the id of the check
  /// @param category the area of the check
  /// @param severity critical, high, medium or low
  /// @param timestamp since when the violation has been reported
  /// @param result `fail`, or `error` if the check could not be evaluated
  /// @param resources the object in violation
  /// @param properties `expected`, `actual`, and `resultID`, by which consumers identify a result
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Result(
      String source,
      String policy,
      String rule,
      String category,
      String severity,
      Timestamp timestamp,
      String result,
      boolean scored,
      List<Resource> resources,
      String message,
      Map<String, String> properties) {
    /// The key of the property that identifies a result.
    public static final String ID = "resultID";

    String id() {
      return properties.get(ID);
    }

    Result since(Timestamp time) {
      return new Result(
          source,
          policy,
          rule,
          category,
          severity,
          time,
          result,
          scored,
          resources,
          message,
          properties);
    }
  }

  /// @param seconds since 1970
  public record Timestamp(long seconds, int nanos) {}

  /// @param apiVersion null if unknown
  /// @param namespace null for a cluster-scoped object
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Resource(String apiVersion, String kind, String namespace, String name) {}
}
