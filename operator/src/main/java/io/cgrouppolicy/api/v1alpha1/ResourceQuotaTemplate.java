package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// A ResourceQuotaSpec, as in the core API.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResourceQuotaTemplate(
    @JsonPropertyDescription("The hard limits, by resource name, as in a ResourceQuota.") @Required
        Map<String, Quantity> hard,
    @JsonPropertyDescription("The quota counts only what matches all of these scopes.")
        @Size(max = 8)
        List<String> scopes,
    @JsonPropertyDescription("Scopes with an operator and values; all must match.")
        ScopeSelector scopeSelector) {

  /// A ScopeSelector, as in the core API.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ScopeSelector(
      @JsonPropertyDescription("The requirements, all of which must match.") @Size(max = 16)
          List<ScopeRequirement> matchExpressions) {}

  /// A ScopedResourceSelectorRequirement, as in the core API.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ScopeRequirement(
      @JsonPropertyDescription("The scope, for example PriorityClass.") @Required String scopeName,
      @JsonPropertyDescription("In, NotIn, Exists or DoesNotExist.") @Required String operator,
      @JsonPropertyDescription("The values for In and NotIn; none for the others.") @Size(max = 64)
          List<String> values) {}
}
