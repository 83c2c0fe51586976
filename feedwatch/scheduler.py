"""The owner of APScheduler: named ticks at fixed intervals; knows neither feeds nor sources."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

log = logging.getLogger(__name__)

#: How often the wall clock is compared with the monotonic one, which nobody sets.
LOOK_EVERY_S = 5.0
#: Slower changes are what time services do all day.
JUMP_S = 5.0
#: After a jump the ticks begin again one after the other.
_BETWEEN = timedelta(seconds=0.1)


class Ticker:
    """Calls functions again and again on threads of its own, whatever the wall clock does.

    The library alone sleeps until the wall clock says so: set back by six hours, nothing would run for six
    hours. So a watcher compares the wall clock with the monotonic one; after a jump (also after a sleep of
    the machine) all ticks begin again and `on_jump` is told by how many seconds the wall clock moved.
    """

    def __init__(
        self,
        *,
        on_jump: Callable[[float], None] = lambda _seconds: None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(8)},
            # The library skips runs that are a second late unless told otherwise.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._on_jump = on_jump
        self._wall = wall
        self._monotonic = monotonic
        self._look_every_s = look_every_s
        self._offset = wall() - monotonic()
        self._stopped = Event()
        self._watcher = Thread(target=self._watch, name="clock-watcher", daemon=True)

    def every(self, seconds: float, name: str, call: Callable[[], None], *, first_after_s: float = 0) -> None:
        """Call `call` after `first_after_s` and then every `seconds`.

        What it raises is logged and the next tick comes anyway. A tick that is late runs once, however many
        are missed, and never twice at a time.
        """
        self._scheduler.add_job(
            _guarded,
            _Again(seconds),
            args=(name, call),
            id=name,
            name=name,
            # Ticks follow the machine's clock even where the program's clock is fixed.
            next_run_time=datetime.now(UTC) + timedelta(seconds=first_after_s),
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()
        self._watcher.start()

    def stop(self) -> None:
        """Stop ticking and wait for the ticks that run."""
        self._stopped.set()
        self._scheduler.shutdown(wait=True)
        self._watcher.join()

    def _watch(self) -> None:
        while not self._stopped.wait(self._look_every_s):
            self.look()

    def look(self) -> None:
        """Compare the clocks once; done by itself every few seconds."""
        offset = self._wall() - self._monotonic()
        moved, self._offset = offset - self._offset, offset
        if abs(moved) <= JUMP_S:
            return
        log.warning("the clock moved by %+.0f s; all ticks begin again", moved)
        _guarded("clock jump", lambda: self._on_jump(moved))
        for place, job in enumerate(self._scheduler.get_jobs()):
            self._scheduler.modify_job(job.id, next_run_time=datetime.now(UTC) + place * _BETWEEN)


class _Again(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """So many seconds after the last time.

    The library's own interval counts every run that was missed: after a clock that was a year behind is set
    right, a tick a second would be counted through for minutes, in a list of all of them.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """The moment after `now`."""
        return now + self._interval


def _guarded(name: str, call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:  # the daemon outlives a broken tick; the log says why
        log.exception("tick %s failed", name)
