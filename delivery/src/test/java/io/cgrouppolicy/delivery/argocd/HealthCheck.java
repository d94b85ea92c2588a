package io.cgrouppolicy.delivery.argocd;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.TableLib;

/// Runs the health check as Argo CD runs a configured one: with the libraries base, package and
/// table, and without string, math and io (its `util/lua/lua.go`). Argo CD also has a part of os,
/// which our check must not need.
final class HealthCheck {
  private HealthCheck() {}

  /// The health that Argo CD would show.
  record Health(String status, String message) {}

  /// The health of an object from the API server.
  static Health of(JsonNode object) {
    try {
      var result = run(Files.readString(ArgoForms.SOURCE), object);
      return new Health(result.get("status").checkjstring(), result.get("message").checkjstring());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The result of a script.
  static LuaValue run(String script, JsonNode object) {
    var globals = new Globals();
    globals.load(new BaseLib());
    globals.load(new PackageLib());
    globals.load(new TableLib());
    LoadState.install(globals);
    LuaC.install(globals);
    globals.set("obj", value(object));
    return globals.load(script, "health.lua").call();
  }

  private static LuaValue value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        var table = new LuaTable();
        node.properties().forEach(field -> table.set(field.getKey(), value(field.getValue())));
        yield table;
      }
      case ARRAY -> {
        var table = new LuaTable();
        for (int i = 0; i < node.size(); i++) {
          table.set(i + 1, value(node.get(i)));
        }
        yield table;
      }
      case NUMBER -> LuaValue.valueOf(node.doubleValue());
      case BOOLEAN -> LuaValue.valueOf(node.booleanValue());
      case STRING -> LuaValue.valueOf(node.textValue());
      case NULL -> LuaValue.NIL;
      default -> throw new IllegalArgumentException(node.toString());
    };
  }
}
