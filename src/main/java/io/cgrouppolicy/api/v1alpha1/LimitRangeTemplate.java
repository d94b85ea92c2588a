package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// A LimitRangeSpec, as in the core API.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LimitRangeTemplate(
    @JsonPropertyDescription("One entry per type; a type may occur once.")
        @Required
        @Size(min = 1, max = 3)
        List<Item> limits) {

  /// A LimitRangeItem. The server completes an entry of type Container (max → default →
  /// defaultRequest, min → defaultRequest); so do we, before we compare.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "self.type == 'Container' || !has(self.default) && !has(self.defaultRequest)",
      message = "default and defaultRequest are allowed for type Container only")
  @ValidationRule(
      value =
          "has(self.min) || has(self.max) || has(self.default) || has(self.defaultRequest) ||"
              + " has(self.maxLimitRequestRatio)",
      message = "an entry must set at least one of min, max, default, defaultRequest, ratio")
  @ValidationRule(
      value =
          "!has(self.min) || !has(self.max) || ['cpu', 'memory'].all(r, !(r in self.min) || !(r in"
              + " self.max) || quantity(string(self.min[r])).compareTo(quantity(string("
              + "self.max[r]))) <= 0)",
      message = "min must not be above max")
  @ValidationRule(
      value =
          "!has(self.default) || !has(self.max) || ['cpu', 'memory'].all(r, !(r in self.default) ||"
              + " !(r in self.max) || quantity(string(self.default[r])).compareTo(quantity(string("
              + "self.max[r]))) <= 0)",
      message = "default must not be above max")
  @ValidationRule(
      value =
          "!has(self.defaultRequest) || !has(self.default) || ['cpu', 'memory'].all(r, !(r in"
              + " self.defaultRequest) || !(r in self.default) ||"
              + " quantity(string(self.defaultRequest[r])).compareTo(quantity(string("
              + "self.default[r]))) <= 0)",
      message = "defaultRequest must not be above default")
  @ValidationRule(
      value =
          "!has(self.min) || !has(self.defaultRequest) || ['cpu', 'memory'].all(r, !(r in self.min)"
              + " || !(r in self.defaultRequest) || quantity(string(self.min[r])).compareTo("
              + "quantity(string(self.defaultRequest[r]))) <= 0)",
      message = "defaultRequest must not be below min")
  public record Item(
      @JsonPropertyDescription("Container, Pod or PersistentVolumeClaim.")
          @Required
          @Pattern("^(Container|Pod|PersistentVolumeClaim)$")
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
