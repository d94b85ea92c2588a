package io.cgrouppolicy.shell.write;

import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/// Ends the process instead of sending a write when the lease was not renewed in time: the process
/// was suspended, or its requests hang, and another replica may lead. The elector would notice only
/// with its next request, after writes that undo those of the new leader.
///
/// Sees renewals among the client's requests, because the SDK does not report them. Does nothing
/// without leader election, and on a replica that does not lead.
@Singleton
public class LeaseFence implements Interceptor {
  private static final Logger LOG = Logger.getLogger(LeaseFence.class);

  private final long deadline;
  private final LongSupplier nanoTime;
  private final Runnable halt;
  private volatile long attempted;
  private volatile Long renewed;

  @Inject
  LeaseFence(OperatorSettings settings) {
    this(
        settings.leaderElection().renewDeadline(),
        System::nanoTime,
        () -> Runtime.getRuntime().halt(1)); // an orderly exit would take seconds, with writes
  }

  LeaseFence(Duration deadline, LongSupplier nanoTime, Runnable halt) {
    this.deadline = deadline.toNanos();
    this.nanoTime = nanoTime;
    this.halt = halt;
  }

  /// An attempt to renew begins with a read; the lease lasts from then on.
  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    boolean reads = request.method().equals("GET");
    if (!ofLease(request)) {
      if (!reads) {
        check();
      }
    } else if (reads) {
      attempted = nanoTime.getAsLong();
    }
  }

  @Override
  public void after(
      HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> body) {
    if (ofLease(request) && !request.method().equals("GET") && response.isSuccessful()) {
      renewed = attempted;
    }
  }

  private static boolean ofLease(HttpRequest request) {
    return request.uri().getPath().contains("/leases");
  }

  /// To be called just before a write is sent.
  void check() {
    var last = renewed;
    if (last != null && nanoTime.getAsLong() - last > deadline) {
      end("the lease was not renewed in time");
    }
  }

  /// Ends the process at once.
  public void end(String why) {
    LOG.errorf("%s; exiting so that two replicas never write at once", why);
    halt.run();
  }
}
