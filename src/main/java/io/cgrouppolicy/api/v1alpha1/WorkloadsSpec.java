package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// What the containers of pods in the selected namespaces must declare.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkloadsSpec(
    @JsonPropertyDescription("Each container must have a limit for these.") @Size(max = 2)
        List<ComputeResource> requireLimits,
    @JsonPropertyDescription("Each container must have a request for these.") @Size(max = 2)
        List<ComputeResource> requireRequests,
    @JsonPropertyDescription("Whether pods of QoS class BestEffort are accepted.")
        Boolean allowBestEffort) {

  /// The compute resources that a container can be limited in.
  public enum ComputeResource {
    cpu,
    memory
  }
}
