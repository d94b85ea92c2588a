package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.chaos.Scene.pass;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Faults of tokens, certificates and permissions.
final class CredentialFaults {
  private static final Duration TAKEN = Duration.ofSeconds(5);

  /// The operator cannot see that a permission is back, so it retries: after 5 s without it, every
  /// 6.4 s.
  private static final Duration RETRIED = Duration.ofSeconds(8);

  /// The operator reads its token once a minute.
  private static final Duration TOKEN_LIFE = Duration.ofSeconds(80);

  private static final Duration ROTATION = Duration.ofSeconds(15);

  /// What the shipped ClusterRole grants.
  private static final List<String> RESOURCES =
      List.of(
          "cgrouppolicies",
          "cgrouppolicies/status",
          "namespaces",
          "limitranges",
          "resourcequotas",
          "nodes",
          "nodes/configz",
          "nodes/stats",
          "pods",
          "persistentvolumeclaims",
          "statefulsets",
          "replicasets",
          "deployments",
          "jobs",
          "events");

  private static final AtomicInteger NEXT = new AtomicInteger();

  private CredentialFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault("permission-taken", RESOURCES.size(), "nothing", CredentialFaults::take)
            .withGap(RETRIED),
        new Fault("kubelet-ca-rotated", 1, "nothing", CredentialFaults::rotateKubeletCa),
        new Fault("token-rotated", 1, "nothing", CredentialFaults::rotateToken),
        new Fault("token-expired", 1, "the lease", CredentialFaults::expireToken));
  }

  /// All verbs on one resource, the next one each time.
  private static void take(Scene scene) {
    var resource = RESOURCES.get(NEXT.getAndIncrement() % RESOURCES.size());
    try (var _ = scene.outage()) {
      try (var _ = Permissions.without(scene.admin(), resource)) {
        pass(TAKEN);
      }
      Probe.await(scene);
    }
  }

  /// As administrators do it: first both CAs, then new certificates, then the new CA only.
  private static void rotateKubeletCa(Scene scene) throws Exception {
    scene.load().pause(); // it changes what kubelets do
    var file = scene.fleet().caFile();
    var before = Files.readString(file);
    var after = scene.fleet().otherCaPem();
    all(scene, Behaviour.ANSWER);
    replace(file, before + after);
    all(scene, Behaviour.OTHER_CA);
    replace(file, after);
    all(scene, Behaviour.OTHER_CA);
    replace(file, after + before);
    all(scene, Behaviour.ANSWER);
    replace(file, before);
    all(scene, Behaviour.ANSWER);
  }

  /// Makes all kubelets behave so, and waits until the operator has read each of them.
  private static void all(Scene scene, Behaviour behaviour) {
    scene.kubelets().forEach(kubelet -> kubelet.behave(behaviour));
    var reads = scene.kubelets().stream().map(kubelet -> kubelet.seen().requests()).toList();
    Fixture.within(
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < reads.size(); i++) {
            assertThat(scene.kubelets().get(i).seen().requests()).isGreaterThan(reads.get(i) + 1);
          }
          var policy = scene.admin().resources(CgroupPolicy.class).withName("nodes").get();
          assertThat(policy.getStatus().nodes().unknown()).isZero();
        });
  }

  /// A mounted file changes at once.
  private static void replace(Path file, String content) {
    try {
      var next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), content);
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Replaces the token early, as a kubelet does, until the first ones have expired.
  private static void rotateToken(Scene scene) throws Exception {
    try (var tokens = new ShortTokens(scene)) {
      for (int i = 0; i < 2 * TOKEN_LIFE.dividedBy(ROTATION); i++) {
        tokens.write(TOKEN_LIFE);
        pass(ROTATION);
      }
    }
  }

  /// Replaces the token too late.
  private static void expireToken(Scene scene) throws Exception {
    try (var tokens = new ShortTokens(scene);
        var _ = scene.outage()) {
      tokens.write(ROTATION);
      pass(ROTATION.multipliedBy(2));
      tokens.write(TOKEN_LIFE.multipliedBy(3));
      Probe.await(scene);
    }
  }
}
