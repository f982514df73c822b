"""Search for inputs that break a parser: `python -m tests.fuzz TARGET [SECONDS]`, with atheris (`make fuzz`).

What breaks it is left in `tests/fuzz/found/TARGET`, where the tests read it from then on: mend the cause, and keep it.
"""

import sys
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
        target(content)

    with TemporaryDirectory() as corpus:
        for number, content in enumerate(target.begin()):
            (Path(corpus) / str(number)).write_bytes(content)
        options = [f"-max_total_time={seconds}", f"-artifact_prefix={found}/", "-timeout=30", "-rss_limit_mb=3000"]
        atheris.Setup(["fuzz", *options, "-print_final_stats=1", corpus], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
