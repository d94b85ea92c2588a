package io.cgrouppolicy.controller.namespace;

import io.cgrouppolicy.controller.ObjectWriter;
import io.cgrouppolicy.controller.PendingWrites;
import io.cgrouppolicy.limits.Child;
import io.cgrouppolicy.limits.NamespacePlanner.Step;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.HttpEntity;

/// Carries out the steps of a plan.
final class ChildWriter {
  private record BodyKey(Child child, String policyUid, long generation, List<String> owners) {}

  private record Prepared(HasMetadata object, HttpEntity body) {}

  private final ObjectWriter writer;
  private final PendingWrites pending;

  /// The same body goes to every namespace. Emptied when it has grown over what a few policies
  /// need, as generations go by.
  private final Map<BodyKey, Prepared> bodies = new ConcurrentHashMap<>();

  ChildWriter(ObjectWriter writer, PendingWrites pending) {
    this.writer = writer;
    this.pending = pending;
  }

  void take(String namespace, Step step) {
    switch (step) {
      case Step.Delete delete -> delete(namespace, delete.child(), delete.found());
      case Step.Apply apply -> apply(namespace, apply);
    }
  }

  private void delete(String namespace, Child child, HasMetadata found) {
    var metadata = found.getMetadata();
    writer.delete(child, namespace, metadata.getUid(), metadata.getResourceVersion());
  }

  private void apply(String namespace, Step.Apply step) {
    var child = step.child();
    var prepared = prepare(step);
    boolean exists = step.found() != null;
    if (step.anew()) {
      delete(namespace, child, step.found());
      exists = false;
    }
    if (exists && !step.surplus().isEmpty()) {
      var removals =
          step.surplus().stream()
              .map(key -> "\"" + key + "\":null")
              .collect(Collectors.joining(",", "{\"spec\":{\"hard\":{", "}}}"));
      writer.merge(child, namespace, removals);
    }
    var written = writer.apply(child, namespace, prepared.body(), exists);
    pending.wrote(child, namespace, prepared.object(), written.resourceVersion());
  }

  private Prepared prepare(Step.Apply step) {
    var owners = step.owners().stream().map(OwnerReference::getUid).toList();
    var policy = step.policy();
    if (bodies.size() > 1000) {
      bodies.clear();
    }
    return bodies.computeIfAbsent(
        new BodyKey(step.child(), policy.uid(), policy.generation(), owners),
        key -> {
          var object = desired(step);
          return new Prepared(object, ObjectWriter.body(object));
        });
  }

  private static HasMetadata desired(Step.Apply step) {
    var labels = Child.labels(step.policy().name());
    return switch (step.child()) {
      case LimitRange ->
          new LimitRangeBuilder()
              .withNewMetadata()
              .withName(Child.NAME)
              .withLabels(labels)
              .withOwnerReferences(step.owners())
              .endMetadata()
              .withSpec(step.policy().limitRange())
              .build();
      case ResourceQuota ->
          new ResourceQuotaBuilder()
              .withNewMetadata()
              .withName(Child.NAME)
              .withLabels(labels)
              .withOwnerReferences(step.owners())
              .endMetadata()
              .withSpec(step.policy().resourceQuota())
              .build();
    };
  }
}
