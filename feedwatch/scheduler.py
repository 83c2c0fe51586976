"""The owner of APScheduler: named ticks at fixed intervals; knows neither feeds nor sources."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


class Ticker:
    """Calls functions again and again on threads of its own."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # The library skips runs that are a second late unless told otherwise.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def every(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        """Call `call` now and then every `seconds`; what it raises is logged and the next tick comes anyway."""
        self._scheduler.add_job(
            _guarded,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            args=(name, call),
            id=name,
            name=name,
            # Ticks follow the machine's clock even where the program's clock is fixed.
            next_run_time=datetime.now(UTC),
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking and wait for the ticks that run."""
        self._scheduler.shutdown(wait=True)


def _guarded(name: str, call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:  # the daemon outlives a broken tick; the log says why
        log.exception("tick %s failed", name)
