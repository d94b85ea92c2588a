package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the KubeletReader from the settings, and a metric of whether it verifies kubelets.
class KubeletWiring {
  @Produces
  @Singleton
  KubeletReader reader(OperatorSettings settings, KubernetesClient client, MeterRegistry metrics) {
    var kubelet = settings.kubelet();
    Gauge.builder("cgroup_policy_kubelet_insecure", kubelet, k -> insecure(k) ? 1 : 0)
        .description("1 when kubelets are not verified before they get a token")
        .strongReference(true)
        .register(metrics);
    return new KubeletReader(
        new ReaderOptions(
            kubelet.access(),
            // An empty environment variable means that it is not set.
            kubelet.caFile().filter(file -> !file.toString().isBlank()),
            kubelet.insecureSkipTlsVerify(),
            kubelet.timeout(),
            kubelet.concurrency(),
            Math.toIntExact(kubelet.maxBody().asLongValue())),
        client.getConfiguration(),
        KubeletToken.of(client, settings.namespace()));
  }

  void close(@Disposes KubeletReader reader) {
    reader.close();
  }

  private static boolean insecure(OperatorSettings.Kubelet kubelet) {
    return kubelet.access() == KubeletAccess.DIRECT && kubelet.insecureSkipTlsVerify();
  }
}
