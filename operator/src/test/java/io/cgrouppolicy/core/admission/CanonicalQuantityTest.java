package io.cgrouppolicy.core.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalQuantityTest {
  private static CanonicalQuantity amount(String text) {
    return CanonicalQuantity.of(new Quantity(text));
  }

  @ParameterizedTest
  @CsvSource({
    "1024Mi, 1Gi",
    "1.5Gi, 1536Mi",
    "0.5Ki, 512",
    "1000m, 1",
    "1500m, 1500m",
    "1.5, 1500m",
    "0.1, 100m",
    "1500, 1500",
    "2000, 2k",
    "1e1, 10",
    "5e4, 50e3",
    "0.0, 0",
    "1025, 1025",
    "0.0000000001, 1n",
    // The server considers these canonical although they are not.
    "1e0, 1e0",
    "1.500, 1.500",
  })
  void isWrittenAsTheServerDoes(String written, String canonical) {
    assertThat(amount(written)).hasToString(canonical);
  }

  @Test
  void aSumHasTheNotationOfItsFirstTermThatIsNotZero() {
    assertThat(amount("512Mi").plus(amount("512M"))).hasToString("1024288Ki");
    assertThat(amount("0").plus(amount("512Mi")).plus(amount("512Mi"))).hasToString("1Gi");
    assertThat(amount("1e0").plus(amount("1"))).hasToString("2");
  }

  @Test
  void roundsUp() {
    assertThat(amount("100m").value()).isEqualTo(1);
    assertThat(amount("0.1m").milliValue()).isEqualTo(1);
    assertThat(amount("9E").milliValue()).isEqualTo(Long.MAX_VALUE);
  }
}
