package io.cgrouppolicy.cli.explain;

import io.cgrouppolicy.core.pods.PodShape;

/// The pod to explain: one that is created next.
///
/// @param subject such as `deployment/web`
/// @param kind of the subject, in lower case
/// @param written the pod without defaults
/// @param running how many pods of the subject run
/// @param replaced the running pod that is gone when it is created; null if it is one more
public record Candidate(
    String subject,
    String kind,
    String name,
    String namespace,
    PodShape written,
    int running,
    PodShape replaced) {}
