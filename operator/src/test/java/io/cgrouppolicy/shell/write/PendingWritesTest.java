package io.cgrouppolicy.shell.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;

class PendingWritesTest {
  private static final HasMetadata CACHED = Children.foreign(Child.NAME, "5");
  private static final HasMetadata WRITTEN = Children.foreign(Child.NAME, "10");

  private final PendingWrites writes = new PendingWrites();

  private HasMetadata latest(HasMetadata cached, String shownUpTo) {
    return writes.latest(Child.LimitRange, "a", cached, shownUpTo);
  }

  @Test
  void withoutAWriteTheCacheIsRight() {
    assertThat(latest(CACHED, "5")).isSameAs(CACHED);
    assertThat(latest(null, null)).isNull();
  }

  @Test
  void aWriteCountsUntilTheWatchHasGotAsFar() {
    writes.wrote(Child.LimitRange, "a", WRITTEN, "10");
    assertThat(latest(null, "9")).isSameAs(WRITTEN);
    assertThat(latest(CACHED, "9")).isSameAs(WRITTEN);
    assertThat(latest(CACHED, "10")).isSameAs(CACHED);
    assertThat(latest(CACHED, "9")).as("settled for good").isSameAs(CACHED);
  }

  @Test
  void anEchoMayBeFasterThanTheAnswer() {
    assertThat(latest(WRITTEN, "12")).isSameAs(WRITTEN);
    writes.wrote(Child.LimitRange, "a", WRITTEN, "10");
    assertThat(latest(CACHED, "12")).as("somebody's change after ours").isSameAs(CACHED);
  }

  @Test
  void anObjectDeletedWhileTheWatchWasDownIsNotBelievedThere() {
    writes.wrote(Child.LimitRange, "a", WRITTEN, "10");
    // The watch comes back with a list that lacks the object: there is no event for it.
    assertThat(latest(null, "20")).isNull();
  }

  @Test
  void aDeletionCountsToo() {
    writes.wrote(Child.LimitRange, "a", null, "10");
    assertThat(latest(CACHED, "9")).isNull();
    assertThat(latest(CACHED, "11")).isSameAs(CACHED);
  }

  @Test
  void theLastWriteCounts() {
    writes.wrote(Child.LimitRange, "a", CACHED, "10");
    writes.wrote(Child.LimitRange, "a", WRITTEN, "20");
    assertThat(latest(CACHED, "15")).isSameAs(WRITTEN);
  }

  @Test
  void objectsAndNamespacesAreApart() {
    writes.wrote(Child.LimitRange, "a", WRITTEN, "10");
    assertThat(writes.latest(Child.ResourceQuota, "a", null, "1")).isNull();
    assertThat(writes.latest(Child.LimitRange, "b", null, "1")).isNull();
  }

  @Test
  void aNamespaceIsForgotten() {
    writes.wrote(Child.LimitRange, "a", WRITTEN, "10");
    writes.wrote(Child.ResourceQuota, "a", WRITTEN, "11");
    writes.forget("a");
    assertThat(latest(null, "1")).isNull();
    assertThat(writes.latest(Child.ResourceQuota, "a", null, "1")).isNull();
  }

  @Test
  void versionsThatAreNoNumbersMakeTheCacheRight() {
    writes.wrote(Child.LimitRange, "a", WRITTEN, "x1");
    assertThat(latest(CACHED, "x0")).isSameAs(CACHED);
  }

  private boolean isEcho(Child child, String namespace, String version, String memory) {
    var shown = limitRange(version, memory);
    shown.getMetadata().setNamespace(namespace);
    return writes.isEcho(child, shown);
  }

  private static LimitRange limitRange(String version, String memory) {
    var object = Children.foreign(Child.NAME, version);
    object.setSpec(
        new LimitRangeSpecBuilder()
            .addNewLimit()
            .addToDefault("memory", new Quantity(memory))
            .endLimit()
            .build());
    return object;
  }

  @Test
  void anyEventDuringAWriteIsItsEcho() {
    assertThat(isEcho(Child.LimitRange, "a", "7", "1Gi")).isFalse();
    writes.writing(Child.LimitRange, "a");
    assertThat(isEcho(Child.LimitRange, "a", "7", "1Gi")).isTrue();
    assertThat(isEcho(Child.ResourceQuota, "a", "7", "1Gi")).as("another object").isFalse();
    assertThat(isEcho(Child.LimitRange, "b", "7", "1Gi")).as("another namespace").isFalse();
    writes.ended(Child.LimitRange, "a");
    assertThat(isEcho(Child.LimitRange, "a", "7", "1Gi")).isFalse();
  }

  @Test
  void afterAWriteItsVersionAndContentAreItsEcho() {
    var written = limitRange(null, "1Gi");
    writes.wrote(Child.LimitRange, "a", written, "8");
    assertThat(isEcho(Child.LimitRange, "a", "9", "1Gi")).as("another writer").isFalse();
    assertThat(isEcho(Child.LimitRange, "a", "8", "1024Mi")).isTrue();
    writes.wrote(Child.LimitRange, "a", written, "10");
    assertThat(isEcho(Child.LimitRange, "a", "10", "2Gi")).as("a webhook's change").isFalse();
  }
}
