package io.cgrouppolicy.shell.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WriteTurnsTest {
  private final List<String> woken = new ArrayList<>();
  private final Set<String> deleted = new HashSet<>();
  private final WriteTurns turns =
      new WriteTurns(
          2,
          namespace -> {
            woken.add(namespace);
            return !deleted.contains(namespace);
          });

  @Test
  void asManyNamespacesAsThereAreTurnsAreWrittenAtOnce() {
    assertThat(turns.take("a", false)).isTrue();
    assertThat(turns.take("b", true)).isTrue();
    assertThat(turns.take("c", false)).isFalse();
    assertThat(turns.take("d", true)).as("urgent").isFalse();
  }

  @Test
  void urgentWritesAreNextAndOthersKeepTheirOrder() {
    fill();
    turns.take("c", false);
    turns.take("d", false);
    turns.take("e", true);
    turns.take("c", false); // reconciled again meanwhile
    end("a", "b", "e", "c");
    assertThat(woken).containsExactly("e", "c", "d");
  }

  @Test
  void aNamespaceKeepsItsTurnForItsNextWrite() {
    fill();
    turns.take("c", false);
    assertThat(turns.take("a", false)).isTrue();
  }

  @Test
  void aNamespaceLosesItsTurnToUrgentWrites() {
    fill();
    turns.take("c", true);
    assertThat(turns.take("b", true)).as("urgent itself").isTrue();
    assertThat(turns.take("a", false)).isFalse();
    end("a");
    assertThat(woken).containsExactly("c");
    assertThat(turns.take("c", true)).isTrue();
    end("b", "c");
    assertThat(woken).containsExactly("c", "a");
  }

  @Test
  void aNamespaceThatBecomesUrgentWaitsOnce() {
    fill();
    turns.take("c", false);
    turns.take("c", true);
    end("a", "b");
    assertThat(woken).containsExactly("c");
  }

  @Test
  void whileAllTurnsAreTakenNoNamespaceIsWoken() {
    fill();
    turns.take("c", false);
    end("c", "x");
    assertThat(woken).isEmpty();
  }

  @Test
  void aDeletedNamespaceIsSkipped() {
    fill();
    turns.take("c", false);
    turns.take("d", false);
    deleted.add("c");
    end("a");
    assertThat(woken).containsExactly("c", "d");
  }

  private void fill() {
    turns.take("a", false);
    turns.take("b", false);
  }

  private void end(String... namespaces) {
    List.of(namespaces).forEach(turns::end);
  }
}
