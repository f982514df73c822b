"""A process that works on a task: signals, priority and use of resources, as Linux gives them.

Signals go through a descriptor of the process, so that they never reach another one that got the same id later. Other
systems have neither; there, a process is neither stopped nor measured.
"""

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_SLOW_NICENESS: Final = 15

_TICKS: Final = os.sysconf("SC_CLK_TCK")
"""Units of processor time in a second."""


class WorkerProcess:
    """One process, known by its id; it may end at any time."""

    def __init__(self, pid: int) -> None:
        """Refer to a process that has not been waited for yet."""
        self._pid = pid
        self._descriptor = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        self._is_stopped = False
        self._seconds_before = self._processor_seconds()

    def stop(self) -> None:
        """Stop the process until `resume`."""
        self._send(signal.SIGSTOP)
        self._is_stopped = True

    def resume(self) -> None:
        """Continue the process if it was stopped."""
        if self._is_stopped:
            self._send(signal.SIGCONT)
            self._is_stopped = False

    def kill(self) -> None:
        """End the process."""
        self._send(signal.SIGKILL)

    def lower_priority(self) -> None:
        """Give the process only the processor time that others leave; this cannot be undone without privileges."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._pid, _SLOW_NICENESS)

    def memory(self) -> int:
        """Return the bytes of memory in use; 0 if unknown."""
        with suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * resource.getpagesize()
        return 0

    def seconds_used(self) -> float:
        """Return the seconds of processor time used since this object was created; 0 if unknown."""
        return max(self._processor_seconds() - self._seconds_before, 0.0)

    def close(self) -> None:
        """Forget the process."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _send(self, number: signal.Signals) -> None:
        if self._descriptor is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def _processor_seconds(self) -> float:
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / _TICKS
        return 0.0
