"""Reports as SARIF 2.1.0 (OASIS) for code-scanning tools: a rule for each check, a result for each finding."""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.report import Finding

_LEVELS: Final = {"violation": "error", "warning": "warning", "info": "note"}


def as_sarif(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return one run over all documents; one that was not read, or was skipped, is a notification."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for one in checked:
        for finding in one.report.findings if one.report else ():
            name = finding.check or finding.rule
            rules.setdefault(name, _rule(name, finding))
            results.append(_result(one.name, name, list(rules).index(name), finding))
    unread = [one for one in checked if one.report is None]
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
                "executionSuccessful": all(one.is_skipped for one in unread),
                "toolExecutionNotifications": [
                    {
                        "level": "note" if one.is_skipped else "error",
                        "message": {"text": one.problem},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one.name)}}}],
                    }
                    for one in unread
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
    said = {
        "id": name.rpartition("#")[2] or name,
        "shortDescription": {"text": finding.element or finding.message},
        "help": {"text": finding.fix or finding.message},
        "properties": {"shape": name, "source": finding.source, "visions": list(finding.visions)},
    }
    return said | ({"helpUri": finding.rule} if finding.rule.startswith("http") else {})


def _result(file: str, name: str, place: int, finding: Finding) -> dict[str, Any]:
    logical = finding.pointer if finding.pointer is not None else finding.focus_node
    text = f"{finding.message} {finding.fix} {finding.example}".strip()
    mark = hashlib.sha256(f"{name} {logical} {finding.message}".encode()).hexdigest()
    return {
        "ruleId": name.rpartition("#")[2] or name,
        "ruleIndex": place,
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
        "partialFingerprints": {"finding/v1": mark},
    }


def _uri(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/:#[]@!$&'()*+,;=~")
