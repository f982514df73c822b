"""Reports as SARIF 2.1.0 (OASIS) for code-scanning tools: a rule per check, a result per finding."""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.report import Finding

_LEVELS: Final = {"violation": "error", "warning": "warning", "info": "note"}


def as_sarif(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return one run over all documents; a document that was not read or was skipped is a notification."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for outcome in outcomes:
        for finding in outcome.report.findings if outcome.report else ():
            name = finding.check or finding.rule
            rules.setdefault(name, _rule(name, finding))
            results.append(_result(outcome.name, name, list(rules).index(name), finding))
    without_report = [outcome for outcome in outcomes if outcome.report is None]
    run = {
        "tool": {
            "driver": {
                "name": "mastery-graph",
                "version": version("mastery-graph"),
                "language": language,
                "rules": list(rules.values()),
            }
        },
        "invocations": [
            {
                "executionSuccessful": all(outcome.is_skipped for outcome in without_report),
                "toolExecutionNotifications": [
                    {
                        "level": "note" if outcome.is_skipped else "error",
                        "message": {"text": outcome.problem},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(outcome.name)}}}],
                    }
                    for outcome in without_report
                ],
            }
        ],
        "results": results,
    }
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
        indent=2,
        ensure_ascii=False,
    )


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    rule = {
        "id": name.rpartition("#")[2] or name,
        "shortDescription": {"text": finding.element or finding.message},
        "help": {"text": finding.fix or finding.message},
        "properties": {"shape": name, "source": finding.source, "visions": list(finding.visions)},
    }
    return rule | ({"helpUri": finding.rule} if finding.rule.startswith("http") else {})


def _result(file: str, name: str, position: int, finding: Finding) -> dict[str, Any]:
    logical = finding.pointer if finding.pointer is not None else finding.focus_node
    text = f"{finding.message} {finding.fix} {finding.example}".strip()
    fingerprint = hashlib.sha256(f"{name} {logical} {finding.message}".encode()).hexdigest()
    return {
        "ruleId": name.rpartition("#")[2] or name,
        "ruleIndex": position,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(file)},
                    "region": {"startLine": finding.line or 1},
                },
                "logicalLocations": [{"fullyQualifiedName": logical or "/", "kind": "object"}],
            }
        ],
        "partialFingerprints": {"finding/v1": fingerprint},
    }


def _uri(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/:#[]@!$&'()*+,;=~")
