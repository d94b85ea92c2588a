package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.cgrouppolicy.core.check.Problem;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/// Defines what every namespace, workload and node must look like so that no container can take
/// down a node. Cluster-scoped.
@Group(CgroupPolicy.GROUP)
@Version(CgroupPolicy.VERSION)
@ShortNames("cgp")
@AdditionalPrinterColumn(name = "Mode", jsonPath = ".spec.mode", type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Compliant",
    jsonPath = ".status.conditions[?(@.type==\"Compliant\")].status",
    type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Namespaces",
    jsonPath = ".status.namespaces.summary",
    type = Type.STRING)
@AdditionalPrinterColumn(name = "Nodes", jsonPath = ".status.nodes.summary", type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Violations",
    jsonPath = ".status.violationCount",
    type = Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Waiting",
    jsonPath = ".status.preview.waiting",
    type = Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Would-Reject",
    jsonPath = ".status.preview.wouldReject",
    type = Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Unknown-Nodes",
    jsonPath = ".status.nodes.unknown",
    type = Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    type = Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Message",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    type = Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public class CgroupPolicy extends CustomResource<CgroupPolicySpec, CgroupPolicyStatus> {
  public static final String GROUP = "cgroup-policy.io";
  public static final String VERSION = "v1alpha1";

  private List<Problem> unreadable = List.of();

  /// What [SpecReader] could not read, and left out of the spec.
  public List<Problem> unreadable() {
    return unreadable;
  }

  void unreadable(List<Problem> problems) {
    unreadable = problems;
  }

  @Override
  @JsonDeserialize(using = SpecReader.class)
  public void setSpec(CgroupPolicySpec spec) {
    super.setSpec(spec);
  }

  @Override
  protected CgroupPolicySpec initSpec() {
    return null; // a record cannot be empty
  }

  @Override
  protected CgroupPolicyStatus initStatus() {
    return null;
  }
}
