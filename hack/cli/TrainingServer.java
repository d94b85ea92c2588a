import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Answers as an API server with one object of each kind, so that a run of kubectl-cgp loads what it needs for a cluster:
/// the JVM then stores these classes in a cache. Prints its port, and ends with its stdin.
///
/// Arguments: a PKCS #12 file with the key of the server, and its password.
final class TrainingServer {
  private static final String POD =
      """
      {"metadata": {"name": "p", "namespace": "n", "uid": "1", "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "2", "controller": true}]},
       "spec": {"nodeName": "w", "containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]},
       "status": {"phase": "Running"}}
      """;

  private static final Map<String, String> ANSWERS =
      Map.of(
          "/apis", "{\"kind\": \"APIGroupList\", \"apiVersion\": \"v1\", \"groups\": []}",
          "/api/v1/namespaces", list("Namespace", "{'metadata': {'name': 'n', 'labels': {'a': 'b'}}}"),
          "/api/v1/pods", list("Pod", POD),
          "/api/v1/limitranges", list("LimitRange", "{'metadata': {'name': 'l', 'namespace': 'n'}, 'spec': {'limits': []}}"),
          "/api/v1/resourcequotas", list("ResourceQuota", "{'metadata': {'name': 'q', 'namespace': 'n'}, 'spec': {}}"),
          "/apis/apps/v1/replicasets", list("ReplicaSet", "{'metadata': {'name': 'r', 'namespace': 'n', 'uid': '2'}, 'spec': {}}"),
          "/apis/batch/v1/jobs", list("Job", "{'metadata': {'name': 'j', 'namespace': 'n', 'uid': '3'}, 'spec': {}}"),
          "/apis/apps/v1/deployments", list("Deployment", "{'metadata': {'name': 'd', 'namespace': 'n', 'uid': '4'}, 'spec': {}}"),
          "/api/v1/nodes",
              list(
                  "Node",
                  """
                  {"metadata": {"name": "w"}, "status": {"capacity": {"cpu": "4", "memory": "8Gi"},
                   "nodeInfo": {"kubeletVersion": "v1.36.0", "operatingSystem": "linux"},
                   "conditions": [{"type": "Ready", "status": "True"}]}}
                  """),
          "/api/v1/nodes/w/proxy/configz", "{\"kubeletconfig\": {\"cgroupDriver\": \"systemd\"}}");

  private static String list(String kind, String item) {
    return "{'kind': '%sList', 'apiVersion': 'v1', 'metadata': {'resourceVersion': '1'}, 'items': [%s]}"
        .formatted(kind, item)
        .replace('\'', '"');
  }

  public static void main(String[] args) throws Exception {
    var password = args[1].toCharArray();
    var keys = KeyStore.getInstance("PKCS12");
    try (var file = new FileInputStream(args[0])) {
      keys.load(file, password);
    }
    var managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, password);
    var tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.createContext("/", TrainingServer::answer);
    server.start();
    System.out.println(server.getAddress().getPort());
    while (System.in.read() != -1) {}
    server.stop(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    var answer = ANSWERS.get(exchange.getRequestURI().getPath());
    var body =
        (answer != null ? answer : "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"code\": 404}")
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer != null ? 200 : 404, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
