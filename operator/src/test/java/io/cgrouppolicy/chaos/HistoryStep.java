package io.cgrouppolicy.chaos;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/// One operation of a history. A step that does not apply, such as the deletion of what does not
/// exist, does nothing, so that a history without some of its steps is a history too.
sealed interface HistoryStep {
  void run(HistoryWorld world);

  enum Team {
    A,
    B,
    Excluded
  }

  /// The resources of a container.
  enum Need {
    Nothing("{}"),
    Little("{limits: {memory: 64Mi}}"),
    /// More than the small defaults, without a limit of its own.
    Request("{requests: {memory: 256Mi}}"),
    Much("{limits: {memory: 768Mi}}");

    final String resources;

    Need(String resources) {
      this.resources = resources;
    }
  }

  /// Objects by another client.
  enum Foreign {
    OtherLimitRange("LimitRange", "other"),
    OurLimitRange("LimitRange", "cgroup-policy"),
    OurQuota("ResourceQuota", "cgroup-policy"),
    OurSecondQuota("ResourceQuota", "cgroup-policy-two");

    final String kind;
    final String name;

    Foreign(String kind, String name) {
      this.kind = kind;
      this.name = name;
    }
  }

  /// What another client does to an object of the operator.
  enum Damage {
    Spec,
    Labels,
    Owners,
    Annotations,
    Delete
  }

  /// What the operator lacks until the next calm.
  enum Permission {
    CreateLimitRanges("create", "limitranges"),
    PatchLimitRanges("patch", "limitranges"),
    CreateQuotas("create", "resourcequotas"),
    DeleteQuotas("delete", "resourcequotas"),
    PatchStatus("patch", "cgrouppolicies/status"),
    ListNamespaces("list", "namespaces"),
    WatchPods("watch", "pods");

    final String verb;
    final String resource;

    Permission(String verb, String resource) {
      this.verb = verb;
      this.resource = resource;
    }
  }

  /// Creates a namespace, or changes its labels.
  record Put(int namespace, Team team) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.put(namespace, Map.of("history", world.id, "team", team.name().toLowerCase()));
    }
  }

  /// Deletes a namespace.
  record Remove(int namespace) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.admin.namespaces().withName(world.namespace(namespace)).delete();
    }
  }

  /// Creates or changes a policy.
  record Apply(int policy, HistoryPolicy spec) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.apply(policy, spec);
    }
  }

  /// Deletes a policy.
  record Delete(int policy) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.policy(policy).delete();
    }
  }

  /// Creates a pod.
  record Pod(int namespace, int pod, Need need) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.createPod(namespace, "pod-" + pod, need);
    }
  }

  /// Deletes a pod.
  record DeletePod(int namespace, int pod) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world
          .admin
          .pods()
          .inNamespace(world.namespace(namespace))
          .withName("pod-" + pod)
          .withGracePeriod(0)
          .delete();
    }
  }

  /// Creates a Deployment, scales it or changes its resources.
  record Deploy(int namespace, int replicas, Need need) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.deploy(namespace, replicas, need);
    }
  }

  /// Creates an object that is not the operator's, unless one of its name exists.
  record PutForeign(int namespace, Foreign object) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.createForeign(namespace, object);
    }
  }

  /// Deletes an object that is not the operator's.
  record RemoveForeign(int namespace, Foreign object) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.deleteForeign(namespace, object);
    }
  }

  /// Changes or deletes an object of the operator, as another client.
  record Tamper(int namespace, boolean quota, Damage damage) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.tamper(namespace, quota, damage);
    }
  }

  /// Takes a permission from the operator.
  record Take(Permission permission) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.take(permission);
    }
  }

  /// Stops the operator: with SIGKILL, or with SIGTERM.
  record Stop(boolean kill) implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.operator.stop(kill);
    }
  }

  /// Starts the operator, unless it runs.
  record Start() implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.operator.start();
    }
  }

  /// Gives back what was taken, and waits until the cluster equals what its policies say.
  record Calm() implements HistoryStep {
    @Override
    public void run(HistoryWorld world) {
      world.calm();
    }
  }

  /// A record of this package as the Java expression that creates it.
  static String code(Object value) {
    return switch (value) {
      case Record r ->
          Arrays.stream(r.getClass().getRecordComponents())
              .map(
                  component -> {
                    try {
                      return code(component.getAccessor().invoke(r));
                    } catch (ReflectiveOperationException e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .collect(Collectors.joining(", ", "new " + name(r.getClass()) + "(", ")"));
      case Enum<?> e -> name(e.getDeclaringClass()) + "." + e.name();
      default -> String.valueOf(value);
    };
  }

  private static String name(Class<?> type) {
    var outer = type.getEnclosingClass();
    return (outer == null ? "" : outer.getSimpleName() + ".") + type.getSimpleName();
  }
}
