"""Reports as JUnit XML for pipelines: a suite per document, a case per element and per other violation."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.report import Finding, ValidationReport

_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def as_junit(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:  # noqa: ARG001  # the reports have theirs
    """Return the suites. A violation is a failure, a document that was not read an error, a skipped file skipped."""
    root = Element("testsuites", name="mastery-graph validate")
    for outcome in outcomes:
        suite = SubElement(root, "testsuite", name=outcome.name)
        if outcome.report:
            _cases(suite, outcome.report)
        else:
            case = SubElement(suite, "testcase", name="read", classname=outcome.name)
            SubElement(case, "skipped" if outcome.is_skipped else "error", message=_plain(outcome.problem))
        for kind, count in _COUNTS.items():
            suite.set(count, str(len(suite.findall(f"testcase/{kind}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
    for count in ("tests", *_COUNTS.values()):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _cases(suite: Element, report: ValidationReport) -> None:
    violations = [finding for finding in report.findings if finding.severity == "violation"]
    names = dict.fromkeys([element.name for element in report.completeness.elements])
    for name in dict.fromkeys([*names, *(finding.element for finding in violations)]):
        case = SubElement(suite, "testcase", name=_plain(name), classname=report.profile)
        for finding in violations:
            if finding.element == name:
                failure = SubElement(case, "failure", message=_plain(finding.message), type=_plain(finding.check))
                failure.text = _plain(f"{_where(finding)}\n{finding.fix}\n{finding.example}")
    others = [finding for finding in report.findings if finding.severity != "violation"]
    if others:
        SubElement(suite, "system-out").text = _plain(
            "\n".join(f"{finding.severity}: {finding.message} {_where(finding)}" for finding in others)
        )


def _where(finding: Finding) -> str:
    return (finding.pointer or "/") if finding.pointer is not None else f"{finding.line or ''}"


def _plain(text: str) -> str:
    """Return the text without characters that are not allowed in XML 1.0 (section 2.2)."""
    return _NO_XML.sub("", text)
