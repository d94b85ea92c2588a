package io.cgrouppolicy.testing.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// One node: its kubelet, and its Node object in the cluster. Everything can change while it runs
/// and applies to the next connection; changes of the Node object are sent at once.
public final class SimulatedKubelet {
  private final KubeletFleet fleet;
  private final String name;
  final String address;
  private final ObjectNode configz = Recordings.json("configz-defaults.json");
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
  private final Seen seen = new Seen();
  private Node node;
  private volatile Behaviour behaviour = Behaviour.ANSWER;
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private volatile String redirectTarget = "";
  private volatile byte[] raw = {};

  /// What this kubelet received from its clients.
  public static final class Seen {
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger handshakes = new AtomicInteger();
    final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
    final AtomicLong bytesIn = new AtomicLong();
    final AtomicLong bodyBytesOut = new AtomicLong();
    final Set<String> tokens = ConcurrentHashMap.newKeySet();

    public int connections() {
      return connections.get();
    }

    /// The number of TLS handshakes that succeeded on this side.
    public int handshakes() {
      return handshakes.get();
    }

    public int requests() {
      return requests.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    public int requests(String path) {
      var n = requests.get(path);
      return n == null ? 0 : n.get();
    }

    /// Everything received after a handshake, or instead of one: what a recording peer would have.
    public long bytesIn() {
      return bytesIn.get();
    }

    public long bodyBytesOut() {
      return bodyBytesOut.get();
    }

    /// The bearer tokens received.
    public Set<String> tokens() {
      return Set.copyOf(tokens);
    }
  }

  SimulatedKubelet(KubeletFleet fleet, String name, String address) {
    this.fleet = fleet;
    this.name = name;
    this.address = address;
    this.node = NodeObjects.node(name, address, fleet.port(), fleet.id());
    answers.put("/configz", Recordings.bytes(configz));
    answers.putAll(fleet.recordings());
  }

  // ---- settings, before and after start() ----

  /// A kubelet with almost default settings, like any new one.
  public SimulatedKubelet defaults() {
    return like("configz-defaults.json");
  }

  /// A kubelet with the settings that the operator is for.
  public SimulatedKubelet hardened() {
    return like("configz-hardened.json");
  }

  private synchronized SimulatedKubelet like(String recording) {
    configz.removeAll();
    configz.setAll(Recordings.json(recording));
    answers.put("/configz", Recordings.bytes(configz));
    return this;
  }

  /// Changes the KubeletConfiguration in force.
  public synchronized SimulatedKubelet with(Consumer<ObjectNode> change) {
    change.accept((ObjectNode) configz.get("kubeletconfig"));
    answers.put("/configz", Recordings.bytes(configz));
    return this;
  }

  /// Changes the configuration by a JSON merge patch (RFC 7396), such as `{"podPidsLimit": 4096}`.
  public SimulatedKubelet patch(String mergePatch) {
    return with(
        config -> {
          try {
            Recordings.merge(config, (ObjectNode) Recordings.JSON.readTree(mergePatch));
          } catch (IOException e) {
            throw new IllegalArgumentException(e);
          }
        });
  }

  /// Serves these bytes on the path.
  public SimulatedKubelet answer(String path, byte[] body) {
    answers.put(path, body);
    return this;
  }

  /// Serves the recording of a node under pressure on /stats/summary.
  public SimulatedKubelet underPressure() {
    return answer("/stats/summary", Recordings.bytes("stats-summary-pressure.json"));
  }

  /// Serves this summary on /stats/summary.
  public SimulatedKubelet summary(Summary summary) {
    return answer("/stats/summary", summary.bytes());
  }

  public SimulatedKubelet behave(Behaviour next) {
    behaviour = next;
    fleet.listenOrNot(this);
    return this;
  }

  /// Misbehaves on one path only; not for misbehavior before the request is read.
  public SimulatedKubelet behave(String path, Behaviour next) {
    behaviours.put(path, next);
    return this;
  }

  /// Sends these bytes to every client after its request.
  public SimulatedKubelet raw(byte[] bytes) {
    raw = bytes;
    return behave(Behaviour.RAW);
  }

  /// Redirects every request; the target's `seen()` shows whether a client followed.
  public SimulatedKubelet redirectTo(String url) {
    redirectTarget = url;
    return behave(Behaviour.REDIRECT);
  }

  public SimulatedKubelet labels(Map<String, String> labels) {
    return node(n -> n.editMetadata().addToLabels(labels).endMetadata());
  }

  public SimulatedKubelet version(String kubeletVersion) {
    return node(
        n ->
            n.editStatus()
                .editNodeInfo()
                .withKubeletVersion(kubeletVersion)
                .endNodeInfo()
                .endStatus());
  }

  public SimulatedKubelet bootId(String bootId) {
    return node(n -> n.editStatus().editNodeInfo().withBootID(bootId).endNodeInfo().endStatus());
  }

  public SimulatedKubelet ready(boolean ready) {
    return node(
        n ->
            n.editStatus()
                .editMatchingCondition(c -> c.getType().equals("Ready"))
                .withStatus(ready ? "True" : "Unknown")
                .withReason(ready ? "KubeletReady" : "NodeStatusUnknown")
                .endCondition()
                .endStatus());
  }

  /// Changes the Node object in ways that have no method of their own.
  public synchronized SimulatedKubelet node(UnaryOperator<NodeBuilder> change) {
    node = change.apply(new NodeBuilder(node)).build();
    fleet.nodeChanged(this, change);
    return this;
  }

  // ---- lifecycle ----

  /// Starts to listen and registers the Node.
  public SimulatedKubelet start() {
    fleet.start(this);
    return this;
  }

  // ---- state ----

  public String name() {
    return name;
  }

  /// The Node object as it would be in the cluster, for a reader without one.
  public synchronized Node node() {
    return new NodeBuilder(node).build();
  }

  public Seen seen() {
    return seen;
  }

  public String url() {
    return "https://" + address + ":" + fleet.port();
  }

  /// What a client that may ask gets on a path, or null if the kubelet misbehaves.
  public JsonNode served(String path) {
    if (behaviour(path) != Behaviour.ANSWER) {
      return null;
    }
    try {
      return Recordings.JSON.readTree(body(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Behaviour behaviour() {
    return behaviour;
  }

  Behaviour behaviour(String path) {
    return behaviours.getOrDefault(path, behaviour);
  }

  String redirectTarget() {
    return redirectTarget;
  }

  byte[] raw() {
    return raw;
  }

  /// The body for a path, or null.
  byte[] body(String path) {
    return answers.get(path);
  }
}
