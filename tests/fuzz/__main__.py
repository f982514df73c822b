"""Search for inputs that break a parser: `python -m tests.fuzz TARGET [SECONDS]`, with atheris (`make fuzz`).

What breaks it is left in `tests/fuzz/found/TARGET`, where the tests read it from then on: mend the cause, and keep it.
"""

import hashlib
import os
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["mastery_graph"]):
    from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"


def main(name: str, seconds: str = "60") -> None:
    """Search for so many seconds, from the real files of the target."""
    target = TARGETS[name]
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)

    def read(content: bytes) -> None:
        try:
            target(content)
        except Exception:
            # Kept here: the timer of the fuzzer can end the process before it has written the input.
            kept = found / hashlib.sha256(content).hexdigest()[:12]
            kept.write_bytes(content)
            traceback.print_exc()
            print(f"Left in {kept}.", file=sys.stderr, flush=True)
            os._exit(1)

    with TemporaryDirectory() as corpus:
        for number, content in enumerate(target.begin()):
            (Path(corpus) / str(number)).write_bytes(content)
        options = [f"-max_total_time={seconds}", f"-artifact_prefix={found}/", "-timeout=30", "-rss_limit_mb=3000"]
        atheris.Setup(["fuzz", *options, "-print_final_stats=1", corpus], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
