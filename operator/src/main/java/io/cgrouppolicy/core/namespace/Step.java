package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;

/// A write.
public sealed interface Step {
  Child child();

  /// Whether the object could reject a pod after this write that it did not reject before.
  boolean canReject();

  /// Creates or updates an object of ours.
  ///
  /// @param found the existing object, or null
  /// @param surplus keys of the quota that the policy does not set
  /// @param surplusOwners uids of policies that own the object but should not
  /// @param surplusAnnotations our annotations that the policy does not set
  /// @param recreate whether to delete and create the object because an immutable field differs
  record Apply(
      Child child,
      CompiledPolicy policy,
      List<OwnerReference> owners,
      HasMetadata found,
      List<Difference> differences,
      List<String> surplus,
      List<String> surplusOwners,
      List<String> surplusAnnotations,
      boolean recreate)
      implements Step {
    /// Changes of labels and owners reject no pod.
    @Override
    public boolean canReject() {
      return found == null
          || differences.stream().anyMatch(d -> !d.field().startsWith("metadata."));
    }

    /// Whether the object only has too much: when that is removed, an apply would change nothing.
    public boolean onlyRemoves() {
      boolean owners =
          !surplusOwners.isEmpty()
              && Child.policyOwners(found).size() == this.owners.size() + surplusOwners.size();
      return differences.size() == surplusAnnotations.size() + (owners ? 1 : 0);
    }
  }

  /// Deletes an object of ours.
  record Delete(Child child, HasMetadata found) implements Step {
    @Override
    public boolean canReject() {
      return false;
    }
  }
}
