package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactStoreTest {
  private final List<String> changed = new ArrayList<>();
  private final FactStore<PersistentVolumeClaim, String> store =
      new FactStore<>(
          PersistentVolumeClaim::new, claim -> claim.getSpec().getVolumeName(), changed::add);

  private PersistentVolumeClaim put(String namespace, String name, String volume) {
    var claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withVolumeName(volume)
            .endSpec()
            .build();
    return store.put(store.getKey(claim), claim);
  }

  @Test
  void keepsFactsByNamespaceAndReportsChanges() {
    assertThat(put("a", "x", "1")).isNull();
    put("a-b", "x", "2");
    put("a", "y", "3");
    assertThat(put("a", "x", "1").getMetadata().getName()).isEqualTo("x");
    assertThat(changed).as("no report without a change").containsExactly("a", "a-b", "a");
    assertThat(store.inNamespace("a")).containsExactly("1", "3");
    assertThat(store.inNamespace("a-b")).containsExactly("2");
    assertThat(store.inNamespace("b")).isEmpty();
  }

  @Test
  void buildsObjectsWithWhichTheInformerFindsDeletions() {
    put("a", "x", "1");
    assertThat(store.values().map(store::getKey)).containsExactly("a/x");
    assertThat(store.keySet()).containsExactly("a/x");
    assertThat(store.get("a/x").getMetadata().getNamespace()).isEqualTo("a");
    assertThat(store.remove("a/x")).isNotNull();
    assertThat(store.remove("a/x")).isNull();
    assertThat(store.size()).isZero();
    assertThat(changed).containsExactly("a", "a");
  }

  @Test
  void dropsObjectsWithoutFacts() {
    put("a", "x", "1");
    put("a", "x", null);
    put("a", "y", null);
    assertThat(store.size()).isZero();
    assertThat(changed).containsExactly("a", "a");
  }
}
