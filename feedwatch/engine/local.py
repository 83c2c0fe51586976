"""Jobs on threads of this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from feedwatch.ledger import Job, Outcome
from feedwatch.ports import OnOutcome

log = logging.getLogger(__name__)


class LocalEngine:
    """Runs each job on one of `workers` threads and hands its outcome to `on_outcome`."""

    def __init__(self, handle: Callable[[Job], Outcome], on_outcome: OnOutcome, *, workers: int) -> None:
        self._handle = handle
        self._on_outcome = on_outcome
        self._workers = workers
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="ingest")
        self._running: set[Future[None]] = set()
        self._lock = Lock()

    def submit(self, job: Job) -> None:
        """Queue a job; it starts when a thread is free."""
        future = self._pool.submit(self._run, job)
        with self._lock:
            self._running.add(future)
        future.add_done_callback(self._forget)

    def free(self) -> int:
        """How many more jobs would start at once."""
        with self._lock:
            return max(0, self._workers - len(self._running))

    def drain(self, timeout_s: float | None = None) -> bool:
        """Wait until everything submitted is done; False when the time ran out first."""
        with self._lock:
            waiting = set(self._running)
        return not wait(waiting, timeout=timeout_s).not_done

    def stop(self, timeout_s: float) -> bool:
        """Start nothing more and wait for what runs; False when something still runs after the time."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        return self.drain(timeout_s)

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)

    def _run(self, job: Job) -> None:
        try:
            outcome = self._handle(job)
        except Exception as error:  # a job that breaks must not take the others with it
            log.exception("source %s: the job broke", job.source_id)
            message = f"internal error: {type(error).__name__}: {error}"
            outcome = Outcome(source_id=job.source_id, result="failed", error=message)
        self._on_outcome(outcome)
