package io.cgrouppolicy.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// The audit log of an embedded control plane's API server: a line of JSON for each answered write.
public final class AuditLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private long offset;

  AuditLog(Path file) {
    this.file = file;
  }

  /// Reads the complete lines since the last call. A killed API server leaves half of one.
  public void read(Consumer<String> reader) {
    try (var in = Files.newInputStream(file)) {
      long end = Files.size(file);
      in.skipNBytes(offset);
      // A character for each byte, to know the place of the next line.
      var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
      String line;
      while ((line = lines.readLine()) != null && offset + line.length() < end) {
        offset += line.length() + 1;
        reader.accept(
            new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Parses a line.
  ///
  /// @throws UncheckedIOException if it is no JSON
  public static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
