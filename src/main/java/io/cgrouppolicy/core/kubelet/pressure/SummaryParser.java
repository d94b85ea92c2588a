package io.cgrouppolicy.core.kubelet.pressure;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads a summary token by token, without a tree of it: it has hundreds of kB, of which a few are
/// kept, and thousands of nodes are asked for one each half minute.
final class SummaryParser {
  /// Of JSON: a real answer has 8.
  private static final int DEEPEST = 32;

  /// Far more than a node can run: a kubelet must not fill our memory.
  private static final int MOST_PODS = 5_000;

  /// Rounding of the kernel's may leave an average that much above 100.
  private static final float MOST = 100.5f;

  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9-]{1,63}");
  private static final Pattern NAME = Pattern.compile("[a-z0-9.-]{1,253}");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(64)
                  .maxStringLength(1 << 16)
                  .build())
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final JsonParser json;

  // Of the object that is being read, a node or a pod.
  private double cpusInUse = Double.NaN;
  private long workingSet = -1;
  private Psi cpu = Psi.ABSENT;
  private Psi memory = Psi.ABSENT;
  private Psi io = Psi.ABSENT;

  private SummaryParser(JsonParser json) {
    this.json = json;
  }

  static NodeSummary parse(byte[] body) throws SummaryException {
    try (var json = JSON.createParser(body)) {
      return new SummaryParser(json).summary();
    } catch (SummaryException e) {
      throw e;
    } catch (IOException e) {
      throw new SummaryException("the answer is not JSON: " + e.getMessage());
    }
  }

  private NodeSummary summary() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new SummaryException("the answer is no JSON object");
    }
    NodeSummary node = null;
    List<PodSummary> pods = List.of();
    while (nextField()) {
      switch (json.currentName()) {
        case "node" -> node = node();
        case "pods" -> pods = pods();
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw new SummaryException("the answer goes on after its JSON");
    }
    if (node == null) {
      throw new SummaryException("the answer has no node");
    }
    return new NodeSummary(node.cpusInUse(), node.cpu(), node.memory(), node.io(), pods);
  }

  private NodeSummary node() throws IOException {
    if (!isObject("node")) {
      return null;
    }
    while (nextField()) {
      resource();
    }
    var node = new NodeSummary(cpusInUse, cpu, memory, io, List.of());
    forget();
    return node;
  }

  private List<PodSummary> pods() throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return List.of();
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new SummaryException("pods is no array");
    }
    var pods = new ArrayList<PodSummary>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (!isObject("pod")) {
        throw new SummaryException("a pod is null");
      }
      if (pods.size() == MOST_PODS) {
        throw new SummaryException("the answer has more than " + MOST_PODS + " pods");
      }
      pods.add(pod());
    }
    return List.copyOf(pods);
  }

  private PodSummary pod() throws IOException {
    String name = null;
    while (nextField()) {
      if (json.currentName().equals("podRef")) {
        name = podRef();
      } else {
        resource();
      }
    }
    if (name == null) {
      throw new SummaryException("a pod has no podRef");
    }
    var pod = new PodSummary(name, workingSet, cpu, memory, io);
    forget();
    return pod;
  }

  private void forget() {
    cpusInUse = Double.NaN;
    workingSet = -1;
    cpu = Psi.ABSENT;
    memory = Psi.ABSENT;
    io = Psi.ABSENT;
  }

  private String podRef() throws IOException {
    if (!isObject("podRef")) {
      return null;
    }
    String name = null;
    String namespace = null;
    while (nextField()) {
      switch (json.currentName()) {
        case "name" -> name = text(NAME);
        case "namespace" -> namespace = text(NAMESPACE);
        default -> json.skipChildren();
      }
    }
    if (name == null || namespace == null) {
      throw new SummaryException("a podRef lacks name or namespace");
    }
    return namespace + "/" + name;
  }

  private String text(Pattern pattern) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING
        || !pattern.matcher(json.getText()).matches()) {
      throw new SummaryException("a podRef has a " + json.currentName() + " that is none");
    }
    return json.getText();
  }

  /// A member of a node or a pod.
  private void resource() throws IOException {
    var resource = json.currentName();
    switch (resource) {
      case "cpu", "memory", "io" -> {
        if (!isObject(resource)) {
          return;
        }
        var psi = Psi.ABSENT;
        while (nextField()) {
          switch (json.currentName()) {
            case "psi" -> psi = psi();
            case "usageNanoCores" -> cpusInUse = number(Double.NaN) / 1e9;
            case "workingSetBytes" -> workingSet = (long) number(-1);
            default -> json.skipChildren();
          }
        }
        switch (resource) {
          case "cpu" -> cpu = psi;
          case "memory" -> memory = psi;
          default -> io = psi;
        }
      }
      default -> json.skipChildren();
    }
  }

  private Psi psi() throws IOException {
    if (!isObject("psi")) {
      return Psi.ABSENT;
    }
    float some10 = Float.NaN;
    float some60 = Float.NaN;
    float full10 = Float.NaN;
    float full60 = Float.NaN;
    boolean counted = false;
    while (nextField()) {
      var kind = json.currentName();
      if (!kind.equals("some") && !kind.equals("full")) {
        json.skipChildren();
        continue;
      }
      float avg10 = Float.NaN;
      float avg60 = Float.NaN;
      if (isObject(kind)) {
        while (nextField()) {
          switch (json.currentName()) {
            case "avg10" -> avg10 = percent();
            case "avg60" -> avg60 = percent();
            case "total" -> counted |= number(0) > 0;
            default -> json.skipChildren();
          }
        }
      }
      if (kind.equals("some")) {
        some10 = avg10;
        some60 = avg60;
      } else {
        full10 = avg10;
        full60 = avg60;
      }
    }
    return new Psi(some10, some60, full10, full60, counted).shared();
  }

  private float percent() throws IOException {
    float percent = (float) number(Double.NaN);
    if (percent > MOST) {
      throw new SummaryException(json.currentName() + " is no percentage");
    }
    return percent;
  }

  /// @param untold what null stands for
  private double number(double untold) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return untold;
    }
    if (!json.currentToken().isNumeric()) {
      throw new SummaryException(json.currentName() + " is no number");
    }
    double number = json.getDoubleValue();
    if (number < 0 || Double.isInfinite(number)) {
      throw new SummaryException(json.currentName() + " is out of range");
    }
    return number;
  }

  /// Goes to the next member's value.
  private boolean nextField() throws IOException {
    if (json.nextToken() == JsonToken.END_OBJECT) {
      return false;
    }
    json.nextToken();
    return true;
  }

  /// Whether there is an object here, or else null.
  private boolean isObject(String what) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> true;
      case VALUE_NULL -> false;
      case null, default -> throw new SummaryException(what + " is no object");
    };
  }
}
