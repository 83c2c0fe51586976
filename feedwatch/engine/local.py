"""Jobs on threads of this process; jobs for one server stand in line."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from math import inf
from threading import Condition, RLock, Thread

from feedwatch.clock import AWAKE_S
from feedwatch.ledger import Job, Outcome
from feedwatch.ports import OnOutcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a job stands: one job of a server runs at a time, with a pause before the next."""

    #: "" for a job that needs to wait for no other.
    server: str = ""
    pause_s: float = 0.0


@dataclass(slots=True)
class _Server:
    """The jobs of one server; `free_at` is monotonic."""

    waiting: deque[tuple[Job, Line, Future[None]]] = field(default_factory=deque)
    busy: bool = False
    free_at: float = 0.0


class LocalEngine:
    """Runs each job on one of `workers` threads and hands its outcome to `on_outcome`.

    A job that waits for its server holds no thread, so a slow server never holds up the others.
    """

    def __init__(
        self,
        handle: Callable[[Job], Outcome],
        on_outcome: OnOutcome,
        *,
        workers: int,
        line_of: Callable[[Job], Line] = lambda _job: Line(),
    ) -> None:
        self._handle = handle
        self._on_outcome = on_outcome
        self._workers = workers
        self._line_of = line_of
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="ingest")
        # Re-entrant: a future that was cancelled in the same moment says so at once.
        self._lock = RLock()
        self._changed = Condition(self._lock)
        #: Everything submitted and not done.
        self._open: set[Future[None]] = set()
        self._running = 0
        self._servers: dict[str, _Server] = {}
        self._stopped = False
        self._starter: Thread | None = None

    def submit(self, job: Job) -> None:
        """Queue a job; it starts when a thread and its server are free."""
        line, done = self._line_of(job), Future[None]()
        with self._lock:
            self._open.add(done)
            if not line.server:
                self._start(job, line, done)
                return
            self._servers.setdefault(line.server, _Server()).waiting.append((job, line, done))
            if self._starter is None:
                self._starter = Thread(target=self._start_when_free, name="ingest-starter", daemon=True)
                self._starter.start()
            self._changed.notify()

    def free(self) -> int:
        """How many more jobs would start at once, if their servers are free."""
        with self._lock:
            return max(0, self._workers - self._running)

    def drain(self, timeout_s: float | None = None) -> bool:
        """Wait until everything submitted is done; False when the time ran out first."""
        with self._lock:
            waiting = set(self._open)
        end = inf if timeout_s is None else time.monotonic() + timeout_s
        while waiting:
            left_s = max(0.0, end - time.monotonic())
            waiting = wait(waiting, timeout=min(left_s, AWAKE_S)).not_done
            if waiting and left_s == 0:
                return False
        return True

    def stop(self, timeout_s: float) -> bool:
        """Start nothing more and wait for what runs; False when something still runs after the time."""
        with self._lock:
            self._stopped = True
            for server in self._servers.values():
                for _, _, done in server.waiting:
                    self._end(done)
                server.waiting.clear()
            self._changed.notify()
        self._pool.shutdown(wait=False, cancel_futures=True)
        return self.drain(timeout_s)

    def _start_when_free(self) -> None:
        """The starter's work: look after each change, and when the next pause ends."""
        with self._lock:
            while not self._stopped:
                now, pause_s = time.monotonic(), None
                for name, server in list(self._servers.items()):
                    left = server.free_at - now
                    if server.busy:
                        continue
                    if left > 0:
                        pause_s = left if pause_s is None else min(left, pause_s)
                    elif server.waiting:
                        server.busy = True
                        self._start(*server.waiting.popleft())
                    else:
                        del self._servers[name]
                self._changed.wait(pause_s)

    def _start(self, job: Job, line: Line, done: Future[None]) -> None:
        """Hand a job to the threads; the lock is held."""
        self._running += 1
        try:
            future = self._pool.submit(self._run, job, line, done)
        except RuntimeError:
            # The pool was shut down.
            self._running -= 1
            self._end(done)
            return
        future.add_done_callback(lambda future: self._ended(line, done) if future.cancelled() else None)

    def _ended(self, line: Line, done: Future[None]) -> None:
        with self._lock:
            self._running -= 1
            self._end(done)
            if server := self._servers.get(line.server):
                server.busy = False
                server.free_at = time.monotonic() + line.pause_s
                self._changed.notify()

    def _end(self, done: Future[None]) -> None:
        self._open.discard(done)
        if not done.done():
            done.set_result(None)

    def _run(self, job: Job, line: Line, done: Future[None]) -> None:
        try:
            self._on_outcome(self._outcome(job))
        finally:
            self._ended(line, done)

    def _outcome(self, job: Job) -> Outcome:
        try:
            return self._handle(job)
        except Exception as error:  # a job that breaks must not take the others with it
            log.exception("source %s: the job broke", job.source_id)
            message = f"internal error: {type(error).__name__}: {error}"
            return Outcome(source_id=job.source_id, job=job.kind, result="failed", error=message)
