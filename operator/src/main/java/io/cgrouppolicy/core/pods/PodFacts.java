package io.cgrouppolicy.core.pods;

/// The facts kept about a pod that has not ended. Small, because there are tens of thousands;
/// strings that many pods share are one instance.
///
/// @param node the node that the pod is bound to, or "" if unscheduled
/// @param controller the pod's controller, or null
/// @param created seconds since the epoch
/// @param mirror whether this is the mirror pod of a static pod, which admission cannot stop
/// @param terminating whether the pod has been deleted and is shutting down
public record PodFacts(
    String namespace,
    String name,
    String uid,
    String resourceVersion,
    String node,
    Controller controller,
    PodShape shape,
    long created,
    boolean mirror,
    boolean terminating) {

  /// The owner reference with `controller: true`.
  public record Controller(String apiVersion, String kind, String name, String uid) {}
}
