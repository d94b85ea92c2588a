package io.cgrouppolicy.delivery.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// A .tgz that depends on the names and contents of its files only.
final class Tarball {
  private Tarball() {}

  /// @param top the directory that it unpacks to
  /// @param time of all files in it
  static void write(Path directory, String top, Instant time, Path file) throws IOException {
    try (var out =
            new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(file)), "UTF-8");
        var files = Files.walk(directory)) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (var source : files.filter(Files::isRegularFile).sorted().toList()) {
        var entry = new TarArchiveEntry(top + "/" + directory.relativize(source));
        entry.setSize(Files.size(source));
        entry.setModTime(time.toEpochMilli());
        out.putArchiveEntry(entry);
        Files.copy(source, out);
        out.closeArchiveEntry();
      }
    }
  }
}
