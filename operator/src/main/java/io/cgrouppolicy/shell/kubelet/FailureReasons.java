package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.kubelet.HttpsGet.Phase;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;

/// Turns an exception or an HTTP status into a reason and a message for the user.
final class FailureReasons {
  private FailureReasons() {}

  static Failure of(KubeletEndpoint endpoint, Phase phase, Exception failure) {
    return switch (phase) {
      case CONNECTION -> ofConnecting(endpoint, failure);
      case HANDSHAKE -> ofHandshake(endpoint, failure);
      case HEADERS, BODY -> ofExchange(endpoint, phase, failure);
    };
  }

  private static Failure ofConnecting(KubeletEndpoint endpoint, Exception failure) {
    return switch (failure) {
      case UnknownHostException e -> Reason.DnsFailure.because("cannot find " + endpoint.host());
      case ConnectException e ->
          Reason.ConnectionRefused.because(endpoint.name() + " refused the connection");
      default -> Reason.Unreachable.because("cannot connect to " + endpoint.name());
    };
  }

  private static Failure ofHandshake(KubeletEndpoint endpoint, Exception failure) {
    var certificate = "the certificate of " + endpoint.name();
    if (find(failure, CertificateExpiredException.class) != null
        || find(failure, CertificateNotYetValidException.class) != null) {
      return Reason.TlsExpired.because(certificate + " is not valid today");
    }
    var refused = find(failure, CertificateException.class);
    if (refused != null) {
      // The JDK throws this class itself for the host name, and a subclass for the chain.
      return refused.getClass() == CertificateException.class
          ? Reason.TlsHostnameMismatch.because(certificate + " is not for " + endpoint.host())
          : Reason.TlsUntrusted.because(certificate + " is not signed by a known CA");
    }
    return closed(failure)
        ? Reason.ConnectionClosed.because(
            endpoint.name() + " closed the connection during the TLS handshake")
        : Reason.TlsFailed.because("the TLS handshake with " + endpoint.name() + " failed");
  }

  private static Failure ofExchange(KubeletEndpoint endpoint, Phase phase, Exception failure) {
    // A server may refuse the handshake after the client has finished its part (TLS 1.3).
    if (find(failure, SSLException.class) != null && !closed(failure)) {
      return ofHandshake(endpoint, failure);
    }
    boolean garbage =
        failure instanceof HttpException
            || failure instanceof MessageConstraintException
            || failure instanceof MalformedChunkCodingException
                && !(failure instanceof TruncatedChunkException);
    return garbage
        ? Reason.Garbage.because(endpoint.name() + " does not answer in HTTP")
        : Reason.ConnectionClosed.because(
            endpoint.name() + " closed the connection instead of finishing " + phase);
  }

  private static boolean closed(Exception failure) {
    return find(failure, EOFException.class) != null
        || find(failure, SocketException.class) != null;
  }

  static Failure ofStatus(KubeletEndpoint endpoint, int status) {
    var answered = endpoint.name() + " answered " + status + " to GET " + endpoint.path();
    return switch (status) {
      case 401 -> Reason.Unauthorized.because(endpoint.name() + " does not accept the token");
      case 403 ->
          Reason.Forbidden.because(
              endpoint.name()
                  + " refuses GET "
                  + endpoint.path()
                  + " without "
                  + endpoint.permission());
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
