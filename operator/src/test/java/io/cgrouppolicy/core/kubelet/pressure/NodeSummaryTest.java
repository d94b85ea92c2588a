package io.cgrouppolicy.core.kubelet.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.testing.kubelet.Recordings;
import io.cgrouppolicy.testing.kubelet.Summary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeSummaryTest {
  private static NodeSummary parse(String json) throws MalformedAnswerException {
    return NodeSummary.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static NodeSummary recorded(String file) throws MalformedAnswerException {
    return NodeSummary.parse(Recordings.bytes(file));
  }

  @Test
  void readsARealSummaryUnderPressure() throws MalformedAnswerException {
    var node = recorded("stats-summary-pressure.json");
    assertThat(node.cpu()).isEqualTo(new Psi(92.73f, 66.04f, 0, 0, true));
    assertThat(node.memory()).isEqualTo(new Psi(4.3f, 2.54f, 2.18f, 1.29f, true));
    assertThat(node.io()).isEqualTo(new Psi(18.55f, 9.89f, 0, 0.02f, true));
    assertThat(node.cpusInUse()).isEqualTo(1.303883507);
    assertThat(node.availableMemory()).isEqualTo(92.3, offset(0.1));
    assertThat(node.counted()).isTrue();
    assertThat(node.pods())
        .containsExactly(
            new PodSummary(
                "bounded/plain",
                438272,
                100 * 442368f / 536870912,
                new Psi(0, 0.01f, 0, 0, true),
                new Psi(0, 0, 0, 0, false),
                new Psi(0, 0, 0, 0, true)),
            new PodSummary(
                "bounded/psi",
                20901888,
                100,
                new Psi(90.28f, 48.96f, 62.3f, 34.11f, true),
                new Psi(4.98f, 2.44f, 2.71f, 1.26f, true),
                new Psi(17.73f, 9, 0.09f, 0.1f, true)));
  }

  @Test
  void readsARealQuietSummary() throws MalformedAnswerException {
    var node = recorded("stats-summary.json");
    assertThat(node.cpu().avg60(Stall.SOME)).isEqualTo(20.51f);
    assertThat(node.memory().avg10(Stall.FULL)).isZero();
    assertThat(node.pods())
        .extracting(PodSummary::name)
        .containsExactly("bounded/plain", "bounded/forkbomb");
  }

  @Test
  void absentValuesAreUnknownAndNotZero() throws MalformedAnswerException {
    for (var json :
        new String[] {
          "{'node': {}}",
          "{'node': {'cpu': null, 'memory': {}, 'io': {'psi': null}}, 'pods': null}",
          "{'node': {'cpu': {'psi': {}}}, 'pods': []}",
          "{'node': {'cpu': {'psi': {'some': {}, 'full': null}}}, 'more': [{'psi': 1}]}"
        }) {
      var node = parse(json);
      assertThat(node.cpu()).as(json).isEqualTo(Psi.ABSENT);
      assertThat(node.cpu().avg60(Stall.SOME)).isNaN();
      assertThat(node.memory()).isEqualTo(Psi.ABSENT);
      assertThat(node.cpusInUse()).isNaN();
      assertThat(node.availableMemory()).isNaN();
      assertThat(node.counted()).isFalse();
      assertThat(node.pods()).isEmpty();
    }
  }

  @Test
  void aPodThatHasJustStartedHasLittle() throws MalformedAnswerException {
    var node =
        parse(
            "{'node': {}, 'pods': [{'cpu': {'psi': {'some': {'total': 1, 'avg60': 7}}},"
                + " 'memory': {'workingSetBytes': 5}, 'podRef': {'name': 'a', 'namespace': 'n'}},"
                + " {'podRef': {'namespace': 'n', 'name': 'b', 'uid': 'u'}}]}");
    assertThat(node.pods())
        .containsExactly(
            new PodSummary(
                "n/a",
                5,
                Float.NaN,
                new Psi(Float.NaN, 7, Float.NaN, Float.NaN, true),
                Psi.ABSENT,
                Psi.ABSENT),
            new PodSummary("n/b", -1, Float.NaN, Psi.ABSENT, Psi.ABSENT, Psi.ABSENT));
  }

  /// Where pods are limited to node allocatable, they run out of memory before the node does.
  @Test
  void theMemoryOfAllPodsCountsIfLessOfItIsAvailable() throws MalformedAnswerException {
    var node =
        parse(
            "{'node': {'memory': {'availableBytes': 60, 'workingSetBytes': 40}, 'systemContainers':"
                + " [null, {'name': 'kubelet', 'memory': {'availableBytes': 1, 'workingSetBytes':"
                + " 99}}, {'name': 'pods', 'memory': {'availableBytes': 5, 'workingSetBytes':"
                + " 45}}]}}");
    assertThat(node.availableMemory()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | no JSON object",
        "<html> | not JSON",
        "[] | no JSON object",
        "{} | has no node",
        "{'node': null} | has no node",
        "{'node': []} | node is no object",
        "{'node': {}} x | not JSON",
        "{'node': {}} {} | goes on after",
        "{'node': {'cpu': 1}} | cpu is no object",
        "{'node': {'systemContainers': {}}} | systemContainers is no array",
        "{'node': {'memory': {'availableBytes': -1}}} | availableBytes is out of range",
        "{'node': {'cpu': {'psi': []}}} | psi is no object",
        "{'node': {'cpu': {'psi': {'some': 1}}}} | some is no object",
        "{'node': {'cpu': {'psi': {'some': {'avg60': '1'}}}}} | avg60 is no number",
        "{'node': {'cpu': {'psi': {'some': {'avg60': 101}}}}} | avg60 is no percentage",
        "{'node': {'cpu': {'psi': {'some': {'avg10': -1}}}}} | avg10 is out of range",
        "{'node': {'cpu': {'psi': {'some': {'total': 1e999}}}}} | total is out of range",
        "{'node': {'memory': {'workingSetBytes': true}}} | workingSetBytes is no number",
        "{'node': {}, 'pods': [], 'node': {}} | the answer is not JSON: Duplicate field 'node'",
        "{'node': {'memory': {}, 'memory': {}}} | Duplicate field 'memory'",
        "{'node': {'cpu': {'psi': {'some': {'avg60': 99, 'avg60': 1}}}}} | Duplicate field 'avg60'",
        "{'node': {'io': {'psi': {'full': {'avg10': 1, 'avg\\u00310': 1}}}}} | field 'avg10'",
        "{'node': {}, 'pods': {}} | pods is no array",
        "{'node': {}, 'pods': [null]} | a pod is null",
        "{'node': {}, 'pods': [{}]} | a pod has no podRef",
        "{'node': {}, 'pods': [{'podRef': {'name': 'a', 'name': 'b'}}]} | Duplicate field 'name'",
        "{'node': {}, 'pods': [{'podRef': {'name': 'a'}}]} | lacks name or namespace",
        "{'node': {}, 'pods': [{'podRef': {'name': 'a b', 'namespace': 'n'}}]} | name that is none",
        "{'node': {}, 'pods': [{'podRef': {'name': 'a', 'namespace': 1}}]} | namespace that is none",
      })
  void whatIsNoSummaryIsAnError(String json, String why) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(MalformedAnswerException.class)
        .hasMessageContaining(why);
  }

  @Test
  void duplicatesOfFieldsThatNothingReadsAreNoError() throws MalformedAnswerException {
    var node = parse("{'node': {'x': 1, 'x': 2}, 'more': {'node': {}, 'node': {}}, 'pods': null}");
    assertThat(node.pods()).isEmpty();
  }

  @Test
  void aKubeletCannotFillOurMemory() {
    assertThatThrownBy(() -> parse("{'node': {}, 'pods': [" + "[".repeat(100_000)))
        .isInstanceOf(MalformedAnswerException.class);
    assertThatThrownBy(() -> parse("{'node': " + "{'a': ".repeat(100_000)))
        .hasMessageContaining("not JSON");
    var pod = "{'podRef': {'name': 'a', 'namespace': 'n'}},";
    assertThatThrownBy(() -> parse("{'node': {}, 'pods': [" + pod.repeat(5_001)))
        .hasMessageContaining("more than 5000 pods");
  }

  @Test
  void anAnswerThatBreaksOffIsAnErrorWhereverItDoes() {
    var whole = new String(Recordings.bytes("stats-summary-pressure.json"), StandardCharsets.UTF_8);
    var bytes = whole.strip().getBytes(StandardCharsets.UTF_8);
    for (int end = 0; end < bytes.length; end += 97) {
      var part = Arrays.copyOf(bytes, end);
      assertThatThrownBy(() -> NodeSummary.parse(part))
          .isInstanceOf(MalformedAnswerException.class);
    }
  }

  @Test
  void aKernelWithoutPsiDiffersFromAQuietOne() throws MalformedAnswerException {
    var off = NodeSummary.parse(Summary.quiet().off().bytes());
    assertThat(off.cpu()).isNotEqualTo(Psi.ABSENT);
    assertThat(off.counted()).isFalse();
    assertThat(NodeSummary.parse(Summary.quiet().bytes()).counted()).isTrue();
  }
}
