package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.LimitRanger.Admitted;
import io.cgrouppolicy.core.admission.Rejection;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.TreeSet;

/// The result of admitting a new pod, by the API server or by the simulation.
///
/// @param shape the shape of the admitted pod, or null
/// @param words the reasons of the rejection, sorted; empty if the pod was admitted
public record AdmissionAnswer(PodShape shape, List<String> words) {

  public boolean refused() {
    return shape == null;
  }

  /// The simulation's answer.
  public static AdmissionAnswer of(Admitted admitted) {
    return admitted.rejections().isEmpty()
        ? new AdmissionAnswer(withoutPriority(admitted.stored()), List.of())
        : new AdmissionAnswer(
            null,
            List.copyOf(
                new TreeSet<>(admitted.rejections().stream().map(Rejection::text).toList())));
  }

  /// The server's answer to a dry run.
  public static AdmissionAnswer ask(KubernetesClient client, String namespace, Pod pod) {
    try {
      var created = client.resource(pod).inNamespace(namespace).dryRun().create();
      return new AdmissionAnswer(withoutPriority(PodShapes.of(created)), List.of());
    } catch (KubernetesClientException e) {
      return new AdmissionAnswer(null, words(e));
    }
  }

  private static List<String> words(KubernetesClientException e) {
    if (e.getCode() == 422) {
      return e.getStatus().getDetails().getCauses().stream()
          .map(cause -> cause.getField() + ": " + cause.getMessage())
          .sorted()
          .distinct()
          .toList();
    }
    assertThat(e.getCode()).as(e.getMessage()).isEqualTo(403);
    var text = e.getStatus().getMessage().replaceFirst("^pods .*? is forbidden: ", "");
    if (text.startsWith("[")) { // several reasons, each beginning with its bound
      text = text.substring(1, text.length() - 1);
      return List.of(text.split(", (?=minimum |maximum |\\S+ max limit)")).stream()
          .sorted()
          .toList();
    }
    return List.of(text);
  }

  /// The server resolves the value of a priority class, which no check depends on.
  private static PodShape withoutPriority(PodShape shape) {
    return new PodShape(
        shape.containers(),
        shape.podRequests(),
        shape.podLimits(),
        shape.overhead(),
        shape.priorityClass(),
        0,
        shape.deadline(),
        shape.crossNamespaceAffinity());
  }
}
