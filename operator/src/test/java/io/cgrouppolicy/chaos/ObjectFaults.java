package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.chaos.Population.namespace;
import static io.cgrouppolicy.chaos.Scene.pass;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.Fixture;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;

/// Changes of objects that are hard to follow.
final class ObjectFaults {
  private static final String CRD = "cgrouppolicies.cgroup-policy.io";
  private static final int MEMORY = 256;
  private static final int SWAPS = 20;
  private static final Duration SLOW = Duration.ofMinutes(3);

  private ObjectFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault(
            "policy-recreated",
            10,
            "nothing",
            scene -> recreatePolicy(scene, DeletionPropagation.BACKGROUND)),
        new Fault(
            "policy-orphans",
            10,
            "nothing",
            scene -> recreatePolicy(scene, DeletionPropagation.ORPHAN)),
        new Fault("priorities-swapped", 5, "nothing", ObjectFaults::swapPriorities),
        new Fault("bulk-deletion", 1, "nothing", ObjectFaults::deleteNamespaces),
        new Fault("crd-recreated", 1, "the policies", ObjectFaults::recreateCrd));
  }

  /// Under the same name, at once. What the first policy owned may still be garbage-collected.
  private static void recreatePolicy(Scene scene, DeletionPropagation propagation) {
    scene.load().await(scene.random().nextInt(1, 30));
    try (var _ = scene.outage()) {
      scene
          .admin()
          .resources(CgroupPolicy.class)
          .withName("guard")
          .withPropagationPolicy(propagation)
          .delete();
      pass(Duration.ofMillis(scene.random().nextInt(1_000)));
      scene.population().apply("guard", MEMORY);
      Probe.await(scene);
    }
  }

  /// Two policies that select the same namespaces.
  private static void swapPriorities(Scene scene) {
    for (int i = 0; i < SWAPS; i++) {
      prioritize(scene, "guard", i % 2 == 0 ? 20 : 1);
      prioritize(scene, "gold", i % 2 == 0 ? 1 : 20);
      pass(Duration.ofMillis(scene.random().nextInt(300)));
    }
  }

  private static void prioritize(Scene scene, String policy, int priority) {
    scene
        .admin()
        .resources(CgroupPolicy.class)
        .withName(policy)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"priority\": %d}}".formatted(priority));
  }

  /// A third of the namespaces, which then come back.
  private static void deleteNamespaces(Scene scene) throws InterruptedException {
    scene.load().pause(); // it would create some again
    var all =
        IntStream.range(0, scene.population().size().namespaces() / 3)
            .mapToObj(i -> scene.admin().namespaces().withName(namespace(i)))
            .toList();
    for (var namespace : all) {
      var name = namespace.get();
      if (name != null) {
        scene.admin().pods().inNamespace(name.getMetadata().getName()).withGracePeriod(0).delete();
        namespace.delete();
      }
    }
    Fixture.within(
        SLOW, () -> Assertions.assertThat(all).allMatch(namespace -> namespace.get() == null));
    for (int i = 0; i < all.size(); i++) {
      scene.admin().resource(Population.namespace(i, Population.TEAMS.get(i % 3))).create();
    }
  }

  /// Deletes all policies, and with them what they own.
  private static void recreateCrd(Scene scene) {
    var crd = scene.admin().apiextensions().v1().customResourceDefinitions().withName(CRD);
    try (var _ = scene.outage()) {
      var before = crd.get();
      crd.delete();
      Fixture.within(SLOW, () -> Assertions.assertThat(crd.get()).isNull());
      before.setMetadata(new ObjectMetaBuilder().withName(CRD).build());
      before.setStatus(null);
      scene.admin().resource(before).create();
      Fixture.within(
          SLOW,
          () ->
              Assertions.assertThat(crd.get().getStatus().getConditions())
                  .anyMatch(
                      condition ->
                          condition.getType().equals("Established")
                              && condition.getStatus().equals("True")));
      Fixture.within(
          SLOW,
          () ->
              Population.POLICIES
                  .keySet()
                  .forEach(policy -> scene.population().apply(policy, MEMORY)));
      Probe.await(scene);
    }
  }
}
