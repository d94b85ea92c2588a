package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.read;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.reason;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaBundleTest {
  @TempDir Path dir;

  @Test
  void aBundleMayHaveSeveralCasAndText() throws Exception {
    try (var kubelets = new ReaderFixture()) {
      var bundle = dir.resolve("bundle.crt");
      Files.writeString(
          bundle,
          "# Müller's CA -- old\n"
              + kubelets.fleet.otherCaPem()
              + "\nsubject=CN = new\n"
              + Files.readString(kubelets.fleet.caFile()).replace("\n", "\r\n"));
      try (var reader = kubelets.reader(kubelets.trusting(bundle))) {
        assertThat(text(read(reader, kubelets.fleet.node("n").start())))
            .contains("KubeletConfiguration");
      }
    }
  }

  @Test
  void followsTheFile() throws Exception {
    try (var kubelets = new ReaderFixture()) {
      var bundle = dir.resolve("bundle.crt");
      var kubelet = kubelets.fleet.node("n").start();
      try (var reader = kubelets.reader(kubelets.trusting(bundle))) {
        assertThat(reason(read(reader, kubelet))).as("no file").isEqualTo(Reason.CaUnavailable);
        replace(bundle, "not a certificate");
        assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.CaUnavailable);
        replace(bundle, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.CaUnavailable);
        assertThat(kubelet.seen().connections()).isZero();

        replace(bundle, kubelets.fleet.otherCaPem());
        assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.TlsUntrusted);
        replace(bundle, Files.readString(kubelets.fleet.caFile()));
        assertThat(text(read(reader, kubelet))).contains("KubeletConfiguration");
        assertThat(text(read(reader, kubelet))).contains("KubeletConfiguration");

        // A session that could be resumed does not outlive the CA that it was verified with.
        replace(bundle, kubelets.fleet.otherCaPem());
        assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.TlsUntrusted);
        assertThat(kubelet.seen().requests()).isEqualTo(2);
      }
    }
  }

  /// As the kubelet swaps the content of a mounted ConfigMap: another file under the name.
  private void replace(Path file, String content) throws Exception {
    var next = dir.resolve("next");
    Files.writeString(next, content);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void withoutASettingTheClustersOwnCaIsUsed() throws Exception {
    try (var kubelets = new ReaderFixture()) {
      var pem = Files.readAllBytes(kubelets.fleet.caFile());
      var config =
          ReaderFixture.config().withCaCertData(Base64.getEncoder().encodeToString(pem)).build();
      var bundle = CaBundle.forKubelets(Optional.empty(), config);
      assertThat(CaBundle.certificates(bundle.pem()).size()).isEqualTo(1);
    }
  }
}
