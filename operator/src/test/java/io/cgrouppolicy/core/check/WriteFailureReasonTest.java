package io.cgrouppolicy.core.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Answers of a real API server, v1.36.
class WriteFailureReasonTest {
  private static final String NAMED = "details: {name: cgroup-policy, kind: limitranges";

  private static Arguments of(WriteFailureReason reason, int code, String message, String details) {
    return arguments(reason, code, message, details);
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        of(WriteFailureReason.ApiServerUnreachable, 0, "java.net.ConnectException", ""),
        of(
            WriteFailureReason.ExceededQuota,
            403,
            "resourcequotas \"cgroup-policy\" is forbidden: exceeded quota: platform, requested:"
                + " resourcequotas=1, used: resourcequotas=1, limited: resourcequotas=1",
            NAMED + "}"),
        of(
            WriteFailureReason.Forbidden,
            403,
            "limitranges is forbidden: User \"system:serviceaccount:one:weak\" cannot create"
                + " resource \"limitranges\" in API group \"\" in the namespace \"one\"",
            "details: {kind: limitranges}"),
        of(
            WriteFailureReason.Forbidden,
            403,
            "limitranges \"cgroup-policy\" is forbidden: User \"system:serviceaccount:one:weak\""
                + " cannot patch resource \"limitranges\" in API group \"\" in the namespace"
                + " \"one\"",
            NAMED + "}"),
        of(
            WriteFailureReason.RejectedByAdmission,
            403,
            "limitranges \"cgroup-policy\" is forbidden: status unknown for quota: platform,"
                + " resources: resourcequotas",
            NAMED + "}"),
        of(
            WriteFailureReason.RejectedByAdmission,
            403,
            "limitranges \"cgroup-policy\" is forbidden: ValidatingAdmissionPolicy 'User \"x\"'"
                + " denied request: no",
            NAMED + ", causes: [{message: \"ValidatingAdmissionPolicy denied request: no\"}]}"),
        of(
            WriteFailureReason.RejectedByAdmission,
            422,
            "limitranges \"cgroup-policy\" is forbidden: ValidatingAdmissionPolicy 'deny' with"
                + " binding 'deny' denied request: no",
            NAMED + ", causes: [{message: \"ValidatingAdmissionPolicy 'deny' denied request\"}]}"),
        of(
            WriteFailureReason.RejectedByAdmission,
            400,
            "admission webhook \"wh.example.com\" denied the request: no",
            ""),
        of(
            WriteFailureReason.RejectedByAdmission,
            500,
            "Internal error occurred: failed calling webhook \"wh.example.com\": failed to call"
                + " webhook: connection refused",
            "details: {causes: [{message: \"failed calling webhook\"}]}"),
        of(
            WriteFailureReason.Rejected,
            422,
            "LimitRange \"x\" is invalid: spec.limits[0].default[memory]: Invalid value: \"1Mi\"",
            "details: {kind: LimitRange, causes: [{reason: FieldValueInvalid, message: no, field:"
                + " 'spec.limits[0].default[memory]'}]}"),
        of(WriteFailureReason.WriteFailed, 500, "etcdserver: request timed out", ""));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void isTakenFromTheAnswer(WriteFailureReason reason, int code, String message, String details) {
    var status = Serialization.unmarshal("kind: Status\n" + details, Status.class);
    status.setCode(code);
    status.setMessage(message);
    assertThat(WriteFailureReason.of(status)).isEqualTo(reason);
  }
}
