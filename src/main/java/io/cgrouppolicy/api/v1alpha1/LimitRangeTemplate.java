package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// A LimitRangeSpec, as in the core API.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LimitRangeTemplate(
    @JsonPropertyDescription("One entry per type; a type may occur once.")
        @Required
        @Size(min = 1, max = 5)
        List<Item> limits) {

  /// A LimitRangeItem. The server completes an entry of type Container (max → default →
  /// defaultRequest, min → defaultRequest); so do we, before we compare.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Item(
      @JsonPropertyDescription(
              "Container, Pod, PersistentVolumeClaim; on OpenShift also openshift.io/Image and"
                  + " openshift.io/ImageStream.")
          @Required
          String type,
      @JsonPropertyDescription("The largest limit allowed, by resource name.")
          Map<String, Quantity> max,
      @JsonPropertyDescription("The smallest request allowed, by resource name.")
          Map<String, Quantity> min,
      @JsonPropertyDescription("The limit of a container that sets none, by resource name.")
          @com.fasterxml.jackson.annotation.JsonProperty("default")
          Map<String, Quantity> defaultLimit,
      @JsonPropertyDescription("The request of a container that sets none, by resource name.")
          Map<String, Quantity> defaultRequest,
      @JsonPropertyDescription("How many times its request a limit may be, by resource name.")
          Map<String, Quantity> maxLimitRequestRatio) {}
}
