package io.cgrouppolicy.core.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a policy says of PersistentVolumeClaims and of those that StatefulSets create.
class StoragePreviewTest {
  private static final String BOUNDS =
      "limitRange: {limits: [{type: PersistentVolumeClaim, min: {storage: 2Gi}, max: {storage:"
          + " 8Gi}}]}";

  private static Claim claim(String name, String spec) {
    return Claim.of(
        Serialization.unmarshal(
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %s}
            %s
            """
                .formatted(name, spec),
            PersistentVolumeClaim.class));
  }

  private static Claim ofSize(String name, String storage) {
    return claim(name, "spec: {resources: {requests: {storage: " + storage + "}}}");
  }

  private static ClaimTemplates set(String name, String head, String storage) {
    return ClaimTemplates.of(
        Serialization.unmarshal(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: %s}
            spec:
              %s
              volumeClaimTemplates:
              - metadata: {name: data}
                spec: {resources: {requests: {storage: %s}}}
            """
                .formatted(name, head, storage),
            StatefulSet.class));
  }

  private static List<WorkloadFinding> preview(
      String policy, List<Claim> claims, ClaimTemplates... sets) {
    var compiled = Policies.compiled("p", "namespaces: {selector: {}, " + policy + "}");
    assertThat(compiled.problems()).isEmpty();
    assertThat(compiled.limitsStorage()).isTrue();
    return StoragePreview.of(compiled, "shop", claims, List.of(sets));
  }

  private static List<String> messages(List<WorkloadFinding> findings) {
    return findings.stream().map(found -> found.kind() + " " + found.finding().message()).toList();
  }

  @Test
  void namesOneClaimThatCouldNotBeCreatedAgain() {
    var claims = List.of(ofSize("ok", "2Gi"), ofSize("small", "1Gi"), ofSize("large", "10Gi"));
    assertThat(messages(preview(BOUNDS, claims)))
        .containsExactly(
            "PersistentVolumeClaim shop/large: would be rejected when next created, like 1 more:"
                + " maximum storage usage per PersistentVolumeClaim is 8Gi, but request is"
                + " 10Gi");
    assertThat(messages(preview(BOUNDS, claims.subList(0, 2))))
        .containsExactly(
            "PersistentVolumeClaim shop/small: would be rejected when next created: minimum storage"
                + " usage per PersistentVolumeClaim is 2Gi, but request is 1Gi");
  }

  @Test
  void aStatefulSetStandsForItsClaims() {
    var claims = List.of(ofSize("data-db-0", "1Gi"), ofSize("data-db-x", "1Gi"));
    assertThat(preview(BOUNDS, claims, set("db", "", "1Gi")))
        .extracting(WorkloadFinding::kind, WorkloadFinding::name)
        .containsExactly(tuple("StatefulSet", "db"), tuple("PersistentVolumeClaim", "data-db-x"));
    assertThat(messages(preview(BOUNDS, List.of(), set("db", "", "1Gi"))))
        .containsExactly(
            "StatefulSet shop/db: new claims of its template data would be rejected: minimum"
                + " storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi");
  }

  @Test
  void reportsAQuotaThatClaimsExceedAlready() {
    var quota = "resourceQuotas: [{name: s, hard: {requests.storage: 5Gi}}]";
    var claims = List.of(ofSize("a", "3Gi"), ofSize("b", "3Gi"));
    assertThat(messages(preview(quota, claims)))
        .containsExactly(
            "Namespace quota cgroup-policy-s is below current usage: requests.storage is 6Gi, but"
                + " only 5Gi is allowed");
    assertThat(preview(quota, claims.subList(0, 1))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "persistentvolumeclaims: 1                                        | true",
        "count/persistentvolumeclaims: 1                                  | true",
        "persistentvolumeclaims: 2                                        | false",
        "fast.storageclass.storage.k8s.io/persistentvolumeclaims: 0       | true",
        "fast.storageclass.storage.k8s.io/persistentvolumeclaims: 1       | false",
        "fast.storageclass.storage.k8s.io/requests.storage: 2Gi           | true",
        "fast.storageclass.storage.k8s.io/requests.storage: 3Gi           | false",
        "slow.storageclass.storage.k8s.io/requests.storage: 1Gi           | true",
        "none.storageclass.storage.k8s.io/requests.storage: 0             | false",
        "requests.storage: 7Gi                                            | true",
        "requests.storage: 8Gi                                            | false",
      })
  void countsByClassAndByWhatIsAllocated(String hard, boolean exceeded) {
    var claims =
        List.of(
            claim(
                "fast",
                "spec: {storageClassName: fast, resources: {requests: {storage: 3Gi}}}\nstatus:"
                    + " {allocatedResources: {storage: 2Gi}}"),
            claim(
                "slow",
                "spec: {storageClassName: slow, resources: {requests: {storage: 4Gi}}}\nstatus:"
                    + " {allocatedResources: {storage: 5Gi}}"));
    assertThat(preview("resourceQuota: {hard: {" + hard + "}}", claims)).hasSize(exceeded ? 1 : 0);
  }

  @Test
  void theAnnotationOfAClassPrecedesItsField() {
    var claim = new PersistentVolumeClaim();
    claim.setMetadata(
        new ObjectMetaBuilder()
            .withName("a")
            .addToAnnotations("volume.beta.kubernetes.io/storage-class", "old")
            .build());
    claim.setSpec(new PersistentVolumeClaimSpecBuilder().withStorageClassName("new").build());
    assertThat(Claim.of(claim).storageClass()).isEqualTo("old");
  }

  @Test
  void onlyScopesOfAttributesClassesMatchClaims() {
    var claims =
        List.of(
            claim(
                "gold",
                "spec: {volumeAttributesClassName: gold, resources: {requests: {storage: 3Gi}}}"),
            ofSize("plain", "3Gi"));
    var quota =
        "resourceQuotas: [{name: vac, hard: {requests.storage: 2Gi}, scopeSelector:"
            + " {matchExpressions: [{scopeName: VolumeAttributesClass, operator: %s}]}}]";
    for (var operator : List.of("Exists", "'In', values: [gold]", "'NotIn', values: [gold]")) {
      assertThat(messages(preview(quota.formatted(operator), claims)))
          .singleElement()
          .satisfies(text -> assertThat(text).contains("requests.storage is 3Gi"));
    }
    var ofPods = new QuotaEvaluator("q", Samples.quota("pods=1", "BestEffort"));
    assertThat(ofPods.usage(claims.getFirst()).isEmpty()).isTrue();
  }

  @Test
  void theClaimsThatReplicasLackNeedRoom() {
    var quota = "resourceQuota: {hard: {requests.storage: 10Gi}}";
    var claims = List.of(ofSize("data-db-0", "4Gi"));
    var two = set("db", "replicas: 2", "4Gi");
    assertThat(preview(quota, claims, two)).as("8Gi").isEmpty();
    assertThat(messages(preview(quota, claims, set("db", "replicas: 3", "4Gi"))))
        .containsExactly(
            "StatefulSet shop/db: its claim data-db-2 would be rejected: exceeded quota:"
                + " cgroup-policy, requested: requests.storage=4Gi, used: requests.storage=8Gi,"
                + " limited: requests.storage=10Gi");
    var moved = set("db", "replicas: 2\n  ordinals: {start: 5}", "4Gi");
    assertThat(messages(preview(quota, claims, moved)))
        .singleElement()
        .satisfies(text -> assertThat(text).contains("its claim data-db-6 would"));
    assertThat(preview(quota, claims, set("db", "replicas: 0", "99Gi")))
        .as("nothing to create")
        .isEmpty();
  }

  @Test
  void aStatefulSetWithoutTemplatesIsNotKept() {
    var plain =
        Serialization.unmarshal(
            "kind: StatefulSet\nmetadata: {name: a}\nspec: {replicas: 1}", StatefulSet.class);
    assertThat(ClaimTemplates.of(plain)).isNull();
  }

  @Test
  void policiesWithoutStorageNeedNoClaims() {
    assertThat(
            Stream.of(Policies.BASELINE, Policies.ALL)
                .map(spec -> Policies.compiled("p", spec).limitsStorage()))
        .containsOnly(false);
  }
}
