"""Entries that were rendered once, kept to be joined into other feeds and into the same feed again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock

#: Of all fragments together: the newest entries of some hundred feeds.
KEPT_BYTES = 64 * 1024 * 1024
#: What no feed asked for so long has left them all, most likely.
KEPT_S = 3600.0


class Fragments:
    """Bytes by format and key; safe to use from several threads.

    What was not asked for in an hour is forgotten, and when there is too much the longest unused.
    """

    def __init__(self, limit_bytes: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit_bytes
        self._monotonic = monotonic
        self._size = 0
        self._lock = Lock()
        # The bytes, and when they were last asked for: the oldest first.
        self._kept: OrderedDict[tuple[str, Hashable], tuple[bytes, float]] = OrderedDict()

    def get(self, keys: Sequence[Hashable | None], formats: Sequence[str]) -> list[list[bytes] | None]:
        """Each entry in each of the formats; None unless all are kept. No key is never kept."""
        kept, rows, now = self._kept, list[list[bytes] | None](), self._monotonic()
        with self._lock:
            for key in keys:
                names = [(name, key) for name in formats]
                if key is None or not all(map(kept.__contains__, names)):
                    rows.append(None)
                    continue
                row = [kept.pop(name)[0] for name in names]
                kept.update((name, (data, now)) for name, data in zip(names, row, strict=True))
                rows.append(row)
            self._forget(now)
        return rows

    def put(self, key: Hashable | None, formats: Sequence[str], row: Sequence[bytes]) -> None:
        """Keep the entry in each of the formats."""
        if key is None:
            return
        now = self._monotonic()
        with self._lock:
            for name, data in zip(formats, row, strict=True):
                self._size += len(data) - len(self._kept.pop((name, key), (b"", now))[0])
                self._kept[name, key] = data, now
            self._forget(now)

    def _forget(self, now: float) -> None:
        while self._kept:
            name, (data, asked_at) = next(iter(self._kept.items()))
            if self._size <= self._limit and now - asked_at <= KEPT_S:
                return
            del self._kept[name]
            self._size -= len(data)
