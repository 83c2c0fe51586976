"""Entries that were rendered once, kept to be joined into other feeds and into the same feed again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock

#: Of all fragments together: the newest entries of some hundred feeds.
KEPT_BYTES = 64 * 1024 * 1024
#: What no feed asked for so long has left them all, most likely.
KEPT_S = 3600.0


@dataclass(slots=True)
class _Kept:
    """One entry: its bytes by format, and when it was last asked for."""

    forms: dict[str, bytes] = field(default_factory=dict)
    asked_at: float = 0.0


class Fragments:
    """Bytes by key and format; safe to use from several threads.

    What was not asked for in an hour is forgotten, and when there is too much the longest unused.
    """

    def __init__(self, limit_bytes: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit_bytes
        self._monotonic = monotonic
        self._size = 0
        self._lock = Lock()
        # The longest unused first.
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def get(self, keys: Sequence[Hashable | None], formats: Sequence[str]) -> list[list[bytes] | None]:
        """Each entry in each of the formats; None unless all are kept. No key is never kept."""
        kept, wanted, rows, now = self._kept, frozenset(formats), list[list[bytes] | None](), self._monotonic()
        with self._lock:
            for key in keys:
                found = kept.get(key)
                if found is None or not wanted <= found.forms.keys():
                    rows.append(None)
                    continue
                forms = found.forms
                rows.append([forms[name] for name in formats])
                found.asked_at = now
                kept.move_to_end(key)
            self._forget(now)
        return rows

    def put(self, key: Hashable | None, formats: Sequence[str], row: Sequence[bytes]) -> None:
        """Keep the entry in each of the formats."""
        if key is None:
            return
        now = self._monotonic()
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            for name, data in zip(formats, row, strict=True):
                self._size += len(data) - len(kept.forms.get(name, b""))
                kept.forms[name] = data
            kept.asked_at = now
            self._kept.move_to_end(key)
            self._forget(now)

    def _forget(self, now: float) -> None:
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if self._size <= self._limit and now - kept.asked_at <= KEPT_S:
                return
            del self._kept[key]
            self._size -= sum(map(len, kept.forms.values()))
