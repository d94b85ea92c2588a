package io.cgrouppolicy.cli.cluster;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.openreports.Report.Resource;
import io.cgrouppolicy.core.openreports.Report.Result;
import io.cgrouppolicy.core.openreports.ReportKey;
import io.cgrouppolicy.report.PolicyReport;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The violations in a namespace, from the Reports of `openreports.io` that the operator can write:
/// the owner of a namespace may read these, but not policies.
public final class StoredReports {
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private StoredReports() {}

  /// @return a report for each policy with violations there. Without their conditions, which are
  ///     not in a Report. Empty if the user may not read Reports, or there are none
  public static List<PolicyReport> in(KubernetesClient client, String namespace) {
    var byPolicy = new TreeMap<String, List<Violation>>();
    try {
      client
          .genericKubernetesResources(ReportKey.VERSION, "Report")
          .inNamespace(namespace)
          .withLabel(Child.MANAGED_BY, Child.MANAGER)
          .list()
          .getItems()
          .stream()
          .flatMap(found -> Stream.of(JSON.convertValue(found.get("results"), Result[].class)))
          .forEach(
              result ->
                  byPolicy
                      .computeIfAbsent(result.policy(), policy -> new ArrayList<>())
                      .add(violation(result)));
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
    return byPolicy.entrySet().stream().map(found -> report(found, namespace)).toList();
  }

  private static PolicyReport report(Map.Entry<String, List<Violation>> found, String namespace) {
    var violations = found.getValue();
    return new PolicyReport(
        found.getKey(),
        "Reports in namespace " + namespace,
        "",
        new CgroupPolicyStatus(
            null,
            List.of(),
            null,
            null,
            null,
            null,
            null,
            violations.size(),
            PolicyReport.count(violations),
            violations));
  }

  private static Violation violation(Result result) {
    var object =
        result.resources() == null || result.resources().isEmpty()
            ? new Resource(null, "", null, "")
            : result.resources().getFirst();
    return new Violation(
        result.rule(),
        result.severity().substring(0, 1).toUpperCase(Locale.ROOT) + result.severity().substring(1),
        object.kind(),
        object.namespace(),
        object.name(),
        result.properties().get("expected"),
        result.properties().get("actual"),
        result.message());
  }
}
