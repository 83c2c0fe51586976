"""Signs of life of the loops that the daemon is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock


class Beats:
    """When each loop was last seen at work; a loop that is never seen is late after `within_s`."""

    def __init__(
        self, loops: Sequence[str], *, within_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._within_s = within_s
        self._monotonic = monotonic
        self._lock = Lock()
        self._last = dict.fromkeys(loops, monotonic())

    def beat(self, loop: str) -> None:
        """The loop is at work."""
        with self._lock:
            self._last[loop] = self._monotonic()

    def late(self) -> list[str]:
        """The loops that were not seen for too long."""
        now = self._monotonic()
        with self._lock:
            return [loop for loop, last in self._last.items() if now - last > self._within_s]
