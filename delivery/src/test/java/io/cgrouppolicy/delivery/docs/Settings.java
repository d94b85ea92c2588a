package io.cgrouppolicy.delivery.docs;

import io.cgrouppolicy.testing.OperatorModule;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The operator's settings as environment variables, with their defaults.
final class Settings {
  private Settings() {}

  /// The settings of every `*Settings` class of the operator, each a `ConfigMapping`.
  static Map<String, Optional<String>> all() throws IOException {
    var settings = new TreeMap<String, Optional<String>>();
    try (var sources = Files.walk(OperatorModule.SOURCES)) {
      for (var source : sources.filter(f -> f.toString().endsWith("Settings.java")).toList()) {
        var name =
            OperatorModule.SOURCES
                .relativize(source)
                .toString()
                .replace(".java", "")
                .replace('/', '.');
        settings.putAll(of(Class.forName(name)));
      }
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
    return settings;
  }

  /// @return the default of each variable; empty without one
  static Map<String, Optional<String>> of(Class<?> mapping) {
    var settings = new TreeMap<String, Optional<String>>();
    collect(settings, mapping.getAnnotation(ConfigMapping.class).prefix(), mapping);
    return settings;
  }

  private static void collect(
      Map<String, Optional<String>> settings, String prefix, Class<?> group) {
    for (var method : group.getDeclaredMethods()) {
      var name = prefix + "." + method.getName().replaceAll("([A-Z])", "-$1");
      var type = method.getReturnType();
      if (type.isInterface() && type.getEnclosingClass() == group) {
        collect(settings, name, type);
      } else {
        var value = method.getAnnotation(WithDefault.class);
        settings.put(
            name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"),
            Optional.ofNullable(value).map(WithDefault::value));
      }
    }
  }
}
