"""Translation of errors of the engine and the disk into errors with advice for a person."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mastery_graph.errors import AdvisedAction, MasteryError, StoreError, StoreFull, StoreUnreadable
from mastery_graph.languages import Message

_DISK_FULL_CODES: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DISK_FULL_MESSAGES: Final = ("No space left on device", "Disk quota exceeded", "File too large")


@contextmanager
def translate_engine_errors(what: str, kind: type[MasteryError] = StoreError) -> Iterator[None]:
    """Raise errors of the engine or the disk in the block as errors of `kind`; `what` is the start of the message.

    Raises `StoreFull` if the disk is full, and `StoreUnreadable` if files are damaged, whatever `kind` is.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise engine_error(what, error, kind) from None


def engine_error(what: str, error: OSError | RuntimeError, kind: type[MasteryError] = StoreError) -> MasteryError:
    """Return the error of this project for an error of the engine or the disk.

    >>> str(engine_error("Writing failed", OSError(errno.ENOSPC, "No space left on device"))).partition(".")[0]
    'Writing failed: the disk is full'
    """
    reason = str(error).replace("\n", " ").rstrip(". ")
    if getattr(error, "errno", None) in _DISK_FULL_CODES or any(message in reason for message in _DISK_FULL_MESSAGES):
        return StoreFull(
            Message("{what}: the disk is full.", what=what),
            Message("The store is unchanged. Free some space and try again ({reason}).", reason=reason),
        )
    if "Corruption" in reason:
        return StoreUnreadable(
            Message("{what}: the store is damaged.", what=what),
            Message("The engine reports: {reason}.", reason=reason),
            AdvisedAction.RESTORE_STORE,
        )
    return kind(
        Message("{what}: {reason}.", what=what, reason=reason),
        action=AdvisedAction.RESTORE_STORE if kind is StoreUnreadable else None,
    )
