package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlocksTest {
  @Test
  void keepsAllBytesInWhateverPartsTheyCome() {
    var random = new Random(1);
    for (int size : new int[] {0, 1, 16_383, 16_384, 16_385, 100_000}) {
      var all = new byte[size];
      random.nextBytes(all);
      var blocks = new Blocks();
      for (int from = 0; from < size; ) {
        int to = Math.min(size, from + 1 + random.nextInt(20_000));
        blocks.add(Unpooled.wrappedBuffer(Arrays.copyOfRange(all, from, to)));
        from = to;
      }
      assertThat(blocks.size()).isEqualTo(size);
      assertThat(blocks.bytes()).isEqualTo(all);
    }
  }
}
