package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.PeerVerifier.PeerRefused;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;

/// What an exception or a status means to whoever has to mend it. Pure.
final class Failures {
  private Failures() {}

  static Failure whileConnecting(Peer peer, Throwable cause) {
    if (find(cause, UnknownHostException.class) != null) {
      return Reason.DnsFailure.because("cannot find " + peer.host());
    }
    if (cause instanceof ConnectException) {
      return Reason.ConnectionRefused.because(peer.name() + " refused the connection");
    }
    // Nobody but we can close a channel that is not connected yet: the reader was closed.
    return find(cause, ClosedChannelException.class) == null
        ? Reason.Unreachable.because("cannot connect to " + peer.name())
        : Exchange.GIVEN_UP;
  }

  static Failure ofHandshake(Peer peer, Throwable cause) {
    var refused = find(cause, PeerRefused.class);
    if (refused != null) {
      return refused
          .reason()
          .because(
              switch (refused.reason()) {
                case TlsHostnameMismatch ->
                    "the certificate of " + peer.name() + " is not for " + peer.host();
                case TlsExpired -> "the certificate of " + peer.name() + " is not valid today";
                default -> "the certificate of " + peer.name() + " is not signed by a known CA";
              });
    }
    if (find(cause, NotSslRecordException.class) != null) {
      return Reason.TlsFailed.because(peer.name() + " does not speak TLS");
    }
    return find(cause, SSLException.class) == null
        ? Reason.ConnectionClosed.because(
            peer.name() + " closed the connection during the TLS handshake")
        : Reason.TlsFailed.because("the TLS handshake with " + peer.name() + " failed");
  }

  static Failure afterHandshake(Peer peer, String phase, Throwable cause) {
    if (cause instanceof DecoderException) {
      return find(cause, SSLException.class) == null
          ? Reason.Garbage.because(peer.name() + " does not answer in HTTP")
          : ofHandshake(peer, cause);
    }
    return Reason.ConnectionClosed.because(
        "the connection to " + peer.name() + " broke during " + phase);
  }

  static Failure ofStatus(Peer peer, int status) {
    var answered = peer.name() + " answered " + status + " to GET " + peer.path();
    return switch (status) {
      case 401 -> Reason.Unauthorized.because(peer.name() + " does not accept the token");
      case 403 ->
          Reason.Forbidden.because(
              peer.name() + " refuses GET " + peer.path() + " without " + peer.permission());
      case 404 -> Reason.NotFound.because(answered);
      default ->
          switch (status / 100) {
            case 3 -> Reason.Redirected.because(answered);
            case 5 -> Reason.ServerError.because(answered);
            default -> Reason.UnexpectedStatus.because(answered);
          };
    };
  }

  private static <T> T find(Throwable thrown, Class<T> type) {
    for (var t = thrown; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }
}
