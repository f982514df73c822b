"""`load credential` at volume: made-up credentials as JSON lines, ZIP archives and a folder, each into a built store.

The time is that of a whole process, with validation, the memory the most that one of its processes held. Then the same
content is sent once more, of which nothing is loaded.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.generate import DOWNLOAD
from benchmarks.generate import main as generate
from mastery_graph.pipeline.build import Sources, build
from mastery_graph.store.draft import Draft

_OURS = str(Path(sys.executable).with_name("mastery-graph"))
_FORMS = {"JSON lines": "made.jsonl", "ZIP archives": "made.zip", "a folder": "made"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the same credentials in each form and print what it takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks admission", description=__doc__)
    parser.add_argument("--credentials", type=int, default=5_000)
    parser.add_argument("--forms", nargs="+", choices=("lines", "zip", "folder"), default=["lines", "zip", "folder"])
    given = parser.parse_args(arguments)
    if not DOWNLOAD.is_dir():
        print(f"Skipped: the ESCO download is not at {DOWNLOAD}.")
        return 0
    chosen = [form for form, name in zip(_FORMS, ("lines", "zip", "folder"), strict=True) if name in given.forms]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{given.credentials:,} credentials, {len(os.sched_getaffinity(0))} processes\n")
        print(f"{'':<22} {'time':>9} {'a second':>9} {'memory of the largest':>22}")
        for form in chosen:
            store, out = folder / f"store-{form}", folder / "sent" / _FORMS[form]
            out.parent.mkdir(exist_ok=True)
            with Draft.change(store) as draft:
                build(draft, Sources())
            generate(["credentials", "--credentials", str(given.credentials), "--out", str(out)])
            sent = sorted(out.parent.iterdir())
            _print(form, given.credentials, store, sent)
            if form == chosen[-1]:
                _print("the same once more", given.credentials, store, sent)
            for each in sent:
                each.rename(folder / f"{form}-{each.name}")
    return 0


def _print(what: str, number: int, store: Path, sent: Sequence[Path]) -> None:
    began = perf_counter()
    command = [_OURS, "load", "credential", *map(str, sent), "--store", str(store), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    seconds = perf_counter() - began
    print(f"{what:<22} {seconds:>7.0f} s {number / seconds:>9.0f} {usage.ru_maxrss / 1024:>18.0f} MiB")


if __name__ == "__main__":
    sys.exit(main())
