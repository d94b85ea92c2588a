package io.cgrouppolicy.shell.start;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeList;
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

/// Does early, beside Quarkus' own start, what the first requests would wait for: most of it is the
/// loading of classes. It sends nothing, and a failure costs time only.
final class WarmUp {
  private static final Logger LOG = Logger.getLogger(WarmUp.class);

  /// What is read before this replica leads.
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

  /// What is watched, as the events of a watch name their kind. All others are asked for by type.
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

  /// The client's own, as each remembers what it knows of types; without the hundreds of kinds that
  /// it would look for. The second caller waits for the first, as for any class to be initialized.
  private static final class Shared {
    static final KubernetesSerialization SERIALIZATION =
        new KubernetesSerialization(new ObjectMapper(), false);

    static {
      WATCHED.forEach(SERIALIZATION::registerKubernetesResource);
    }
  }

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
