"""Entries that were rendered once, kept to be joined into other feeds and into the same feed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from threading import Lock

#: Of all fragments together: the newest entries of some hundred feeds.
KEPT_BYTES = 64 * 1024 * 1024


class Fragments:
    """Bytes by format and key, the longest unused forgotten first; safe to use from several threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, Hashable], bytes] = OrderedDict()

    def get(self, keys: Sequence[Hashable | None], formats: Sequence[str]) -> list[list[bytes] | None]:
        """Each entry in each of the formats; None unless all are kept. No key is never kept."""
        kept, rows = self._kept, list[list[bytes] | None]()
        with self._lock:
            for key in keys:
                names = [(name, key) for name in formats]
                if key is None or not all(map(kept.__contains__, names)):
                    rows.append(None)
                    continue
                rows.append([kept[name] for name in names])
                for name in names:
                    kept.move_to_end(name)
        return rows

    def put(self, key: Hashable | None, formats: Sequence[str], row: Sequence[bytes]) -> None:
        """Keep the entry in each of the formats."""
        if key is None:
            return
        with self._lock:
            for name, data in zip(formats, row, strict=True):
                self._size += len(data) - len(self._kept.pop((name, key), b""))
                self._kept[name, key] = data
            while self._size > self._limit:
                _, data = self._kept.popitem(last=False)
                self._size -= len(data)
