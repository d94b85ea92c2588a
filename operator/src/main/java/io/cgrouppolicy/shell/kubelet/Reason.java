package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.core.check.Check;

/// Why a kubelet's answer is missing. The names are reasons of conditions and violations, so they
/// are part of the API. Each belongs to one check.
public enum Reason {
  Timeout(Check.KubeletUnreachable, "look at the node, and at firewalls and NetworkPolicies"),
  ConnectionRefused(Check.KubeletUnreachable, "the kubelet is not running there"),
  Unreachable(Check.KubeletUnreachable, "look at the node and the network"),
  ConnectionClosed(Check.KubeletUnreachable, "look at the kubelet's log"),
  DnsFailure(Check.KubeletUnreachable, "the node has no IP address and its name does not resolve"),
  NoAddress(Check.KubeletUnreachable, "the node's status.addresses has no usable address"),
  /// Not signed by a CA of the bundle, such as the self-signed certificates of kubelets.
  TlsUntrusted(
      Check.KubeletUnreachable,
      "give the CA of the kubelets' serving certificates in cgroup-policy.kubelet.ca-file"),
  /// Signed by the CA, but for another host.
  TlsHostnameMismatch(
      Check.KubeletUnreachable, "its subject alternative names must hold the node's address"),
  TlsExpired(Check.KubeletUnreachable, "renew the kubelet's serving certificate"),
  TlsFailed(Check.KubeletUnreachable, "the port must speak TLS 1.2 or 1.3"),
  /// No usable CA bundle: no kubelet can be verified, so none is asked.
  CaUnavailable(Check.KubeletUnreachable, "look at cgroup-policy.kubelet.ca-file"),
  Unauthorized(
      Check.KubeletUnauthorized,
      "the kubelet must authenticate tokens (authentication.webhook.enabled)"),
  Forbidden(Check.KubeletUnauthorized, "grant it to ServiceAccount " + KubeletToken.ACCOUNT),
  KubeletTooOld(Check.KubeletUnauthorized, "upgrade the node"),
  TokenUnavailable(Check.KubeletUnauthorized, "apply the shipped roles"),
  NotFound(
      Check.KubeletConfigUnavailable,
      "the kubelet's debugging handlers are off (enableDebuggingHandlers)"),
  ServerError(Check.KubeletConfigUnavailable, "look at the kubelet's log"),
  /// Redirects are never followed: the token would go to a host that the answer chooses.
  Redirected(Check.KubeletConfigUnavailable, "a kubelet never does; find out who answers there"),
  UnexpectedStatus(Check.KubeletConfigUnavailable, "find out who answers there"),
  TooLarge(Check.KubeletConfigUnavailable, "find out who answers there"),
  /// Not HTTP. A body that is not JSON is the concern of its parser.
  Garbage(Check.KubeletConfigUnavailable, "find out who answers there");

  private final Check check;
  private final String remedy;

  Reason(Check check, String remedy) {
    this.check = check;
    this.remedy = remedy;
  }

  public Check check() {
    return check;
  }

  KubeletResponse.Failure because(String what) {
    return new KubeletResponse.Failure(this, what + ": " + remedy);
  }
}
