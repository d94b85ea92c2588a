package io.cgrouppolicy.core.kubelet.pressure;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Parses `/stats/summary` into records of the few fields that we need, and bounds what a kubelet
/// can make us keep.
///
/// The records are annotated one by one, because then Jackson skips unknown fields. Its global
/// switch (`FAIL_ON_UNKNOWN_PROPERTIES`) copies them first, which takes 1.5 times as long.
final class SummaryParser {
  /// Nesting of the JSON; a real answer has 8 levels.
  static final int MAX_DEPTH = 32;

  /// Far more pods than a node can run.
  private static final int MAX_PODS = 5_000;

  /// The kernel's rounding can leave an average slightly above 100.
  private static final float MAX_PERCENT = 100.5f;

  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9-]{1,63}");
  private static final Pattern NAME = Pattern.compile("[a-z0-9.-]{1,253}");

  private static final ObjectReader READER = reader();

  private SummaryParser() {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Body(Stats node, Pods pods) {
    Body {
      require(node != null, "the answer has no node");
    }

    NodeSummary summary() {
      var nanoCores = node.cpu() == null ? null : node.cpu().usageNanoCores();
      return new NodeSummary(
          nanoCores == null ? Double.NaN : nanoCores / 1e9,
          availableMemory(),
          psi(node.cpu()),
          psi(node.memory()),
          psi(node.io()),
          pods == null ? List.of() : pods.stream().map(Stats::pod).toList());
    }

    /// The memory of the node and, if its limit is enforced, of the cgroup of all pods.
    private double availableMemory() {
      var pods = present(node.systemContainers()).filter(part -> "pods".equals(part.name()));
      return Stream.concat(Stream.of(node.memory()), pods.map(Part::memory))
          .filter(memory -> memory != null && memory.limit() > 0)
          .mapToDouble(memory -> 100 * memory.availableBytes() / memory.limit())
          .min()
          .orElse(Double.NaN);
    }
  }

  /// Rejects the first pod too many before the others are in memory.
  static final class Pods extends ArrayList<Stats> {
    @Override
    public boolean add(Stats pod) {
      require(size() < MAX_PODS, "the answer has more than " + MAX_PODS + " pods");
      require(pod != null, "a pod is null");
      require(pod.podRef() != null, "a pod has no podRef");
      return super.add(pod);
    }
  }

  /// Of the node or of one pod.
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Stats(
      PodRef podRef,
      List<Part> systemContainers,
      List<Part> containers,
      Usage cpu,
      Usage memory,
      Usage io) {
    PodSummary pod() {
      var workingSet = memory == null ? null : memory.workingSetBytes();
      return new PodSummary(
          podRef.namespace() + "/" + podRef.name(),
          workingSet == null ? -1 : workingSet.longValue(),
          (float)
              Stream.concat(Stream.ofNullable(memory), present(containers).map(Part::memory))
                  .filter(memory -> memory != null && memory.usageBytes() != null)
                  .mapToDouble(memory -> 100 * memory.usageBytes() / memory.limit())
                  .filter(percent -> !Double.isNaN(percent))
                  .max()
                  .orElse(Double.NaN),
          psi(cpu),
          psi(memory),
          psi(io));
    }
  }

  /// A system container of the node, or a container of a pod.
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Part(String name, Usage memory) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record PodRef(String name, String namespace) {
    PodRef {
      require(name != null && namespace != null, "a podRef lacks name or namespace");
      require(NAME.matcher(name).matches(), "a podRef has a name that is none");
      require(NAMESPACE.matcher(namespace).matches(), "a podRef has a namespace that is none");
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Usage(
      PsiStats psi,
      Double usageNanoCores,
      Double workingSetBytes,
      Double availableBytes,
      Double usageBytes) {
    Usage {
      requireInRange(usageNanoCores, "usageNanoCores");
      requireInRange(workingSetBytes, "workingSetBytes");
      requireInRange(availableBytes, "availableBytes");
      requireInRange(usageBytes, "usageBytes");
    }

    /// The memory that the cgroup may use; NaN without a limit. The kubelet reports memory as
    /// available only where there is a limit, and counts the working set against it.
    double limit() {
      return availableBytes == null || workingSetBytes == null
          ? Double.NaN
          : availableBytes + workingSetBytes;
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record PsiStats(Averages some, Averages full) {
    PsiStats {
      some = Objects.requireNonNullElse(some, Averages.ABSENT);
      full = Objects.requireNonNullElse(full, Averages.ABSENT);
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Averages(Double avg10, Double avg60, Double total) {
    static final Averages ABSENT = new Averages(null, null, null);

    Averages {
      avg10 = Objects.requireNonNullElse(avg10, Double.NaN);
      avg60 = Objects.requireNonNullElse(avg60, Double.NaN);
      total = Objects.requireNonNullElse(total, 0.0);
      requireInRange(avg10, "avg10");
      requireInRange(avg60, "avg60");
      requireInRange(total, "total");
      require(!(avg10 > MAX_PERCENT), "avg10 is no percentage");
      require(!(avg60 > MAX_PERCENT), "avg60 is no percentage");
    }
  }

  private static Stream<Part> present(List<Part> parts) {
    return parts == null ? Stream.of() : parts.stream().filter(Objects::nonNull);
  }

  private static Psi psi(Usage usage) {
    if (usage == null || usage.psi() == null) {
      return Psi.ABSENT;
    }
    var some = usage.psi().some();
    var full = usage.psi().full();
    return new Psi(
            some.avg10().floatValue(),
            some.avg60().floatValue(),
            full.avg10().floatValue(),
            full.avg60().floatValue(),
            some.total() > 0 || full.total() > 0)
        .shared();
  }

  private static void requireInRange(Double number, String field) {
    require(number == null || !(number < 0) && !number.isInfinite(), field + " is out of range");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new InvalidValue(otherwise);
    }
  }

  /// Reaches [#parse] as the cause of an exception of Jackson's.
  private static final class InvalidValue extends RuntimeException {
    InvalidValue(String message) {
      super(message);
    }
  }

  private static ObjectReader reader() {
    var json =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(64)
                    .maxStringLength(1 << 16)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    return JsonMapper.builder(json)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .withCoercionConfig(
            LogicalType.Textual,
            text ->
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .build()
        .readerFor(Body.class);
  }

  static NodeSummary parse(byte[] bytes) throws MalformedAnswerException {
    try (var json = new SingleValues(READER.createParser(bytes))) {
      Body body = json.nextToken() == null ? null : READER.readValue(json);
      if (body == null) {
        throw new MalformedAnswerException("the answer is no JSON object");
      }
      if (json.nextToken() != null) {
        throw new MalformedAnswerException("the answer goes on after its JSON");
      }
      return body.summary();
    } catch (JsonProcessingException e) {
      throw new MalformedAnswerException(describe(e));
    } catch (IOException e) {
      throw new MalformedAnswerException("the answer is not JSON: " + e.getMessage());
    }
  }

  /// Without the names of our classes, which Jackson's messages have.
  private static String describe(JsonProcessingException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidValue invalid) {
        return invalid.getMessage();
      }
    }
    return failure instanceof MismatchedInputException mismatch
        ? describe(mismatch)
        : "the answer is not JSON: " + DisplayText.truncate(failure.getOriginalMessage(), 200);
  }

  private static String describe(MismatchedInputException mismatch) {
    if (mismatch.getPath().isEmpty()) {
      return "the answer is no JSON object";
    }
    var field = mismatch.getPath().getLast().getFieldName();
    if (Collection.class.isAssignableFrom(mismatch.getTargetType())) {
      return field + " is no array";
    }
    return switch (mismatch.getTargetType().getSimpleName()) {
      case "String" -> "a podRef has a " + field + " that is none";
      case "Double" -> field + " is no number";
      default -> (field == null ? "a pod" : field) + " is no object";
    };
  }
}
