package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentifiersTest {
  @TempDir Path directory;

  @Test
  void wordsOfCommentsAreNoIdentifiers() throws IOException {
    Files.writeString(
        directory.resolve("SomeType.java"),
        """
        /// A FirstComment.
        class SomeType { // SecondComment
          /* ThirdComment "InComment" */ String url = "http://SomeHost/*"; char quote = '"';
          String reason = "SomeReason \\" InLiteral"; // FourthComment
        }
        """);
    assertThat(Identifiers.of(directory.toString()))
        .contains("SomeType", "SomeReason", "InLiteral", "SomeHost")
        .doesNotContain("FirstComment", "SecondComment", "ThirdComment", "InComment")
        .doesNotContain("FourthComment");
    assertThat(Identifiers.literals(directory)).contains("http://SomeHost/*");
  }

  @Test
  void wordsOfDescriptionsAreNoIdentifiers() throws IOException {
    Files.writeString(
        directory.resolve("some.yaml"),
        """
        kind: SomeKind # SomeComment
        description: Says what SomeWord is.
        text: |-
          OtherWord in a text.
        enum: [FirstValue, "SecondValue"]
        list:
        - ThirdValue
        - someKey: "FourthValue"
        """);
    assertThat(Identifiers.of(directory.toString()))
        .contains("SomeKind", "FirstValue", "SecondValue", "ThirdValue", "someKey", "FourthValue")
        .doesNotContain("SomeComment", "SomeWord", "OtherWord");
  }

  @Test
  void variablesAreThoseThatScriptsUse() throws IOException {
    Files.writeString(
        directory.resolve("some.sh"),
        """
        # CGROUP_POLICY_COMMENT
        echo "${CGROUP_POLICY_READ:-}"
        CGROUP_POLICY_SET=1 run
        """);
    assertThat(Identifiers.variables(directory))
        .contains("CGROUP_POLICY_READ", "CGROUP_POLICY_SET")
        .doesNotContain("CGROUP_POLICY_COMMENT");
  }
}
