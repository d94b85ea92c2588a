package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.PATIENT;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.TOKEN;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.read;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.reason;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.core.kubelet.KubeletSupport;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The reader against simulated kubelets that answer, and that misbehave in every way.
class KubeletReaderTest {
  private static ReaderFixture kubelets;
  private static KubeletReader reader;
  private static int count;

  @BeforeAll
  static void open() throws Exception {
    kubelets = new ReaderFixture();
    reader = kubelets.reader(kubelets.options(PATIENT));
    text(read(reader, kubelet(Behaviour.ANSWER))); // what is loaded now costs no timeout later
  }

  @AfterAll
  static void close() {
    reader.close();
    kubelets.close();
  }

  private static SimulatedKubelet kubelet(Behaviour behaviour) {
    return kubelets.fleet.node("n" + count++).hardened().behave(behaviour).start();
  }

  @Test
  void readsTheConfiguration() throws Exception {
    var kubelet = kubelet(Behaviour.ANSWER).patch("{\"podPidsLimit\": 1234, \"podCIDR\": null}");
    var config = new ObjectMapper().readTree(text(read(reader, kubelet))).get("kubeletconfig");
    assertThat(config.get("podPidsLimit").asInt()).isEqualTo(1234);
    assertThat(config.get("kind").asText()).isEqualTo("KubeletConfiguration");
    assertThat(kubelet.seen().tokens()).containsExactly(TOKEN);
  }

  @Test
  void readsOtherPathsUpToTheLimit() throws Exception {
    var kubelet = kubelet(Behaviour.ANSWER);
    kubelet.answer("/most", new byte[1 << 20]).answer("/more", new byte[(1 << 20) + 1]);
    assertThat(((Body) reader.read(kubelet.node(), "/most").get()).bytes()).hasSize(1 << 20);
    assertThat(reason(reader.read(kubelet.node(), "/more").get())).isEqualTo(Reason.TooLarge);
    assertThat(new String(((Body) reader.read(kubelet.node(), "/stats/summary").get()).bytes()))
        .contains("\"psi\"");
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSE, ConnectionRefused",
    "CLOSE_ON_ACCEPT, ConnectionClosed",
    "PLAIN_HTTP, TlsFailed",
    "OTHER_CA, TlsUntrusted",
    "WRONG_SAN, TlsHostnameMismatch",
    "EXPIRED, TlsExpired",
    "HUGE_BODY, TooLarge",
    "HUGE_BODY_ANNOUNCED, TooLarge",
    "ENDLESS_HEADERS, Garbage",
    "GARBAGE, Garbage",
    "CLOSE_IN_THE_MIDDLE, ConnectionClosed",
    "STATUS_401, Unauthorized",
    "STATUS_403, Forbidden",
    "STATUS_404, NotFound",
    "STATUS_418, UnexpectedStatus",
    "STATUS_500, ServerError",
  })
  void tellsEachFailure(Behaviour behaviour, Reason expected) throws Exception {
    var failure = (Failure) read(reader, kubelet(behaviour));
    assertThat(failure.reason()).as(failure.message()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "HANG_BEFORE_HANDSHAKE, the TLS handshake",
    "HANG_AFTER_REQUEST, the headers of the answer",
    "TRICKLE, the body of the answer",
  })
  void aKubeletThatHangsCostsItsTimeout(Behaviour behaviour, String phase) throws Exception {
    try (var impatient = kubelets.reader(kubelets.options(Duration.ofMillis(2500)))) {
      var kubelet = kubelet(behaviour);
      long start = System.nanoTime();
      var failure = (Failure) read(impatient, kubelet);
      var took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(failure.reason()).isEqualTo(Reason.Timeout);
      assertThat(failure.message()).contains("longer than 2.5s for").contains(phase);
      assertThat(took).isBetween(Duration.ofMillis(2400), Duration.ofMillis(4500));
    }
  }

  @Test
  void aKubeletThatIsTooOldIsNotAsked() throws Exception {
    var kubelet = kubelet(Behaviour.ANSWER).version("v1.32.9");
    var failure = (Failure) read(reader, kubelet);
    assertThat(failure.reason()).isEqualTo(Reason.KubeletTooOld);
    assertThat(failure.reason()).hasToString(KubeletSupport.TOO_OLD);
    assertThat(failure.message()).contains("v1.32.9").endsWith(": upgrade the node");
    assertThat(kubelet.seen().connections()).isZero();
    kubelet.version("v1.33.0");
    assertThat(text(read(reader, kubelet))).contains("KubeletConfiguration");
  }

  /// The reader checks only that the body is complete; the parser checks its content.
  @ParameterizedTest
  @EnumSource(names = {"HTML", "TRUNCATED_JSON", "DEEP_JSON"})
  void leavesBodiesToTheParser(Behaviour behaviour) throws Exception {
    assertThat(read(reader, kubelet(behaviour))).isInstanceOf(Body.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN_HTTP", "OTHER_CA", "WRONG_SAN", "EXPIRED"})
  void neverSendsTheTokenToAnUnverifiedServer(Behaviour behaviour) throws Exception {
    var kubelet = kubelet(behaviour);
    assertThat(reason(read(reader, kubelet)).name()).startsWith("Tls");
    assertThat(kubelet.seen().connections()).isEqualTo(1);
    assertThat(kubelet.seen().handshakes()).as("handshakes that succeeded").isZero();
    assertThat(kubelet.seen().bytesIn()).as("bytes after the handshake").isZero();
    assertThat(kubelet.seen().tokens()).isEmpty();
  }

  @Test
  void aPeerThatWasVerifiedOnceIsVerifiedAgainWhenItChanges() throws Exception {
    var kubelet = kubelet(Behaviour.ANSWER);
    text(read(reader, kubelet));
    kubelet.behave(Behaviour.WRONG_SAN);
    assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.TlsHostnameMismatch);
    assertThat(kubelet.seen().requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"OTHER_CA", "WRONG_SAN", "EXPIRED"})
  void verifiesNoServerIfConfigured(Behaviour behaviour) throws Exception {
    try (var insecure = kubelets.reader(kubelets.insecure())) {
      var kubelet = kubelet(behaviour);
      assertThat(text(read(insecure, kubelet))).contains("KubeletConfiguration");
    }
  }

  @Test
  void followsNoRedirect() throws Exception {
    var thief = kubelet(Behaviour.ANSWER);
    var kubelet = kubelet(Behaviour.ANSWER).redirectTo(thief.url());
    assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.Redirected);
    assertThat(kubelet.seen().requests()).isEqualTo(1);
    assertThat(thief.seen().connections()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"HUGE_BODY", "HUGE_BODY_ANNOUNCED"})
  void stopsAtTheLimitOfTheBody(Behaviour behaviour) throws Exception {
    var kubelet = kubelet(behaviour);
    assertThat(reason(read(reader, kubelet))).isEqualTo(Reason.TooLarge);
    // What the kernel's buffers hold was sent beside what was read.
    assertThat(kubelet.seen().bodyBytesOut()).isLessThan(32 << 20);
  }

  @Test
  void namesTheMissingPermission() throws Exception {
    var kubelet = kubelet(Behaviour.STATUS_403);
    assertThat(((Failure) read(reader, kubelet)).message())
        .isEqualTo(
            "the kubelet at %s:%d refuses GET /configz without get nodes/configz: grant it to"
                + " ServiceAccount cgroup-policy-kubelet-reader",
            kubelet.node().getStatus().getAddresses().getFirst().getAddress(),
            kubelets.fleet.port());
    assertThat(((Failure) reader.read(kubelet.node(), "/stats/summary").get()).message())
        .contains("get nodes/stats");
  }

  @Test
  void withoutATokenNoKubeletIsAsked() throws Exception {
    var kubelet = kubelet(Behaviour.ANSWER);
    var none =
        new KubeletToken(
            () -> {
              throw new KubernetesClientException("no permission");
            },
            InstantSource.system());
    try (var reader =
        new KubeletReader(kubelets.options(PATIENT), ReaderFixture.config().build(), none)) {
      assertThat(read(reader, kubelet))
          .isEqualTo(
              new Failure(
                  Reason.TokenUnavailable,
                  "cannot get a token of ServiceAccount cgroup-policy-kubelet-reader: no"
                      + " permission: apply the shipped roles"));
    }
    assertThat(kubelet.seen().connections()).isZero();
  }

  @Test
  void aTokenThatIsNotAcceptedIsUnauthorized() throws Exception {
    try (var reader =
        new KubeletReader(
            kubelets.options(PATIENT),
            ReaderFixture.config().build(),
            ReaderFixture.token("old"))) {
      assertThat(reason(read(reader, kubelet(Behaviour.ANSWER)))).isEqualTo(Reason.Unauthorized);
    }
  }

  @Test
  void asksNoMoreAtATimeThanAllowedAndGoesOnAfterwards() throws Exception {
    var options = kubelets.options(Duration.ofSeconds(2));
    var two =
        new ReaderOptions(
            options.access(), options.caFile(), false, options.timeout(), 2, options.maxBody());
    try (var narrow = kubelets.reader(two)) {
      var slow =
          IntStream.range(0, 2).mapToObj(i -> kubelet(Behaviour.HANG_BEFORE_HANDSHAKE)).toList();
      var hanging = slow.stream().map(k -> narrow.read(k.node(), "/configz")).toList();
      Fixture.eventually(() -> assertThat(slow).allMatch(k -> k.seen().connections() == 1));
      var waiting = kubelet(Behaviour.ANSWER);
      var answer =
          narrow
              .read(waiting.node(), "/configz")
              .whenComplete((r, e) -> assertThat(hanging).anyMatch(f -> f.isDone()));
      assertThat(text(answer.get())).contains("KubeletConfiguration");
      assertThat(reason(hanging.getLast().get())).isEqualTo(Reason.Timeout);
    }
  }

  @Test
  void kubeletsThatHangHoldUpTheOthersOnce() throws Exception {
    var options = kubelets.options(Duration.ofSeconds(3));
    var one =
        new ReaderOptions(
            options.access(), options.caFile(), false, options.timeout(), 1, options.maxBody());
    try (var narrow = kubelets.reader(one)) {
      var hanging =
          IntStream.range(0, 2).mapToObj(i -> kubelet(Behaviour.HANG_BEFORE_HANDSHAKE)).toList();
      for (var kubelet : hanging) {
        assertThat(reason(read(narrow, kubelet))).isEqualTo(Reason.Timeout);
      }
      var again = hanging.stream().map(k -> narrow.read(k.node(), "/configz")).toList();
      assertThat(text(read(narrow, kubelet(Behaviour.ANSWER)))).contains("KubeletConfiguration");
      assertThat(again.getLast()).as("waits behind the other slow one").isNotDone();
      var first = hanging.getFirst();
      Fixture.eventually(() -> assertThat(first.seen().connections()).isEqualTo(2));
      first.behave(Behaviour.ANSWER);
      assertThat(reason(again.getFirst().get())).isEqualTo(Reason.Timeout);
      assertThat(text(read(narrow, hanging.getFirst()))).as("fixed").contains("Kubelet");
    }
  }

  @Test
  void aRequestThatIsGivenUpLeavesItsPlace() throws Exception {
    var options = kubelets.options(Duration.ofMinutes(5));
    var one =
        new ReaderOptions(
            options.access(), options.caFile(), false, options.timeout(), 1, options.maxBody());
    try (var narrow = kubelets.reader(one)) {
      var hanging = kubelet(Behaviour.HANG_BEFORE_HANDSHAKE);
      var given = narrow.read(hanging.node(), "/configz");
      var alsoGiven = narrow.read(hanging.node(), "/configz");
      Fixture.eventually(() -> assertThat(hanging.seen().connections()).isEqualTo(1));
      alsoGiven.cancel(false);
      given.cancel(false);
      assertThat(text(read(narrow, kubelet(Behaviour.ANSWER)))).contains("KubeletConfiguration");
      assertThat(hanging.seen().connections()).isEqualTo(1);
    }
  }

  @Test
  void whatFollowsAnAnswerMayBlock() throws Exception {
    var thread =
        reader
            .read(kubelet(Behaviour.ANSWER).node(), "/configz")
            .thenApply(response -> Thread.currentThread())
            .get();
    assertThat(thread.isVirtual() || thread == Thread.currentThread()).isTrue();
  }

  @Test
  void aClosedReaderAnswersAll() throws Exception {
    var closing = kubelets.reader(kubelets.options(Duration.ofMinutes(5)));
    var hanging = kubelet(Behaviour.HANG_BEFORE_HANDSHAKE);
    var answer = closing.read(hanging.node(), "/configz");
    Fixture.eventually(() -> assertThat(hanging.seen().connections()).isEqualTo(1));
    closing.close();
    assertThat(reason(answer.get())).isEqualTo(Reason.ConnectionClosed);
    assertThat(reason(closing.read(hanging.node(), "/configz").get()))
        .isEqualTo(Reason.ConnectionClosed);
  }

  @Test
  void throughTheApiServerTheSameLimitsHoldAndItIsAlwaysVerified() throws Exception {
    var apiServer = kubelet(Behaviour.ANSWER);
    apiServer.answer("/api/v1/nodes/worker/proxy/configz", new byte[] {'{', '}'});
    var worker = kubelets.fleet.node("worker").node();
    var proxy = new ReaderOptions(KubeletAccess.PROXY, Optional.empty(), true, PATIENT, 8, 1 << 20);
    var config =
        ReaderFixture.config()
            .withMasterUrl(apiServer.url() + "/")
            .withCaCertFile(kubelets.fleet.caFile().toString())
            .build();
    try (var reader = new KubeletReader(proxy, config, ReaderFixture.token(TOKEN))) {
      assertThat(text(reader.read(worker, "/configz").get())).isEqualTo("{}");
      apiServer.behave(Behaviour.STATUS_403);
      assertThat(((Failure) reader.read(worker, "/configz").get()).message())
          .contains("the API server refuses")
          .contains("get nodes/proxy");
      apiServer.behave(Behaviour.OTHER_CA);
      assertThat(reason(reader.read(worker, "/configz").get())).isEqualTo(Reason.TlsUntrusted);
      assertThat(apiServer.seen().requests()).isEqualTo(2);
      assertThat(apiServer.seen().tokens()).containsExactly(TOKEN);
    }
  }
}
