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

/// Runs the packaged operator as a separate process, authenticated as the shipped ServiceAccount.
public final class OperatorProcess implements AutoCloseable {
  /// Settings with a short lease, so that a test need not wait a minute after it kills a leader.
  public static final Map<String, String> SHORT_LEASE =
      Map.of(
          "CGROUP_POLICY_LEADER_ELECTION_LEASE_DURATION", "6S",
          "CGROUP_POLICY_LEADER_ELECTION_RENEW_DEADLINE", "4S",
          "CGROUP_POLICY_LEADER_ELECTION_RETRY_PERIOD", "1S");

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Shared, because a client per request costs threads and was seen to hang.
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

  /// @param arguments the arguments of the program
  public OperatorProcess(Map<String, String> environment, List<String> arguments) {
    this(packaged(arguments), environment);
  }

  /// Stops the shared operator first, because it would lead and this one would wait. Create a
  /// policy after this call to be sure that this operator handles it.
  ///
  /// @param command the command to start instead of the packaged operator
  public OperatorProcess(List<String> command, Map<String, String> environment) {
    SharedOperator.stop();
    try {
      log = WorkDirectory.resolve("operator-" + COUNT.incrementAndGet() + ".log");
      Files.createDirectories(log.getParent());
      var builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      if (!environment.containsKey("KUBECONFIG")) { // not the cluster of a test
        builder.environment().put("KUBECONFIG", LocalCluster.get().operatorKubeconfig().toString());
      }
      builder.environment().put("QUARKUS_HTTP_PORT", "0");
      builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
      builder.environment().put("CGROUP_POLICY_METRICS_PORT", "0");
      builder.environment().put("CGROUP_POLICY_METRICS_SECURE", "false");
      builder.environment().putAll(environment);
      process = builder.start();
      stopsWithThisProcess();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void stopsWithThisProcess() {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    } catch (IllegalStateException e) { // it is ending already
      process.destroyForcibly();
      throw e;
    }
  }

  private static List<String> packaged(List<String> arguments) {
    var command = new ArrayList<>(command(OperatorModule.PACKAGED, List.of()));
    command.addAll(arguments);
    return command;
  }

  /// The command that starts the operator packaged into a directory.
  ///
  /// @param flags JVM flags, added to those of config/jvm.options
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

  /// The status and body of a GET on the operator's HTTP port for probes.
  public String get(String path) {
    return get(URI.create(logged(LISTENING) + path));
  }

  /// The status and body of a scrape, if the metrics are open to all.
  public String metrics() {
    return get(metricsAddress());
  }

  /// The address of the metrics, whose port is in the log.
  public URI metricsAddress() {
    return URI.create(logged(METRICS));
  }

  private String logged(Pattern address) {
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

  /// The value of one series of the operator's metrics; 0 if there is none yet.
  ///
  /// @param series the name, with its labels in braces if any, as in a scrape
  public double metric(String series) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /// Resident memory from /proc (Linux).
  public long rssMiB() {
    return statusMiB("VmRSS");
  }

  /// The value of a kB line in /proc/PID/status (Linux), such as RssAnon.
  public long statusMiB(String name) {
    try (var lines = Files.lines(Path.of("/proc/" + pid() + "/status"))) {
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

  /// Runs a full collection and returns the heap in use.
  public long liveHeapBytes() {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var histogram =
        Command.succeed(
            jcmd,
            "-J-Dsun.tools.attach.attachTimeout=" + PATIENCE.toMillis(), // on a busy machine
            String.valueOf(pid()),
            "GC.class_histogram");
    return histogram
        .lines()
        .filter(line -> line.startsWith("Total"))
        .mapToLong(line -> Long.parseLong(line.trim().split(" +")[2])) // Total, instances, bytes
        .findFirst()
        .orElseThrow(() -> new AssertionError(histogram));
  }

  public double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  public long pid() {
    return process.pid();
  }

  /// Sends a signal, such as `STOP` and `CONT`.
  public void signal(String signal) {
    Command.succeed("kill", "-" + signal, String.valueOf(pid()));
  }

  /// Like kill -9.
  public void kill() {
    process.destroyForcibly();
    ended(PATIENCE);
  }

  @Override
  public void close() {
    stop(PATIENCE);
  }

  /// Stops the operator like a kubelet: SIGTERM, then SIGKILL after a grace period.
  ///
  /// @return the exit status
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
