package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Some;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/troubleshooting.md has a row for every reason for which a node can be Unknown.
class TroubleshootingPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| (\\w+) \\| (Kubelet\\w+) \\| ([A-Z].{20,}\\.) \\|$", Pattern.MULTILINE);

  @Test
  void everyReasonHasItsRowAndItsCheck() throws IOException {
    var rows = new TreeMap<String, Check>();
    ROW.matcher(Files.readString(Path.of("docs/troubleshooting.md")))
        .results()
        .forEach(row -> rows.put(row.group(1), Check.valueOf(row.group(2))));

    var reasons = new TreeMap<String, Check>();
    for (var reason : Reason.values()) {
      reasons.put(reason.name(), reason.check());
    }
    for (var node : new Node[] {notReady(), updating()}) {
      var obstacle = NodeFacts.of(node).obstacle().orElseThrow();
      reasons.put(obstacle.reason(), obstacle.check());
    }
    reasons.put("InternalError", Check.KubeletConfigUnavailable); // of Survey
    assertThat(rows).isEqualTo(reasons).hasSize(Reason.values().length + 3);
  }

  private static final Pattern EXEMPTION_ROW =
      Pattern.compile(
          "^\\| (\\w+) \\| [^|]+ \\| `selector: \\{matchExpressions: .* \\|$", Pattern.MULTILINE);

  @Test
  void everyExemptKindOfNodeHasItsRowWithASelector() throws IOException {
    assertThat(
            EXEMPTION_ROW
                .matcher(Files.readString(Path.of("docs/kubelets.md")))
                .results()
                .map(row -> Exemption.valueOf(row.group(1))))
        .containsExactly(Exemption.values());
  }

  private static final Pattern PRESSURE_ROW =
      Pattern.compile(
          "^\\| (\\w+) \\| PressureUnavailable \\| ([A-Z].{20,}\\.) \\|$", Pattern.MULTILINE);

  @Test
  void everyReasonForMissingPressureHasItsRow() throws IOException, MalformedAnswerException {
    var rows =
        PRESSURE_ROW
            .matcher(Files.readString(Path.of("docs/troubleshooting.md")))
            .results()
            .map(row -> row.group(1))
            .toList();
    var overdue = "Overdue"; // of Survey
    assertThat(rows)
        .containsExactly(
            reason(Summary.quiet().off()), reason(Summary.quiet().withoutPsi()), overdue);
  }

  private static String reason(Summary summary) throws MalformedAnswerException {
    var judgement =
        PressureJudge.judge(
            new PressureSpec(new Some(1.0), null, null),
            new Answer.Usable<>(NodeSummary.parse(summary.bytes())),
            new Circumstances(Double.NaN, null),
            Map.of());
    return judgement.findings().getFirst().actual();
  }

  private static Node notReady() {
    return ready()
        .editStatus()
        .editFirstCondition()
        .withStatus("False")
        .endCondition()
        .endStatus()
        .build();
  }

  private static Node updating() {
    return ready()
        .editMetadata()
        .addToAnnotations(Map.of(NodeFacts.CURRENT_CONFIG, "a", NodeFacts.DESIRED_CONFIG, "b"))
        .endMetadata()
        .build();
  }

  private static NodeBuilder ready() {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("a")
        .endMetadata()
        .withNewStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .withNewNodeInfo()
        .withOperatingSystem("linux")
        .endNodeInfo()
        .endStatus();
  }
}
