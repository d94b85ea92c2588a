package io.cgrouppolicy.cli.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Listable;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// Lists objects page by page, and keeps of each only what is asked for.
final class Lists {
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final String namespace;
  private final Progress progress;

  /// @param namespace to which namespaced objects are limited, or null for all
  Lists(KubernetesClient client, String namespace, Progress progress) {
    this.client = client;
    this.namespace = namespace;
    this.progress = progress;
  }

  <T extends HasMetadata, R> List<R> namespaced(Class<T> type, Function<T, Stream<R>> keep) {
    var objects = client.resources(type);
    return namespace == null
        ? all(type, objects.inAnyNamespace(), keep)
        : all(type, objects.inNamespace(namespace), keep);
  }

  <T extends HasMetadata, R> List<R> all(Class<T> type, Function<T, Stream<R>> keep) {
    return all(type, client.resources(type), keep);
  }

  private <T extends HasMetadata, R> List<R> all(
      Class<T> type,
      Listable<? extends KubernetesResourceList<T>> objects,
      Function<T, Stream<R>> keep) {
    try {
      return pages(type, objects, keep, PAGE);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_GONE) {
        throw e;
      }
      return pages(type, objects, keep, null); // reading took longer than etcd keeps old revisions
    }
  }

  private <T extends HasMetadata, R> List<R> pages(
      Class<T> type,
      Listable<? extends KubernetesResourceList<T>> objects,
      Function<T, Stream<R>> keep,
      Long size) {
    var kept = new ArrayList<R>();
    int read = 0;
    String next = null;
    do {
      var page = objects.list(new ListOptionsBuilder().withLimit(size).withContinue(next).build());
      page.getItems().stream().flatMap(keep).forEach(kept::add);
      read += page.getItems().size();
      progress.show("%s: %,d".formatted(HasMetadata.getPlural(type), read));
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    return kept;
  }
}
