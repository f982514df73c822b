"""Many reports in one table: a row for each document."""

from collections.abc import Sequence

from mastery_graph.validation.engine.result import SEVERITIES
from mastery_graph.validation.formats.checked import ValidationOutcome
from mastery_graph.validation.texts import Translator, said


def summary(checked: Sequence[ValidationOutcome], language: str = "en") -> list[list[str]]:
    """Return the columns, then for each document whether it conforms, how complete it is, how much was found."""
    told = Translator(language)
    rows = [[told(said("File")), told(said("Conforms")), told(said("Complete")), *(told(each) for each in SEVERITIES)]]
    for one in checked:
        if one.report is None:
            rows.append([one.name, told(one.status), "", "", "", ""])
            continue
        conforms = told(said("yes")) if one.conforms else told(said("no"))
        numbers = [str(one.report.number(severity)) for severity in SEVERITIES]
        rows.append([one.name, conforms, f"{one.report.completeness.ratio:.0%}", *numbers])
    return rows
