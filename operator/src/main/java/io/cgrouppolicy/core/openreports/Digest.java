package io.cgrouppolicy.core.openreports;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A digest of 128 bits, in hexadecimal digits.
final class Digest {
  private final MessageDigest digest;

  Digest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  static String of(String text) {
    return new Digest().add(text.getBytes(StandardCharsets.UTF_8)).text();
  }

  Digest add(byte[] bytes) {
    digest.update(bytes);
    digest.update((byte) 0);
    return this;
  }

  String text() {
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }
}
