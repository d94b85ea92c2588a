package io.cgrouppolicy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/// A test for the embedded cluster only, as it stops the API server or reads its audit log. The
/// build leaves these out when another cluster is named.
@Tag("embedded")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface EmbeddedCluster {
  /// What of it the test needs.
  String value();
}
