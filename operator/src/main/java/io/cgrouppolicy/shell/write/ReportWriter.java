package io.cgrouppolicy.shell.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.openreports.Report;
import io.cgrouppolicy.core.openreports.ReportDraft;
import io.cgrouppolicy.core.openreports.ReportKey;
import io.cgrouppolicy.core.openreports.StoredReport;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;

/// Lists and writes reports of `openreports.io`. Lists only their metadata, because a report may
/// have half a megabyte.
@ApplicationScoped
public class ReportWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BASE = "apis/" + ReportKey.VERSION + "/";
  private static final String JSON_ONLY = "application/json";
  private static final String LIST =
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

  /// A page has about a megabyte.
  private static final int PAGE = 500;

  private final WriteChannel channel;

  ReportWriter(WriteChannel channel) {
    this.channel = channel;
  }

  /// The reports of a policy in all namespaces, and on nodes.
  ///
  /// @param uid the policy's
  /// @throws WriteFailure also if the cluster does not have the kinds
  public Map<ReportKey, StoredReport> list(String policy, String uid) {
    var found = new HashMap<ReportKey, StoredReport>();
    for (var plural : new String[] {"reports", "clusterreports"}) {
      var next = "";
      do {
        var page = list(plural, policy, next);
        for (var item : page.path("items")) {
          var metadata = item.path("metadata");
          found.put(StoredReport.key(metadata), StoredReport.of(metadata, uid));
        }
        next = page.path("metadata").path("continue").asText();
      } while (!next.isEmpty());
    }
    return found;
  }

  private JsonNode list(String plural, String policy, String next) {
    var labels = Child.MANAGED_BY + "=" + Child.MANAGER + "," + Child.POLICY + "=" + policy;
    var query = "?limit=" + PAGE + "&labelSelector=" + encoded(labels);
    var token = next.isEmpty() ? "" : "&continue=" + encoded(next);
    return send("GET", BASE + plural + query + token, LIST, null, "list " + plural);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// The whole report.
  public JsonNode read(ReportKey key) {
    return send("GET", path(key, true), JSON_ONLY, null, what("get", key));
  }

  /// Creates a report that does not exist. Fails with a conflict if one has its name.
  ///
  /// @return its uid
  public String create(ReportKey key, Report report) {
    var entity = new ByteArrayEntity(ReportDraft.json(report), ContentType.APPLICATION_JSON);
    return write("POST", path(key, false) + ObjectWriter.QUERY, entity, what("create", key));
  }

  /// Applies server-side with our field manager, and takes over fields of other managers.
  ///
  /// @return its uid
  public String apply(ReportKey key, Report report) {
    var entity = new ByteArrayEntity(ReportDraft.json(report), ObjectWriter.APPLY);
    var path = path(key, true) + ObjectWriter.QUERY + "&force=true";
    return write("PATCH", path, entity, what("patch", key));
  }

  /// Deletes the report only if it has this UID.
  public void delete(ReportKey key, String uid) {
    var body =
        """
        {"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"%s"}}"""
            .formatted(uid);
    var entity = new StringEntity(body, ContentType.APPLICATION_JSON);
    write("DELETE", path(key, true), entity, what("delete", key));
  }

  private static String path(ReportKey key, boolean named) {
    return BASE
        + (key.namespace() == null ? "" : "namespaces/" + key.namespace() + "/")
        + key.plural()
        + (named ? "/" + key.name() : "");
  }

  private static String what(String verb, ReportKey key) {
    var where = key.namespace() == null ? "" : " in namespace " + key.namespace();
    return verb + " " + key.plural() + where;
  }

  private String write(String method, String path, HttpEntity body, String what) {
    var written = send(method, path, ObjectWriter.METADATA_ONLY, body, what);
    return written.path("metadata").path("uid").asText();
  }

  private JsonNode send(String method, String path, String accept, HttpEntity body, String what) {
    try {
      var response = channel.send(method, path, accept, body);
      if (response.code() >= 300) {
        throw WriteFailure.of(response, what);
      }
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw WriteFailure.of(e, what);
    }
  }
}
