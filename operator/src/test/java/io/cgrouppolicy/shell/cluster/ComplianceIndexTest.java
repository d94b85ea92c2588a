package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComplianceIndexTest {
  private static final NamespaceVerdict GOOD = new NamespaceVerdict("u", 1, null, List.of());
  private static final NamespaceVerdict NEWER = new NamespaceVerdict("u", 2, null, List.of());

  private final List<String> woken = new ArrayList<>();
  private final ComplianceIndex<NamespaceVerdict> index = new ComplianceIndex<>(woken::add);

  @Test
  void wakesAPolicyForANewOrChangedVerdictOnly() {
    index.put("a", Map.of("p", GOOD));
    assertThat(woken).containsExactly("p");
    index.put("a", Map.of("p", new NamespaceVerdict("u", 1, null, List.of())));
    assertThat(woken).as("an equal verdict wakes nothing").hasSize(1);
    index.put("a", Map.of("p", NEWER));
    assertThat(woken).hasSize(2);
    assertThat(index.get("a")).containsExactly(Map.entry("p", NEWER));
  }

  @Test
  void wakesThePolicyThatLostANamespace() {
    index.put("a", Map.of("p", GOOD, "q", GOOD));
    woken.clear();
    index.put("a", Map.of("q", GOOD));
    assertThat(woken).containsExactly("p");
    woken.clear();
    index.remove("a");
    assertThat(woken).containsExactly("q");
    assertThat(index.get("a")).isEmpty();
    woken.clear();
    index.remove("a");
    assertThat(woken).isEmpty();
  }

  @Test
  void namespacesAreIndependent() {
    index.put("a", Map.of("p", GOOD));
    assertThat(index.get("b")).isEmpty();
    index.remove("b");
    assertThat(index.get("a")).hasSize(1);
  }
}
