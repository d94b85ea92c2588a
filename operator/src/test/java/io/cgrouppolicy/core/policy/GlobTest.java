package io.cgrouppolicy.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "a,a,true",
    "a,ab,false",
    "*,anything,true",
    "kube-*,kube-system,true",
    "kube-*,kubeflow,false",
    "*-prod,shop-prod,true",
    "*-prod,shop-prod-2,false",
    "a*b*c,axxbyybzzc,true",
    "a*b*c,axxbyy,false",
    "t??,t12,true",
    "t??,t1,false",
    "**,x,true",
  })
  void matchesWholeNames(String pattern, String name, boolean matches) {
    assertThat(new Glob(pattern).matches(name)).isEqualTo(matches);
  }
}
