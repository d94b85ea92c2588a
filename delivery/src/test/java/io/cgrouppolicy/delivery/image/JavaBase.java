package io.cgrouppolicy.delivery.image;

import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import io.cgrouppolicy.testing.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A base image made by the test, because pulling one is not always possible: only the Java that
/// runs the tests and its libraries, without a shell or `/tmp`.
final class JavaBase {
  private static final String JAVA = "/opt/java";
  private static final Pattern WANTED =
      Pattern.compile("bin/java|conf/.*|release|lib/(?!src.zip|ct.sym).*");
  // Libraries for displays and sound have many dependencies, and are not used.
  private static final Pattern LINKED =
      Pattern.compile(".*/(java|lib(?!.*awt|jsound|splash)[^/]*\\.so)");
  private static final Pattern LIBRARY =
      Pattern.compile("(?:=> |^\\s*)(/\\S+) \\(0x", Pattern.MULTILINE);

  private JavaBase() {}

  /// @param directory readable by another user
  /// @return an image reference for Jib
  static String in(Path directory) throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var file = directory.resolve("base.tar");
    var home = Path.of(System.getProperty("java.home"));
    var java = FileEntriesLayer.builder().setName("java");
    var libraries = new TreeSet<String>();
    try (var files = Files.walk(home)) {
      for (var path : files.filter(Files::isRegularFile).toList()) {
        var relative = home.relativize(path).toString();
        if (WANTED.matcher(relative).matches()) {
          add(java, path, JAVA + "/" + relative);
          if (LINKED.matcher(path.toString()).matches()) {
            libraries.addAll(linked(path));
          }
        }
      }
    }
    libraries.removeIf(library -> library.startsWith(home.toString()));
    var system = FileEntriesLayer.builder().setName("libraries");
    for (var library : libraries) {
      add(system, Path.of(library).toRealPath(), library); // the target of a link
    }
    Jib.fromScratch()
        .addFileEntriesLayer(system.build())
        .addFileEntriesLayer(java.build())
        .addEnvironmentVariable("PATH", JAVA + "/bin")
        .addEnvironmentVariable("JAVA_HOME", JAVA)
        .containerize(OperatorImage.toTar(file));
    return "tar://" + file;
  }

  private static void add(FileEntriesLayer.Builder layer, Path file, String path) {
    layer.addEntry(
        file,
        AbsoluteUnixPath.get(path),
        FilePermissions.fromOctalString(Files.isExecutable(file) ? "755" : "644"));
  }

  /// Absolute paths of the libraries that a file is linked with.
  private static List<String> linked(Path file) {
    return LIBRARY
        .matcher(Command.succeed("ldd", file.toString()))
        .results()
        .map(found -> found.group(1))
        .toList();
  }
}
