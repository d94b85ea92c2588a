package io.cgrouppolicy.shell.write;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.core.limits.Child;
import io.fabric8.kubernetes.client.utils.Serialization;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;

/// Writes LimitRanges and ResourceQuotas with as little work as possible: the body is made once per
/// policy and sent as it is to every namespace, and only the metadata of the answer is asked for.
@ApplicationScoped
public class ObjectWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA_ONLY =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  private static final ContentType APPLY = ContentType.create("application/apply-patch+yaml");
  private static final ContentType STRATEGIC =
      ContentType.create("application/strategic-merge-patch+json");

  private static final String QUERY = "?fieldManager=" + Child.MANAGER;

  private final WriteChannel channel;

  ObjectWriter(WriteChannel channel) {
    this.channel = channel;
  }

  /// The answer to a write that succeeded.
  public record Written(String resourceVersion) {}

  /// Creates an object that is believed absent. Refused as a conflict where there is one by now,
  /// which may be somebody else's. Costs the server less than an apply (docs/adr/0008).
  ///
  /// @param body of [#body(Object)]
  public Written create(Child child, String namespace, byte[] body) {
    var entity = new ByteArrayEntity(body, ContentType.APPLICATION_JSON);
    return send("POST", child, namespace, QUERY, entity, "create");
  }

  /// Server-side apply under our field manager; takes fields from other managers.
  ///
  /// @param body of [#body(Object)]
  public Written apply(Child child, String namespace, byte[] body) {
    var query = "/" + Child.NAME + QUERY + "&force=true";
    return send("PATCH", child, namespace, query, new ByteArrayEntity(body, APPLY), "patch");
  }

  /// Strategic merge patch; for what apply cannot do, the removal of fields that the manager of an
  /// apply does not own.
  public Written merge(Child child, String namespace, String body) {
    var entity = new StringEntity(body, STRATEGIC);
    return send("PATCH", child, namespace, "/" + Child.NAME + QUERY, entity, "patch");
  }

  /// Deletes just this object, at just this version.
  public void delete(Child child, String namespace, String uid, String resourceVersion) {
    var body =
        """
        {"kind":"DeleteOptions","apiVersion":"v1","preconditions":\
        {"uid":"%s","resourceVersion":"%s"}}"""
            .formatted(uid, resourceVersion);
    var entity = new StringEntity(body, ContentType.APPLICATION_JSON);
    send("DELETE", child, namespace, "/" + Child.NAME, entity, "delete");
  }

  private Written send(
      String method, Child child, String namespace, String rest, HttpEntity body, String verb) {
    var path = "api/v1/namespaces/" + namespace + "/" + child.plural() + rest;
    var what = verb + " " + child.plural() + " in namespace " + namespace;
    try {
      var answer = channel.send(method, path, METADATA_ONLY, body);
      if (answer.code() >= 300) {
        throw refused(answer, what);
      }
      return new Written(resourceVersion(answer.body()));
    } catch (IOException e) {
      throw new WriteFailure(0, what, e.toString(), "");
    }
  }

  private static WriteFailure refused(WriteChannel.Answer answer, String what) {
    JsonNode status;
    try {
      status = JSON.readTree(answer.body());
    } catch (IOException e) {
      var text = new String(answer.body(), StandardCharsets.UTF_8);
      status =
          JSON.createObjectNode().put("message", text.substring(0, Math.min(text.length(), 200)));
    }
    var cause = status.path("details").path("causes").path(0).path("reason").asText("");
    return new WriteFailure(answer.code(), what, status.path("message").asText(""), cause);
  }

  /// Read without building anything: the managed fields beside it are most of an answer.
  private static String resourceVersion(byte[] object) throws IOException {
    try (var parser = JSON.createParser(object)) {
      if (enter(parser, "metadata") && enter(parser, "resourceVersion")) {
        return parser.getText();
      }
      return "";
    }
  }

  /// Goes on to the value of a field of the object that comes next.
  private static boolean enter(JsonParser parser, String field) throws IOException {
    if (parser.currentToken() == null) {
      parser.nextToken();
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean found = parser.currentName().equals(field);
      parser.nextToken();
      if (found) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }

  /// The JSON of a child without its namespace, which the URL gives.
  public static byte[] body(Object object) {
    return Serialization.asJson(object).getBytes(StandardCharsets.UTF_8);
  }
}
