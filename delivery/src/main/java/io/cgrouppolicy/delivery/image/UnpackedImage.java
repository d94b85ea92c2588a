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

/// An image that was a tar, as the directory that a container would have as its root.
///
/// @param manifest the tar's own
/// @param configuration the image's
record UnpackedImage(Path root, JsonNode manifest, JsonNode configuration) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The root of a container whose root file system is read-only, but for `/tmp`, in a mount
  /// namespace that ends with the process: $0 is the root, $1 the user, the rest what is started.
  private static final String CONTAINER =
      """
      mount --bind "$0" "$0"
      mount -o remount,bind,ro "$0"
      mount -t tmpfs tmpfs "$0/tmp"
      mount --rbind /dev "$0/dev"
      mount --rbind /proc "$0/proc"
      exec chroot --userspec="$1:$1" --groups= "$0" "${@:2}"
      """;

  /// @param directory where to, which must not exist yet
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

  /// With the times that it says, by which a JVM knows the files of its cache. What a layer takes
  /// away from one below it stays.
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

  /// The base's Java, by its `JAVA_HOME`, else its `PATH`.
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
    throw new IOException("there is no java in " + places + " of the image's base");
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

  /// Starts the operator as a kubelet would: the image's entry point, user and environment, and
  /// nothing but `/tmp` to write to. Only root may do that; without, it is the entry point with the
  /// paths of the unpacked files, as the user who runs the tests.
  ///
  /// @param more of the environment
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
    // For what starts it, too.
    environment.merge("PATH", System.getenv("PATH"), (own, ours) -> own + ":" + ours);
    command.addAll(List.of("unshare", "--mount", "bash", "-ec", CONTAINER, root.toString()));
    command.add(config().path("User").asText());
    command.addAll(entrypoint());
    return new OperatorProcess(command, environment);
  }
}
