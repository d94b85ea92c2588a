package io.cgrouppolicy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/// Marks a test that needs the embedded cluster, because it stops the API server or reads its audit
/// log. The build excludes these tests on other clusters.
@Tag("embedded")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface EmbeddedCluster {
  /// What the test needs from it.
  String value();
}
