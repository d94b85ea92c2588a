package io.cgrouppolicy.core.kubelet.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// A node, and helpers to judge it.
public final class JudgeFixture {
  public static final NodeFacts NODE = node(UnaryOperator.identity());

  private JudgeFixture() {}

  /// The node facts that tests change.
  record Facts(
      String kubeletVersion, String runtime, boolean ready, boolean updating, Exemption exemption) {
    Facts withKubeletVersion(String version) {
      return new Facts(version, runtime, ready, updating, exemption);
    }

    Facts withRuntime(String version) {
      return new Facts(kubeletVersion, version, ready, updating, exemption);
    }

    Facts withReady(boolean is) {
      return new Facts(kubeletVersion, runtime, is, updating, exemption);
    }

    Facts withUpdating(boolean is) {
      return new Facts(kubeletVersion, runtime, ready, is, exemption);
    }

    Facts withExemption(Exemption is) {
      return new Facts(kubeletVersion, runtime, ready, updating, is);
    }
  }

  static NodeFacts node(UnaryOperator<Facts> change) {
    var facts = change.apply(new Facts("v1.36.3", "containerd://2.2.0", true, false, null));
    return new NodeFacts(
        "worker-1",
        facts.kubeletVersion(),
        facts.runtime(),
        facts.ready(),
        facts.updating(),
        Map.of(),
        Map.of(),
        facts.exemption());
  }

  static NodeFacts node(Map<String, Quantity> capacity) {
    return new NodeFacts(
        "worker-1", "v1.36.3", "containerd://2.2.0", true, false, capacity, Map.of(), null);
  }

  public static NodesSpec asking(KubeletSpec kubelet) {
    return new NodesSpec(null, kubelet, null, null, null);
  }

  /// @param required `spec.nodes.kubelet` in YAML
  /// @param inForce a KubeletConfiguration in YAML
  static NodeJudgement judge(NodeFacts node, String required, String inForce) {
    return judge(node, required, inForce, Platform.UPSTREAM);
  }

  static NodeJudgement judge(NodeFacts node, String required, String inForce, Platform platform) {
    return KubeletJudge.judge(
        asking(Specs.kubelet(required)), node, new Usable<>(Specs.config(inForce)), platform);
  }

  /// One line per check that is not satisfied.
  static List<String> summary(NodeJudgement judgement) {
    var lines = new ArrayList<String>();
    judgement.findings().forEach(f -> lines.add(f.check() + " violated"));
    judgement.undetermined().forEach(r -> lines.add(r.check() + " unknown " + r.reason()));
    judgement.notApplicable().forEach(r -> lines.add(r.check() + " not applicable " + r.reason()));
    return lines;
  }

  /// One test per row: required settings, settings in force, and the outcome (empty if compliant).
  /// Further words in a row change the platform.
  static Stream<DynamicTest> table(String check, String table) {
    return table
        .lines()
        .map(
            line -> {
              var cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
              var expected =
                  cells.get(2).isEmpty() ? List.of() : List.of(check + " " + cells.get(2));
              var platform = cells.contains("openshift") ? Platform.OPENSHIFT : Platform.UPSTREAM;
              return DynamicTest.dynamicTest(
                  line,
                  () ->
                      assertThat(summary(judge(NODE, cells.get(0), cells.get(1), platform)))
                          .isEqualTo(expected));
            });
  }
}
