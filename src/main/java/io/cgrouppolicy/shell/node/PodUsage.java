package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.pods.PodFacts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.OptionalLong;
import java.util.function.Function;

/// How much memory pods use, as far as kubelets were asked for their pressure and told it.
@ApplicationScoped
class PodUsage {
  private final PressureSurvey survey;

  PodUsage(PressureSurvey survey) {
    this.survey = survey;
  }

  /// The working sets of a node's pods in bytes, as of now, where they are known.
  Function<PodFacts, OptionalLong> onNode(String node) {
    var used = survey.usage(node);
    return pod -> {
      var bytes = used.get(pod.namespace() + "/" + pod.name());
      return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    };
  }
}
