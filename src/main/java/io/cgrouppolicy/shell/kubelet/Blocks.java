package io.cgrouppolicy.shell.kubelet;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/// Bytes as they come, in blocks: an array that doubles as it grows takes three times what it holds
/// in the end, and there may be many large answers at a time.
final class Blocks {
  private static final int BLOCK = 16 * 1024;

  private final List<byte[]> blocks = new ArrayList<>();
  private int size;

  int size() {
    return size;
  }

  /// Takes all that can be read.
  void add(ByteBuf bytes) {
    while (bytes.isReadable()) {
      int at = size % BLOCK;
      if (at == 0) {
        blocks.add(new byte[BLOCK]);
      }
      int n = Math.min(BLOCK - at, bytes.readableBytes());
      bytes.readBytes(blocks.getLast(), at, n);
      size += n;
    }
  }

  byte[] bytes() {
    var all = new byte[size];
    for (int i = 0; i < blocks.size(); i++) {
      System.arraycopy(blocks.get(i), 0, all, i * BLOCK, Math.min(BLOCK, size - i * BLOCK));
    }
    return all;
  }
}
