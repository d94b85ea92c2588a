package io.cgrouppolicy.core.openreports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.openreports.Report.Metadata;
import io.cgrouppolicy.core.openreports.Report.Owner;
import io.cgrouppolicy.core.openreports.Report.Result;
import io.cgrouppolicy.core.openreports.Report.Summary;
import io.cgrouppolicy.core.openreports.Report.Timestamp;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A report as it should be, but for the times since when its results have been reported.
///
/// @param hash the same for the same results and owner, whatever their times
public record ReportDraft(ReportKey key, Owner owner, List<Result> results, String hash) {
  /// The annotation with the hash.
  static final String HASH = "cgroup-policy.io/report-hash";

  /// Consumers show a report as a whole, and hold it in memory.
  static final int MAX_RESULTS = 1000;

  /// Well below the largest request that etcd accepts, 1.5 MiB.
  static final int MAX_BYTES = 512 << 10;

  /// What the timestamp adds to a result.
  private static final int TIMESTAMP_BYTES = 60;

  private static final ObjectWriter JSON = new ObjectMapper().writer();

  /// All reports of a policy: for each namespace with violations, and for nodes. Depends only on
  /// the violations and their order.
  ///
  /// @param violations all of them, in the order of the status
  public static SortedMap<ReportKey, ReportDraft> of(
      String policy, String uid, List<Violation> violations) {
    var results = new Results(policy);
    var owner =
        new Owner(CgroupPolicy.GROUP + "/" + CgroupPolicy.VERSION, "CgroupPolicy", policy, uid);
    var open = new TreeMap<ReportKey, Chunks>();
    for (var violation : violations) {
      open.computeIfAbsent(
              ReportKey.of(Results.namespace(violation), policy, 1),
              first -> new Chunks(first.namespace(), owner))
          .add(results.of(violation));
    }
    var drafts = new TreeMap<ReportKey, ReportDraft>();
    open.values().forEach(chunks -> chunks.end().forEach(draft -> drafts.put(draft.key(), draft)));
    return drafts;
  }

  /// The reports of one namespace, or of nodes.
  private static final class Chunks {
    private final String namespace;
    private final Owner owner;
    private final List<ReportDraft> full = new ArrayList<>();
    private List<Result> results = new ArrayList<>();
    private Digest digest = new Digest();
    private int bytes;

    Chunks(String namespace, Owner owner) {
      this.namespace = namespace;
      this.owner = owner;
    }

    void add(Result result) {
      var json = json(result);
      if (results.size() == MAX_RESULTS || bytes + json.length > MAX_BYTES) {
        close();
      }
      results.add(result);
      digest.add(json);
      bytes += json.length + TIMESTAMP_BYTES;
    }

    private void close() {
      if (!results.isEmpty()) {
        var key = ReportKey.of(namespace, owner.name(), full.size() + 1);
        full.add(new ReportDraft(key, owner, results, digest.add(json(owner)).text()));
      }
      results = new ArrayList<>();
      digest = new Digest();
      bytes = 0;
    }

    List<ReportDraft> end() {
      close();
      return full;
    }
  }

  /// The object to write.
  ///
  /// @param since since when results have been reported, by id
  /// @param now in seconds, for results that are new
  public Report report(Map<String, Timestamp> since, long now) {
    var started = new Timestamp(now, 0);
    var timed =
        results.stream()
            .map(result -> result.since(since.getOrDefault(result.id(), started)))
            .toList();
    int errors = (int) results.stream().filter(result -> result.result().equals("error")).count();
    return new Report(
        ReportKey.VERSION,
        key.kind(),
        new Metadata(
            key.name(),
            key.namespace(),
            new TreeMap<>(Child.labels(owner.name())),
            Map.of(HASH, hash),
            List.of(owner)),
        Report.SOURCE,
        new Summary(0, results.size() - errors, 0, errors, 0),
        timed);
  }

  public static byte[] json(Object part) {
    try {
      return JSON.writeValueAsBytes(part);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // cannot happen for records of texts
    }
  }
}
