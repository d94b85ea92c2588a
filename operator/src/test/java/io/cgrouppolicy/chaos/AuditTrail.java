package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.AuditLog;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Follows the API server's audit log, and finds writes of the operator that should not be: by a
/// replica that does not hold the lease, of a version of a policy that is no longer in force, of an
/// object that exists already, or that changed nothing.
final class AuditTrail {
  private static final Set<String> CHILDREN = Set.of("limitranges", "resourcequotas");
  private static final Set<String> WRITTEN =
      Set.of("limitranges", "resourcequotas", "cgrouppolicies", "configmaps", "events");

  /// How old a version of a policy may be that a write is of: the watch, and the queue of writes.
  private static final Duration LAG = Duration.ofSeconds(3);

  /// A write whose answer was lost in an outage is repeated, which is no mistake.
  private static final Duration REPEATED = Duration.ofSeconds(5);

  /// How close another client's write of the same object may be to one without effect, such as the
  /// garbage collector's removal of the same owner.
  private static final Duration COLLISION = Duration.ofSeconds(1);

  /// When a leader notices that its lease was taken because clocks differ: with its next renewal.
  private static final Duration RENEWAL = Duration.ofSeconds(2);

  private final AuditLog log;
  private final Outages outages;
  private final Map<String, String> replicas = new HashMap<>();
  private final TreeMap<Instant, String> holders = new TreeMap<>();
  private final Map<String, TreeMap<Instant, String>> versions = new HashMap<>();
  private final Map<String, Set<String>> revisions = new HashMap<>();
  private final Map<String, Instant> others = new HashMap<>();
  private List<String> problems = new ArrayList<>();
  private Instant lastWrite = Instant.MIN;

  AuditTrail(AuditLog log, Outages outages) {
    this.log = log;
    this.outages = outages;
  }

  /// The problems of the events since the last call.
  List<String> take(List<Replica> all) {
    all.forEach(replica -> replicas.put(replica.token().credential(), replica.name()));
    problems = new ArrayList<>();
    var events = read();
    // On a busy API server, writes can be in the log before the version that they are of.
    events.forEach(this::version);
    events.forEach(this::record);
    return problems;
  }

  /// When the operator last wrote a LimitRange or quota.
  Instant lastWrite() {
    return lastWrite;
  }

  private void version(JsonNode event) {
    var object = event.path("objectRef");
    if (object.path("resource").asText().equals("cgrouppolicies")
        && !object.has("subresource")
        && succeeded(event)) {
      versions
          .computeIfAbsent(object.path("name").asText(), name -> new TreeMap<>())
          .put(
              answered(event),
              memory(event.path("responseObject").at("/spec/namespaces/limitRange")));
    }
  }

  private void record(JsonNode event) {
    int code = event.path("responseStatus").path("code").asInt();
    var object = event.path("objectRef");
    var resource = object.path("resource").asText();
    var replica = replicas.get(credential(event));
    boolean succeeded = succeeded(event);
    if (resource.equals("leases")) {
      if (succeeded && object.path("name").asText().equals("cgroup-policy-operator")) {
        var holder = event.path("responseObject").path("spec").path("holderIdentity").asText();
        holders.put(answered(event), holder);
      }
      return;
    }
    if (replica != null && WRITTEN.contains(resource)) {
      if (!holder(received(event)).startsWith(replica + "_") && !unnoticed(received(event))) {
        say(event, "by %s, while '%s' led", replica, holder(received(event)));
      }
      // The name of an event about a rejection is the same for each leader, so that there is one.
      if (code == 409
          && event.path("verb").asText().equals("create")
          && !resource.equals("events")
          && !repeated(event)) {
        say(event, "by %s, but it existed", replica);
      }
    }
    var revision = event.path("responseObject").path("metadata").path("resourceVersion").asText();
    if (!succeeded || revision.isEmpty()) {
      return;
    }
    boolean changed = revisions.computeIfAbsent(key(object), k -> new HashSet<>()).add(revision);
    if (replica == null) {
      others.put(key(object), answered(event));
    } else if (!changed && !repeated(event) && !collided(event)) {
      say(event, "by %s, but it changed nothing", replica);
    }
    if (replica != null && CHILDREN.contains(resource)) {
      lastWrite = answered(event);
    }
    if (replica != null && resource.equals("limitranges")) {
      stale(event);
    }
  }

  /// Whether the lease was taken just before, by a replica with another clock.
  private boolean unnoticed(Instant when) {
    var before = when.minus(RENEWAL);
    return outages.skewed(before, when) && !holder(before).equals(holder(when));
  }

  private boolean repeated(JsonNode event) {
    var now = received(event);
    return outages.within(now.minus(REPEATED), now).isPositive();
  }

  private boolean collided(JsonNode event) {
    var other = others.get(key(event.path("objectRef")));
    return other != null && other.isAfter(received(event).minus(COLLISION));
  }

  /// The default memory limit shows of which version of its policy an object is.
  private void stale(JsonNode event) {
    var sent = event.path("requestObject");
    var memory = memory(sent.path("spec"));
    var policy = sent.at("/metadata/labels").path("cgroup-policy.io/policy").asText();
    var history = versions.getOrDefault(policy, new TreeMap<>());
    var now = received(event);
    if (memory.isEmpty() || history.isEmpty()) {
      return;
    }
    for (var version : history.entrySet()) {
      var next = history.higherKey(version.getKey());
      boolean current =
          next == null
              || Duration.between(next, now).minus(outages.within(next, now)).compareTo(LAG) < 0;
      if (version.getValue().equals(memory) && current) {
        return;
      }
    }
    say(event, "with memory %s; the policy's versions are %s", memory, history);
  }

  private static String memory(JsonNode limitRange) {
    return limitRange.at("/limits/0/default/memory").asText();
  }

  private String holder(Instant when) {
    var entry = holders.lowerEntry(when);
    return entry == null ? "" : entry.getValue();
  }

  private void say(JsonNode event, String format, Object... arguments) {
    problems.add(
        "%s %s %s %s"
            .formatted(
                received(event),
                event.path("verb").asText(),
                event.path("requestURI").asText(),
                format.formatted(arguments)));
  }

  private static String key(JsonNode object) {
    return object.path("resource").asText()
        + "/"
        + object.path("namespace").asText()
        + "/"
        + object.path("name").asText();
  }

  private static boolean succeeded(JsonNode event) {
    int code = event.path("responseStatus").path("code").asInt();
    return code >= 200 && code < 300;
  }

  private static String credential(JsonNode event) {
    return event
        .path("user")
        .path("extra")
        .path("authentication.kubernetes.io/credential-id")
        .path(0)
        .asText();
  }

  private static Instant received(JsonNode event) {
    return Instant.parse(event.path("requestReceivedTimestamp").asText());
  }

  private static Instant answered(JsonNode event) {
    return Instant.parse(event.path("stageTimestamp").asText());
  }

  private List<JsonNode> read() {
    var events = new ArrayList<JsonNode>();
    log.read(
        line -> {
          try {
            events.add(AuditLog.parse(line));
          } catch (UncheckedIOException e) {
            System.err.println("a broken line in the audit log: " + e.getMessage());
          }
        });
    return events;
  }
}
