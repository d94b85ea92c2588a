package io.cgrouppolicy.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.compliance.Check;
import io.cgrouppolicy.kubelet.client.Reason;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/operations.md tells what to do for every reason that a node can be Unknown for.
class OperationsPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| (\\w+) \\| (Kubelet\\w+) \\| ([A-Z].{20,}\\.) \\|$", Pattern.MULTILINE);

  @Test
  void everyReasonHasItsRowAndItsCheck() throws IOException {
    var rows = new TreeMap<String, Check>();
    ROW.matcher(Files.readString(Path.of("docs/operations.md")))
        .results()
        .forEach(row -> rows.put(row.group(1), Check.valueOf(row.group(2))));

    var reasons = new TreeMap<String, Check>();
    for (var reason : Reason.values()) {
      reasons.put(reason.name(), reason.check());
    }
    for (var node : new Node[] {notReady(), windows(), virtual(), updating()}) {
      var obstacle = NodeFacts.of(node).obstacle().orElseThrow();
      reasons.put(obstacle.reason(), obstacle.check());
    }
    reasons.put("InternalError", Check.KubeletConfigUnavailable); // of KubeletSurvey
    assertThat(rows).isEqualTo(reasons).hasSize(Reason.values().length + 5);
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

  private static Node windows() {
    return ready()
        .editStatus()
        .editNodeInfo()
        .withOperatingSystem("windows")
        .endNodeInfo()
        .endStatus()
        .build();
  }

  private static Node virtual() {
    return ready().editMetadata().addToLabels("type", "virtual-kubelet").endMetadata().build();
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
