package io.cgrouppolicy.delivery;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The environment variables of a `ConfigMapping`, with their defaults.
final class Settings {
  private Settings() {}

  /// @return the default of each variable, empty where it has none
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
