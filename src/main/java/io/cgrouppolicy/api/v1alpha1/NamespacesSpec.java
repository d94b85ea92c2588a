package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;

/// Which namespaces the policy selects, and the two objects that each of them gets.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NamespacesSpec(
    @JsonPropertyDescription("Selects namespaces by label; {} selects all of them.") @Required
        LabelSelector selector,
    @JsonPropertyDescription("Names or globs (* and ?) of namespaces to leave out.")
        @Size(max = 200)
        List<String> exclude,
    @JsonPropertyDescription(
            "Whether system namespaces (kube-system and the like, and the operator's own) may be"
                + " selected.")
        @Default("false")
        Boolean includeSystem,
    @JsonPropertyDescription("The LimitRange named cgroup-policy of each selected namespace.")
        LimitRangeTemplate limitRange,
    @JsonPropertyDescription("The ResourceQuota named cgroup-policy of each selected namespace.")
        ResourceQuotaTemplate resourceQuota) {}
