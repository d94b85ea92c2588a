package io.cgrouppolicy.core.pods;

/// What is kept of a pod that has not ended. Small, as there are tens of thousands; texts that many
/// pods have in common are one instance.
///
/// @param node where it is bound, or "" while it is not
/// @param controller what keeps it, or null for a pod alone
/// @param created seconds since the epoch
/// @param mirror whether it is the API's picture of a static pod, which no admission has seen
/// @param terminating whether it has been deleted and is shutting down
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

  /// The object that an owner reference with `controller: true` names.
  public record Controller(String apiVersion, String kind, String name, String uid) {}
}
