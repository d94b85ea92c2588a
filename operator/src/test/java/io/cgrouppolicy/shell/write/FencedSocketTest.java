package io.cgrouppolicy.shell.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FencedSocketTest {
  private long seconds = 1_000;
  private final LeaseFence fence =
      new LeaseFence(
          Duration.ofSeconds(50),
          () -> Duration.ofSeconds(seconds).toNanos(),
          () -> {
            throw new IllegalStateException("halted");
          });

  @Test
  void noByteLeavesAfterTheDeadline() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var socket = new FencedSocket(fence)) {
      socket.connect(server.getLocalSocketAddress());
      var bytes = socket.getOutputStream();
      try (var accepted = server.accept()) {
        LeaseFenceTest.renew(fence, 200);
        bytes.write("in time".getBytes());
        bytes.write('.');
        seconds += 51;
        assertThatThrownBy(() -> bytes.write("late".getBytes())).hasMessage("halted");
        assertThatThrownBy(() -> bytes.write('.')).hasMessage("halted");
        socket.shutdownOutput();
        assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("in time.");
      }
    }
  }
}
