package io.cgrouppolicy.shell.write;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/// Checks the lease when a request is ready and encrypted, and nothing remains but to hand its
/// bytes to the kernel. A process can be suspended at any moment: the closer the check is to the
/// bytes, the fewer writes leave when it goes on and another replica leads.
final class FencedSocket extends Socket {
  private final LeaseFence fence;

  FencedSocket(LeaseFence fence) {
    this.fence = fence;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      @Override
      public void write(int b) throws IOException {
        fence.check();
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        fence.check();
        out.write(bytes, offset, length);
      }
    };
  }
}
