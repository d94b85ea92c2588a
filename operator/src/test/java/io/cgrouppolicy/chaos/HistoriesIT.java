package io.cgrouppolicy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Short random histories; `make histories` runs long ones.
class HistoriesIT {
  private static final int HISTORIES = 24;
  private static final int STEPS = 30;

  @Test
  void afterRandomHistoriesTheClusterEqualsItsPolicies() {
    try (var histories = new Histories(STEPS)) {
      for (int seed = 0; seed < HISTORIES; seed++) {
        assertThat(histories.run(seed)).isEmpty();
      }
      System.out.println(histories);
    }
  }
}
