package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.cluster.Progress;
import io.cgrouppolicy.cli.cluster.Prometheus;
import io.cgrouppolicy.cli.cluster.PrometheusException;
import io.cgrouppolicy.cli.cluster.UsageQueries;
import io.cgrouppolicy.cli.recommend.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// Where to read past usage from.
final class PrometheusOptions {
  private static final String DEFAULT_WINDOW = "7d";
  private static final long MAX_TOKEN = 64 << 10;

  @Option(
      names = "--prometheus",
      paramLabel = "URL",
      description =
          "A Prometheus that scrapes the kubelets' cAdvisor metrics. Default: one sample of"
              + " metrics.k8s.io, if it is there.")
  private URI url;

  @Option(
      names = "--prometheus-token-file",
      paramLabel = "FILE",
      description = "A file with a bearer token for --prometheus.")
  private Path tokenFile;

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      description = "How far back to look, with --prometheus. Default: " + DEFAULT_WINDOW + ".")
  private String window;

  boolean isGiven() {
    return url != null;
  }

  /// @throws ParameterException if the options contradict each other
  void check(CommandSpec spec) {
    String problem = null;
    if (url == null) {
      problem =
          window != null
              ? "--window needs --prometheus"
              : tokenFile != null ? "--prometheus-token-file needs --prometheus" : null;
    } else if (!List.of("http", "https").contains(url.getScheme()) || url.getHost() == null) {
      problem = "--prometheus " + url + " is no URL of http or https";
    } else if (url.getUserInfo() != null || url.getQuery() != null || url.getFragment() != null) {
      problem = "--prometheus takes a URL without credentials and query";
    } else if (tokenFile != null && url.getScheme().equals("http") && !isLoopback(url.getHost())) {
      problem = "--prometheus-token-file needs a URL of https, as others could read the token";
    } else if (window != null && !window.matches("([1-9][0-9]{0,4}[smhdwy])+")) {
      problem = "--window " + window + " is no duration, such as 7d or 12h";
    }
    if (problem != null) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }

  /// Without looking up names.
  private static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host.replaceAll("^\\[|]$", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// @param namespaces to look at; empty for all
  Usage usage(int percentile, List<String> namespaces, Progress progress) {
    var queries =
        new UsageQueries(window == null ? DEFAULT_WINDOW : window, percentile, namespaces);
    try (var prometheus = new Prometheus(url, token())) {
      return queries.read(prometheus, url.toString(), progress);
    } catch (PrometheusException e) {
      throw new FailureException(e.getMessage());
    }
  }

  private String token() {
    if (tokenFile == null) {
      return null;
    }
    try {
      if (Files.size(tokenFile) <= MAX_TOKEN) {
        var token = Files.readString(tokenFile).strip();
        if (token.matches("[!-~]+")) {
          return token;
        }
      }
      throw new FailureException(tokenFile + " contains no bearer token");
    } catch (IOException e) {
      throw new FailureException("cannot read " + tokenFile + ": " + e.getMessage());
    }
  }
}
