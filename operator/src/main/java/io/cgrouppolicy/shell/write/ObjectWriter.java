package io.cgrouppolicy.shell.write;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.cgrouppolicy.core.limits.Child;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;

/// Writes LimitRanges and ResourceQuotas cheaply: one body per child is sent to every
/// namespace, and the server returns only metadata.
@ApplicationScoped
public class ObjectWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final ObjectReader WRITTEN =
      JSON.readerFor(Written.class)
          .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .at("/metadata");

  static final String METADATA_ONLY =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  static final ContentType APPLY = ContentType.create("application/apply-patch+yaml");
  private static final ContentType STRATEGIC =
      ContentType.create("application/strategic-merge-patch+json");

  static final String QUERY = "?fieldManager=" + Child.MANAGER;

  private final WriteChannel channel;

  ObjectWriter(WriteChannel channel) {
    this.channel = channel;
  }

  /// The metadata of an object after a write.
  public record Written(String uid, String resourceVersion) {}

  /// Creates an object that the cache does not have. Fails with a conflict if there is one,
  /// which may belong to another owner. Costs the server less than an apply (docs/adr/0008).
  ///
  /// @param body the object's JSON without its namespace, which is in the URL
  public Written create(Child child, String namespace, byte[] body) {
    var entity = new ByteArrayEntity(body, ContentType.APPLICATION_JSON);
    return send("POST", child, namespace, QUERY, entity, "create");
  }

  /// Applies server-side with our field manager, and takes over fields of other managers.
  ///
  /// @param body the object's JSON without its namespace, which is in the URL
  public Written apply(Child child, String namespace, byte[] body) {
    var query = "/" + child.name() + QUERY + "&force=true";
    return send("PATCH", child, namespace, query, new ByteArrayEntity(body, APPLY), "patch");
  }

  /// Sends a strategic merge patch, which can remove fields that our field manager does not own. An
  /// apply cannot.
  public Written merge(Child child, String namespace, String body) {
    var entity = new StringEntity(body, STRATEGIC);
    return send("PATCH", child, namespace, "/" + child.name() + QUERY, entity, "patch");
  }

  /// Deletes the object only if it has this UID and version.
  public void delete(Child child, String namespace, String uid, String resourceVersion) {
    var body =
        """
        {"kind":"DeleteOptions","apiVersion":"v1","preconditions":\
        {"uid":"%s","resourceVersion":"%s"}}"""
            .formatted(uid, resourceVersion);
    var entity = new StringEntity(body, ContentType.APPLICATION_JSON);
    send("DELETE", child, namespace, "/" + child.name(), entity, "delete");
  }

  private Written send(
      String method, Child child, String namespace, String rest, HttpEntity body, String verb) {
    var path = "api/v1/namespaces/" + namespace + "/" + child.plural() + rest;
    var what = verb + " " + child.plural() + " in namespace " + namespace;
    try {
      var response = channel.send(method, path, METADATA_ONLY, body);
      if (response.code() >= 300) {
        throw WriteFailure.of(response, what);
      }
      return written(response.body());
    } catch (IOException e) {
      throw WriteFailure.of(e, what);
    }
  }

  private static Written written(byte[] object) throws IOException {
    try (MappingIterator<Written> found = WRITTEN.readValues(object)) {
      return found.hasNextValue() ? found.nextValue() : new Written("", "");
    }
  }
}
