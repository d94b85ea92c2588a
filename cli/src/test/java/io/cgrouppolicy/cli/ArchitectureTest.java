package io.cgrouppolicy.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The command line uses the operator's API, core and reports, and nothing else of it:
/// docs/adr/0021.
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.cgrouppolicy.cli");

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.cgrouppolicy.cli.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void ofTheOperatorOnlyTheApiTheCoreAndTheReportAreUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.shell..",
            "io.cgrouppolicy.telemetry..",
            "io.cgrouppolicy.crd..",
            "io.quarkus..",
            "io.javaoperatorsdk..")
        .check(CLASSES);
  }

  @Test
  void evaluationAndOutputNeedNoCluster() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.cgrouppolicy.cli.audit..",
            "io.cgrouppolicy.cli.manifest..",
            "io.cgrouppolicy.cli.output..",
            "io.cgrouppolicy.cli.recommend..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.cli.cluster..",
            "java.net.http..",
            "io.fabric8.kubernetes.client.http..")
        .check(CLASSES);
    classes()
        .that()
        .resideInAPackage("io.cgrouppolicy.cli.audit..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.cgrouppolicy.cli.audit..",
            "io.cgrouppolicy.core..",
            "io.cgrouppolicy.api..",
            "io.cgrouppolicy.report..",
            "java.lang..",
            "java.time..",
            "java.util..",
            "io.fabric8.kubernetes.api.model..")
        .check(CLASSES);
  }
}
