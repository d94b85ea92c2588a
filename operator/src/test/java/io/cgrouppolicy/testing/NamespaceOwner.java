package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/// The user `owner`, who has permissions only in the namespaces where a test grants them.
public final class NamespaceOwner implements AutoCloseable {
  public static final String NAME = "owner";

  private final KubernetesClient admin;
  private final KubernetesClient client;

  public NamespaceOwner(Fixture fixture) {
    admin = fixture.client;
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(admin.getConfiguration()).withImpersonateUsername(NAME).build())
            .build();
  }

  public KubernetesClient client() {
    return client;
  }

  /// Binds a ClusterRole that permits to list LimitRanges.
  public void grant(String namespace, String clusterRole) {
    grant(namespace, clusterRole, "", "limitranges");
  }

  /// Binds a ClusterRole that permits to list a resource.
  public void grant(String namespace, String clusterRole, String group, String resource) {
    bind(namespace, "ClusterRole", clusterRole, "list", group, resource);
  }

  /// Waits until the API server knows.
  private void bind(
      String namespace, String kind, String role, String verb, String group, String resource) {
    admin
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName(NAME + "-" + role)
                .withNamespace(namespace)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", kind, role)
                .addNewSubject("rbac.authorization.k8s.io", "User", NAME, null)
                .build())
        .create();
    var may =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withNamespace(namespace)
            .withVerb(verb)
            .withGroup(group)
            .withResource(resource)
            .endResourceAttributes()
            .endSpec()
            .build();
    Fixture.eventually(
        () -> assertThat(client.resource(may).create().getStatus().getAllowed()).isTrue());
  }

  /// In the role `admin`, LimitRanges, ResourceQuotas and the namespace itself are read-only.
  /// Owners often get more: here, all that an owner of a namespace can have.
  public void grantMore(String namespace) {
    admin
        .resource(
            new RoleBuilder()
                .withNewMetadata()
                .withName("more")
                .withNamespace(namespace)
                .endMetadata()
                .addNewRule()
                .withApiGroups("")
                .withResources("limitranges", "resourcequotas", "namespaces")
                .withVerbs("*")
                .endRule()
                .build())
        .create();
    bind(namespace, "Role", "more", "update", "", "limitranges");
  }

  @Override
  public void close() {
    client.close();
  }
}
