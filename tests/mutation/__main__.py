"""`python -m tests.mutation [AREA or NAME ...]`: try the mutants of the list, and tell which no test notices."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.mutation.run import LIST, copy_project, read_mutants, try_mutants

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return 0 where every mutant is killed, else 1."""
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="areas or names of mutants; all where none is given")
    parser.add_argument("--list", type=Path, default=LIST, help="the list of mutants (YAML)")
    arguments = parser.parse_args()
    counts = {"killed": 0, "survived": 0, "refused": 0}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = copy_project(ROOT, Path(folder))
        kept = Path(folder) / "graphs"
        for result in try_mutants(read_mutants(arguments.list, arguments.names), copy, kept):
            counts[result.outcome] += 1
            print(f"{result.outcome:<8}  {result.mutant.area}: {result.mutant.name}  {result.detail}", flush=True)
    print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
    return 1 if counts["survived"] or counts["refused"] else 0


if __name__ == "__main__":
    sys.exit(main())
