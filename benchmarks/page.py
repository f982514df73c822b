"""Where the figures go: each benchmark's table stands in `docs/explanation/performance.md` between marks of its own."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "performance.md"
_QUIET: Final = 1.5
"""Load average below which a machine with two cores counts as quiet before a run."""


def circumstances(load: float) -> str:
    """Return when and on what a run was made; `load` is the load average (1 minute) before it."""
    quiet = "" if load < _QUIET else f" The machine was busy with other work (load {load:.1f} before the run)."
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}, pyoxigraph {version('pyoxigraph')}, mastery-graph {version('mastery-graph')}."
        f"{quiet}"
    )


def with_table(text: str, name: str, table: str, said: str) -> str:
    r"""Return a page with what a benchmark printed between its marks. Raises `ValueError` where it has none.

    >>> print(with_table("<!-- load -->\nold\n<!-- /load -->", "load", "new", "today"))
    <!-- load -->
    `python -m benchmarks load`, today
    <BLANKLINE>
    ```text
    new
    ```
    <!-- /load -->
    """
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = text.partition(first)
    _, closed, after = rest.partition(last)
    if not found or not closed:
        raise ValueError(f"The page has no place for {name}: {first.strip()} … {last}")
    return f"{before}{first}`python -m benchmarks {name}`, {said}\n\n```text\n{table.strip()}\n```\n{last}{after}"
