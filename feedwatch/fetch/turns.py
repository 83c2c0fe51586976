"""Taking turns at a server: one request at a time, with a pause between two, and none while it wants rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from feedwatch.clock import Clock
from feedwatch.fetch.faults import Trouble

#: Requests to one server in one day (UTC); a source polled every half hour makes 48.
REQUESTS_A_DAY = 5_000
#: Servers remembered; beyond it those that anybody may ask are forgotten.
_MANY = 1024


@dataclass(slots=True)
class _Server:
    lock: threading.Lock = field(default_factory=threading.Lock)
    #: Monotonic time from which it may be asked again.
    free_at: float = 0.0
    #: Until then it wants to be left alone (HTTP 429).
    rests_until: datetime | None = None
    users: int = 0
    #: Requests made on `day`.
    requests: int = 0
    day: date | None = None


class Turns:
    """Who asks which server when; shared by all threads of a fetcher."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._servers: dict[str, _Server] = {}

    @contextmanager
    def turn(self, server: str, spacing_s: float, *, patience_s: float) -> Iterator[None]:
        """Ask the server ("host:port") inside the block, alone.

        Raises:
            Trouble: it wants to be left alone, or others kept it busy for `patience_s`.

        """
        entry = self._enter(server)
        try:
            self._refuse_resting(server, entry)
            if not entry.lock.acquire(timeout=max(patience_s, 0.0)):
                raise Trouble("waiting", f"{server} is busy with other requests", retry_after_s=60)
            try:
                # What the one before has just learned counts, too.
                self._refuse_resting(server, entry)
                if (pause := entry.free_at - time.monotonic()) > 0:
                    time.sleep(min(pause, spacing_s))
                yield
            finally:
                entry.free_at = time.monotonic() + spacing_s
                entry.lock.release()
        finally:
            with self._lock:
                entry.users -= 1

    def count(self, server: str) -> None:
        """Note a request that is about to be made.

        Raises:
            Trouble: the server was asked REQUESTS_A_DAY times today.

        """
        now = self._clock.now()
        with self._lock:
            entry = self._servers.setdefault(server, _Server())
            if entry.day != now.date():
                entry.day, entry.requests = now.date(), 0
            if entry.requests < REQUESTS_A_DAY:
                entry.requests += 1
                return
        tomorrow = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
        message = f"{server} was asked {REQUESTS_A_DAY} times today, which is the most for one server"
        raise Trouble("waiting", message, retry_after_s=(tomorrow - now).total_seconds())

    def requests_today(self) -> dict[str, int]:
        """How many requests each server ("host:port") was sent since midnight (UTC)."""
        today = self._clock.now().date()
        with self._lock:
            return {name: entry.requests for name, entry in self._servers.items() if entry.day == today}

    def rest(self, server: str, seconds: float) -> None:
        """Nobody asks the server for so long."""
        until = self._clock.now() + timedelta(seconds=seconds)
        with self._lock:
            entry = self._servers.setdefault(server, _Server())
            entry.rests_until = max(until, entry.rests_until or until)

    def _enter(self, server: str) -> _Server:
        with self._lock:
            if len(self._servers) >= _MANY:
                self._tidy()
            entry = self._servers.setdefault(server, _Server())
            entry.users += 1
        return entry

    def _tidy(self) -> None:
        moment, now = time.monotonic(), self._clock.now()
        self._servers = {
            name: entry
            for name, entry in self._servers.items()
            if entry.users or entry.free_at > moment or (entry.rests_until or now) > now or entry.day == now.date()
        }

    def _refuse_resting(self, server: str, entry: _Server) -> None:
        left = ((entry.rests_until or self._clock.now()) - self._clock.now()).total_seconds()
        if left > 0:
            raise Trouble("waiting", f"{server} asked for fewer requests; it is left alone", retry_after_s=left)
