package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.namespace.NamespacePlanner.Step;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.PodCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Keeps back the objects of a policy whose rollout is WhenSafe, in a namespace in which they would
/// refuse a pod that runs now. Decides by the pods as they are when it is asked.
@ApplicationScoped
public class RolloutGate {
  /// Whether a namespace's objects may be written.
  public enum Answer {
    GO,
    /// They would refuse a pod; or nobody can tell, as pods may not be seen.
    WAIT,
    /// Not known yet.
    OPEN
  }

  private final PodCache pods;
  private final Previewer previewer;

  /// The namespaces that wait, and for which policy.
  private final Map<String, String> waiting = new ConcurrentHashMap<>();

  private volatile Consumer<String> wake = namespace -> {};

  RolloutGate(PodCache pods, Previewer previewer) {
    this.pods = pods;
    this.previewer = previewer;
  }

  /// @param wake makes a namespace ask again
  public void wakes(Consumer<String> wake) {
    this.wake = wake;
  }

  /// Asked about the steps that put a policy's objects in place or change them; restoring what
  /// somebody changed is not asked about.
  ///
  /// @param policy that governs the namespace, or null
  public Answer ask(CompiledPolicy policy, String namespace, List<Step> steps) {
    if (policy == null
        || !policy.waitsUntilSafe()
        || steps.stream().noneMatch(RolloutGate::matters)) {
      waiting.remove(namespace);
      return Answer.GO;
    }
    waiting.put(namespace, policy.name()); // before the pods are read: a change after that wakes
    var answer = answer(policy, namespace);
    if (answer == Answer.GO) {
      waiting.remove(namespace);
    }
    return answer;
  }

  private Answer answer(CompiledPolicy policy, String namespace) {
    if (pods.trouble() != null) {
      return Answer.WAIT;
    }
    if (!pods.synced()) {
      return Answer.OPEN;
    }
    var seen = previewer.preview(policy, namespace, pods.inNamespace(namespace));
    if (!seen.safe()) {
      return Answer.WAIT;
    }
    return seen.settled() ? Answer.GO : Answer.OPEN;
  }

  /// Marks and owners alone refuse no pod.
  private static boolean matters(Step step) {
    return step instanceof Step.Apply apply
        && (apply.found() == null
            || apply.differences().stream().anyMatch(d -> !d.field().startsWith("metadata.")));
  }

  /// Told what the pods of a namespace come to, for each policy that judges them.
  ///
  /// @param safe names of the policies that would refuse none of them
  void reviewed(String namespace, List<String> safe) {
    var policy = waiting.get(namespace);
    if (policy != null && safe.contains(policy)) {
      wake.accept(namespace);
    }
  }

  /// What keeps the operator from seeing pods has changed: all that wait ask again.
  void viewChanged() {
    waiting.keySet().forEach(namespace -> wake.accept(namespace));
  }

  public void forget(String namespace) {
    waiting.remove(namespace);
  }
}
