package io.cgrouppolicy.core.kubelet;

import java.util.Optional;
import java.util.regex.Pattern;

/// The major and minor version, which determine a kubelet's behavior: "v1.33.4-eks-1a2b" is 1.33.
public record KubeletVersion(int major, int minor) {
  private static final Pattern SYNTAX = Pattern.compile("v?([0-9]{1,4})\\.([0-9]{1,4})\\b.*");

  /// Returns empty if the text is not a version: then the kubelet's behavior is unknown.
  public static Optional<KubeletVersion> parse(String text) {
    var matcher = SYNTAX.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new KubeletVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  public boolean atLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || major == otherMajor && minor >= otherMinor;
  }
}
