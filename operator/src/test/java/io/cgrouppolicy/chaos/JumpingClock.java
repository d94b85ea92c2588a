package io.cgrouppolicy.chaos;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// Moves the wall clock of a running JVM: an agent that adds an offset to `Instant.now()` and all
/// that is made from it, and to `System.currentTimeMillis()` where the operator, its client, the
/// SDK and TLS call it. `System.nanoTime()` and timers, which use it, do not change. Native code
/// does not notice.
public final class JumpingClock {
  private static final String OFFSET = "chaos.clock.offset";
  private static final String CALL = "currentTimeMillis";
  private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");
  private static final ClassDesc INSTANT = ClassDesc.of("java.time.Instant");

  private static final List<String> CALLERS =
      List.of(
          "java.time.Clock",
          "java.util.Date",
          "java.util.Timer",
          "sun.security.ssl.",
          "io.cgrouppolicy.",
          "io.fabric8.kubernetes.client.",
          "io.javaoperatorsdk.",
          "io.micrometer.core.",
          "io.vertx.core.",
          "org.apache.hc.");

  private static boolean installed;

  private JumpingClock() {}

  /// Sets the difference between the process's clock and the machine's.
  static void set(long pid, Duration offset) throws IOException {
    var jar = jar();
    try {
      var target = VirtualMachine.attach(String.valueOf(pid));
      try {
        target.loadAgent(jar.toString(), String.valueOf(offset.toMillis()));
      } finally {
        target.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException(e);
    } finally {
      Files.delete(jar);
    }
  }

  private static Path jar() throws IOException {
    var manifest = new Manifest();
    var attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", JumpingClock.class.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    var file = Files.createTempFile("jumping-clock", ".jar");
    try (var jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      for (var type : new Class<?>[] {JumpingClock.class, Shift.class}) {
        var name = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(name));
        try (var bytes = type.getClassLoader().getResourceAsStream(name)) {
          bytes.transferTo(jar);
        }
      }
    }
    return file;
  }

  /// Called in the target.
  public static void agentmain(String offset, Instrumentation instrumentation)
      throws UnmodifiableClassException {
    System.setProperty(OFFSET, offset);
    if (!installed) {
      installed = true;
      instrumentation.addTransformer(new Shift(), true);
      instrumentation.retransformClasses(
          Arrays.stream(instrumentation.getAllLoadedClasses())
              .filter(type -> !type.isArray() && !type.isHidden())
              .filter(instrumentation::isModifiableClass)
              .filter(JumpingClock::readsClock)
              .toArray(Class<?>[]::new));
    }
  }

  /// Classes outside these packages that are loaded already keep their clock. To look into each
  /// would open all jars of the target, which stay open.
  private static boolean readsClock(Class<?> type) {
    return CALLERS.stream().anyMatch(type.getName()::startsWith);
  }

  private static boolean mentionsClock(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(CALL);
  }

  private static final class Shift implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] bytes) {
      if (!mentionsClock(bytes)) {
        return null;
      }
      var hierarchy =
          loader == null
              ? ClassHierarchyResolver.defaultResolver()
              : ClassHierarchyResolver.ofResourceParsing(loader)
                  .orElse(ClassHierarchyResolver.defaultResolver());
      var file = ClassFile.of(ClassHierarchyResolverOption.of(hierarchy));
      var code = file.parse(bytes);
      return file.transformClass(
          code,
          code.methods().stream().anyMatch(Shift::ofInstants)
              ? ClassTransform.transformingMethodBodies(Shift::ofInstants, Shift::afterReturn)
              : ClassTransform.transformingMethodBodies(Shift::afterCall));
    }

    /// `Clock.currentInstant()`, which compares the clock with another one.
    private static boolean ofInstants(MethodModel method) {
      return method.methodType().stringValue().equals("()Ljava/time/Instant;")
          && method.methodName().stringValue().equals("currentInstant");
    }

    private static void afterReturn(CodeBuilder code, CodeElement element) {
      if (element instanceof ReturnInstruction) {
        offset(code);
        code.invokevirtual(
            INSTANT, "plusMillis", MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
      }
      code.with(element);
    }

    private static void afterCall(CodeBuilder code, CodeElement element) {
      code.with(element);
      if (element instanceof InvokeInstruction call
          && call.owner().asInternalName().equals("java/lang/System")
          && call.name().stringValue().equals(CALL)) {
        offset(code);
        code.ladd();
      }
    }

    private static void offset(CodeBuilder code) {
      code.ldc(OFFSET)
          .lconst_0()
          .invokestatic(
              LONG,
              "getLong",
              MethodTypeDesc.of(LONG, ConstantDescs.CD_String, ConstantDescs.CD_long))
          .invokevirtual(LONG, "longValue", MethodTypeDesc.of(ConstantDescs.CD_long));
    }
  }
}
