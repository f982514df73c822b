"""A table of many reports, with a row per document."""

from collections.abc import Sequence

from mastery_graph.languages import N_
from mastery_graph.validation.engine.result import SEVERITIES
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.texts import Translator


def summary(outcomes: Sequence[ValidationOutcome], language: str = "en") -> list[list[str]]:
    """Return a header, then per document whether it conforms, how complete it is, and the number of findings."""
    translate = Translator(language)
    columns = (N_("File"), N_("Conforms"), N_("Complete"), *SEVERITIES)
    rows = [[translate(column) for column in columns]]
    for outcome in outcomes:
        if outcome.report is None:
            rows.append([outcome.name, translate(outcome.status), "", "", "", ""])
            continue
        conforms = translate(N_("yes")) if outcome.conforms else translate(N_("no"))
        numbers = [str(outcome.report.number(severity)) for severity in SEVERITIES]
        rows.append([outcome.name, conforms, f"{outcome.report.completeness.ratio:.0%}", *numbers])
    return rows
