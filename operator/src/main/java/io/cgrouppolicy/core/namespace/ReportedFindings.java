package io.cgrouppolicy.core.namespace;

import java.util.Set;

/// The current findings on a namespace's pods that events have reported for one policy.
///
/// @param findings the check, kind and name of each finding
public record ReportedFindings(String policyUid, Set<String> findings) {}
