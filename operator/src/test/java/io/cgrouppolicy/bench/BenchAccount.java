package io.cgrouppolicy.bench;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/// A client with a token: with a client certificate, fabric8 reads the kubeconfig again before
/// every request once it is a minute old, which would slow the raw limit down.
final class BenchAccount {
  private BenchAccount() {}

  static KubernetesClient client(KubernetesClient admin) {
    var account =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName("bench")
            .withNamespace("default")
            .endMetadata()
            .build();
    admin.resource(account).createOr(existing -> existing.update());
    admin
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName("bench")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                .addNewSubject("", "ServiceAccount", "bench", "default")
                .build())
        .createOr(existing -> existing.update());
    var token =
        admin
            .serviceAccounts()
            .inNamespace("default")
            .withName("bench")
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withExpirationSeconds(86_400L)
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    var config =
        new ConfigBuilder()
            .withAutoConfigure(false)
            .withMasterUrl(admin.getConfiguration().getMasterUrl())
            .withCaCertData(admin.getConfiguration().getCaCertData())
            .withOauthToken(token)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
