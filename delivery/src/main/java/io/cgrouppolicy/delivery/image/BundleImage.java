package io.cgrouppolicy.delivery.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// The image of an OLM bundle, as bundle.Dockerfile describes it, but made without a container
/// engine and the same each time.
public final class BundleImage {
  private BundleImage() {}

  /// @param bundle its directory
  /// @param image where to; of the project's version unless it says another
  /// @return the image with its digest
  public static String push(Path bundle, String image) throws Exception {
    var made = make(bundle, OperatorImage.toRegistry(image));
    return made.getTargetImage() + "@" + made.getDigest();
  }

  /// @return the image as it was made
  public static JibContainer make(Path bundle, Containerizer target) throws Exception {
    var files = FileEntriesLayer.builder().setName("bundle");
    for (var directory : List.of("manifests", "metadata", "tests")) {
      files.addEntryRecursive(bundle.resolve(directory), AbsoluteUnixPath.get("/" + directory));
    }
    var image =
        Jib.fromScratch()
            .setFormat(ImageFormat.Docker)
            .setCreationTime(Instant.parse(Project.timestamp()))
            .addFileEntriesLayer(files.build());
    Yaml.read(bundle.resolve("metadata/annotations.yaml"))
        .path("annotations")
        .properties()
        .forEach(label -> image.addLabel(label.getKey(), label.getValue().asText()));
    return image.containerize(target.setToolName("cgroup-policy"));
  }
}
