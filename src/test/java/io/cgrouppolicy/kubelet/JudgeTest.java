package io.cgrouppolicy.kubelet;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import java.util.Map;

class JudgeTest {
  static final NodeFacts NODE =
      new NodeFacts(
          "worker-1",
          "v1.36.3",
          "containerd://2.2.0",
          "linux",
          "amd64",
          true,
          false,
          Map.of(),
          Map.of());

  static NodesSpec asking(KubeletSpec kubelet) {
    return new NodesSpec(null, kubelet, null, null, null);
  }
}
