package io.cgrouppolicy.shell.namespace;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Step;
import io.cgrouppolicy.shell.write.ObjectWriter;
import io.cgrouppolicy.shell.write.PendingWrites;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Carries out the steps of a plan.
final class ChildWriter {
  private record BodyKey(Child child, String policyUid, long generation, List<String> owners) {}

  private record Prepared(HasMetadata object, String body) {}

  private final ObjectWriter writer;
  private final PendingWrites pending;

  /// Caches bodies because every namespace gets the same one, but for a command in [Annotations].
  /// Cleared at 1000 entries, as each new generation adds some.
  private final Map<BodyKey, Prepared> bodies = new ConcurrentHashMap<>();

  ChildWriter(ObjectWriter writer, PendingWrites pending) {
    this.writer = writer;
    this.pending = pending;
  }

  void perform(String namespace, Step step) {
    switch (step) {
      case Step.Delete delete -> delete(namespace, delete.child(), delete.found());
      case Step.Apply apply -> {
        pending.writing(apply.child(), namespace);
        try {
          apply(namespace, apply);
        } finally {
          pending.ended(apply.child(), namespace);
        }
      }
    }
  }

  private void delete(String namespace, Child child, HasMetadata found) {
    var metadata = found.getMetadata();
    writer.delete(child, namespace, metadata.getUid(), metadata.getResourceVersion());
    pending.deleted(child, namespace, metadata.getUid());
  }

  private void apply(String namespace, Step.Apply step) {
    var child = step.child();
    var prepared = prepare(step);
    if (step.recreate()) {
      delete(namespace, child, step.found());
    }
    var written =
        step.found() == null || step.recreate()
            ? writer.create(child, namespace, body(prepared, namespace))
            : update(namespace, step, prepared);
    pending.wrote(child, namespace, prepared.object(), written);
  }

  private static byte[] body(Prepared prepared, String namespace) {
    return Annotations.fillIn(prepared.body(), namespace).getBytes(StandardCharsets.UTF_8);
  }

  /// Removes surplus fields by name. The fields of our create and of our applies have separate
  /// managed-fields entries, so an apply does not remove what the create set.
  private ObjectWriter.Written update(String namespace, Step.Apply step, Prepared prepared) {
    if (!step.surplus().isEmpty()
        || !step.surplusOwners().isEmpty()
        || !step.surplusAnnotations().isEmpty()) {
      var written = writer.merge(step.child(), namespace, removals(step));
      if (step.onlyRemoves()) {
        return written;
      }
    }
    return writer.apply(step.child(), namespace, body(prepared, namespace));
  }

  private static String removals(Step.Apply step) {
    var patch = JsonNodeFactory.instance.objectNode();
    if (!step.surplusAnnotations().isEmpty()) {
      var annotations = patch.withObject("/metadata").putObject("annotations");
      step.surplusAnnotations().forEach(annotations::putNull);
    }
    if (!step.surplusOwners().isEmpty()) {
      var owners = patch.withObject("/metadata").putArray("ownerReferences");
      step.surplusOwners()
          .forEach(uid -> owners.addObject().put("$patch", "delete").put("uid", uid));
    }
    if (!step.surplus().isEmpty()) {
      var hard = patch.putObject("spec").putObject("hard");
      step.surplus().forEach(hard::putNull);
    }
    return patch.toString();
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
          return new Prepared(object, Serialization.asJson(object));
        });
  }

  private static HasMetadata desired(Step.Apply step) {
    var metadata =
        new ObjectMetaBuilder()
            .withName(step.child().name())
            .withLabels(Child.labels(step.policy().name()))
            .withAnnotations(step.policy().annotations())
            .withOwnerReferences(step.owners())
            .build();
    return switch (step.child().kind()) {
      case LimitRange ->
          new LimitRangeBuilder()
              .withMetadata(metadata)
              .withSpec(step.policy().limitRange())
              .build();
      case ResourceQuota ->
          new ResourceQuotaBuilder()
              .withMetadata(metadata)
              .withSpec(step.policy().resourceQuotas().get(step.child().name()))
              .build();
    };
  }
}
