package io.cgrouppolicy.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.testing.PolicyFile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests that the operator's validation agrees with the CRD's schema. `AdmissionIT` tests that the
/// schema accepts `valid-*` and `stalled-*` and rejects `invalid-*`.
class PolicyValidatorTest {
  private static final ObjectMapper YAML =
      new YAMLMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static List<PolicyFile> valid() {
    return PolicyFile.startingWith("valid-");
  }

  static List<PolicyFile> stalled() {
    return PolicyFile.startingWith("stalled-");
  }

  static List<PolicyFile> invalid() {
    return PolicyFile.startingWith("invalid-");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valid")
  void hasNothingAgainst(PolicyFile file) throws JsonProcessingException {
    assertThat(problems(file)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stalled")
  void findsWhatTheSchemaCannotSay(PolicyFile file) throws JsonProcessingException {
    assertThat(problems(file)).extracting(Problem::toString).containsExactly(file.expected());
  }

  /// A policy may have been stored under an older schema without the rule that rejects it now.
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalid")
  void findsWhatTheSchemaRefuses(PolicyFile file) throws JsonProcessingException {
    assertThat(!problems(file).isEmpty()).as(file.text()).isNotEqualTo(file.schemaOnly());
  }

  @Test
  void needsASpec() {
    assertThat(PolicyValidator.validate(null))
        .extracting(Problem::toString)
        .containsExactly("spec: is required");
  }

  private static List<Problem> problems(PolicyFile file) throws JsonProcessingException {
    return CompiledPolicy.of(YAML.readValue(file.text(), CgroupPolicy.class)).problems();
  }
}
