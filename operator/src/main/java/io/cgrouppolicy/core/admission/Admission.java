package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import java.util.Map;

/// The LimitRanges and ResourceQuotas that a new pod meets in a namespace.
///
/// @param limitRanges as stored, in the order in which they set defaults
public record Admission(List<LimitRangeSpec> limitRanges, List<Quota> quotas) {
  /// A quota and what it counts already.
  public record Quota(QuotaEvaluator evaluator, ResourceList used) {
    public static Quota of(String name, ResourceQuotaSpec spec, Map<String, Quantity> used) {
      return new Quota(new QuotaEvaluator(name, spec), ResourceList.of(used));
    }

    /// A quota that counts these pods, as they run.
    public static Quota of(String name, ResourceQuotaSpec spec, List<PodShape> pods) {
      var evaluator = new QuotaEvaluator(name, spec);
      return new Quota(evaluator, evaluator.sum(pods.stream().map(evaluator::usage).toList()));
    }

    /// The quota after a pod is gone.
    public Quota without(PodShape pod) {
      return new Quota(evaluator, used.minus(evaluator.usage(pod)));
    }
  }

  /// What becomes of a pod.
  ///
  /// @param checked the pod with defaults, as validation and quotas see it
  /// @param stored the pod as clients read it afterwards
  /// @param rejections why it is rejected; empty if it is admitted
  public record Outcome(PodShape checked, PodShape stored, List<Rejection> rejections) {
    public boolean admitted() {
      return rejections.isEmpty();
    }
  }

  /// A running pod as it was written, as far as LimitRanger recorded its defaults, and without
  /// ephemeral containers, which a new pod has not.
  public static PodShape asWritten(PodShape running) {
    var written = PodDefaults.withoutDefaults(running);
    return PodDefaults.with(written, PodResources.inOrder(written));
  }

  /// @param pod as written, such as in the template of a workload
  public Outcome admit(PodShape pod) {
    var admitted = new LimitRanger(limitRanges).admit(pod);
    var rejections = admitted.rejections();
    if (rejections.isEmpty()) {
      rejections =
          QuotaEvaluator.rejections(
              quotas.stream().map(Quota::evaluator).toList(),
              admitted.checked(),
              quotas.stream().map(Quota::used).toList());
    }
    return new Outcome(admitted.checked(), admitted.stored(), rejections);
  }
}
