"""Findings as a work list for spreadsheets: CSV (RFC 4180) with a row per finding."""

import csv
import io
from collections.abc import Sequence

from mastery_graph.languages import N_
from mastery_graph.spreadsheet import safe_cell
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.texts import Translator

_COLUMNS = (
    *(N_("File"), N_("Severity"), N_("Element"), N_("What was found"), N_("Where")),
    *(N_("Value found"), N_("How to fix it"), N_("Example"), N_("Rule")),
)


def as_csv(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return a row per finding and per document that was not read."""
    translate = Translator(language)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([translate(column) for column in _COLUMNS])
    for outcome in outcomes:
        for finding in outcome.report.findings if outcome.report else ():
            line = translate(N_("line {line}"), line=finding.line) if finding.line else ""
            location = line if finding.pointer is None else finding.pointer or "/"
            row = (
                outcome.name,
                translate(finding.severity),
                finding.element,
                finding.message,
                location,
                finding.value or "",
            )
            writer.writerow([safe_cell(cell) for cell in (*row, finding.fix, finding.example, finding.rule)])
        if outcome.report is None:
            writer.writerow(
                [safe_cell(cell) for cell in (outcome.name, translate(outcome.status), "", outcome.problem)] + [""] * 5
            )
    return buffer.getvalue()
