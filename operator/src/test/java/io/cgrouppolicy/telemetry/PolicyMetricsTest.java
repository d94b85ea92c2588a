package io.cgrouppolicy.telemetry;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.ObservedNode;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.fuzz.HostileTexts;
import io.cgrouppolicy.testing.Policies;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Names and messages from the cluster in the exposition format.
class PolicyMetricsTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final String SPEC =
      "namespaces: {selector: {}}, workloads: {requireLimits: [memory]}, nodes: {selector: {},"
          + " kubelet: {podPidsLimit: 100}, pressure: {memory: {full: 5}}}";

  /// The formats that scrapers can ask for.
  private static final List<String> FORMATS =
      List.of(TextFormat.CONTENT_TYPE_004, TextFormat.CONTENT_TYPE_OPENMETRICS_100);

  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final Pattern LABEL =
      Pattern.compile("(" + NAME + ")=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*+)\",?");
  private static final Pattern SAMPLE =
      Pattern.compile(
          "("
              + NAME
              + ")(?:\\{((?:"
              + LABEL.pattern()
              + ")*+)})? (-?[0-9.]+(?:E-?[0-9]+)?|NaN|[+-]Inf)");
  private static final Pattern COMMENT =
      Pattern.compile("# (?:HELP " + NAME + " [^\n]*|TYPE " + NAME + " [a-z]+|EOF)");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final PolicyMetrics metrics = new PolicyMetrics(registry);

  private record Sample(String name, Map<String, String> labels, double value) {
    /// Without its value.
    String series() {
      return name + labels;
    }
  }

  /// Fails on any line that is neither a sample nor a comment.
  private List<Sample> scrape(String format) {
    var samples = new ArrayList<Sample>();
    for (var line : registry.scrape(format).split("\n")) {
      var sample = SAMPLE.matcher(line);
      if (!sample.matches()) {
        assertThat(line).matches(COMMENT);
        continue;
      }
      var labels = new TreeMap<String, String>();
      if (sample.group(2) != null) {
        LABEL
            .matcher(sample.group(2))
            .results()
            .forEach(label -> labels.put(label.group(1), unescape(label.group(2))));
      }
      var number = sample.group(5).replace("Inf", "Infinity");
      samples.add(new Sample(sample.group(1), labels, Double.parseDouble(number)));
    }
    return samples;
  }

  private static String unescape(String value) {
    return Pattern.compile("\\\\(.)")
        .matcher(value)
        .replaceAll(
            escaped ->
                switch (escaped.group(1)) {
                  case "n" -> "\n";
                  case "\\" -> "\\\\";
                  default -> escaped.group(1);
                });
  }

  private static CompiledPolicy policy(String name) {
    var policy = Policies.policy("p", SPEC);
    policy.getMetadata().setName(name);
    return CompiledPolicy.of(policy);
  }

  /// Reports a policy with this many namespaces and nodes, whose names, versions and messages are
  /// hostile.
  private void report(CompiledPolicy policy, int objects) {
    var names = IntStream.range(0, objects).mapToObj(i -> text(i) + i).toList();
    var result =
        PolicyStatusFactory.create(
            new Input(
                policy,
                null,
                new Namespaces(names, namespaces(policy, names), Map.of()),
                nodes(policy, names),
                workloads(policy, names),
                new Trouble("Forbidden", text(5)),
                null,
                NOW));
    metrics.report(policy, result);
  }

  private static String text(int i) {
    return HostileTexts.ALL.get(i % HostileTexts.ALL.size());
  }

  private static Function<String, NamespaceVerdict> namespaces(
      CompiledPolicy policy, List<String> names) {
    return name -> {
      var text = text(names.indexOf(name));
      var finding = Finding.of(Check.LimitRangeConflict, text, text, text);
      return new NamespaceVerdict(policy.uid(), policy.generation(), null, List.of(finding));
    };
  }

  private static Nodes nodes(CompiledPolicy policy, List<String> names) {
    Function<String, NodeMemory> decide =
        name -> {
          var text = text(names.indexOf(name));
          var facts = new NodeFacts(name, text, text, true, false, Map.of(), Map.of(), null);
          var seen =
              new ObservedNode(facts, unusable(text), unusable(text), null, Platform.UPSTREAM);
          return NodeDecider.decide(List.of(policy), seen, NodeMemory.EMPTY, NOW).memory();
        };
    return new Nodes(
        names,
        name -> decide.apply(name).verdicts().get(policy.name()),
        name -> decide.apply(name).pressure().get(policy.name()),
        null,
        List.of());
  }

  private static <T> Reading<T> unusable(String text) {
    return new Reading<>(
        new Answer.Unusable<>(Check.KubeletConfigUnavailable, "Garbage", text), NOW, NOW);
  }

  private static Workloads workloads(CompiledPolicy policy, List<String> names) {
    return new Workloads(
        name -> {
          var text = text(names.indexOf(name));
          var finding = Finding.of(Check.MemoryLimitMissing, text, text, text);
          return new WorkloadVerdict(
              policy.uid(),
              policy.generation(),
              1,
              Map.of(Set.of(Check.MemoryLimitMissing), 1),
              List.of(new WorkloadFinding(text, text, finding)),
              WorkloadVerdict.Preview.NONE);
        },
        node -> NeighbourRules.verdict(policy, List.of(), pod -> true, pod -> OptionalLong.empty()),
        null);
  }

  /// The API server allows only letters, digits, dots and hyphens.
  @Test
  void namesOfPoliciesAreEscaped() {
    HostileTexts.ALL.forEach(text -> report(policy(text), 1));
    for (var format : FORMATS) {
      var named =
          scrape(format).stream()
              .filter(sample -> sample.name().equals("cgroup_policy_nodes"))
              .filter(sample -> sample.labels().get("state").equals("unknown"))
              .toList();
      assertThat(named).allMatch(sample -> sample.value() == 1);
      assertThat(named.stream().map(sample -> sample.labels().get("policy")))
          .containsExactlyInAnyOrderElementsOf(HostileTexts.ALL);
    }
  }

  @Test
  void namesAndMessagesOfOtherObjectsAreInNoLabel() {
    var name = "p".repeat(253);
    for (var format : FORMATS) {
      report(policy(name), 1);
      var few = scrape(format);
      report(policy(name), 500);
      var many = scrape(format);
      assertThat(many)
          .extracting(Sample::series)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(few.stream().map(Sample::series).toList());
      assertThat(values(many))
          .contains(name)
          .allMatch(value -> value.equals(name) || value.matches("[A-Za-z]+|[0-9.]+|[+]Inf"));
      assertThat(many)
          .filteredOn(sample -> sample.name().equals("cgroup_policy_violations"))
          .extracting(sample -> sample.labels().get("check"), Sample::value)
          .contains(
              tuple("LimitRangeConflict", 500.0),
              tuple("MemoryLimitMissing", 500.0),
              tuple("KubeletConfigUnavailable", 500.0),
              tuple("PressureUnavailable", 500.0));
    }
  }

  private static Set<String> values(List<Sample> samples) {
    return samples.stream().flatMap(sample -> sample.labels().values().stream()).collect(toSet());
  }
}
