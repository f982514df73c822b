"""What the engine and the disk say when they fail, as errors that tell a person what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mastery_graph.errors import MasteryError, StoreError, StoreFull, StoreUnreadable

FIX_ADVICE: Final = "Restore a back-up with `mastery-graph restore`, or build into another folder."
"""What to do about a store that is broken."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SAID_WHEN_FULL: Final = ("No space left on device", "Disk quota exceeded", "File too large")


@contextmanager
def translate_engine_errors(what: str, kind: type[MasteryError] = StoreError) -> Iterator[None]:
    """Raise what the engine or the disk says in the block as an error of `kind`; `what` opens its sentence.

    Raises `StoreFull` where there is no room left, and `StoreUnreadable` where files are damaged, whatever `kind` is.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise engine_error(what, error, kind) from None


def engine_error(what: str, error: OSError | RuntimeError, kind: type[MasteryError] = StoreError) -> MasteryError:
    """Return the error for what the engine or the disk says.

    >>> str(failure("Writing failed", OSError(errno.ENOSPC, "No space left on device"))).partition(".")[0]
    'Writing failed: there is no room left on the disk'
    """
    said = str(error).replace("\n", " ").rstrip(". ")
    if getattr(error, "errno", None) in _FULL or any(each in said for each in _SAID_WHEN_FULL):
        return StoreFull(
            f"{what}: there is no room left on the disk.", f"The store is as it was. Make room and try again ({said})."
        )
    if "Corruption" in said:
        return StoreUnreadable(f"{what}: the store is damaged.", f"{FIX_ADVICE} The engine says: {said}.")
    return kind(f"{what}: {said}.", FIX_ADVICE if kind is StoreUnreadable else "")
