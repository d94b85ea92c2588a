package io.cgrouppolicy.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.PolicyFile;
import io.cgrouppolicy.testing.Tool;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The CRD and the policies in `policies/`, validated by the code of the oldest supported API
/// server (`hack/tools/crd-oldest`). `AdmissionIT` sends them to the newest one.
class OldestApiServerGate {
  private static final String CRD = "crds/cgroup-policy.io_cgrouppolicies.yaml";
  private static final Tool OLDEST = Tool.named("crd-oldest");

  @Test
  void acceptsTheCrdAndValidPolicies() {
    assertThat(validate(PolicyFile.startingWith("valid-"))).isEmpty();
    assertThat(validate(PolicyFile.startingWith("stalled-"))).isEmpty();
  }

  @Test
  void rejectsInvalidPoliciesForTheSameReason() {
    // Field validation is a part of the API server before the schema's.
    var files =
        PolicyFile.startingWith("invalid-").stream()
            .filter(file -> !file.expected().startsWith("unknown field"))
            .toList();
    var errors = validate(files);
    assertThat(files)
        .hasSizeGreaterThan(100)
        .allSatisfy(
            file ->
                assertThat(errors)
                    .anySatisfy(error -> assertThat(error).contains(file.name() + ": "))
                    .anySatisfy(error -> assertThat(error).contains(file.name(), file.expected())));
  }

  /// @return each error as the oldest API server words it, and as the newest does
  private static List<String> validate(List<PolicyFile> files) {
    var paths = files.stream().map(file -> OperatorModule.TEST_RESOURCES + "/policies/" + file);
    var output = OLDEST.succeed(Stream.concat(Stream.of(CRD), paths).toArray(String[]::new));
    var reworded =
        output
            .replaceAll("Invalid value: \"(object|array)\": ", "Invalid value: ")
            .replace("may not be longer than", "may not be more than");
    return Stream.concat(output.lines(), reworded.lines()).toList();
  }
}
