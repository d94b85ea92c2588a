package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.RejectionEvents.Notice;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Sends Kubernetes events about namespaces, workloads, nodes and policies. Sends them in the
/// background, so that they never delay a reconciliation, and at a limited rate, so that they never
/// compete with the writes that enforce policies.
@ApplicationScoped
public class EventRecorder {
  private static final Logger LOG = Logger.getLogger(EventRecorder.class);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final int PER_SECOND = 20;
  private static final int QUEUE = 200;
  private static final int MAX_NOTE = 1024;

  /// The minimum time between two warnings in the log about failed events.
  private static final Duration SILENCE = Duration.ofMinutes(1);

  /// The namespace where clients look for events about cluster-scoped objects other than
  /// namespaces.
  private static final String CLUSTER_SCOPED = "default";

  /// The type of an event: Warning if it needs attention.
  public enum Type {
    Normal,
    Warning
  }

  private final KubernetesClient client;
  private final InstantSource clock;
  private final Counter dropped;
  private final String instance;
  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread sender;
  private Instant warned = Instant.EPOCH; // accessed by the sender only

  EventRecorder(KubernetesClient client, InstantSource clock, MeterRegistry registry) {
    this.client = client;
    this.clock = clock;
    this.dropped =
        Counter.builder("cgroup_policy_events_dropped")
            .description("Events not sent, because there were too many at once or sending failed")
            .register(registry);
    var host = System.getenv("HOSTNAME");
    this.instance = host == null || host.isBlank() ? Child.MANAGER : host;
    this.sender =
        Thread.ofVirtual()
            .name("event-recorder")
            .inheritInheritableThreadLocals(false)
            .start(this::send); // and not the log context
  }

  /// Sends an event of type Warning about a namespace; drops and counts it if there are too many.
  ///
  /// @param reason CamelCase, for example the id of a check
  /// @param action the action that was taken or failed
  public void warning(String namespace, String reason, String action, String note) {
    offer(
        namespaced(reference("v1", "Namespace", namespace, null), namespace, reason, action, note));
  }

  /// Sends an event about a rejection, unless there is one with its id. Leaves room in the queue
  /// for events that cannot wait.
  ///
  /// @return whether the event was queued; if not, the queue is too full for now
  public boolean rejection(String namespace, Notice notice) {
    if (queue.remainingCapacity() <= QUEUE / 2) {
      return false;
    }
    var about = notice.about();
    var regarding =
        about == null
            ? reference("v1", "Namespace", namespace, null)
            : reference(about.apiVersion(), about.kind(), about.name(), about.uid());
    var event = namespaced(regarding, namespace, notice.reason(), notice.action(), notice.note());
    event.getMetadata().setName(Child.NAME + "." + notice.id());
    return queue.offer(event);
  }

  private Event namespaced(
      ObjectReference regarding, String namespace, String reason, String action, String note) {
    regarding.setNamespace(namespace);
    return event(regarding, namespace, Type.Warning, reason, action, note);
  }

  /// Sends an event of type Warning about a node. Like the kubelet, uses the node's name as its
  /// uid, by which `kubectl describe node` finds the event.
  public void node(String name, String reason, String action, String note) {
    var regarding = reference("v1", "Node", name, name);
    offer(event(regarding, CLUSTER_SCOPED, Type.Warning, reason, action, note));
  }

  /// Sends an event about a policy, with the name and uid by which `kubectl describe` finds it.
  public void policy(
      String name, String uid, Type type, String reason, String action, String note) {
    var version = CgroupPolicy.GROUP + "/" + CgroupPolicy.VERSION;
    var regarding = reference(version, "CgroupPolicy", name, uid);
    offer(event(regarding, CLUSTER_SCOPED, type, reason, action, note));
  }

  private static ObjectReference reference(String version, String kind, String name, String uid) {
    return new ObjectReferenceBuilder()
        .withApiVersion(version)
        .withKind(kind)
        .withName(name)
        .withUid(uid)
        .build();
  }

  private Event event(
      ObjectReference regarding,
      String namespace,
      Type type,
      String reason,
      String action,
      String note) {
    return new EventBuilder()
        .withNewMetadata()
        .withName(Child.NAME + "." + UUID.randomUUID())
        .withNamespace(namespace)
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(clock.instant())))
        .withType(type.name())
        .withReason(reason)
        .withAction(action)
        .withNote(note(note))
        .withReportingController("cgroup-policy.io/operator")
        .withReportingInstance(instance)
        .withRegarding(regarding)
        .build();
  }

  /// The API server counts the bytes of a note, of which a character has up to three.
  static String note(String text) {
    var note = DisplayText.truncate(text, MAX_NOTE);
    while (note.getBytes(StandardCharsets.UTF_8).length > MAX_NOTE) {
      note = DisplayText.truncate(note, note.length() * 3 / 4);
    }
    return note;
  }

  private void offer(Event event) {
    if (!queue.offer(event)) {
      dropped.increment();
    }
  }

  private void send() {
    try {
      while (true) {
        var event = queue.take();
        try {
          client.resource(event).create();
        } catch (KubernetesClientException e) {
          if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) { // else it was sent before
            failed(event, e);
          }
        }
        TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit itself
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped");
    }
  }

  private void failed(Event event, KubernetesClientException e) {
    dropped.increment();
    var now = clock.instant();
    var level = Logger.Level.DEBUG;
    if (warned.plus(SILENCE).isBefore(now)) {
      warned = now;
      level = Logger.Level.WARN;
    }
    LOG.logf(
        level,
        "event %s for %s was not sent: %s",
        event.getReason(),
        event.getRegarding().getName(),
        e.getCause() == null ? e.getMessage() : e.getCause());
  }

  void stop(@Observes ShutdownEvent event) {
    sender.interrupt();
  }
}
