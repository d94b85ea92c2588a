package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LabOperator;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pressure that pods really cause, beside the kernel's own figures.
@Tag("node")
class PressureNodeIT {
  /// Twice the default interval between two requests.
  private static final Duration TWO_LOOKS = Duration.ofSeconds(60);

  @RegisterExtension
  static final LabOperator lab =
      new LabOperator(
          "pressed",
          """
          nodes:
            selector: {}
            pressure:
              memory: {full: 3}
              io: {full: 4}
              cpu: {some: 40}
          """);

  enum Load {
    MEMORY(
        "{limits: {memory: 24Mi}}",
        "dd if=/dev/zero of=/tmp/file bs=1M count=64; while :; do cat /tmp/file; done > /dev/null",
        3,
        "most stalled pod pressed/memory \\(\\d+ %, at \\d+ % of its memory limit\\); \\d+ % of the"
            + " node's memory is available, which points to pods at their own memory limits.*"),
    IO(
        "{limits: {memory: 64Mi}}",
        "while :; do dd if=/dev/zero of=/tmp/file bs=4k count=4096 oflag=direct; done 2> /dev/null",
        4,
        "most stalled pods? .*pressed/io \\(\\d+ %\\).*"),
    CPU(
        "{limits: {cpu: 100m, memory: 64Mi}}",
        "for i in 1 2 3; do (while :; do :; done) & done; wait",
        40,
        "most stalled pods? .*pressed/cpu \\(\\d+ %, has a CPU limit\\).*; \\d+ % of the node.s CPUs are"
            + " in use.*throttling by CPU limits.*");

    private final String resources;
    private final String script;
    private final double threshold;
    private final String cause;

    Load(String resources, String script, double threshold, String cause) {
      this.resources = resources;
      this.script = script;
      this.threshold = threshold;
      this.cause = cause;
    }

    private String resource() {
      return name().toLowerCase();
    }

    private String check() {
      return "Pressure" + name().charAt(0) + resource().substring(1);
    }

    /// The kernel's average of the measure that the policy limits.
    private double kernel(String average) {
      var line = this == CPU ? "some" : "full";
      var found =
          Pattern.compile(line + " .*" + average + "=([0-9.]+)")
              .matcher(lab.node().read("/proc/pressure/" + resource()));
      assertThat(found.find()).isTrue();
      return Double.parseDouble(found.group(1));
    }

    private List<Violation> violations() {
      return lab.findings().stream().filter(found -> found.check().equals(check())).toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isReportedWithItsCauseAndGoneAfter(Load load) {
    eventually(() -> assertThat(load.violations()).isEmpty());
    var pod = lab.pod(load.resource(), load.resources, load.script).running();
    eventually(
        () -> {
          assertThat(load.kernel("avg60")).isGreaterThan(load.threshold);
          assertThat(load.kernel("avg10")).isGreaterThan(load.threshold);
        });
    Fixture.within(
        TWO_LOOKS,
        () ->
            assertThat(load.violations())
                .singleElement()
                .satisfies(found -> assertThat(found.message()).matches(".*" + load.cause)));
    // The kubelet refreshes its figures every 10 to 15 s.
    eventually(
        () -> {
          var actual = load.violations().getFirst().actual();
          double reported = Double.parseDouble(actual.replaceAll("\\D", ""));
          assertThat(reported).as(actual).isCloseTo(load.kernel("avg60"), within(8.0));
        });
    pod.delete();
    eventually(() -> assertThat(load.kernel("avg10")).isLessThan(load.threshold));
    Fixture.within(TWO_LOOKS, () -> assertThat(load.violations()).isEmpty());
  }
}
