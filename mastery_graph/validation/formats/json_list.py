"""Reports as JSON: the model itself, with the name of each document."""

import json
from collections.abc import Sequence

from mastery_graph.validation.formats.checked import ValidationOutcome


def as_json(outcomes: Sequence[ValidationOutcome], language: str = "en") -> str:  # noqa: ARG001  # the reports have theirs
    """Return a list with each report and its file; `error` or `skipped` is the reason why a file has none."""
    entries = [
        {"file": outcome.name, **outcome.report.model_dump(mode="json")}
        if outcome.report
        else {"file": outcome.name, "skipped" if outcome.is_skipped else "error": outcome.problem}
        for outcome in outcomes
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)
