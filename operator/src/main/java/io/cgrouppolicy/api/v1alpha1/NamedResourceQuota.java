package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeSelector;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// A [ResourceQuotaTemplate] with a name.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NamedResourceQuota(
    @JsonPropertyDescription("The name; the ResourceQuota is named cgroup-policy-NAME.") @Required
        String name,
    @JsonPropertyDescription("The hard limits, by resource name, as in a ResourceQuota.") @Required
        Map<String, Quantity> hard,
    @JsonPropertyDescription("The quota counts only what matches all of these scopes.")
        @Size(max = 8)
        List<String> scopes,
    @JsonPropertyDescription("Scopes with an operator and values; all must match.")
        ScopeSelector scopeSelector) {

  public ResourceQuotaTemplate template() {
    return new ResourceQuotaTemplate(hard, scopes, scopeSelector);
  }
}
