package io.cgrouppolicy.delivery.image;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// An empty registry on loopback, for gates.
public final class LoopbackRegistry implements AutoCloseable {
  private final int port;
  private final Process process;

  public LoopbackRegistry() throws IOException {
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    process = Tool.named("crane").start("registry", "serve", "--address", host());
    eventually(() -> assertThatCode(this::connect).doesNotThrowAnyException());
  }

  private void connect() throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }

  /// With its port.
  public String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
