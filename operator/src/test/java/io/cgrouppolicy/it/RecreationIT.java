package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.LimitRanger;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.AdmissionAnswer;
import io.cgrouppolicy.testing.AdmissionPlaces;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Previews;
import io.cgrouppolicy.testing.RandomTemplates;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Predicts what happens to pods with LimitRange defaults when they are recreated under a changed
/// LimitRange, from the stored pods, and compares that with the server's answer to the original
/// manifests.
class RecreationIT {
  private static final long SEED = 20261124;
  private static final int NAMESPACES = 24;
  private static final int PODS = 14;
  private static final Duration BEHIND = Duration.ofSeconds(5);
  private static final String ANNOTATION = "kubernetes.io/limit-ranger";

  private static final LimitRangeSpec MEMORY =
      Serialization.unmarshal(
          "limits: [{type: Container, default: {memory: 64Mi}, defaultRequest: {memory: 64Mi}}]",
          LimitRangeSpec.class);

  private static final String PLAIN =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: plain}
      spec:
        automountServiceAccountToken: false
        initContainers: [{name: setup, image: image}]
        containers: [{name: app, image: image, resources: {requests: {cpu: 100m}}}]
      """;

  @RegisterExtension final Fixture fixture = new Fixture();
  private final AdmissionPlaces cluster = new AdmissionPlaces(fixture, SEED);
  private final RandomTemplates templates = new RandomTemplates(SEED);
  private final PodReader reader = new PodReader();
  private final List<String> disagreements = new ArrayList<>();

  /// The number of pods of each kind.
  private int pods;

  private int defaulted;
  private int refused;
  private int changed;
  private int wrongAsTheyRun;

  /// @param manifest the manifest that the pod was created from
  private record Made(Pod manifest, Pod pod, PodFacts facts) {}

  @Test
  void recreatedPodsAreAsPredicted() {
    cluster.create(0); // the classes that the pods use
    for (int i = 0; i < NAMESPACES; i++) {
      var namespace = namespace("place-" + i);
      var first = randomLimitRange();
      apply(namespace, first);
      var made = new ArrayList<Made>();
      for (int n = 0; n < PODS; n++) {
        create(namespace, cluster.randomPod(), made);
      }
      var unchanged = preview(first, made);
      assertThat(unchanged.totals()).isEqualTo(WorkloadVerdict.Preview.NONE);
      assertThat(unchanged.findings()).isEmpty();
      var next = randomLimitRange();
      apply(namespace, next);
      judge(namespace, next, made);
    }
    System.out.printf(
        "re-creation: %d pods, %d with defaults; %d would change, %d be rejected; %d are predicted"
            + " differently from their current resources%n",
        pods, defaulted, changed, refused, wrongAsTheyRun);
    assertThat(disagreements).isEmpty();
    assertThat(List.of(defaulted, changed, refused, wrongAsTheyRun)).allMatch(n -> n >= 20);
  }

  private void judge(String namespace, LimitRangeSpec limitRange, List<Made> made) {
    int refusedHere = 0;
    int changedHere = 0;
    var ranger = new LimitRanger(List.of(limitRange));
    for (var one : made) {
      var expected = AdmissionAnswer.of(ranger.admitReplacement(one.facts().shape()));
      try {
        // The server reads LimitRanges from a cache that may be stale for a moment.
        within(BEHIND, () -> assertThat(ask(namespace, one)).isEqualTo(expected));
      } catch (ConditionTimeoutException e) {
        disagreements.add(
            "%s with %s: expected %s, but %s"
                .formatted(
                    Serialization.asYaml(one.pod()),
                    Serialization.asYaml(limitRange),
                    expected,
                    ask(namespace, one)));
      }
      var answer = ask(namespace, one);
      pods++;
      defaulted += one.facts().shape().defaulted() ? 1 : 0;
      refusedHere += answer.refused() ? 1 : 0;
      changedHere += !answer.refused() && !sameContainers(one, answer) ? 1 : 0;
      var asItRuns = AdmissionAnswer.of(ranger.admit(one.facts().shape()));
      wrongAsTheyRun += asItRuns.equals(answer) ? 0 : 1;
    }
    assertThat(disagreements).isEmpty();
    var preview = preview(limitRange, made);
    var context = "%s with %s: %s".formatted(preview, limitRange, made);
    assertThat(preview.totals().wouldReject()).as(context).isEqualTo(refusedHere);
    assertThat(preview.totals().wouldChange()).as(context).isEqualTo(changedHere);
    assertThat(preview.findings())
        .filteredOn(remark -> remark.finding().check() == Check.PredatesLimitRange)
        .as(context)
        .hasSize(refusedHere + changedHere);
    refused += refusedHere;
    changed += changedHere;
  }

  private static boolean sameContainers(Made made, AdmissionAnswer answer) {
    return answer.shape().containers().equals(made.facts().shape().containers());
  }

  private AdmissionAnswer ask(String namespace, Made made) {
    return AdmissionAnswer.ask(fixture.client, namespace, made.manifest());
  }

  private static Preview.Result preview(LimitRangeSpec limitRange, List<Made> made) {
    var policy =
        new CompiledPolicy(
            "p", "uid", 1, "", null, List.of(), List.of(), limitRange, List.of(), Map.of());
    return Previews.of(
        made.stream().map(Made::facts).toList(),
        policy,
        new Surroundings(limitRange, List.of()),
        pod -> new Workload("Pod", pod.name(), null));
  }

  private String namespace(String suffix) {
    var namespace = fixture.namespace(suffix);
    fixture.awaitPodsAllowed(namespace);
    return namespace;
  }

  /// A LimitRange with a default for containers.
  private LimitRangeSpec randomLimitRange() {
    while (true) {
      var template = templates.limitRange();
      if (!LimitRangeRules.problems("f", template).isEmpty()) {
        continue;
      }
      var spec = LimitRangeRules.complete(template);
      if (spec.getLimits().stream()
          .anyMatch(
              item ->
                  item.getType().equals("Container")
                      && item.getDefaultRequest() != null
                      && !item.getDefaultRequest().isEmpty())) {
        return spec;
      }
    }
  }

  private void apply(String namespace, LimitRangeSpec spec) {
    var limitRange =
        new LimitRangeBuilder()
            .withNewMetadata()
            .withName("limits")
            .withNamespace(namespace)
            .endMetadata()
            .withSpec(spec)
            .build();
    var resource = fixture.client.resource(limitRange);
    if (resource.get() == null) {
      resource.create();
    } else {
      resource.update();
    }
  }

  /// A random pod may be rejected; then there is one pod fewer.
  private void create(String namespace, Pod manifest, List<Made> made) {
    try {
      var pod = fixture.client.resource(manifest).inNamespace(namespace).create();
      made.add(new Made(manifest, pod, reader.read(pod).orElseThrow()));
    } catch (KubernetesClientException e) {
      assertThat(e.getCode()).as(e.getMessage()).isIn(403, 422);
    }
  }

  /// A resized pod keeps its resources.
  @Test
  void aResizedPodIsAsItIs() {
    var namespace = namespace("resized");
    apply(namespace, MEMORY);
    var pod =
        fixture
            .client
            .resource(Serialization.unmarshal(PLAIN, Pod.class))
            .inNamespace(namespace)
            .create();
    assertThat(pod.getMetadata().getAnnotations())
        .containsEntry(
            ANNOTATION,
            "LimitRanger plugin set: memory request for container app; memory limit for container"
                + " app; memory request for init container setup; memory limit for init container"
                + " setup");
    assertThat(reader.read(pod).orElseThrow().shape().defaulted()).isTrue();
    var resources = pod.getSpec().getContainers().getFirst().getResources();
    resources.setLimits(Map.of("memory", new Quantity("128Mi")));
    resources.setRequests(Map.of("memory", new Quantity("128Mi"), "cpu", new Quantity("100m")));
    var resized = fixture.client.resource(pod).subresource("resize").update();
    assertThat(resized.getMetadata().getAnnotations()).containsKey(ANNOTATION);
    var shape = reader.read(resized).orElseThrow().shape();
    assertThat(shape.defaulted()).isFalse();
    assertThat(shape.containers().getLast().limits())
        .isEqualTo(Map.of("memory", new Quantity("128Mi")));
  }

  @AfterEach
  void removeClasses() {
    cluster.removeClasses();
  }
}
