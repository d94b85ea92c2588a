package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.cluster.ClusterReader;
import io.cgrouppolicy.cli.cluster.NoSuchNamespaceException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/// What to tell the user about an exception.
final class Failures {
  private Failures() {}

  static String message(Exception failure) {
    return switch (failure) {
      case FailureException e -> e.getMessage();
      case NoSuchNamespaceException e -> e.getMessage();
      case KubernetesClientException e -> ofApiServer(e);
      default -> {
        var trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        yield "internal error, please report it:\n" + trace;
      }
    };
  }

  private static String ofApiServer(KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "the API server does not accept your credentials: check the context of your kubeconfig";
      case HttpURLConnection.HTTP_FORBIDDEN ->
          ClusterReader.message(e) + "; to look at one namespace, use --namespace";
      default ->
          e.getCode() > 0
              ? ClusterReader.message(e)
              : "cannot reach the API server: "
                  + cause(e)
                  + "; check the context of your kubeconfig";
    };
  }

  private static String cause(KubernetesClientException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      switch (t) {
        case UnresolvedAddressException _, UnknownHostException _ -> {
          return "its host is unknown";
        }
        case HttpTimeoutException _ -> {
          return "it did not answer in time";
        }
        case SSLException tls -> {
          return "its certificate is not trusted (" + tls.getMessage() + ")";
        }
        case ClosedChannelException _ -> {
          return "the connection was refused";
        }
        default -> {}
      }
    }
    return e.getCause() == null ? e.getMessage() : e.getCause().toString();
  }
}
