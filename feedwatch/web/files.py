"""The directory of feeds as HTTP representations, kept in memory and looked at again once a second at most."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from feedwatch.formats import content_type
from feedwatch.web.representation import CORS, Headers, Representation, represent

#: Formats in whose place a browser gets the page, when it opens them.
NEGOTIATED = frozenset({"atom", "rss"})
#: A change of a file is seen after so long.
LOOK_EVERY_S = 1.0
#: Of all forms of all files in memory; what was used least lately goes.
MAX_BYTES = 128 * 1024 * 1024


#: What changes whenever a file or its mode does.
_State = tuple[int, int, int, int]


@dataclass(slots=True)
class _Kept:
    found: Representation | None
    state: _State | None
    looked_at: float
    used_at: float


class FeedFolder:
    """Reads feed files once for each change.

    `fresh` never touches the disk; `load` does, in a thread, once at a time for each name. `links_of` gives
    the Link headers of a name.
    """

    def __init__(
        self,
        directory: Path,
        *,
        max_age_s: int = 300,
        max_bytes: int = MAX_BYTES,
        look_every_s: float = LOOK_EVERY_S,
        links_of: Callable[[str], Headers] = lambda _name: [],
    ) -> None:
        self._directory = directory
        self._links_of = links_of
        self._max_age_s = max_age_s
        self._max_bytes = max_bytes
        self._look_every_s = look_every_s
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}
        self._coming: dict[str, asyncio.Future[Representation | None]] = {}

    def fresh(self, name: str) -> Representation | None:
        """The file if it was looked at within the last second; None says nothing."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        now = time.monotonic()
        if now - kept.looked_at > self._look_every_s:
            return None
        kept.used_at = now
        return kept.found

    def exists(self, name: str) -> bool:
        """Whether there is such a file; blocks."""
        return (self._directory / name).is_file()

    async def load(self, name: str) -> Representation | None:
        """The file as it is now, or None when there is none.

        While somebody else has it looked at, what was there before is good enough.
        """
        kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept.looked_at <= self._look_every_s:
            return kept.found
        coming = self._coming.get(name)
        if coming is None:
            coming = asyncio.get_running_loop().run_in_executor(None, self.look, name)
            self._coming[name] = coming
            coming.add_done_callback(lambda _done: self._coming.pop(name, None))
        elif kept is not None and kept.found is not None:
            return kept.found
        return await asyncio.shield(coming)

    def look(self, name: str) -> Representation | None:
        """The file as it is now, read only if it changed; blocks."""
        kept = self._kept.get(name)
        try:
            status = (self._directory / name).lstat()
        except OSError:
            return self._keep(name, None, None)
        if not stat.S_ISREG(status.st_mode):
            return self._keep(name, None, None)
        state = _state(status)
        if kept is not None and kept.state == state:
            return self._keep(name, kept.found, state)
        try:
            # O_NOFOLLOW: whoever swaps the file for a link now gets nothing.
            file = os.open(self._directory / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(file, "rb") as stream:
                status, body = os.fstat(file), stream.read()
        except OSError:
            return self._keep(name, None, None)
        state = _state(status)
        private = not status.st_mode & stat.S_IROTH
        modified = status.st_mtime
        if kept is not None and kept.found is not None:
            # The date counts whole seconds, and readers on libcurl drop a new body whose date is not later than the
            # one they have, whatever its tag says: two changes within a second must have two dates.
            modified = max(modified, kept.found.modified_s + 1.0)
        return self._keep(name, self._represent(name, body, modified, private=private), state)

    def _represent(self, name: str, body: bytes, modified: float, *, private: bool) -> Representation:
        stem, _, ending = name.rpartition(".")
        negotiated = ending in NEGOTIATED or ending == "html"
        more = [*CORS, *self._links_of(name)]
        if ending == "html":
            # It is also what a browser gets under the feed's own address.
            more.append((b"content-location", f"{stem}.html".encode()))
        return represent(
            body,
            media_type=content_type(ending),
            modified=modified,
            cache_control=f"{'private' if private else 'public'}, max-age={self._max_age_s}",
            vary="Accept, Accept-Encoding" if negotiated else "Accept-Encoding",
            more=more,
            is_private=private,
        )

    def _keep(self, name: str, found: Representation | None, state: _State | None) -> Representation | None:
        now = time.monotonic()
        with self._lock:
            self._kept[name] = _Kept(found=found, state=state, looked_at=now, used_at=now)
            held = sum(kept.found.size_bytes for kept in self._kept.values() if kept.found)
            if held > self._max_bytes:
                for other, kept in sorted(self._kept.items(), key=lambda pair: pair[1].used_at):
                    if held <= self._max_bytes or other == name:
                        break
                    held -= kept.found.size_bytes if kept.found else 0
                    del self._kept[other]
        return found


def _state(status: os.stat_result) -> _State:
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
