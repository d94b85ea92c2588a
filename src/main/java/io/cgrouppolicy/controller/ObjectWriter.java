package io.cgrouppolicy.controller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.limits.Child;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Writes LimitRanges and ResourceQuotas with as little work as possible: the body is made once per
/// policy and sent as it is to every namespace, and only the metadata of the answer is asked for.
/// Through fabric8's HTTP client, so that credentials, certificates and token refresh are its own.
@ApplicationScoped
public class ObjectWriter {
  private static final int TIMEOUT_SECONDS = 15;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;

  ObjectWriter(KubernetesClient client) {
    this.client = client;
  }

  /// The answer to a write that succeeded.
  public record Written(String resourceVersion) {}

  /// Server-side apply under our field manager.
  ///
  /// @param force whether to take fields from other managers; never when the object is believed
  ///     absent, as it could be somebody else's by now
  public Written apply(Child child, String namespace, String body, boolean force) {
    var query = "?fieldManager=" + Child.MANAGER + "&force=" + force;
    return send("PATCH", child, namespace, query, "application/apply-patch+yaml", body, "patch");
  }

  /// Merge patch; for what apply cannot do, the removal of fields that others own.
  public Written merge(Child child, String namespace, String body) {
    var query = "?fieldManager=" + Child.MANAGER;
    return send("PATCH", child, namespace, query, "application/merge-patch+json", body, "patch");
  }

  /// Deletes just this object, at just this version.
  public void delete(Child child, String namespace, String uid, String resourceVersion) {
    var body =
        """
        {"kind":"DeleteOptions","apiVersion":"v1","preconditions":\
        {"uid":"%s","resourceVersion":"%s"}}"""
            .formatted(uid, resourceVersion);
    send("DELETE", child, namespace, "", "application/json", body, "delete");
  }

  private Written send(
      String method,
      Child child,
      String namespace,
      String query,
      String contentType,
      String body,
      String verb) {
    var path = "api/v1/namespaces/" + namespace + "/" + child.plural() + "/" + Child.NAME + query;
    var what = verb + " " + child.plural() + " in namespace " + namespace;
    var request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(client.getConfiguration().getMasterUrl() + path)
            .header("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
            .method(method, contentType, body)
            .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .build();
    try {
      HttpResponse<byte[]> response =
          client
              .getHttpClient()
              .sendAsync(request, byte[].class)
              .get(2 * TIMEOUT_SECONDS, TimeUnit.SECONDS);
      var answer = parse(response.body());
      if (!response.isSuccessful()) {
        throw new WriteFailure(
            response.code(), what, answer.path("message").asText(""), cause(answer));
      }
      return new Written(answer.path("metadata").path("resourceVersion").asText(""));
    } catch (ExecutionException | TimeoutException e) {
      throw new WriteFailure(0, what, String.valueOf(e.getMessage()), "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WriteFailure(0, what, "interrupted", "");
    }
  }

  private static JsonNode parse(byte[] body) {
    try {
      return body == null || body.length == 0
          ? JSON.nullNode()
          : JSON.readTree(body, 0, body.length);
    } catch (java.io.IOException e) {
      var text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
      return JSON.createObjectNode().put("message", text);
    }
  }

  private static String cause(JsonNode status) {
    return status.path("details").path("causes").path(0).path("reason").asText("");
  }

  /// The JSON of a child without its namespace, which the URL gives.
  public static String body(Object object) {
    return Serialization.asJson(object);
  }
}
