package io.cgrouppolicy.shell.kubelet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Resolves host names. The JDK's lookup cannot be interrupted and blocks the carrier of a virtual
/// thread, so it runs on a few threads of its own, which exist only while names are looked up:
/// almost all nodes have IP addresses.
final class HostLookup implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int IDLE_SECONDS = 30;

  private final Resolver resolver;
  private final ExecutorService threads;

  /// Looks up a name, for as long as it takes.
  @FunctionalInterface
  interface Resolver {
    InetAddress resolve(String name) throws UnknownHostException;
  }

  HostLookup(Resolver resolver) {
    this.resolver = resolver;
    var pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("kubelet-dns-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  /// @param host a name or an IP address
  /// @throws InterruptedException when the calling thread is interrupted while it waits
  InetAddress address(String host) throws UnknownHostException, InterruptedException {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return resolve(host);
    }
  }

  private InetAddress resolve(String name) throws UnknownHostException, InterruptedException {
    var lookup = threads.submit(() -> resolver.resolve(name));
    try {
      return lookup.get();
    } catch (ExecutionException e) {
      var unknown = new UnknownHostException(name);
      unknown.initCause(e.getCause());
      throw unknown;
    } finally {
      lookup.cancel(false); // drops it from the queue if the caller gave up
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
