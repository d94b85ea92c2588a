package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.chaos.Population.namespace;

import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;

/// Changes the scene all the time, one step after the other, as a seed says. An error of a step is
/// that of a fault in progress, and does not end the load.
final class Load implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(30);

  /// An object that is reverted three times within a minute is reported as contested for a minute,
  /// which would only delay the calm.
  private static final Duration BETWEEN_EDITS = Duration.ofSeconds(31);

  private final KubernetesClient admin;
  private final Population population;
  private final List<SimulatedKubelet> kubelets;
  private final RandomGenerator random;
  private final Map<Integer, Instant> edited = new HashMap<>();
  private final Thread thread;
  private boolean paused = true;
  private boolean working;
  private boolean closed;
  private volatile long steps;

  /// Starts paused.
  Load(
      KubernetesClient admin,
      Population population,
      List<SimulatedKubelet> kubelets,
      RandomGenerator random) {
    this.admin = admin;
    this.population = population;
    this.kubelets = kubelets;
    this.random = random;
    this.thread = Thread.ofPlatform().daemon().name("load").start(this::run);
  }

  /// The number of steps so far.
  long steps() {
    return steps;
  }

  /// Waits for this many more steps: a moment in the load's history rather than a time.
  void await(int more) {
    long until = steps + more;
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> steps >= until);
  }

  /// Returns when the step in progress is done.
  synchronized void pause() throws InterruptedException {
    paused = true;
    while (working) {
      wait();
    }
  }

  synchronized void resume() {
    paused = false;
    notifyAll();
  }

  private synchronized boolean begin() throws InterruptedException {
    while (paused && !closed) {
      wait();
    }
    working = !closed;
    return working;
  }

  private synchronized void end() {
    working = false;
    steps++;
    notifyAll();
  }

  private void run() {
    try {
      while (begin()) {
        try {
          step();
        } catch (RuntimeException e) {
          // An object or a field is gone, or a fault keeps the API server from answering.
        } finally {
          end();
        }
        Thread.sleep(PACE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() {
    int i = random.nextInt(population.size().namespaces());
    int value = random.nextInt(1_000);
    int kind = random.nextInt(100);
    if (kind < 20) {
      relabel(i, value);
    } else if (kind < 26) {
      replace(i, value);
    } else if (kind < 45) {
      pod(i, value);
    } else if (kind < 60) {
      deletePod(i);
    } else if (kind < 82) {
      edit(i, value);
    } else if (kind < 90) {
      foreign(i, value);
    } else if (kind < 94) {
      var policies = Population.POLICIES.keySet().stream().sorted().toList();
      population.apply(policies.get(value % policies.size()), 128 + value);
    } else {
      kubelet(value);
    }
  }

  private void relabel(int i, int value) {
    admin
        .namespaces()
        .withName(namespace(i))
        .edit(
            namespace -> {
              var labels = namespace.getMetadata().getLabels();
              labels.put("team", Population.TEAMS.get(value % 4));
              if (value % 3 == 0) {
                labels.put("tier", "gold");
              } else {
                labels.remove("tier");
              }
              return namespace;
            });
  }

  /// Creates a namespace again when it is gone, and otherwise deletes it, but not often.
  private void replace(int i, int value) {
    if (admin.namespaces().withName(namespace(i)).get() == null) {
      admin.resource(Population.namespace(i, Population.TEAMS.get(value % 4))).create();
    } else if (value % 4 == 0) {
      // There is no kubelet that would confirm their end.
      admin.pods().inNamespace(namespace(i)).withGracePeriod(0).delete();
      admin.namespaces().withName(namespace(i)).delete();
    }
  }

  private void pod(int i, int value) {
    admin
        .resource(Population.pod(i, "late-" + steps, value % population.size().nodes(), value))
        .create();
  }

  private void deletePod(int i) {
    admin.pods().inNamespace(namespace(i)).list().getItems().stream()
        .findFirst()
        .ifPresent(pod -> admin.resource(pod).withGracePeriod(0).delete());
  }

  /// Tampers with the operator's objects by hand.
  private void edit(int i, int value) {
    var now = Instant.now();
    if (edited.getOrDefault(i, Instant.MIN).isAfter(now.minus(BETWEEN_EDITS))) {
      return;
    }
    edited.put(i, now);
    var limitRange = admin.limitRanges().inNamespace(namespace(i)).withName("cgroup-policy");
    var quota = admin.resourceQuotas().inNamespace(namespace(i)).withName("cgroup-policy");
    switch (value % 4) {
      case 0 -> limitRange.delete();
      case 1 -> quota.delete();
      case 2 -> limitRange.edit(found -> withMemory(found, value));
      default ->
          quota.edit(
              found -> {
                found.getMetadata().setLabels(null);
                found.getMetadata().setOwnerReferences(null);
                return found;
              });
    }
  }

  private static LimitRange withMemory(LimitRange found, int value) {
    found.getSpec().getLimits().getFirst().getDefault().put("memory", new Quantity(value + "Gi"));
    return found;
  }

  /// An object of another client, which the operator must leave alone.
  private void foreign(int i, int value) {
    var name = "team-" + value % 3;
    if (value % 2 == 0) {
      admin.resourceQuotas().inNamespace(namespace(i)).withName(name).delete();
    } else {
      var quota =
          new ResourceQuotaBuilder()
              .withNewMetadata()
              .withName(name)
              .withNamespace(namespace(i))
              .endMetadata()
              .withNewSpec()
              .addToHard("count/configmaps", new Quantity("100"))
              .endSpec()
              .build();
      admin.resource(quota).create();
    }
  }

  private void kubelet(int value) {
    var kubelet = kubelets.get(value % kubelets.size());
    switch (value % 7) {
      case 0 -> kubelet.behave(Behaviour.STATUS_500);
      case 1 -> kubelet.patch("{\"podPidsLimit\": " + (1 + value) * 10 + "}");
      case 2 -> kubelet.summary(Summary.quiet().psi("memory", "some", 20, 30));
      case 3 -> kubelet.summary(Summary.quiet());
      default -> kubelet.behave(Behaviour.ANSWER);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    Scene.join(thread);
  }
}
