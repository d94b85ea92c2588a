package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.report.AreaLine;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import java.io.PrintWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Writes a report as JUnit's XML, which pipelines show as tests: a suite for each policy, with a
/// failed test for each violation, and a passed one for each area without any.
final class JUnitWriter {
  private final XMLStreamWriter xml;

  private JUnitWriter(XMLStreamWriter xml) {
    this.xml = xml;
  }

  static void write(Report report, PrintWriter out) {
    try {
      var xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
      new JUnitWriter(xml).write(report);
      xml.flush();
      out.println();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(Report report) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuites");
    if (!report.problems().isEmpty()) {
      invalid(report);
    }
    for (var policy : report.policies()) {
      suite(report, policy);
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void suite(Report report, PolicyReport policy) throws XMLStreamException {
    var passed =
        AreaLine.of(report, policy).stream()
            .filter(line -> line.verdict().equals("compliant"))
            .toList();
    var violations = policy.status().violations();
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", "CgroupPolicy " + policy.policy());
    xml.writeAttribute("tests", String.valueOf(passed.size() + violations.size()));
    xml.writeAttribute("failures", String.valueOf(violations.size()));
    for (var line : passed) {
      start(line.area(), line.message());
      xml.writeEndElement();
    }
    for (var violation : violations) {
      failure(violation);
    }
    xml.writeEndElement();
  }

  private void invalid(Report report) throws XMLStreamException {
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", "Problems of policies");
    xml.writeAttribute("tests", String.valueOf(report.problems().size()));
    xml.writeAttribute("failures", String.valueOf(report.problems().size()));
    for (var problem : report.problems()) {
      start("InvalidSpec", problem.file() + " " + problem.policy());
      xml.writeStartElement("failure");
      xml.writeAttribute("message", printable(problem.text()));
      xml.writeEndElement();
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private void failure(Violation violation) throws XMLStreamException {
    var where = violation.namespace() == null ? "" : violation.namespace() + "/";
    start(violation.check(), violation.kind() + " " + where + violation.name());
    xml.writeStartElement("failure");
    xml.writeAttribute("type", violation.severity());
    xml.writeAttribute("message", printable(violation.message()));
    xml.writeCharacters(printable(Report.check(violation).advice()));
    xml.writeEndElement();
    xml.writeEndElement();
  }

  private void start(String className, String name) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", className);
    xml.writeAttribute("name", printable(name));
  }

  /// XML 1.0 has no other control characters, not even escaped.
  private static String printable(String text) {
    return text.replaceAll(
        "[^\\x09\\x0A\\x0D\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "?");
  }
}
