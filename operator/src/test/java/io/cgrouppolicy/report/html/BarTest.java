package io.cgrouppolicy.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.report.NodePicture;
import io.cgrouppolicy.report.NodePicture.Asked;
import io.cgrouppolicy.report.NodePicture.Reserved;
import io.cgrouppolicy.report.NodePicture.Share;
import io.cgrouppolicy.report.html.Bar.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarTest {
  private static final long GIB = 1L << 30;

  /// Of 15 GiB, 12 are allocatable.
  private static final Share SHARE =
      new Share(15 * GIB, 12 * GIB, new Reserved(GIB, GIB + GIB / 2, GIB / 2));

  @Test
  void dividesTheCapacity() {
    var bar = Bar.of(SHARE, new Asked(6 * GIB, 12 * GIB), Amounts.MEMORY);
    assertThat(bar.allocatable()).isEqualTo("53.33%");
    assertThat(bar.segments())
        .containsExactly(
            new Segment("eviction", "53.33%", "2.22%"),
            new Segment("kube", "55.56%", "6.67%"),
            new Segment("system", "62.22%", "4.44%"));
    assertThat(bar.requests()).isEqualTo("26.67%");
    assertThat(bar.limits()).isEqualTo("53.33%");
    assertThat(bar.request()).isEqualTo("6 GiB (50 %)");
    assertThat(bar.overcommitted()).isFalse();
    assertThat(bar.room()).isEqualTo("12 GiB of 15 GiB");
    assertThat(bar.reserve()).isEqualTo("system 1 GiB, Kubernetes 1.5 GiB, eviction 512 MiB");
  }

  @Test
  void limitsReachOutOfTheNodeAndEndWithTheAxis() {
    var over = Bar.of(SHARE, new Asked(0, 18 * GIB), Amounts.MEMORY);
    assertThat(over.limits()).isEqualTo("80.00%");
    assertThat(over.overcommitted()).isTrue();
    assertThat(over.beyond()).isFalse();
    var far = Bar.of(SHARE, new Asked(0, Long.MAX_VALUE), Amounts.MEMORY);
    assertThat(far.limits()).isEqualTo("99.50%");
    assertThat(far.beyond()).isTrue();
    var none = Bar.of(SHARE, new Asked(0, 0), Amounts.MEMORY);
    assertThat(none.limits()).isNull();
    assertThat(none.limit()).isEqualTo("none");
  }

  /// Throttled is not killed.
  @Test
  void cpuIsShared() {
    var bar = Bar.of(new Share(4000, 3800, null), new Asked(1000, 9000), Amounts.CPU);
    assertThat(bar.limit()).isEqualTo("9 CPUs (237 %)");
    assertThat(bar.overcommitted()).isFalse();
  }

  @Test
  void whatIsNotExplainedIsOther() {
    var bar = Bar.of(new Share(15 * GIB, 12 * GIB, new Reserved(GIB, 0, 0)), null, Amounts.MEMORY);
    assertThat(bar.reserve()).isEqualTo("other 2 GiB, system 1 GiB");
    assertThat(bar.requests()).isNull();
    var unread = Bar.of(new Share(15 * GIB, 12 * GIB, null), null, Amounts.MEMORY);
    assertThat(unread.reserve()).isEqualTo("3 GiB");
    assertThat(unread.segments()).extracting(Segment::kind).containsExactly("other");
  }

  /// A kubelet can report more reservations than the node has room for.
  @Test
  void segmentsNeverReachOutOfTheNode() {
    var bar =
        Bar.of(
            new Share(15 * GIB, 12 * GIB, new Reserved(99 * GIB, GIB, GIB)), null, Amounts.MEMORY);
    assertThat(bar.reserve()).isEqualTo("system 1 GiB, Kubernetes 1 GiB, eviction 1 GiB");
  }

  @Test
  void unknownIsNotZero() {
    var none =
        Bar.of(
            new Share(NodePicture.UNKNOWN, NodePicture.UNKNOWN, null),
            new Asked(GIB, GIB),
            Amounts.MEMORY);
    assertThat(none.known()).isFalse();
    assertThat(none.room()).isEqualTo("capacity unknown");
    var half = Bar.of(new Share(4000, NodePicture.UNKNOWN, null), null, Amounts.CPU);
    assertThat(half.room()).isEqualTo("4 CPUs, allocatable unknown");
    assertThat(half.segments()).isEqualTo(List.of());
  }

  @Test
  void amountsAreShort() {
    assertThat(
            List.of(
                Amounts.MEMORY.format(0),
                Amounts.MEMORY.format(1 << 20),
                Amounts.MEMORY.format(1_073_000_000),
                Amounts.MEMORY.format(1_073_741_000),
                Amounts.MEMORY.format(250 * GIB + GIB / 4),
                Amounts.MEMORY.format(Long.MAX_VALUE),
                Amounts.CPU.format(0),
                Amounts.CPU.format(5),
                Amounts.CPU.format(1000),
                Amounts.CPU.format(3920),
                Amounts.CPU.format(120_000)))
        .containsExactly(
            "0 bytes",
            "1 MiB",
            "1023 MiB",
            "1 GiB",
            "250 GiB",
            "8 EiB",
            "0 CPUs",
            "0.005 CPUs",
            "1 CPU",
            "3.9 CPUs",
            "120 CPUs");
  }
}
