package io.cgrouppolicy.delivery.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the operator's image with Jib, without a container engine (`make image`). It contains the
/// packaged operator, whose files `make test` runs, and `config/jvm.options`. The same packaged
/// operator and base give the same image, except with an AOT cache, which is optional:
/// docs/image.md.
public final class OperatorImage {
  /// A number, because the kubelet can verify only numbers as non-root. The user owns no files.
  static final String USER = "65532";

  static final List<String> ENTRYPOINT =
      List.of("java", "@/app/jvm.options", "-jar", "/app/quarkus-run.jar");

  private static final AbsoluteUnixPath APP = AbsoluteUnixPath.get("/app");

  private OperatorImage() {}

  /// Reads its parameters from the environment: `BASE_IMAGE`, `IMAGE`, `PLATFORMS` and
  /// `AOT`.
  public static void main(String[] arguments) throws Exception {
    var base = parameter("BASE_IMAGE", "an image with a Java 25 on its PATH, or tar://PATH");
    var image = parameter("IMAGE", "REGISTRY/cgroup-policy-operator, or tar:PATH for a file");
    var tar = image.startsWith("tar:");
    var aot = flag("AOT");
    var platforms = System.getenv().getOrDefault("PLATFORMS", "");
    if (platforms.isEmpty()) {
      platforms = aot || tar ? here() : "linux/amd64,linux/arm64";
    }
    if (aot && !platforms.equals(here())) {
      refuse("this machine can make an AOT cache only for PLATFORMS=" + here());
    }
    var target = tar ? toTar(Path.of(image.substring("tar:".length()))) : toRegistry(image);
    var application = aot ? AotCache.trained(base) : Application.SHIPPED;
    var made = make(Jib.from(base), platforms(platforms), target, application);
    var reference = made.getTargetImage() + "@" + made.getDigest();
    if (tar) {
      Files.writeString(reference(image), reference + "\n");
    }
    System.out.println(reference);
    System.exit(0); // clients of an API server leave threads behind
  }

  /// Beside an image in a file, what it is called, with its digest: for `make release`.
  ///
  /// @param tar `tar:PATH`
  public static Path reference(String tar) {
    return Path.of(tar.substring("tar:".length()) + ".reference");
  }

  private static String parameter(String name, String meaning) {
    var value = System.getenv(name);
    if (value == null || value.isBlank()) {
      refuse("make image needs " + name + "=" + meaning);
    }
    return value;
  }

  private static boolean flag(String name) {
    var value = System.getenv().getOrDefault(name, "");
    if (!value.matches("(true|false)?")) {
      refuse(name + " must be true or false, not " + value);
    }
    return value.equals("true");
  }

  private static void refuse(String why) {
    System.err.println("error: " + why);
    System.exit(2);
  }

  /// The platform of this machine.
  static String here() {
    return "linux/" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
  }

  static Set<Platform> platforms(String list) {
    var platforms = new LinkedHashSet<Platform>();
    for (var platform : list.split(",")) {
      var parts = platform.split("/");
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "PLATFORMS: %s is not OS/ARCHITECTURE, such as linux/arm64".formatted(platform));
      }
      platforms.add(new Platform(parts[1], parts[0]));
    }
    return platforms;
  }

  static Containerizer toTar(Path file) throws IOException, InvalidImageReferenceException {
    return Containerizer.to(TarImage.at(file).named(named("cgroup-policy-operator")));
  }

  /// With the credentials of `docker login`, `podman login` or a credential helper.
  static Containerizer toRegistry(String image) throws IOException, InvalidImageReferenceException {
    var named = named(image);
    var credentials = CredentialRetrieverFactory.forImage(named, event -> {});
    return Containerizer.to(
        RegistryImage.named(named).addCredentialRetriever(credentials.dockerConfig()));
  }

  /// Tagged with the project's version, unless it has another tag.
  private static ImageReference named(String image)
      throws IOException, InvalidImageReferenceException {
    var reference = ImageReference.parse(image);
    return reference.usesDefaultTag() && !image.endsWith(":latest")
        ? ImageReference.of(reference.getRegistry(), reference.getRepository(), Project.version())
        : reference;
  }

  /// The image for this machine.
  ///
  /// @param base an image reference for Jib
  static JibContainer makeTar(String base, Path file, Application application) throws Exception {
    return make(Jib.from(base), platforms(here()), toTar(file), application);
  }

  /// @param platforms more than one only for a registry
  static JibContainer make(
      JibContainerBuilder base,
      Set<Platform> platforms,
      Containerizer target,
      Application application)
      throws Exception {
    var flags =
        FileEntriesLayer.builder()
            .setName("flags")
            .addEntry(application.flags(), APP.resolve("jvm.options"));
    if (application.cache() != null) {
      flags.addEntry(application.cache(), APP.resolve("app.aot"));
    }
    return base.setPlatforms(platforms)
        .setFormat(ImageFormat.Docker) // Jib cannot create an OCI index for several platforms yet
        .setCreationTime(Instant.parse(Project.timestamp()))
        // Files that rarely change come first.
        .addFileEntriesLayer(layer(application, "dependencies", "lib"))
        .addFileEntriesLayer(layer(application, "operator", "app", "quarkus", "quarkus-run.jar"))
        .addFileEntriesLayer(flags.build())
        .setEntrypoint(ENTRYPOINT)
        .setWorkingDirectory(APP)
        .setUser(USER)
        .setExposedPorts(Port.tcp(8080), Port.tcp(8443))
        .setLabels(
            Map.of(
                "org.opencontainers.image.title", "cgroup-policy-operator",
                "org.opencontainers.image.description",
                    "Keeps any container from taking a Kubernetes node down.",
                "org.opencontainers.image.version", Project.version(),
                "org.opencontainers.image.licenses", "Apache-2.0",
                "org.opencontainers.image.source", Project.url()))
        .containerize(target.setToolName("cgroup-policy").setAlwaysCacheBaseImage(false));
  }

  private static FileEntriesLayer layer(Application application, String name, String... parts)
      throws IOException {
    var layer = FileEntriesLayer.builder().setName(name);
    for (var part : Arrays.stream(parts).sorted().toList()) {
      var source = application.packaged().resolve(part);
      if (!Files.exists(source)) {
        throw new IOException(source + " is missing; package the operator with make build");
      }
      layer.addEntryRecursive(source, APP.resolve(part));
    }
    return layer.build();
  }
}
