package io.cgrouppolicy.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// The packaged operator as a process of its own, authenticated as the shipped ServiceAccount.
public final class OperatorProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// One for all: a client of its own for each request costs threads, and was seen never to end.
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^\\s\"]+)");
  private static final Pattern METRICS =
      Pattern.compile("metrics are served at (https?://[^\\s\"]+/metrics)");

  private final Process process;
  private final Path log;

  public OperatorProcess(Map<String, String> environment) {
    this(environment, List.of());
  }

  /// @param arguments of the program
  public OperatorProcess(Map<String, String> environment, List<String> arguments) {
    this(packaged(arguments), environment);
  }

  /// The shared operator ends, as it would lead and this one would wait. What it has done by then
  /// is done: a test that waits for this one's work makes its policy after this.
  ///
  /// @param command what is started, where the packaged operator will not do
  public OperatorProcess(List<String> command, Map<String, String> environment) {
    SharedOperator.stop();
    try {
      log = WorkDirectory.resolve("operator-" + COUNT.incrementAndGet() + ".log");
      Files.createDirectories(log.getParent());
      var builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      if (!environment.containsKey("KUBECONFIG")) { // of a cluster of the test's own
        builder.environment().put("KUBECONFIG", LocalCluster.get().operatorKubeconfig().toString());
      }
      builder.environment().put("QUARKUS_HTTP_PORT", "0");
      builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
      builder.environment().put("CGROUP_POLICY_METRICS_PORT", "0");
      builder.environment().put("CGROUP_POLICY_METRICS_SECURE", "false");
      builder.environment().putAll(environment);
      process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> packaged(List<String> arguments) {
    var command = new ArrayList<>(command(Path.of("target/quarkus-app"), List.of()));
    command.addAll(arguments);
    return command;
  }

  /// What starts the operator that was packaged into a directory.
  ///
  /// @param flags of the JVM, after those of config/jvm.options
  public static List<String> command(Path application, List<String> flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of("config/jvm.options").toAbsolutePath());
    command.addAll(flags);
    command.add("-jar");
    command.add(application.resolve("quarkus-run.jar").toAbsolutePath().toString());
    return command;
  }

  public static OperatorProcess start() {
    return new OperatorProcess(Map.of());
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public boolean leads() {
    return log().contains("leading as");
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// The status and the body of a GET on the operator's own HTTP port, which is for its probes.
  public String get(String path) {
    return get(URI.create(told(LISTENING) + path));
  }

  /// A scrape, by status and body, of an operator whose metrics are open to all.
  public String metrics() {
    return get(metricsAddress());
  }

  /// Where the metrics are, of which the log tells the port.
  public URI metricsAddress() {
    return URI.create(told(METRICS));
  }

  private String told(Pattern address) {
    var matcher = address.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError("not listening yet");
    }
    return matcher.group(1);
  }

  private static String get(URI address) {
    var request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
    try {
      var response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + "\n" + response.body();
    } catch (HttpTimeoutException e) {
      throw new AssertionError("no answer to GET " + address + " within " + PATIENCE, e);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The value of one series of the operator's metrics; 0 when there is none yet.
  ///
  /// @param series the name, with its labels in braces if it has any, as in a scrape
  public double metric(String series) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /// Resident memory, from /proc (Linux).
  public long rssMiB() {
    return statusMiB("VmRSS");
  }

  /// A line of /proc/PID/status that is in kB (Linux), such as RssAnon.
  public long statusMiB(String name) {
    try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
              .filter(line -> line.startsWith(name + ":"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          / 1024;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What the heap holds after a full collection, which it causes.
  public long liveHeapBytes() {
    try {
      var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      var histogram =
          new ProcessBuilder(jcmd, String.valueOf(process.pid()), "GC.class_histogram").start();
      var total =
          histogram.inputReader().lines().filter(line -> line.startsWith("Total")).findFirst();
      // Total, instances, bytes
      return Long.parseLong(total.orElseThrow().trim().split(" +")[2]);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  /// As kill -9.
  public void kill() {
    process.destroyForcibly();
    ended(PATIENCE);
  }

  @Override
  public void close() {
    stop(PATIENCE);
  }

  /// As a kubelet: SIGTERM, and an end by force where it takes longer.
  ///
  /// @return its exit status
  public int stop(Duration patience) {
    process.destroy();
    return ended(patience);
  }

  private int ended(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            "the operator still runs after %s:%n%s".formatted(patience, log()));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
