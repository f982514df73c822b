"""Runs one benchmark by its name: `python -m benchmarks NAME [OPTION…] [--write]`.

With `--write` what it prints goes into `docs/explanation/performance.md`, with the machine, the date and the versions.
"""

import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from typing import TextIO

from benchmarks.page import PAGE, circumstances, with_table

NAMES = (
    "queries",
    "sparql",
    "load",
    "admission",
    "start",
    "answers",
    "validation",
    "mapping",
    "pages",
    "soak",
    "fairness",
)


class _Both(io.StringIO):
    """What is printed, kept and shown at the same time."""

    def __init__(self, shown: TextIO) -> None:
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        self._shown.write(text)
        self._shown.flush()
        return super().write(text)


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark that is named, and write its table where that is asked; return its exit code."""
    if not arguments or arguments[0] not in NAMES:
        print(f"Name one of: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    name, *rest = arguments
    load = os.getloadavg()[0]
    sys.argv = [name, *(each for each in rest if each != "--write")]
    with redirect_stdout(_Both(sys.stdout)) as printed:
        code = _run(f"benchmarks.{name}")
    if code == 0 and "--write" in rest:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_table(page, name, printed.getvalue(), circumstances(load)), encoding="utf-8")
    return code


def _run(module: str) -> int:
    """Run a benchmark as a module of its own name: what it starts in other processes is found there by that name."""
    try:
        return int(import_module(module).main())
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
