package io.cgrouppolicy.telemetry.endpoint;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;

/// Makes a certificate that is signed by its own key: the traffic is encrypted, but who answers is
/// not proven. In DER by hand (RFC 5280), as the JDK reads certificates and makes none.
final class SelfSigned {
  /// Long enough for most processes; what lives longer makes another.
  static final Duration VALID = Duration.ofDays(365);

  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC = 0x17;
  private static final int GENERALIZED = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int DNS_NAME = 0x82;
  private static final int VERSION = 0xa0;
  private static final int EXTENSIONS = 0xa3;

  /// Object identifiers and booleans, whole.
  private static final byte[] ECDSA_WITH_SHA256 = hex("06082a8648ce3d040302");

  private static final byte[] COMMON_NAME = hex("0603550403");
  private static final byte[] KEY_USAGE = hex("0603551d0f");
  private static final byte[] SUBJECT_ALT_NAME = hex("0603551d11");
  private static final byte[] BASIC_CONSTRAINTS = hex("0603551d13");
  private static final byte[] EXTENDED_KEY_USAGE = hex("0603551d25");
  private static final byte[] SERVER_AUTH = hex("06082b06010505070301");
  private static final byte[] TRUE = hex("0101ff");
  private static final byte[] DIGITAL_SIGNATURE = hex("03020780");

  private SelfSigned() {}

  /// A new key and its certificate, in PEM.
  ///
  /// @param name the common name
  /// @param hosts DNS names for which it is
  static PemPair create(String name, Collection<String> hosts, Instant now)
      throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var keys = generator.generateKeyPair();
    var algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
    var subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, utf8(name)))));
    var content =
        der(
            SEQUENCE,
            der(VERSION, der(INTEGER, new byte[] {2})),
            der(INTEGER, new BigInteger(127, new SecureRandom()).add(BigInteger.ONE).toByteArray()),
            algorithm,
            subject,
            // An hour of tolerance for clocks that are behind.
            der(SEQUENCE, time(now.minus(Duration.ofHours(1))), time(now.plus(VALID))),
            subject,
            keys.getPublic().getEncoded(),
            der(EXTENSIONS, der(SEQUENCE, extensions(hosts))));
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(content);
    var certificate =
        der(SEQUENCE, content, algorithm, der(BIT_STRING, new byte[1], signature.sign()));
    return new PemPair(
        pem("CERTIFICATE", certificate), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  private static byte[] extensions(Collection<String> hosts) {
    var names = hosts.stream().map(host -> der(DNS_NAME, utf8(host))).toArray(byte[][]::new);
    return join(
        der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(OCTET_STRING, der(SEQUENCE))),
        der(SEQUENCE, KEY_USAGE, TRUE, der(OCTET_STRING, DIGITAL_SIGNATURE)),
        der(SEQUENCE, EXTENDED_KEY_USAGE, der(OCTET_STRING, der(SEQUENCE, SERVER_AUTH))),
        der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, der(SEQUENCE, names))));
  }

  /// Until 2049 as UTCTime, later as GeneralizedTime (RFC 5280, 4.1.2.5).
  private static byte[] time(Instant instant) {
    return instant.atZone(ZoneOffset.UTC).getYear() < 2050
        ? der(UTC, utf8(UTC_TIME.format(instant)))
        : der(GENERALIZED, utf8(GENERALIZED_TIME.format(instant)));
  }

  /// One value: tag, length, content.
  private static byte[] der(int tag, byte[]... contents) {
    var content = join(contents);
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 128) {
      out.write(content.length);
    } else {
      var length = BigInteger.valueOf(content.length).toByteArray();
      int from = length[0] == 0 ? 1 : 0; // the sign
      out.write(0x80 | length.length - from);
      out.write(length, from, length.length - from);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content), type);
  }
}
