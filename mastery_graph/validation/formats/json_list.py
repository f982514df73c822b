"""Reports as JSON: the model itself, with the name of each document."""

import json
from collections.abc import Sequence

from mastery_graph.validation.formats.checked import ValidationOutcome


def as_json(checked: Sequence[ValidationOutcome], language: str = "en") -> str:  # noqa: ARG001  # the reports have theirs
    """Return a list with each report and its file; `error` or `skipped` says why a file has none."""
    entries = [
        {"file": one.name, **one.report.model_dump(mode="json")}
        if one.report
        else {"file": one.name, "skipped" if one.is_skipped else "error": one.problem}
        for one in checked
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)
