"""Reports as JSON: the model itself, with the name of each document."""

import json
from collections.abc import Sequence

from mastery_graph.validation.formats.checked import Checked


def as_json(checked: Sequence[Checked], language: str = "en") -> str:  # noqa: ARG001  # the reports have theirs
    """Return a list with each report and its file; a document that was not read has an `error`."""
    entries = [
        {"file": one.name, **one.report.model_dump(mode="json")}
        if one.report
        else {"file": one.name, "error": one.problem}
        for one in checked
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)
