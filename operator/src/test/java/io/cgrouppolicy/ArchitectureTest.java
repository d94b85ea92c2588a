package io.cgrouppolicy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// The layers of docs/architecture.md.
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.cgrouppolicy");

  private static final DescribedPredicate<JavaClass> ARE_PURE =
      resideInAnyPackage("io.cgrouppolicy.core..", "io.cgrouppolicy.report..");

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.cgrouppolicy.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void coreUsesNoClientSdkOrFramework() {
    noClasses()
        .that()
        .resideInAPackage("io.cgrouppolicy.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.shell..",
            "io.cgrouppolicy.telemetry..",
            "io.cgrouppolicy.report..",
            "io.cgrouppolicy.crd..",
            "io.fabric8.kubernetes.client..",
            "io.javaoperatorsdk..",
            "io.micrometer..",
            "io.quarkus..",
            "org.jboss.logging..",
            "jakarta..")
        .because("decisions are plain functions, tested in milliseconds")
        .check(CLASSES);
  }

  /// The command line writes reports too, without the libraries of the operator.
  @Test
  void reportUsesOnlyTheApiAndTheCore() {
    classes()
        .that()
        .resideInAPackage("io.cgrouppolicy.report..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.report..",
            "io.cgrouppolicy.core..",
            "io.cgrouppolicy.api..",
            "java..",
            "com.fasterxml.jackson.databind..",
            "io.quarkus.qute..",
            "io.fabric8.kubernetes.api.model..")
        .check(CLASSES);
  }

  /// Owners in the shell do the locking and read the clock; decisions get the time as an argument.
  @Test
  void coreAndReportHaveNoClockThreadOrLock() {
    noClasses()
        .that(ARE_PURE)
        .should()
        .dependOnClassesThat(
            resideInAPackage("java.util.concurrent..")
                .or(belongToAnyOf(Thread.class, ThreadLocal.class))
                .or(assignableTo(InstantSource.class)))
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
    noMethods()
        .that()
        .areDeclaredInClassesThat(ARE_PURE)
        .should()
        .haveModifier(JavaModifier.SYNCHRONIZED)
        .check(CLASSES);
    fields()
        .that()
        .areDeclaredInClassesThat(ARE_PURE)
        .and()
        .areStatic()
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void telemetryUsesNoReconciler() {
    noClasses()
        .that()
        .resideInAPackage("io.cgrouppolicy.telemetry..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.cgrouppolicy.shell..")
        .check(CLASSES);
  }

  @Test
  void onlyTheBuildGeneratesTheCrd() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.cgrouppolicy.crd..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.cgrouppolicy.crd..")
        .check(CLASSES);
  }
}
