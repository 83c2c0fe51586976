"""The archive judged again by new rules, in the background, newest first."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread

from feedwatch.daemon.board import Board
from feedwatch.daemon.watch import Watch
from feedwatch.errors import StoreError

log = logging.getLogger(__name__)

#: How often feeds whose range is done are swapped while others wait.
SHOW_EVERY_S = 2.0
#: Between two steps, so that polls come through.
BREATH_S = 0.01
#: After the store refused.
AGAIN_S = 5.0


class Rejudging:
    """A thread that judges again whenever entries wait that other rules judged."""

    def __init__(self, watch: Watch, board: Board) -> None:
        self._watch = watch
        self._board = board
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="rejudging", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 5) -> None:
        """End after the step that runs; the rest waits for the next start."""
        self._stopped.set()
        self._watch.unjudged.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while self._watch.unjudged.wait() and not self._stopped.is_set():
            self._watch.unjudged.clear()
            try:
                self._sweep()
            except StoreError as error:
                log.warning("judging again is put off: %s", error)
                self._put_off()
            except Exception:  # the daemon outlives it; the log says why
                log.exception("judging again broke off")
                self._put_off()

    def _put_off(self) -> None:
        self._stopped.wait(AGAIN_S)
        self._watch.unjudged.set()

    def _sweep(self) -> None:
        """Judge until nothing waits, by whatever rules are in force at each step."""
        app = self._watch.app
        total, done, shown_at = app.pipeline.count_unjudged(), 0, time.monotonic()
        if not total:
            return
        log.info("the rules changed: %d entries are judged again", total)
        while not self._stopped.wait(BREATH_S):
            if self._watch.app is not app:
                # Yet other rules: what is left is counted anew.
                app = self._watch.app
                total, done = app.pipeline.count_unjudged(), 0
            count = app.pipeline.rejudge_some()
            if not count:
                break
            done += count
            self._board.write(rejudged=min(done, total), to_rejudge=total)
            if time.monotonic() - shown_at >= SHOW_EVERY_S:
                self._watch.show_changes()
                shown_at = time.monotonic()
        self._board.write(rejudged=0, to_rejudge=0)
        self._watch.show_changes()
        log.info("%d entries judged again", done)
