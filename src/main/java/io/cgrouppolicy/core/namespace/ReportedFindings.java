package io.cgrouppolicy.core.namespace;

import java.util.Set;

/// The findings on a namespace's pods that one policy has reported in events and that still hold.
///
/// @param findings check, kind and name of each
public record ReportedFindings(String policyUid, Set<String> findings) {}
