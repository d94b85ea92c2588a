package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.math.BigDecimal;
import java.util.stream.Stream;

/// A container that runs, as its author wrote it: without the defaults that LimitRanger gave it.
///
/// @param usage what it used, or null if unknown
record ContainerNeed(
    PodFacts pod, Workload workload, ContainerShape written, ContainerUsage usage) {

  static Stream<ContainerNeed> of(PodFacts pod, Workload workload, Usage usage) {
    var shape = pod.shape();
    return (shape.defaulted() ? shape.written() : shape.containers())
        .stream()
            .filter(container -> container.role() != Role.EPHEMERAL)
            .map(
                container ->
                    new ContainerNeed(
                        pod,
                        workload,
                        container,
                        usage.of(pod, workload, container.name()).orElse(null)));
  }

  /// The declared limit, or null.
  BigDecimal limit(String resource) {
    var limit = written.limits().get(resource);
    return limit == null ? null : Quantities.number(limit);
  }

  /// The declared request, or null; a limit without a request is one too.
  BigDecimal request(String resource) {
    var request = written.requests().get(resource);
    return request == null ? limit(resource) : Quantities.number(request);
  }

  /// The limit of the whole pod, or null.
  BigDecimal podLimit(String resource) {
    var limit = pod.shape().podLimits().get(resource);
    return limit == null ? null : Quantities.number(limit);
  }

  /// Whether nothing limits what the container uses.
  boolean unlimited(String resource) {
    return limit(resource) == null && podLimit(resource) == null;
  }

  /// Whether the container is given the default request.
  boolean unrequested(String resource) {
    return request(resource) == null;
  }

  String title() {
    return "%s/%s, container %s,".formatted(pod.namespace(), workload.name(), written.name());
  }

  boolean sameWorkload(ContainerNeed other) {
    return pod.namespace().equals(other.pod.namespace())
        && workload.kind().equals(other.workload.kind())
        && workload.name().equals(other.workload.name());
  }
}
