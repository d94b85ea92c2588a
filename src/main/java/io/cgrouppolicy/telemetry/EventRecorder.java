package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.limits.Child;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Kubernetes events about namespaces. Sent aside, so that they never hold up a reconciliation, and
/// at a bounded rate, so that they never take the API server's time from the writes that count.
@ApplicationScoped
public class EventRecorder {
  private static final Logger LOG = Logger.getLogger(EventRecorder.class);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final int PER_SECOND = 20;

  private record Pending(String namespace, String reason, String action, String note, Instant at) {}

  private final KubernetesClient client;
  private final Counter dropped;
  private final String instance;
  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(200);
  private final Thread sender;

  EventRecorder(KubernetesClient client, MeterRegistry registry) {
    this.client = client;
    this.dropped =
        Counter.builder("cgroup_policy_events_dropped")
            .description("Events not sent, as there were too many at once")
            .register(registry);
    var host = System.getenv("HOSTNAME");
    this.instance = host == null || host.isBlank() ? Child.MANAGER : host;
    this.sender = Thread.ofVirtual().name("event-recorder").start(this::send);
  }

  /// An event of type Warning that regards a namespace; dropped and counted when there are too
  /// many.
  ///
  /// @param reason CamelCase, for example the id of a check
  /// @param action what was done or failed
  public void warning(String namespace, String reason, String action, String note) {
    if (!queue.offer(new Pending(namespace, reason, action, note, Instant.now()))) {
      dropped.increment();
    }
  }

  private void send() {
    try {
      while (true) {
        var event = queue.take();
        try {
          create(event);
        } catch (KubernetesClientException e) {
          LOG.debugf("event %s for %s: %s", event.reason(), event.namespace(), e.getMessage());
        }
        TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit itself
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped");
    }
  }

  private void create(Pending event) {
    var note = event.note().length() > 1024 ? event.note().substring(0, 1024) : event.note();
    client
        .resource(
            new EventBuilder()
                .withNewMetadata()
                .withName(event.namespace() + "." + UUID.randomUUID())
                .withNamespace(event.namespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(event.at())))
                .withType("Warning")
                .withReason(event.reason())
                .withAction(event.action())
                .withNote(note)
                .withReportingController("cgroup-policy.io/operator")
                .withReportingInstance(instance)
                .withNewRegarding()
                .withApiVersion("v1")
                .withKind("Namespace")
                .withName(event.namespace())
                .withNamespace(event.namespace())
                .endRegarding()
                .build())
        .create();
  }

  void stop(@Observes ShutdownEvent event) {
    sender.interrupt();
  }
}
