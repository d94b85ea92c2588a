package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;

/// The namespaces that the policy selects, and the objects that each of them gets.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NamespacesSpec(
    @JsonPropertyDescription("Selects namespaces by label; {} selects all of them.") @Required
        LabelSelector selector,
    @JsonPropertyDescription("Names or globs (* and ?) of namespaces to exclude.") @Size(max = 200)
        List<String> exclude,
    @JsonPropertyDescription(
            "Whether to select system namespaces (such as kube-system and the operator's own) too.")
        @Default("false")
        Boolean includeSystem,
    @JsonPropertyDescription("The spec of the LimitRange cgroup-policy in each selected namespace.")
        LimitRangeTemplate limitRange,
    @JsonPropertyDescription(
            "The spec of the ResourceQuota cgroup-policy in each selected namespace.")
        ResourceQuotaTemplate resourceQuota,
    @JsonPropertyDescription(
            "Additional ResourceQuotas in each selected namespace, for example one per scope. Each is"
                + " named cgroup-policy-NAME.")
        @Size(max = 8)
        List<NamedResourceQuota> resourceQuotas) {

  /// The entries of `resourceQuotas`; empty if unset.
  public List<NamedResourceQuota> namedQuotas() {
    return resourceQuotas == null ? List.of() : resourceQuotas;
  }
}
