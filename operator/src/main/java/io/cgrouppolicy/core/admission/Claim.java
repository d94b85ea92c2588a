package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;

/// A PersistentVolumeClaim, or a StatefulSet's template of one, as admission sees it.
///
/// @param storageClass the class or, before the server sets the default one, ""
/// @param request the requested storage, or null
/// @param charged the storage that quotas count: the request, or what is allocated if that is more
/// @param attributesClass the VolumeAttributesClass, or ""
public record Claim(
    String name, String storageClass, Quantity request, Quantity charged, String attributesClass) {
  private static final String STORAGE = "storage";

  /// The annotation that precedes `storageClassName`.
  private static final String CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

  public static Claim of(PersistentVolumeClaim claim) {
    var spec = claim.getSpec();
    var annotations = claim.getMetadata().getAnnotations();
    var annotated = annotations == null ? null : annotations.get(CLASS_ANNOTATION);
    var requests = spec.getResources() == null ? null : spec.getResources().getRequests();
    var request = requests == null ? null : requests.get(STORAGE);
    var allocated =
        claim.getStatus() == null || claim.getStatus().getAllocatedResources() == null
            ? null
            : claim.getStatus().getAllocatedResources().get(STORAGE);
    boolean more =
        allocated != null
            && request != null
            && CanonicalQuantity.of(allocated).compareTo(CanonicalQuantity.of(request)) > 0;
    return new Claim(
        claim.getMetadata().getName(),
        orEmpty(annotated != null ? annotated : spec.getStorageClassName()),
        request,
        more ? allocated : request,
        orEmpty(spec.getVolumeAttributesClassName()));
  }

  Claim named(String other) {
    return new Claim(other, storageClass, request, charged, attributesClass);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text.intern(); // few classes, many claims
  }
}
