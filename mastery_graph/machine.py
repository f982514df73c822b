"""The memory of the machine or container, and limits on what a process may take of it."""

import resource
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

_LIMIT_FILES: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""The limit of a container in bytes: of control groups in version 2 and 1; not a number, or a huge one, is no limit."""


@cache
def machine_memory() -> int | None:
    """Return the bytes of memory of the machine, or of the container if it has less; None if unknown."""
    sizes = [size for path in _LIMIT_FILES if (size := _read_number(path))]
    with suppress(OSError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:")))
    return min(sizes, default=None)


def limit_data(size: int, *, lowers_hard_limit: bool = False) -> None:
    """Limit the data memory of this process to `size` bytes, or to the limit of the system if that is less.

    With `lowers_hard_limit`, neither this process nor its children can raise the limit again.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, soft if lowers_hard_limit else hard))


def _read_number(path: str) -> int | None:
    with suppress(OSError, ValueError):
        return int(Path(path).read_text(encoding="ascii"))
    return None
