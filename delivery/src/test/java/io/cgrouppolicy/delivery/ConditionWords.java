package io.cgrouppolicy.delivery;

import io.cgrouppolicy.core.check.WriteFailureReason;
import io.cgrouppolicy.testing.OperatorModule;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/// The types and reasons of conditions that the operator's code can write: the CamelCase constants
/// in methods that set a condition or choose its reason, and the names of [WriteFailureReason].
public final class ConditionWords {
  private static final Pattern WORD = Pattern.compile("[A-Z][a-z]+([A-Z][a-z]+)*");
  private static final String BASE = "io/cgrouppolicy/";

  private ConditionWords() {}

  public static Set<String> written() throws IOException {
    var words = new TreeSet<String>();
    for (var reason : WriteFailureReason.values()) {
      words.add(reason.name());
    }
    for (var part : new String[] {"core/status", "core/namespace", "shell"}) {
      try (var files = Files.walk(OperatorModule.TARGET.resolve("classes").resolve(BASE + part))) {
        for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
          var reader = new ClassReader(Files.readAllBytes(file));
          reader.accept(new Methods(words), ClassReader.SKIP_DEBUG);
        }
      }
    }
    return words;
  }

  private static final class Methods extends ClassVisitor {
    private final Set<String> words;

    Methods(Set<String> words) {
      super(Opcodes.ASM9);
      this.words = words;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      return new Constants(words);
    }
  }

  private static final class Constants extends MethodVisitor {
    private final Set<String> words;
    private final Set<String> found = new TreeSet<>();
    private boolean counts;

    Constants(Set<String> words) {
      super(Opcodes.ASM9);
      this.words = words;
    }

    @Override
    public void visitLdcInsn(Object value) {
      if (value instanceof String text && WORD.matcher(text).matches()) {
        found.add(text);
      }
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      counts |= owner.equals(BASE + "core/status/Conditions") && name.equals("set");
      counts |= owner.equals(BASE + "core/check/Trouble") && name.equals("<init>");
    }

    @Override
    public void visitEnd() {
      if (counts) {
        words.addAll(found);
      }
    }
  }
}
