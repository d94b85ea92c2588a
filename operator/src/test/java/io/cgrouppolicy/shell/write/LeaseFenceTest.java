package io.cgrouppolicy.shell.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpHeaders;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaseFenceTest {
  private static final String LEASE =
      "/apis/coordination.k8s.io/v1/namespaces/cgroup-policy-system/leases/cgroup-policy-operator";
  private static final String STATUS = "/apis/cgroup-policy.io/v1alpha1/cgrouppolicies/a/status";

  private long seconds = 1_000;
  private int ends;
  private final LeaseFence fence =
      new LeaseFence(
          Duration.ofSeconds(50), () -> Duration.ofSeconds(seconds).toNanos(), () -> ends++);

  @Test
  void aReplicaThatNeverLedIsLeftAlone() {
    send("GET", LEASE, 200);
    seconds += 1_000;
    send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 201);
    fence.check();
    assertThat(ends).isZero();
  }

  @Test
  void aLeaderWritesUntilTheDeadlineAfterItsLastRenewal() {
    renew(200);
    seconds += 50;
    fence.check();
    send("PATCH", STATUS, 200);
    assertThat(ends).isZero();
    renew(200);
    seconds += 50;
    fence.check();
    assertThat(ends).isZero();
    seconds += 1;
    fence.check();
    assertThat(ends).as("an object").isEqualTo(1);
    send("PATCH", STATUS, 200);
    assertThat(ends).as("a status").isEqualTo(2);
  }

  @Test
  void readsAndRenewalsAreNotWrites() {
    renew(200);
    seconds += 1_000;
    send("GET", "/api/v1/namespaces", 200);
    send("GET", LEASE, 200);
    send("PATCH", LEASE, 409);
    assertThat(ends).isZero();
    fence.check();
    assertThat(ends).as("a failed renewal is none").isEqualTo(1);
  }

  @Test
  void aRenewalLastsFromTheStartOfItsAttempt() {
    send("GET", LEASE, 200);
    seconds += 40;
    send("PATCH", LEASE, 200);
    seconds += 20;
    fence.check();
    assertThat(ends).isEqualTo(1);
  }

  private void renew(int code) {
    renew(fence, code);
  }

  /// @param code the status of the response to the update of the lease
  static void renew(LeaseFence fence, int code) {
    send(fence, "GET", LEASE, 200);
    send(fence, "PATCH", LEASE, code);
  }

  private void send(String method, String path, int code) {
    send(fence, method, path, code);
  }

  private static void send(LeaseFence fence, String method, String path, int code) {
    var request =
        new StandardHttpRequest(Map.of(), URI.create("https://127.0.0.1" + path), method, null);
    fence.before(null, request, null);
    fence.after(request, new Response(code, request), null);
  }

  private static final class Response extends StandardHttpHeaders implements HttpResponse<Void> {
    private final int code;
    private final HttpRequest request;

    Response(int code, HttpRequest request) {
      this.code = code;
      this.request = request;
    }

    @Override
    public int code() {
      return code;
    }

    @Override
    public Void body() {
      return null;
    }

    @Override
    public HttpRequest request() {
      return request;
    }

    @Override
    public Optional<HttpResponse<?>> previousResponse() {
      return Optional.empty();
    }
  }
}
