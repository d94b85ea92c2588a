package io.cgrouppolicy.core.kubelet;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.core.check.Sha256;
import java.nio.ByteBuffer;
import java.util.Map;

/// Parses configurations, and shares one instance between the kubelets that answer the same bytes,
/// as those of a node pool do. A configuration takes 13 KB of heap.
public final class SharedConfigurations {
  /// By digest, as long as a kubelet uses them.
  private final Map<ByteBuffer, KubeletConfiguration> inUse =
      Caffeine.newBuilder()
          .weakValues()
          .executor(Runnable::run)
          .<ByteBuffer, KubeletConfiguration>build()
          .asMap();

  /// As [KubeletConfiguration#parse].
  public KubeletConfiguration parse(byte[] body) throws MalformedAnswerException {
    var digest = ByteBuffer.wrap(Sha256.of(body));
    var known = inUse.get(digest);
    if (known != null) {
      return known;
    }
    var parsed = KubeletConfiguration.parse(body);
    var first = inUse.putIfAbsent(digest, parsed);
    return first == null ? parsed : first;
  }
}
