package io.cgrouppolicy.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Decisions drawn from bytes, which a fuzzer can mutate. When the bytes are used up, each decision
/// is the first one, so every input is finite.
public final class Choices {
  private final byte[] bytes;
  private int used;

  public Choices(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The same decisions for the same seed.
  public static Choices random(long seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return new Choices(bytes);
  }

  /// A number from 0 to `n - 1`.
  public int below(int n) {
    int number = next();
    for (int range = 256; range < n; range *= 256) {
      number = number << 8 | next();
    }
    return number % n;
  }

  public boolean oneIn(int n) {
    return below(n) == n - 1;
  }

  public <T> T pick(List<T> list) {
    return list.get(below(list.size()));
  }

  public byte[] rest(int most) {
    var rest = Arrays.copyOfRange(bytes, used, Math.min(bytes.length, used + most));
    used += rest.length;
    return rest;
  }

  private int next() {
    return used < bytes.length ? bytes[used++] & 0xff : 0;
  }
}
