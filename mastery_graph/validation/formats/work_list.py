"""Findings as a work list: CSV (RFC 4180), a row for each, for a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from mastery_graph.spreadsheet import safe_cell
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.texts import Translator, said

_COLUMNS = (
    *(said("File"), said("Severity"), said("Element"), said("What was found"), said("Where")),
    *(said("Value found"), said("How to mend it"), said("Example"), said("Rule")),
)


def as_csv(checked: Sequence[ValidationOutcome], language: str = "en") -> str:
    """Return a row for each finding and for each document that was not read."""
    told = Translator(language)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([told(column) for column in _COLUMNS])
    for one in checked:
        for finding in one.report.findings if one.report else ():
            line = told(said("line {?line}"), line=finding.line) if finding.line else ""
            place = line if finding.pointer is None else finding.pointer or "/"
            row = (one.name, told(finding.severity), finding.element, finding.message, place, finding.value or "")
            writer.writerow([safe_cell(each) for each in (*row, finding.fix, finding.example, finding.rule)])
        if one.report is None:
            writer.writerow([safe_cell(each) for each in (one.name, told(one.status), "", one.problem)] + [""] * 5)
    return written.getvalue()
