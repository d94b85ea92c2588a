package io.cgrouppolicy.report;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.NodePicture.Asked;
import io.cgrouppolicy.report.NodePicture.Load;
import io.cgrouppolicy.report.NodePicture.Reserved;
import io.cgrouppolicy.report.NodePicture.Share;
import io.cgrouppolicy.report.Report.PolicyProblem;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Reports for tests, also for those in a browser.
public final class ReportFixture {
  /// What a namespace's label, an admission webhook or a kubelet could say.
  public static final String HOSTILE =
      "</td><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> {page.subject} &amp; \u202Egnp";

  public static final String HOSTILE_NAMESPACE = "<b>shop</b>\"'";

  private static final long GIB = 1L << 30;
  private static final long MIB = 1L << 20;

  private ReportFixture() {}

  /// Three policies, eight nodes and twelve namespaces.
  public static Report report() {
    return new Report(
        "Cluster https://production.cluster.test:6443",
        List.of(),
        List.of(guard(), gpu(), nodes()),
        List.of(
            new Unseen(
                Area.CLAIMS,
                "Forbidden",
                "persistentvolumeclaims is forbidden: User \"dana\" cannot list resource",
                false)),
        Map.of(),
        new Inventory(namespaces(), machines()));
  }

  /// Manifests with a policy that has a problem.
  public static Report manifests() {
    var found =
        List.of(
            workload(Check.MemoryLimitMissing, "shop", "web", "container app has no memory limit"),
            workload(Check.RequestMissing, "shop", "web", "container app has no CPU request"));
    var status = status(found, List.of(condition("WorkloadsCompliant", "False", "1 of 2 pods")));
    return new Report(
        "3 manifests",
        List.of(new PolicyProblem("policy.yaml", "strict", "spec.namespaces: " + HOSTILE)),
        List.of(new PolicyReport("baseline", "preset baseline", "Audit", status)),
        List.of(),
        Map.of("Deployment/shop/web", "deploy/<web>.yaml"),
        new Inventory(
            List.of(
                new NamespacePicture("shop", List.of("baseline"), new NamespacePicture.Load(2, 1))),
            List.of()));
  }

  /// A cluster without a finding.
  public static Report compliant() {
    var status =
        status(
            List.of(),
            List.of(
                condition("NamespacesCompliant", "True", "all 12 namespaces comply"),
                condition("WorkloadsCompliant", "True", "all 212 pods comply")));
    return new Report(
        "Cluster https://small.cluster.test",
        List.of(),
        List.of(new PolicyReport("guard", "cluster", "Enforce", status)),
        List.of(),
        Map.of(),
        new Inventory(
            List.of(
                new NamespacePicture("shop", List.of("guard"), new NamespacePicture.Load(9, 0))),
            List.of(machine("worker-1", true, 8, 4, 40, 60, 9, 0))));
  }

  /// A cluster of 5,000 namespaces and 5,000 nodes.
  public static Report large(int findings) {
    var found = new ArrayList<Violation>();
    var checks = List.of(Check.MemoryLimitMissing, Check.RequestMissing, Check.WouldReject);
    for (int i = 0; i < findings; i++) {
      found.add(
          workload(
              checks.get(i % 4 % 3),
              "team-%04d".formatted(i % 5000),
              "service-" + i,
              "3 pods: container app has no memory limit, and neither has the sidecar"));
    }
    var namespaces =
        IntStream.range(0, 5000)
            .mapToObj(
                i ->
                    new NamespacePicture(
                        "team-%04d".formatted(i),
                        List.of("guard"),
                        new NamespacePicture.Load(9, 3)))
            .toList();
    var machines =
        IntStream.range(0, 5000)
            .mapToObj(i -> machine("node-%04d".formatted(i), true, 64, 16, 50, i % 200, 60, i % 40))
            .toList();
    return new Report(
        "Cluster https://large.cluster.test",
        List.of(),
        List.of(
            new PolicyReport(
                "guard",
                "cluster",
                "Enforce",
                status(found, List.of(condition("WorkloadsCompliant", "False", "many pods"))))),
        List.of(),
        Map.of(),
        new Inventory(namespaces, machines));
  }

  private static PolicyReport guard() {
    var found = new ArrayList<Violation>();
    found.add(
        workload(
            Check.WouldReject,
            "payments",
            "ledger",
            "3 pods: maximum memory usage per Container is 4Gi, but limit is 16Gi"));
    found.add(workload(Check.WouldReject, HOSTILE_NAMESPACE, "web", HOSTILE));
    for (var name : List.of("web", "cart", "images", "recommendations")) {
      found.add(
          workload(
              Check.MemoryLimitMissing, "shop", name, "2 pods: container app has no memory limit"));
    }
    for (int i = 1; i <= 130; i++) {
      found.add(
          workload(
              Check.MemoryLimitMissing,
              "search",
              "indexer-" + i,
              "1 pod: container indexer has no memory limit"));
    }
    found.add(workload(Check.BestEffortPod, "tools", "debug", "1 pod has QoS class BestEffort"));
    found.add(workload(Check.RequestMissing, "shop", "web", "container app has no CPU request"));
    found.add(
        violation(
            Check.LimitRangeConflict,
            "Namespace",
            null,
            "billing",
            "billing: LimitRange legacy has default memory 8Gi, the policy's has 256Mi"));
    return new PolicyReport(
        "guard",
        "cluster",
        "Enforce",
        status(
            found,
            List.of(
                condition("NamespacesCompliant", "False", "1 of 9 namespaces in violation"),
                condition("WorkloadsCompliant", "False", "139 of 406 pods in violation"))));
  }

  private static PolicyReport gpu() {
    var found =
        List.of(
            workload(
                Check.LimitMissing,
                "ml-training",
                "notebook",
                "1 pod: container jupyter has no limit for nvidia.com/gpu"));
    return new PolicyReport(
        "gpu",
        "cluster",
        "Audit",
        status(
            found,
            List.of(
                condition("NamespacesCompliant", "True", "the namespace complies"),
                condition("WorkloadsCompliant", "False", "1 of 6 pods in violation"))));
  }

  private static PolicyReport nodes() {
    var found =
        List.of(
            node(
                Check.HazardousNeighbours,
                "worker-03",
                "14 pods without a memory limit next to 2 guaranteed and 6 system-critical pods"),
            node(
                Check.PressureMemory,
                "worker-03",
                "memory some 24 % over 60 s (threshold 10 %); 4 % of the memory is available"),
            node(Check.KubeletSystemReserved, "worker-05", "memory 0, the policy requires 500Mi"),
            node(Check.KubeletUnreachable, "worker-08", "the kubelet did not answer: Timeout"),
            node(Check.PressureUnavailable, "worker-08", "the kubelet did not answer"));
    return new PolicyReport(
        "nodes",
        "cluster",
        "Audit",
        status(
            found,
            List.of(
                condition("NodesCompliant", "Unknown", "1 of 8 nodes unknown"),
                condition("PressureNormal", "False", "1 of 8 nodes above a threshold"))));
  }

  private static List<NamespacePicture> namespaces() {
    var guarded = List.of("guard");
    return List.of(
        new NamespacePicture("shop", guarded, new NamespacePicture.Load(31, 8)),
        new NamespacePicture("search", guarded, new NamespacePicture.Load(143, 130)),
        new NamespacePicture("payments", guarded, new NamespacePicture.Load(12, 0)),
        new NamespacePicture("billing", guarded, new NamespacePicture.Load(9, 0)),
        new NamespacePicture("tools", guarded, new NamespacePicture.Load(3, 1)),
        new NamespacePicture("web", guarded, new NamespacePicture.Load(44, 0)),
        new NamespacePicture(
            "ml-training", List.of("gpu", "guard"), new NamespacePicture.Load(6, 0)),
        new NamespacePicture(HOSTILE_NAMESPACE, guarded, new NamespacePicture.Load(4, 1)),
        new NamespacePicture("staging", guarded, null),
        new NamespacePicture("kube-system", List.of(), new NamespacePicture.Load(64, 21)),
        new NamespacePicture("kube-public", List.of(), new NamespacePicture.Load(0, 0)),
        new NamespacePicture("monitoring", List.of(), new NamespacePicture.Load(18, 2)));
  }

  private static List<NodePicture> machines() {
    return List.of(
        machine("worker-01", true, 64, 16, 71, 92, 58, 2),
        machine("worker-02", true, 64, 16, 55, 78, 49, 0),
        machine("worker-03", true, 16, 4, 96, 212, 34, 14),
        machine("worker-04", true, 32, 8, 62, 118, 41, 5),
        new NodePicture(
            "worker-05",
            true,
            new Share(32 * GIB, 32 * GIB - 100 * MIB, new Reserved(0, 0, 100 * MIB)),
            new Share(8000, 8000, new Reserved(0, 0, 0)),
            new Load(new Asked(12 * GIB, 20 * GIB), new Asked(2500, 0), 22, 0)),
        machine("worker-06", true, 256, 64, 38, 52, 110, 9),
        new NodePicture(
            "gpu-01",
            true,
            new Share(512 * GIB, 500 * GIB, null),
            new Share(96_000, 95_000, null),
            new Load(new Asked(300 * GIB, 410 * GIB), new Asked(60_000, 90_000), 6, 0)),
        new NodePicture(
            "worker-08",
            false,
            new Share(NodePicture.UNKNOWN, NodePicture.UNKNOWN, null),
            new Share(NodePicture.UNKNOWN, NodePicture.UNKNOWN, null),
            null));
  }

  /// @param requests in percent of what is allocatable, like limits
  private static NodePicture machine(
      String name, boolean ready, int gib, int cpus, int requests, int limits, int pods, int un) {
    long allocatable = gib * GIB - 1124 * MIB - gib * 20 * MIB;
    long cpu = cpus * 1000L - 200 - cpus * 10L;
    return new NodePicture(
        name,
        ready,
        new Share(
            gib * GIB, allocatable, new Reserved(512 * MIB, 512 * MIB + gib * 20 * MIB, 100 * MIB)),
        new Share(cpus * 1000L, cpu, new Reserved(100, 100 + cpus * 10L, 0)),
        new Load(
            new Asked(allocatable * requests / 100, allocatable * limits / 100),
            new Asked(cpu * requests / 120, cpu * limits / 80),
            pods,
            un));
  }

  private static Violation workload(Check check, String namespace, String name, String message) {
    return violation(check, "Deployment", namespace, name, namespace + "/" + name + ": " + message);
  }

  private static Violation node(Check check, String name, String message) {
    return violation(check, "Node", null, name, name + ": " + message);
  }

  private static Violation violation(
      Check check, String kind, String namespace, String name, String message) {
    return new Violation(
        check.name(), check.severity().name(), kind, namespace, name, "a", "b", message);
  }

  private static Condition condition(String type, String status, String message) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason("Tested")
        .withMessage(message)
        .build();
  }

  private static CgroupPolicyStatus status(List<Violation> found, List<Condition> conditions) {
    return new CgroupPolicyStatus(
        1L,
        conditions,
        null,
        null,
        found.isEmpty() ? null : new PreviewCounts(12, 2, 0),
        null,
        null,
        found.size(),
        Map.of(),
        found);
  }
}
