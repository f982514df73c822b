"""The operator's options for library functions that are too deep for a parameter: trust anchors, hosts, engine.

A face reads them from its settings and sets them once, when it starts; library functions never read the environment.
Without a face, they are the defaults: no trust anchors, no host for contexts, the fast engine where it is equivalent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Engine = Literal["auto", "pyshacl"]
"""`auto` is the compiled engine where it is reliable; `pyshacl` is always the reference engine."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator allows and trusts."""

    trust_anchors: Path | None = None
    """The folder of root certificates (PEM) by which the signer of a seal is verified."""
    context_hosts: tuple[str, ...] = ()
    """The hosts from which unknown JSON-LD contexts are fetched."""
    shacl_engine: Engine = "auto"


@dataclass(slots=True)
class _Process:
    options: Options


_process = _Process(Options())


def current_options() -> Options:
    """Return the options of this process."""
    return _process.options


def set_options(options: Options) -> None:
    """Set the options of this process; a new process starts with the defaults."""
    _process.options = options


@contextmanager
def use_options(options: Options) -> Iterator[None]:
    """Set the options of this process for the block."""
    before = current_options()
    set_options(options)
    try:
        yield
    finally:
        set_options(before)
