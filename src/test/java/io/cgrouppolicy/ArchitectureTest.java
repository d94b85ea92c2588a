package io.cgrouppolicy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The layers of docs/architecture.md.
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.cgrouppolicy");

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.cgrouppolicy.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void coreKnowsNoClientSdkOrFramework() {
    noClasses()
        .that()
        .resideInAPackage("io.cgrouppolicy.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.shell..",
            "io.cgrouppolicy.telemetry..",
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

  @Test
  void telemetryKnowsNoReconciler() {
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
