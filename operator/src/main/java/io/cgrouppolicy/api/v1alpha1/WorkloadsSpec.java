package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// What the containers of pods in the selected namespaces must declare.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkloadsSpec(
    @JsonPropertyDescription(
            "The resources for which each container must have a limit: cpu, memory,"
                + " ephemeral-storage, hugepages-SIZE, or extended resources such as"
                + " nvidia.com/gpu.")
        @Size(max = 16)
        List<String> requireLimits,
    @JsonPropertyDescription(
            "The resources for which each container must have a request: cpu, memory,"
                + " ephemeral-storage, hugepages-SIZE, or extended resources such as"
                + " nvidia.com/gpu.")
        @Size(max = 16)
        List<String> requireRequests,
    @JsonPropertyDescription("Whether pods may have QoS class BestEffort; true if unset.")
        Boolean allowBestEffort) {}
