package io.cgrouppolicy.shell.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.shell.write.ObjectWriter.Written;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import org.junit.jupiter.api.Test;

class PendingWritesTest {
  private static final HasMetadata CACHED = Children.foreign(Child.NAME, "5");
  private static final HasMetadata WRITTEN = Children.foreign(Child.NAME, "10");

  private final PendingWrites writes = new PendingWrites();

  private HasMetadata latest(HasMetadata cached, String shownUpTo) {
    return writes.latest(Child.LIMIT_RANGE, "a", cached, shownUpTo);
  }

  private void wrote(Child child, String namespace, HasMetadata object, String version) {
    writes.wrote(child, namespace, object, new Written("foreign", version));
  }

  @Test
  void withoutAWriteTheCacheIsRight() {
    assertThat(latest(CACHED, "5")).isSameAs(CACHED);
    assertThat(latest(null, null)).isNull();
  }

  @Test
  void aWriteCountsUntilTheWatchHasCaughtUp() {
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    assertThat(latest(null, "9")).isEqualTo(WRITTEN);
    assertThat(latest(CACHED, "9")).isEqualTo(WRITTEN);
    assertThat(latest(CACHED, "10")).isSameAs(CACHED);
    assertThat(latest(CACHED, "9")).as("settled for good").isSameAs(CACHED);
  }

  @Test
  void anEchoMayBeFasterThanTheAnswer() {
    assertThat(latest(WRITTEN, "12")).isEqualTo(WRITTEN);
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    assertThat(latest(CACHED, "12")).as("another client's change after ours").isSameAs(CACHED);
  }

  @Test
  void anObjectDeletedWhileTheWatchWasDownIsNotBelievedThere() {
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    // The watch comes back with a list that lacks the object: there is no event for it.
    assertThat(latest(null, "20")).isNull();
  }

  /// Otherwise the object would be deleted again, as if another client had restored it.
  @Test
  void aDeletionCountsUntilTheWatchHasShownIt() {
    var deleted = withUid("one");
    writes.deleted(Child.LIMIT_RANGE, "a", "one");
    assertThat(latest(deleted, "99")).isNull();
    assertThat(latest(null, "99")).isNull();
    assertThat(latest(deleted, "99")).as("settled for good").isSameAs(deleted);
  }

  @Test
  void anObjectCreatedAfterADeletionIsSeenAtOnce() {
    var another = withUid("two");
    writes.deleted(Child.LIMIT_RANGE, "a", "one");
    assertThat(latest(another, "1")).isSameAs(another);
    writes.deleted(Child.LIMIT_RANGE, "a", "two");
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    assertThat(latest(another, "9")).as("our own").isEqualTo(WRITTEN);
  }

  private static HasMetadata withUid(String uid) {
    var object = Children.foreign(Child.NAME, "5");
    object.getMetadata().setUid(uid);
    return object;
  }

  /// Otherwise its deletion would have no preconditions that the API server could accept.
  @Test
  void anObjectThatTheWatchHasNotShownHasTheUidAndVersionOfItsWrite() {
    var limitRange = limitRange(null, "1Gi");
    limitRange.getMetadata().setUid(null);
    writes.wrote(Child.LIMIT_RANGE, "a", limitRange, new Written("one", "10"));
    var latest = latest(null, "9");
    assertThat(latest.getMetadata().getUid()).isEqualTo("one");
    assertThat(latest.getMetadata().getResourceVersion()).isEqualTo("10");
    assertThat(Child.sameSpec(latest, limitRange)).isTrue();
    assertThat(limitRange.getMetadata().getUid()).as("shared by namespaces").isNull();

    var quota =
        new ResourceQuotaBuilder().withNewSpec().addToHard("pods", new Quantity("5")).endSpec();
    var child = Child.quota(Child.NAME);
    writes.wrote(
        child, "a", quota.withNewMetadata().endMetadata().build(), new Written("two", "11"));
    var latestQuota = writes.latest(child, "a", null, "9");
    assertThat(latestQuota.getMetadata().getUid()).isEqualTo("two");
    assertThat(latestQuota.getMetadata().getResourceVersion()).isEqualTo("11");
    assertThat(Child.sameSpec(latestQuota, quota.build())).isTrue();
  }

  /// A quota that a policy no longer has must be found although the watch has not shown it.
  @Test
  void namesTheWritesInANamespace() {
    wrote(Child.quota("cgroup-policy-b"), "a", WRITTEN, "10");
    wrote(Child.quota(Child.NAME), "a", WRITTEN, "10");
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    wrote(Child.quota("cgroup-policy-c"), "a-b", WRITTEN, "10");
    assertThat(writes.names(Child.Kind.ResourceQuota, "a"))
        .containsExactly("cgroup-policy", "cgroup-policy-b");
    writes.forget("a");
    assertThat(writes.names(Child.Kind.ResourceQuota, "a")).isEmpty();
    assertThat(latest(null, "9")).isNull();
    assertThat(writes.names(Child.Kind.ResourceQuota, "a-b")).containsExactly("cgroup-policy-c");
  }

  @Test
  void theLastWriteCounts() {
    wrote(Child.LIMIT_RANGE, "a", CACHED, "5");
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    assertThat(latest(CACHED, "7")).isEqualTo(WRITTEN);
  }

  @Test
  void objectsAndNamespacesAreApart() {
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    assertThat(writes.latest(Child.quota(Child.NAME), "a", null, "1")).isNull();
    assertThat(writes.latest(Child.LIMIT_RANGE, "b", null, "1")).isNull();
  }

  @Test
  void aNamespaceIsForgotten() {
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "10");
    wrote(Child.quota(Child.NAME), "a", WRITTEN, "11");
    writes.forget("a");
    assertThat(latest(null, "1")).isNull();
    assertThat(writes.latest(Child.quota(Child.NAME), "a", null, "1")).isNull();
  }

  @Test
  void versionsThatAreNoNumbersMakeTheCacheRight() {
    wrote(Child.LIMIT_RANGE, "a", WRITTEN, "x1");
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
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "7", "1Gi")).isFalse();
    writes.writing(Child.LIMIT_RANGE, "a");
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "7", "1Gi")).isTrue();
    assertThat(isEcho(Child.quota(Child.NAME), "a", "7", "1Gi")).as("another object").isFalse();
    assertThat(isEcho(Child.LIMIT_RANGE, "b", "7", "1Gi")).as("another namespace").isFalse();
    writes.ended(Child.LIMIT_RANGE, "a");
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "7", "1Gi")).isFalse();
  }

  @Test
  void afterAWriteItsVersionAndContentAreItsEcho() {
    var written = limitRange(null, "1Gi");
    wrote(Child.LIMIT_RANGE, "a", written, "8");
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "9", "1Gi")).as("another writer").isFalse();
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "8", "1024Mi")).isTrue();
    wrote(Child.LIMIT_RANGE, "a", written, "10");
    assertThat(isEcho(Child.LIMIT_RANGE, "a", "10", "2Gi")).as("a webhook's change").isFalse();
  }
}
