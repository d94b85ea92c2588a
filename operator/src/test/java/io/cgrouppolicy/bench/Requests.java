package io.cgrouppolicy.bench;

import io.cgrouppolicy.bench.RawClient.Request;

/// The requests of the benchmark: those that the operator would send, and those of a hand that
/// works against it.
final class Requests {
  private static final String APPLY = "application/apply-patch+yaml";
  private static final String LIMIT_RANGE =
      """
      {"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"NAME","labels":{"a":"b","c":"d"}},\
      "spec":{"limits":[{"type":"Container","default":{"memory":"512Mi"},\
      "defaultRequest":{"cpu":"100m","memory":"128Mi"}}]}}""";
  private static final String QUOTA =
      """
      {"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"NAME","labels":{"a":"b","c":"d"}},\
      "spec":{"hard":{"limits.memory":"80Gi","pods":"200","requests.cpu":"20",\
      "requests.memory":"40Gi"}}}""";

  static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: bench}
      spec:
        mode: Enforce
        namespaces:
          selector: {matchLabels: {bench: "yes"}}
          limitRange:
            limits:
            - type: Container
              default: {memory: 512Mi}
              defaultRequest: {cpu: 100m, memory: 128Mi}
          resourceQuota:
            hard: {requests.cpu: "20", requests.memory: 40Gi, limits.memory: 80Gi, pods: "200"}
      """;

  private Requests() {}

  /// @param selected whether the policy selects the namespace
  static Request[] namespace(String name, boolean selected) {
    var labels = selected ? ",\"labels\":{\"bench\":\"yes\"}" : "";
    var body = "{\"metadata\":{\"name\":\"" + name + "\"" + labels + "}}";
    return new Request[] {new Request("POST", "api/v1/namespaces", "application/json", body)};
  }

  /// A pod without a controller. A fifth have a container without a memory limit.
  ///
  /// @param i varies its labels and limits
  /// @param node that it is bound to, or "" for none
  static Request pod(String namespace, String name, int i, String node) {
    var limits = i % 5 == 0 ? "" : ",\"limits\":{\"memory\":\"256Mi\"}";
    var body =
        """
        {"metadata":{"name":"%s","labels":{"app":"app-%d","pod-template-hash":"5d4f8c7b9"},
        "annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"8080"}},
        "spec":{"nodeName":"%s","serviceAccountName":"default",
        "automountServiceAccountToken":false,"containers":[
        {"name":"main","image":"registry.example/team/app:1.2.3",
        "env":[{"name":"A","value":"one"},{"name":"B","value":"two"}],
        "resources":{"requests":{"cpu":"100m","memory":"128Mi"}%s},
        "ports":[{"containerPort":8080}],
        "readinessProbe":{"httpGet":{"path":"/ready","port":8080}}},
        {"name":"proxy","image":"registry.example/mesh/proxy:4.5.6",
        "resources":{"requests":{"cpu":"10m","memory":"32Mi"},"limits":{"memory":"64Mi"}}}]}}"""
            .formatted(name, i / 5, node, limits);
    return new Request(
        "POST", "api/v1/namespaces/" + namespace + "/pods", "application/json", body);
  }

  static Request[] applies(String namespace, String name) {
    var base = "api/v1/namespaces/" + namespace;
    var query = "?fieldManager=raw&force=true";
    return new Request[] {
      new Request(
          "PATCH", base + "/limitranges/" + name + query, APPLY, LIMIT_RANGE.replace("NAME", name)),
      new Request(
          "PATCH", base + "/resourcequotas/" + name + query, APPLY, QUOTA.replace("NAME", name))
    };
  }

  static Request[] deletes(String namespace, String name) {
    var base = "api/v1/namespaces/" + namespace;
    return new Request[] {
      delete(base + "/resourcequotas/" + name), delete(base + "/limitranges/" + name)
    };
  }

  private static Request delete(String path) {
    return new Request("DELETE", path, "application/json", "{}");
  }
}
