package io.cgrouppolicy.shell.start;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeList;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaList;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReview;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/// Loads classes while Quarkus starts, which the first requests would otherwise wait for. It sends
/// nothing, and a failure only costs time.
final class WarmUp {
  private static final Logger LOG = Logger.getLogger(WarmUp.class);

  /// The kinds that are read before this replica leads.
  private static final List<Class<? extends KubernetesResource>> FIRST =
      List.of(
          NamespaceList.class,
          NodeList.class,
          LimitRangeList.class,
          ResourceQuotaList.class,
          CgroupPolicy.class,
          EventList.class,
          SelfSubjectRulesReview.class,
          Lease.class);

  /// The watched kinds, which the events of a watch name. Others are requested by type.
  private static final List<Class<? extends KubernetesResource>> WATCHED =
      List.of(
          CgroupPolicy.class,
          Event.class,
          LimitRange.class,
          Namespace.class,
          Node.class,
          PersistentVolumeClaim.class,
          Pod.class,
          ResourceQuota.class,
          StatefulSet.class,
          Status.class);

  /// The client's own serialization, because each instance caches types; without the hundreds of
  /// kinds that it would search for. A second caller waits for the first, as for the initialization
  /// of any class.
  ///
  /// The parser has no limits of its own: the API server limits objects to 10,000 levels and a few
  /// megabytes. One object beyond the parser's default limits, which any user can create, would end
  /// the watch on all objects of its kind.
  private static final class Shared {
    static final KubernetesSerialization SERIALIZATION =
        new KubernetesSerialization(
            new ObjectMapper(
                    JsonFactory.builder()
                        .streamReadConstraints(
                            StreamReadConstraints.builder()
                                .maxNestingDepth(Integer.MAX_VALUE)
                                .maxNameLength(Integer.MAX_VALUE)
                                .build())
                        .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                        .build())
                .addMixIn(ManagedFieldsEntry.class, WithoutFields.class),
            false);

    static {
      WATCHED.forEach(SERIALIZATION::registerKubernetesResource);
    }
  }

  /// Skips what nothing reads: most of the managed fields, which users can nest deeply.
  @JsonIgnoreProperties("fieldsV1")
  private interface WithoutFields {}

  private WarmUp() {}

  static KubernetesSerialization serialization() {
    return Shared.SERIALIZATION;
  }

  static void run() {
    try {
      Config.autoConfigure(null);
      startHandshake();
      MethodHandles.lookup().ensureInitialized(KubernetesClientImpl.class);
      FIRST.forEach(kind -> serialization().unmarshal("{\"items\":[{\"metadata\":{}}]}", kind));
      serialization().asJson(new Lease());
    } catch (GeneralSecurityException
        | SSLException
        | ReflectiveOperationException
        | RuntimeException e) {
      LOG.debug("the warm-up failed", e);
    }
  }

  /// Makes the first message of a client, with its key.
  private static void startHandshake() throws GeneralSecurityException, SSLException {
    var engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    engine.wrap(
        ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
  }
}
