package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.api;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static io.cgrouppolicy.core.pods.Pods.init;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultedByLimitRangerTest {
  private static final String SPEC =
      init(
              container("setup", "{cpu: 100m, memory: 64Mi}", "{memory: 512Mi}"),
              "{name: proxy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 1Gi},"
                  + " limits: {memory: 1Gi}}}")
          + ", "
          + containers(
              container("app", "{cpu: 100m, memory: 64Mi}", "{memory: 512Mi}"),
              container("log", "{cpu: 2, memory: 64Mi}", "{cpu: 2, memory: 512Mi}"))
          + ", ephemeralContainers: [{name: debugger}]";

  private final PodReader reader = new PodReader();

  private PodShape shape(String annotation, String furtherMetadata) {
    var metadata =
        "annotations: {kubernetes.io/limit-ranger: '%s'}%s".formatted(annotation, furtherMetadata);
    return reader.read(api("shop", "p", metadata, SPEC)).orElseThrow().shape();
  }

  private PodShape shape(String annotation) {
    return shape(annotation, "");
  }

  private static ContainerShape written(PodShape shape, String name) {
    return shape.written().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  /// Written by a server of v1.36.
  @Test
  void allKindsOfContainers() {
    var shape =
        shape(
            "LimitRanger plugin set: cpu, memory request for container app; memory limit for"
                + " container app; memory limit for container log; cpu request for init container"
                + " proxy; cpu, memory request for init container setup; memory limit for init"
                + " container setup");
    assertThat(shape.defaulted()).isTrue();
    assertThat(shape.written())
        .extracting(c -> c.name() + " " + c.role())
        .containsExactly(
            "setup INIT", "proxy SIDECAR", "app MAIN", "log MAIN", "debugger EPHEMERAL");
    var memory = Map.of("memory", new Quantity("1Gi"));
    assertThat(written(shape, "proxy"))
        .extracting("requests", "limits")
        .containsExactly(memory, memory);
    assertThat(written(shape, "app"))
        .extracting("requests", "limits")
        .containsExactly(Map.of(), Map.of());
    assertThat(written(shape, "setup"))
        .extracting("requests", "limits")
        .containsExactly(Map.of(), Map.of());
    assertThat(written(shape, "log").limits()).isEqualTo(Map.of("cpu", new Quantity("2")));
    assertThat(written(shape, "log").requests())
        .isEqualTo(Map.of("cpu", new Quantity("2"), "memory", new Quantity("64Mi")));
  }

  @Test
  void whatItHasIsNotTouched() {
    var shape = shape("LimitRanger plugin set: memory limit for container app");
    var plain = reader.read(api("shop", "p", "", SPEC)).orElseThrow().shape();
    assertThat(shape.containers()).isEqualTo(plain.containers());
    assertThat(shape).isNotEqualTo(plain);
    assertThat(plain.defaulted()).isFalse();
  }

  @Test
  void podsWithTheSameDefaultsShare() {
    var text = "LimitRanger plugin set: memory limit for container app";
    assertThat(shape(text)).isSameAs(shape(text));
    assertThat(reader.shapes()).isOne();
    var app = shape(text).containers().get(2);
    assertThat(written(shape(text), "app").requests()).isSameAs(app.requests());
    assertThat(written(shape(text), "app").limits()).isUnmodifiable();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "LimitRanger plugin set: ",
        "LimitRanger plugin set memory limit for container app",
        "limitranger plugin set: memory limit for container app",
        " LimitRanger plugin set: memory limit for container app",
        "LimitRanger plugin set: memory limit for container app;",
        "LimitRanger plugin set: memory limit for container app; ",
        "LimitRanger plugin set: memory limit for container app and others",
        "LimitRanger plugin set: memory limit for container ",
        "LimitRanger plugin set: limit for container app",
        "LimitRanger plugin set: memory,cpu request for container app",
        "LimitRanger plugin set: memory limits for container app",
        "LimitRanger plugin set: memory limit for pod app",
        "LimitRanger plugin set: memory limit for container gone",
        "LimitRanger plugin set: memory limit for container setup",
        "LimitRanger plugin set: memory limit for init container app",
        "LimitRanger plugin set: memory limit for container debugger",
        "LimitRanger plugin set: memory limit for  container debugger",
        "LimitRanger plugin set: cpu limit for container app",
        "LimitRanger plugin set: memory limit for container app; cpu limit for container app",
        "LimitRanger plugin set: memory, memory limit for container app",
        "LimitRanger plugin set: memory limit for container app; nonsense",
      })
  void aTextThatItWouldNotHaveLeftSaysNothing(String text) {
    assertThat(shape(text).defaulted()).isFalse();
  }

  @Test
  void aHugeTextSaysNothing() {
    var resources = String.join(", ", Collections.nCopies(60_000, "a"));
    assertThat(
            shape("LimitRanger plugin set: " + resources + " limit for container app").defaulted())
        .isFalse();
  }

  /// One LimitRange gives all containers the same default, so someone changed a value since.
  @Test
  void defaultsThatDifferSayNothing() {
    assertThat(
            shape(
                    "LimitRanger plugin set: memory limit for container app; memory limit for init"
                        + " container proxy")
                .defaulted())
        .isFalse();
  }

  @Test
  void aResizedPodIsAsItIs() {
    var metadata =
        ", managedFields: [{manager: kubelet, operation: Update}, {manager: kubectl, operation:"
            + " Update, subresource: resize}]";
    var text = "LimitRanger plugin set: memory limit for container app";
    assertThat(shape(text, metadata).defaulted()).isFalse();
    assertThat(shape(text, metadata.replace("resize", "status")).defaulted()).isTrue();
  }

  @Test
  void anAutoscaledPodIsAsItIs() {
    var pod = api("shop", "p", "", SPEC);
    pod.getMetadata()
        .setAnnotations(
            Map.of(
                "kubernetes.io/limit-ranger",
                "LimitRanger plugin set: memory limit for container app",
                "vpaUpdates",
                "Pod resources updated by app: container 0: memory limit"));
    assertThat(reader.read(pod).orElseThrow().shape().defaulted()).isFalse();
  }

  @Test
  void withoutAnnotationNothingIsTakenBack() {
    assertThat(DefaultedByLimitRanger.withoutDefaults(null, List.of())).isEmpty();
  }
}
