package io.cgrouppolicy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The packages that decide know of no client, SDK or framework.
class PurityTest {
  @Test
  void pureCore() {
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.cgrouppolicy");
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.cgrouppolicy.policy",
            "io.cgrouppolicy.limits",
            "io.cgrouppolicy.kubelet",
            "io.cgrouppolicy.compliance",
            "io.cgrouppolicy.workload..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.fabric8.kubernetes.client..",
            "io.javaoperatorsdk..",
            "io.quarkus..",
            "jakarta..",
            "io.cgrouppolicy.kubelet.client..",
            "io.cgrouppolicy.controller..",
            "io.cgrouppolicy.telemetry..")
        .because("decisions are plain functions, tested in milliseconds")
        .check(classes);
  }
}
