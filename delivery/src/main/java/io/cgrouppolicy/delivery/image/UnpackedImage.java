package io.cgrouppolicy.delivery.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/// An image from a tar, unpacked into the root directory of a container.
///
/// @param manifest from the tar
/// @param configuration of the image
record UnpackedImage(Path root, JsonNode manifest, JsonNode configuration) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Runs a command with a root file system that is read-only except for `/tmp`, in a mount
  /// namespace that ends with the process. $0 is the root, $1 the user, the rest the command.
  private static final String CONTAINER =
      """
      mount --bind "$0" "$0"
      mount -o remount,bind,ro "$0"
      mount -t tmpfs tmpfs "$0/tmp"
      mount --rbind /dev "$0/dev"
      mount --rbind /proc "$0/proc"
      exec chroot --userspec="$1:$1" --groups= "$0" "${@:2}"
      """;

  /// @param directory the output directory, which must not exist
  static UnpackedImage of(Path tar, Path directory) throws IOException {
    var image = directory.resolve("image");
    var root = directory.resolve("root");
    unpack(tar, image);
    var manifest = JSON.readTree(image.resolve("manifest.json").toFile()).get(0);
    for (var layer : manifest.path("Layers")) {
      unpack(image.resolve(layer.asText()), root);
    }
    var configuration = image.resolve(manifest.path("Config").asText());
    return new UnpackedImage(root, manifest, JSON.readTree(configuration.toFile()));
  }

  /// Keeps the times of files, by which a JVM identifies the files of its cache. Does not apply
  /// whiteouts: files that a layer deletes stay.
  private static void unpack(Path tar, Path into) throws IOException {
    Files.createDirectories(into);
    Command.succeed(
        "tar",
        "-xf",
        tar.toString(),
        "-C",
        into.toString(),
        "--no-same-owner",
        "--exclude",
        ".wh.*");
  }

  JsonNode config() {
    return configuration.path("config");
  }

  /// The base's Java, from its `JAVA_HOME`, else its `PATH`.
  Path java() throws IOException {
    var environment = environment();
    var places = new ArrayList<String>();
    if (environment.containsKey("JAVA_HOME")) {
      places.add(environment.get("JAVA_HOME") + "/bin");
    }
    places.addAll(List.of(environment.getOrDefault("PATH", "").split(":")));
    for (var place : places) {
      var java = root.resolve(place.replaceFirst("^/+", "")).resolve("java");
      if (Files.isExecutable(java)) {
        return java;
      }
    }
    throw new IOException("no java found in " + places + " of the base image");
  }

  private Map<String, String> environment() {
    var environment = new HashMap<String, String>();
    for (var variable : config().path("Env")) {
      var parts = variable.asText().split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    return environment;
  }

  List<String> entrypoint() {
    return StreamSupport.stream(config().path("Entrypoint").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  /// Starts the operator as a kubelet would: with the image's entry point, user and environment,
  /// and only `/tmp` writable. This needs root. For other users, it starts the entry point with the
  /// paths of the unpacked files, as the current user.
  ///
  /// @param more environment variables
  OperatorProcess start(Path kubeconfig, Map<String, String> more) throws IOException {
    var environment = new HashMap<>(environment());
    environment.putAll(more);
    environment.put("KUBECONFIG", kubeconfig.toString());
    var command = new ArrayList<String>();
    if (!"root".equals(System.getProperty("user.name"))) {
      for (var word : entrypoint()) {
        command.add(word.replaceFirst("^(@?)/", "$1" + root + "/"));
      }
      command.set(command.indexOf("java"), java().toString());
      return new OperatorProcess(command, environment);
    }
    for (var point : List.of("tmp", "proc", "dev")) {
      Files.createDirectories(root.resolve(point));
    }
    var inside = root.resolve("kubeconfig");
    Files.copy(kubeconfig, inside, StandardCopyOption.REPLACE_EXISTING);
    inside.toFile().setReadable(true, false);
    environment.put("KUBECONFIG", "/kubeconfig");
    // For the programs that start it, too.
    environment.merge("PATH", System.getenv("PATH"), (own, ours) -> own + ":" + ours);
    command.addAll(List.of("unshare", "--mount", "bash", "-ec", CONTAINER, root.toString()));
    command.add(config().path("User").asText());
    command.addAll(entrypoint());
    return new OperatorProcess(command, environment);
  }
}
