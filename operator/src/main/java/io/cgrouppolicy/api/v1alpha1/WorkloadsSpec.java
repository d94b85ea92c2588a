package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// What the containers of pods in the selected namespaces must declare.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkloadsSpec(
    @JsonPropertyDescription("The resources for which each container must have a limit.")
        @Size(max = 2)
        List<ComputeResource> requireLimits,
    @JsonPropertyDescription("The resources for which each container must have a request.")
        @Size(max = 2)
        List<ComputeResource> requireRequests,
    @JsonPropertyDescription("Whether pods may have QoS class BestEffort; true if unset.")
        Boolean allowBestEffort) {

  /// The compute resources that a container can be required to limit or request.
  public enum ComputeResource {
    cpu,
    memory
  }
}
