package io.cgrouppolicy.cli.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import io.cgrouppolicy.core.check.DisplayText;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/// Asks the query API of Prometheus, or of a server that has the same, such as Thanos.
public final class Prometheus implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_ANSWER = 32 << 20;
  private static final int MAX_MESSAGE = 300;
  private static final Set<String> NO_AMOUNT = Set.of("NaN", "+Inf", "-Inf");

  /// More than any container uses.
  private static final BigDecimal MAX_AMOUNT = BigDecimal.valueOf(Long.MAX_VALUE);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI url;
  private final String token;
  private final Duration timeout;
  private final int maxAnswer;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER) // which would be given the token
          .build();

  /// @param url such as `http://127.0.0.1:9090`
  /// @param token to authenticate with, or null
  public Prometheus(URI url, String token) {
    this(url, token, TIMEOUT, MAX_ANSWER);
  }

  /// @param timeout for a whole answer
  /// @param maxAnswer in bytes
  Prometheus(URI url, String token, Duration timeout, int maxAnswer) {
    this.url = url;
    this.token = token;
    this.timeout = timeout;
    this.maxAnswer = maxAnswer;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Answer(String status, String error, Data data) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Data(String resultType, List<Row> result) {}

  /// @param value a time, and a number as text
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Row(Map<String, String> metric, List<String> value) {}

  /// The present values of a query whose result has the labels namespace, pod and container.
  Map<ContainerId, BigDecimal> query(String query) throws PrometheusException {
    var answer = parse(send(query));
    if (!"success".equals(answer.status())
        || answer.data() == null
        || answer.data().result() == null
        || !"vector".equals(answer.data().resultType())) {
      throw unusable(
          answer.error() == null
              ? "did not answer as the query API of Prometheus does"
              : "answered: " + DisplayText.truncate(answer.error(), MAX_MESSAGE));
    }
    var values = new HashMap<ContainerId, BigDecimal>();
    for (var row : answer.data().result()) {
      add(row, values);
    }
    return values;
  }

  private void add(Row row, Map<ContainerId, BigDecimal> values) throws PrometheusException {
    if (row == null || row.metric() == null || row.value() == null || row.value().size() != 2) {
      throw unusable("did not answer as the query API of Prometheus does");
    }
    var namespace = row.metric().get("namespace");
    var pod = row.metric().get("pod");
    var container = row.metric().get("container");
    if (namespace == null || pod == null || container == null) {
      return;
    }
    var text = row.value().get(1);
    if (text == null || NO_AMOUNT.contains(text)) {
      return;
    }
    try {
      var value = new BigDecimal(text);
      if (value.signum() >= 0 && value.compareTo(MAX_AMOUNT) <= 0) {
        values.put(new ContainerId(namespace, pod, container), value);
      }
    } catch (NumberFormatException e) {
      throw unusable("answered with a value that is no number");
    }
  }

  private Answer parse(byte[] body) throws PrometheusException {
    try {
      var answer = JSON.readValue(body, Answer.class);
      if (answer != null) {
        return answer;
      }
    } catch (JsonProcessingException e) {
      // below
    } catch (IOException e) {
      throw new IllegalStateException(e); // it is in memory
    }
    throw unusable("did not answer with JSON, so it is no Prometheus");
  }

  private byte[] send(String query) throws PrometheusException {
    var form = "query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
    var request =
        HttpRequest.newBuilder(URI.create(url.toString().replaceAll("/+$", "") + "/api/v1/query"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    var answer =
        http.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxAnswer));
    try {
      return body(answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw unusable(
          "did not answer within "
              + timeout.toSeconds()
              + " s: try a shorter --window, or some namespaces with -n");
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unusable("was not waited for");
    }
  }

  private byte[] body(HttpResponse<byte[]> response) throws PrometheusException {
    int status = response.statusCode();
    return switch (status) {
      case HttpURLConnection.HTTP_OK -> response.body();
      case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
          throw unusable(
              "answered %d: %s"
                  .formatted(
                      status,
                      token == null
                          ? "it needs a token, see --prometheus-token-file"
                          : "it does not accept the token of --prometheus-token-file"));
      default -> throw unusable("answered %d%s".formatted(status, reason(response.body())));
    };
  }

  /// What Prometheus says of an error, such as that a query would load too many samples.
  private static String reason(byte[] body) {
    try {
      var answer = JSON.readValue(body, Answer.class);
      return answer == null || answer.error() == null
          ? ""
          : ": " + DisplayText.truncate(answer.error(), MAX_MESSAGE);
    } catch (IOException e) {
      return "";
    }
  }

  private PrometheusException failed(Throwable cause) {
    boolean refused = false;
    for (var t = cause; t != null; t = t.getCause()) {
      switch (t) {
        case UnresolvedAddressException _, UnknownHostException _ -> {
          return unusable("cannot be reached: its host is unknown");
        }
        case HttpTimeoutException _ -> {
          return unusable("cannot be reached: it did not accept a connection in time");
        }
        case SSLException tls -> {
          return unusable(
              "cannot be reached: its certificate is not trusted (" + tls.getMessage() + ")");
        }
        case ConnectException _ -> refused = true; // also around an unknown host
        default -> {}
      }
    }
    if (refused) {
      return unusable("cannot be reached: the connection was refused");
    }
    var message = String.valueOf(cause.getMessage());
    return message.contains("exceeds capacity") // of BodyHandlers.limiting
        ? unusable(
            "answered with more than %d MiB: name some namespaces with -n"
                .formatted(maxAnswer >> 20))
        : unusable("did not give a whole answer: " + DisplayText.truncate(message, MAX_MESSAGE));
  }

  PrometheusException unusable(String what) {
    return new PrometheusException("Prometheus at " + url + " " + what);
  }

  /// Ends requests that wait, too.
  @Override
  public void close() {
    http.shutdownNow();
  }
}
