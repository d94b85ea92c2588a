package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObjectStoreTest {
  private final Set<String> existing = new HashSet<>(Set.of("a"));
  private final List<String> changes = new ArrayList<>();
  private final ObjectStore<String> store =
      new ObjectStore<>(
          "",
          existing::contains,
          (name, before, after) -> changes.add(name + ": " + before + ">" + after));

  @Test
  void keepsARecordPerObjectAndReportsEachChange() {
    assertThat(store.get("a")).isEmpty();
    store.update("a", record -> record + "1");
    store.update("a", record -> record + "2");
    assertThat(store.get("a")).isEqualTo("12");
    assertThat(changes).containsExactly("a: >1", "a: 1>12");
  }

  @Test
  void storesNothingForAMissingObject() {
    store.update("b", record -> "1");
    assertThat(store.get("b")).isEmpty();
    assertThat(store.all()).isEmpty();
  }

  /// The update can end before or after the deletion is reported.
  @Test
  void anUpdateThatRacesWithTheDeletionLeavesNothingBehind() {
    store.update("a", record -> "1");
    existing.remove("a");
    store.update("a", record -> "2");
    assertThat(store.all()).isEmpty();
    store.remove("a");
    assertThat(changes).as("the removal is reported once").containsExactly("a: >1", "a: 1>");
  }

  @Test
  void removesARecordOnce() {
    store.update("a", record -> "1");
    store.remove("a");
    store.remove("a");
    assertThat(store.all()).isEmpty();
    assertThat(changes).containsExactly("a: >1", "a: 1>");
  }
}
