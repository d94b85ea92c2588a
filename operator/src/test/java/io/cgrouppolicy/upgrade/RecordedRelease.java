package io.cgrouppolicy.upgrade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The CRD of a release, and what its operator wrote into an [UpgradeScene]: a directory with
/// `crd.yaml` and `objects.yaml`.
///
/// Objects keep the names of their field managers, and of what these did, because the operator
/// adopts objects by them.
///
/// @param version the name of the directory
record RecordedRelease(String version) {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  static List<RecordedRelease> all() {
    try (var directories = Files.list(UpgradeScene.RESOURCES)) {
      return directories
          .filter(Files::isDirectory)
          .map(directory -> new RecordedRelease(directory.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String name) {
    return UpgradeScene.RESOURCES.resolve(version).resolve(name);
  }

  /// Writes the files.
  ///
  /// @param scene in which the release's operator has settled
  void record(Path crd, UpgradeScene scene) throws IOException {
    Files.createDirectories(file("."));
    Files.copy(crd, file("crd.yaml"), StandardCopyOption.REPLACE_EXISTING);
    var text =
        new StringBuilder(
            "# What release %s wrote: recorded by UpgradeIT with -Drecord=true.\n"
                .formatted(version));
    Stream.concat(scene.policyObjects().stream(), scene.childObjects().stream())
        .map(RecordedRelease::withoutVolatile)
        .forEach(object -> text.append(yaml(object)));
    Files.writeString(file("objects.yaml"), text);
  }

  private static String yaml(JsonNode object) {
    try {
      return YAML.writeValueAsString(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode withoutVolatile(ObjectNode object) {
    var metadata = (ObjectNode) object.get("metadata");
    metadata.remove(List.of("resourceVersion", "creationTimestamp", "generation", "selfLink"));
    var managers = (ArrayNode) metadata.get("managedFields");
    for (int i = managers.size() - 1; i >= 0; i--) {
      var manager = (ObjectNode) managers.get(i);
      if (manager.path("manager").asText().startsWith("kube-")) {
        managers.remove(i); // a controller of the cluster, which writes again
      } else {
        manager.retain("manager", "operation", "subresource");
      }
    }
    if (!object.path("kind").asText().equals("CgroupPolicy")) {
      object.remove("status");
    }
    return object;
  }

  CustomResourceDefinition crd() throws IOException {
    return Serialization.unmarshal(
        Files.readString(file("crd.yaml")), CustomResourceDefinition.class);
  }

  private List<GenericKubernetesResource> objects() {
    return UpgradeScene.read(file("objects.yaml")).stream()
        .filter(object -> object != null && object.getKind() != null)
        .toList();
  }

  /// The recorded statuses, as [UpgradeScene#statuses].
  Map<String, JsonNode> statuses() {
    var statuses = new TreeMap<String, JsonNode>();
    objects().stream()
        .filter(object -> object.getKind().equals("CgroupPolicy"))
        .forEach(
            policy ->
                statuses.put(
                    policy.getMetadata().getName(),
                    UpgradeScene.comparable(
                        YAML.valueToTree(policy.getAdditionalProperties().get("status")))));
    return statuses;
  }

  /// Creates the recorded objects, by the same field managers, with owner references to the
  /// policies as they are now.
  void restore(KubernetesClient admin) {
    var uids = new HashMap<String, String>();
    for (var object : objects()) {
      var metadata = object.getMetadata();
      var uid = metadata.getUid();
      var managers = new ArrayList<>(metadata.getManagedFields());
      managers.sort(Comparator.comparing(manager -> manager.getSubresource() != null));
      metadata.setUid(null);
      metadata.setManagedFields(null);
      metadata.getOwnerReferences().forEach(owner -> owner.setUid(uids.get(owner.getUid())));
      for (var manager : managers) {
        if (manager.getSubresource() != null) {
          object.getAdditionalProperties().remove("spec");
          admin.resource(object).subresource("status").patch(apply(manager.getManager()));
        } else if (manager.getOperation().equals("Apply")) {
          uids.put(
              uid,
              admin.resource(object).patch(apply(manager.getManager())).getMetadata().getUid());
        } else {
          var path =
              "/api/v1/namespaces/%s/%ss?fieldManager=%s"
                  .formatted(
                      metadata.getNamespace(),
                      object.getKind().toLowerCase(Locale.ROOT),
                      manager.getManager());
          admin.raw(path, "POST", object);
        }
      }
    }
  }

  private static PatchContext apply(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(manager)
        .withForce(true)
        .build();
  }
}
