"""When the disk or the store refuses, nothing is read until it takes writes again."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from feedwatch.daemon.board import Board
from feedwatch.ledger import Claim
from feedwatch.text import printable

log = logging.getLogger(__name__)

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
#: Nothing is read while less than this share of the disk is free, or less than so many bytes.
RESERVE_SHARE = 0.05
RESERVE_BYTES = 64 * 1024 * 1024


class Halts:
    """Whether sources may be read now, and which claims wait to be given back."""

    def __init__(self, board: Board, folder: Path | None, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`folder` is where the store's file is; None when it is on a server."""
        self._board = board
        self._folder = folder
        self._monotonic = monotonic
        self._lock = Lock()
        self._unfinished: list[Claim] = []
        self._unwritten: dict[str, str] = {}
        self._reason = ""
        self._wait_s = FIRST_WAIT_S
        self._again_at = 0.0

    @property
    def reason(self) -> str:
        """Why nothing is read; "" when all goes on."""
        return self._reason

    def halt(self, reason: str, claim: Claim | None = None) -> None:
        """Stop reading for a while; `claim` is of a source whose poll could not be saved."""
        with self._lock:
            if claim is not None:
                self._unfinished.append(claim)
            if self._reason:
                return
            self._reason = printable(reason, 1000)
            self._again_at = self._monotonic() + self._wait_s
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        log.error("nothing is read until the store takes writes again; the feeds are served on: %s", self._reason)
        self._board.write(halted=self._reason)

    def written(self, what: str, error: str) -> None:
        """Whether `what` of the feeds could be written: why not, or "" when it could."""
        with self._lock:
            before = self._unwritten.get(what, "")
            self._unwritten[what] = error
            told = next(filter(None, self._unwritten.values()), "")
        if before and not error:
            log.warning("%s can be written again", what)
        self._board.write(unwritten=printable(told, 1000))

    def saved(self) -> None:
        """Something was written: the next halt waits only a moment again."""
        self._wait_s = FIRST_WAIT_S

    def may_read(self, give_back: Callable[[list[Claim]], object]) -> bool:
        """Whether to go on; after a halt's time the claims are given back, which the store must take.

        Raises:
            StoreError: the store still refuses.
        """
        if not self._reason:
            if shortage := self._shortage():
                self.halt(shortage)
            return not self._reason
        if self._shortage():
            # Looked at in every tick, which costs next to nothing: once there is room it is tried at once.
            self._again_at = 0.0
            return False
        if self._monotonic() < self._again_at:
            return False
        self._again_at = self._monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        with self._lock:
            claims = list(self._unfinished)
        give_back(claims)
        with self._lock:
            self._unfinished = [claim for claim in self._unfinished if claim not in claims]
            self._reason = ""
        log.warning("the store takes writes again: reading goes on")
        self._board.write(halted="")
        return True

    def _shortage(self) -> str:
        """What to say when the disk is nearly full; "" while there is room."""
        if self._folder is None:
            return ""
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError as error:
            return f"the folder {self._folder} cannot be looked at: {error.strerror}"
        if usage.free >= min(RESERVE_SHARE * usage.total, RESERVE_BYTES):
            return ""
        return f"the disk of {self._folder} is nearly full: {usage.free // 1024:,} KiB are left; free some space"
