package io.cgrouppolicy.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the proxy of an API server may answer for a kubelet.
class KubeletsTest {
  private static final String CONFIGZ = "{\"kubeletconfig\": {\"cgroupDriver\": \"systemd\"}}";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private KubernetesClient client;
  private Kubelets kubelets;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
    kubelets = new Kubelets(client, what -> {});
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  /// @param length of the body, or -1 for one without end
  private void answers(String node, int status, long length, byte[] body) {
    server.createContext(
        "/api/v1/nodes/" + node + "/proxy/configz",
        exchange -> {
          asked.add(node);
          exchange.sendResponseHeaders(status, length < 0 ? 0 : length);
          try (var out = exchange.getResponseBody()) {
            do {
              out.write(body);
            } while (length < 0);
          } catch (IOException e) {
            // the client has had enough
          }
        });
  }

  private void answers(String node, int status, String body) {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    answers(node, status, bytes.length, bytes);
  }

  private static NodeFacts node(String name, String version) {
    return NodeFacts.of(
        new NodeBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .withNewNodeInfo()
            .withKubeletVersion(version)
            .endNodeInfo()
            .endStatus()
            .build());
  }

  private String ask(String node) {
    return text(kubelets.configurations(List.of(node(node, "v1.36.0"))).get(node));
  }

  private static String text(Answer<KubeletConfiguration> answer) {
    return switch (answer) {
      case Usable<KubeletConfiguration>(var value) -> value.cgroupDriver();
      case Unusable<KubeletConfiguration> none -> none.check() + " " + none.reason();
    };
  }

  @Test
  void readsAConfiguration() {
    answers("a", 200, CONFIGZ);
    assertThat(ask("a")).isEqualTo("systemd");
  }

  @Test
  void classifiesFailures() {
    answers("garbage", 200, "<html>");
    answers("gone", 404, "");
    answers("unreachable", 502, "");
    answers("broken", 500, "");
    assertThat(ask("garbage")).isEqualTo("KubeletConfigUnavailable Garbage");
    assertThat(ask("gone")).isEqualTo("KubeletConfigUnavailable NotFound");
    assertThat(ask("unreachable")).isEqualTo("KubeletUnreachable Unreachable");
    assertThat(ask("broken")).isEqualTo("KubeletConfigUnavailable ServerError");
    assertThat(kubelets.refusal()).isEmpty();
  }

  @Test
  void readsNoMoreThanTheBound() {
    answers("endless", 200, -1, new byte[1 << 16]);
    assertThat(ask("endless")).isEqualTo("KubeletConfigUnavailable TooLarge");
  }

  @Test
  void asksNoFurtherKubeletOnceTheUserIsRefused() {
    answers(
        "a",
        403,
        """
        {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}""");
    assertThat(ask("a")).isEqualTo("KubeletUnauthorized Forbidden");
    assertThat(ask("b")).isEqualTo("KubeletUnauthorized Forbidden");
    assertThat(asked).containsExactly("a");
    assertThat(kubelets.refusal())
        .hasValueSatisfying(why -> assertThat(why).contains("nodes/proxy"));
  }

  /// The API server passes on what the kubelet answers.
  @Test
  void asksTheOthersAfterAKubeletThatDeniesTheApiServer() {
    answers("a", 403, "Forbidden (user=kube-apiserver, verb=get, resource=nodes)");
    answers("b", 401, "Unauthorized");
    answers("c", 200, CONFIGZ);
    assertThat(ask("a")).isEqualTo("KubeletUnauthorized Forbidden");
    assertThat(ask("b")).isEqualTo("KubeletUnauthorized Unauthorized");
    assertThat(ask("c")).isEqualTo("systemd");
    assertThat(kubelets.refusal()).isEmpty();
  }

  @Test
  void oneBrokenKubeletDoesNotKeepTheOthersFromAnswering() {
    answers("broken", 500, "");
    var nodes = new ArrayList<>(List.of(node("broken", "v1.36.0")));
    for (int i = 0; i < 40; i++) {
      answers("node-" + i, 200, CONFIGZ);
      nodes.add(node("node-" + i, "v1.36.0"));
    }
    var answers = kubelets.configurations(nodes);
    assertThat(answers).hasSize(41);
    assertThat(answers.values().stream().filter(answer -> answer instanceof Usable)).hasSize(40);
  }

  /// The proxy opens /configz of old kubelets too, but they have no figures on pressure.
  @Test
  void oldKubeletsHaveNoPressure() {
    answers("old", 200, CONFIGZ);
    assertThat(text(kubelets.configurations(List.of(node("old", "v1.30.0"))).get("old")))
        .isEqualTo("systemd");
    assertThat(kubelets.summaries(List.of(node("old", "v1.30.0"))).get("old"))
        .isInstanceOfSatisfying(
            Unusable.class, none -> assertThat(none.reason()).isEqualTo("KubeletTooOld"));
  }
}
