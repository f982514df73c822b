"""The command line, run in the process of the tests: starting Python for each command would take most of their time."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from mastery_graph.cli import run as run_command_line


def run(
    *arguments: str,
    store: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, as its entry point does, and return its exit code and what it prints."""
    settings = {**({"MASTERY_STORE": str(store)} if store else {}), **(environment or {})}
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        patch.dict(os.environ, settings),
        patch.object(sys, "argv", ["mastery-graph", *arguments]),
        chdir(folder or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = _exit_code()
    return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def run_installed(
    *arguments: str, store: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as it is installed, in a process of its own."""
    command = [str(Path(sys.executable).with_name("mastery-graph")), *arguments]
    settings = {**({"MASTERY_STORE": str(store)} if store else {}), **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings}, check=False)


def _exit_code() -> int:
    try:
        run_command_line()
    except SystemExit as end:
        return int(end.code or 0)


def _text(stream: io.TextIOWrapper) -> str:
    """Return what was written, to the stream or to its buffer."""
    stream.seek(0)
    return stream.read()
