package io.cgrouppolicy.core.status;

import io.cgrouppolicy.core.check.DisplayText;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Builds the conditions of one status. A condition keeps its transition time until its status
/// changes.
public final class Conditions {
  /// Conditions that exist only while they are True.
  private static final Set<String> ABNORMAL_IF_TRUE =
      Set.of("Stalled", "Reconciling", "KubeletConfigUnsafe");

  private static final int MAX_MESSAGE = 1024;

  private final List<Condition> previous;
  private final long generation;
  private final String now;
  private final List<Condition> conditions = new ArrayList<>();

  public Conditions(List<Condition> previous, long generation, Instant now) {
    this.previous = previous == null ? List.of() : previous;
    this.generation = generation;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// @return the given status, so that callers can aggregate several
  public Status set(String type, Status status, String reason, String message) {
    var since =
        previous.stream()
            .filter(c -> c.getType().equals(type) && c.getStatus().equals(status.name()))
            .map(Condition::getLastTransitionTime)
            .findFirst()
            .orElse(now);
    conditions.add(
        new ConditionBuilder()
            .withType(type)
            .withStatus(status.name())
            .withReason(reason)
            .withMessage(DisplayText.truncate(message, MAX_MESSAGE))
            .withLastTransitionTime(since)
            .withObservedGeneration(generation)
            .build());
    return status;
  }

  /// Whether the previous status had this condition.
  boolean was(String type, Status status) {
    return previous.stream()
        .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals(status.name()));
  }

  /// A part of each condition that is Unknown, without repetition.
  List<String> unknown(Function<Condition, String> part) {
    return conditions.stream()
        .filter(condition -> condition.getStatus().equals(Status.Unknown.name()))
        .map(part)
        .distinct()
        .toList();
  }

  /// The conditions in the order in which `kubectl describe` should show them: first what is wrong,
  /// then what is not known.
  public List<Condition> list() {
    return conditions.stream().sorted(Comparator.comparingInt(Conditions::rank)).toList();
  }

  private static int rank(Condition condition) {
    boolean abnormalIfTrue = ABNORMAL_IF_TRUE.contains(condition.getType());
    return switch (Status.valueOf(condition.getStatus())) {
      case False -> 0;
      case Unknown -> 1;
      case True -> abnormalIfTrue ? 0 : 2;
    };
  }

  /// The values of a condition's status, spelled as in the API.
  public enum Status {
    True,
    False,
    Unknown;

    public static Status worst(List<Status> statuses) {
      if (statuses.contains(False)) {
        return False;
      }
      return statuses.contains(Unknown) ? Unknown : True;
    }
  }
}
