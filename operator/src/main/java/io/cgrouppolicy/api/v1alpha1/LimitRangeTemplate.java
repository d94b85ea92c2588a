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
    @JsonPropertyDescription("One entry per type; each type at most once.")
        @Required
        @Size(min = 1, max = 5)
        List<Item> limits) {

  /// A LimitRangeItem. The server completes an entry of type Container (max → default →
  /// defaultRequest, min → defaultRequest), and so does the operator before it compares.
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
      @JsonPropertyDescription("The limit of a container without one, by resource name.")
          @com.fasterxml.jackson.annotation.JsonProperty("default")
          Map<String, Quantity> defaultLimit,
      @JsonPropertyDescription("The request of a container without one, by resource name.")
          Map<String, Quantity> defaultRequest,
      @JsonPropertyDescription("The maximum ratio of limit to request, by resource name.")
          Map<String, Quantity> maxLimitRequestRatio) {}
}
