package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;

/// Some of the cases of `make fuzz`, without its guidance by coverage; the same ones each time.
class FuzzTest {
  private static final long SEED = 20261129;
  private static final int CASES = Integer.getInteger("fuzz.cases", 1000);

  @Test
  void policies() {
    assertThat(count(CASES, PolicyFuzz.LENGTH, PolicyFuzz::test))
        .as("valid policies")
        .isBetween(CASES / 2, CASES - CASES / 20);
  }

  @Test
  void kubelets() {
    assertThat(count(3 * CASES, KubeletFuzz.LENGTH, KubeletFuzz::test))
        .as("good answers")
        .isBetween(CASES / 10, 2 * CASES);
  }

  /// In UTF-16, with `1e99999999999` in a field that nothing reads.
  @Test
  void kubeletWithLargeExponent() {
    var input = Base64.getDecoder().decode("WexEteaolQXS5nhEVIDgpi2ClmlcRV1cRV1dXV1dXTpwxOA=");
    assertThat(KubeletFuzz.test(new Choices(input))).as("good").isTrue();
  }

  @Test
  void responses() {
    try (var http = new HttpFuzz()) {
      assertThat(count(CASES / 2, HttpFuzz.LENGTH, http::test))
          .as("bodies")
          .isBetween(CASES / 20, CASES / 2);
    }
  }

  private interface Case {
    boolean test(Choices choices) throws Exception;
  }

  private static int count(int cases, int length, Case test) {
    int good = 0;
    for (int i = 0; i < cases; i++) {
      try {
        good += test.test(Choices.random(SEED + i, length)) ? 1 : 0;
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + (SEED + i), e);
      }
    }
    return good;
  }
}
