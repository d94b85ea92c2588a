package io.cgrouppolicy.shell.kubelet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Resolves host names. The JDK's lookup cannot be interrupted and blocks the carrier of a virtual
/// thread, so it runs on a few threads of its own. They start with the first name: almost all nodes
/// have IP addresses.
final class HostLookup implements AutoCloseable {
  private final Resolver resolver;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          4, Thread.ofPlatform().daemon().name("kubelet-dns-", 0).factory());

  /// Looks up a name, for as long as it takes.
  @FunctionalInterface
  interface Resolver {
    InetAddress resolve(String name) throws UnknownHostException;
  }

  HostLookup(Resolver resolver) {
    this.resolver = resolver;
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
      lookup.cancel(false); // not looked up if the caller gave up while it was queued
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
