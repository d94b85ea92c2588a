package io.cgrouppolicy.cli.manifest;

import static io.cgrouppolicy.core.pods.Controllers.NO_SURGE;
import static java.util.Objects.requireNonNullElse;

import io.cgrouppolicy.core.pods.Controllers;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Optional;

/// The pods that an object would make.
///
/// @param replicas one for a DaemonSet, as nodes are unknown, and for a CronJob
/// @param surge as in [io.cgrouppolicy.core.pods.Workload]
public record PodTemplate(PodSpec spec, int replicas, String surge) {
  /// More would exceed any quota, and take memory.
  private static final int MAX_REPLICAS = 1_000;

  /// Empty for an object that makes none, or whose template is missing.
  public static Optional<PodTemplate> of(HasMetadata object) {
    return Optional.ofNullable(
            switch (object) {
              case Pod pod -> new PodTemplate(pod.getSpec(), 1, null);
              case Deployment deployment when deployment.getSpec() != null ->
                  of(
                      deployment.getSpec().getTemplate(),
                      deployment.getSpec().getReplicas(),
                      Controllers.surge(deployment));
              case StatefulSet set when set.getSpec() != null ->
                  of(set.getSpec().getTemplate(), set.getSpec().getReplicas(), NO_SURGE);
              case DaemonSet set when set.getSpec() != null ->
                  of(set.getSpec().getTemplate(), 1, null);
              case ReplicaSet set when set.getSpec() != null ->
                  of(set.getSpec().getTemplate(), set.getSpec().getReplicas(), NO_SURGE);
              case ReplicationController controller when controller.getSpec() != null ->
                  of(
                      controller.getSpec().getTemplate(),
                      controller.getSpec().getReplicas(),
                      NO_SURGE);
              case Job job when job.getSpec() != null ->
                  of(job.getSpec().getTemplate(), job.getSpec().getParallelism(), NO_SURGE);
              case CronJob job
                  when job.getSpec() != null
                      && job.getSpec().getJobTemplate() != null
                      && job.getSpec().getJobTemplate().getSpec() != null ->
                  of(job.getSpec().getJobTemplate().getSpec().getTemplate(), 1, NO_SURGE);
              default -> null;
            })
        .filter(template -> template.spec() != null);
  }

  private static PodTemplate of(PodTemplateSpec template, Integer replicas, String surge) {
    return template == null
        ? null
        : new PodTemplate(
            template.getSpec(),
            Math.clamp(requireNonNullElse(replicas, 1), 0, MAX_REPLICAS),
            surge);
  }
}
