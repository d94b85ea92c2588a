package io.cgrouppolicy.fuzz;

import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.RandomPods;
import io.cgrouppolicy.testing.kubelet.Recordings;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What [PolicyPipeline] applies every policy to.
final class PipelineInputs {
  private static final int OBJECTS = 120;
  static final List<NodeFacts> NODES =
      IntStream.range(0, OBJECTS).mapToObj(PipelineInputs::node).toList();
  static final List<PodFacts> PODS = pods();
  static final KubeletConfiguration CONFIGURATION = configuration();
  static final NodeSummary SUMMARY = summary();

  private PipelineInputs() {}

  private static NodeFacts node(int i) {
    var capacity =
        Map.of(
            "cpu", new Quantity(String.valueOf(1 + i % 7)),
            "memory", new Quantity(i % 5 + "Gi"),
            "pods", new Quantity("110"));
    return new NodeFacts(
        "n%03d".formatted(i),
        "v1.36.3",
        "containerd://2.2.0",
        true,
        false,
        i == 3 ? Map.of() : capacity,
        Map.of(),
        null);
  }

  private static List<PodFacts> pods() {
    var reader = new PodReader();
    var random = new RandomPods(1);
    var pods = new ArrayList<PodFacts>();
    for (int i = 0; i < 8; i++) {
      var pod = random.pod(List.of("sandbox"), List.of("high"));
      pod.getMetadata().setNamespace(Children.NAMESPACE);
      pod.getMetadata().setName("pod-" + i);
      pod.getMetadata().setUid("uid-" + i);
      pods.add(reader.read(pod).orElseThrow());
    }
    return pods;
  }

  private static KubeletConfiguration configuration() {
    try {
      return KubeletConfiguration.parse(Recordings.bytes("configz-hardened.json"));
    } catch (MalformedAnswerException e) {
      throw new IllegalStateException(e);
    }
  }

  private static NodeSummary summary() {
    try {
      return NodeSummary.parse(Recordings.bytes("stats-summary-pressure.json"));
    } catch (MalformedAnswerException e) {
      throw new IllegalStateException(e);
    }
  }
}
