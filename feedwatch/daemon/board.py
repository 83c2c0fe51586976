"""Where the daemon's parts write down how they are, and who wants to know reads it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

from feedwatch.daemon.beats import Beats
from feedwatch.daemon.notify import Notifier
from feedwatch.text import printable
from feedwatch.upkeep import Standing


class Board:
    """The daemon's standing; each change is told to the service manager as one line."""

    def __init__(self, now: datetime, beats: Beats, notifier: Notifier) -> None:
        self._lock = Lock()
        self._beats = beats
        self._notifier = notifier
        self._standing = Standing(pid=os.getpid(), started_at=now, configured_at=now)
        self._said = ""

    def get(self) -> Standing:
        """The standing now."""
        with self._lock:
            return replace(self._standing, late=tuple(self._beats.late()))

    def write(self, **changes: Any) -> None:
        """Change fields of the standing."""
        with self._lock:
            self._standing = replace(self._standing, **changes)
            line = self.line(self._standing)
            if line == self._said:
                return
            self._said = line
        self._notifier.status(line)

    @staticmethod
    def line(standing: Standing) -> str:
        """The standing in one line for people."""
        parts = ["not reading" if standing.halted else "watching"]
        if standing.halted:
            parts[0] += f": {printable(standing.halted, 120)}"
        if standing.unwritten:
            parts.append(f"feeds cannot be written: {printable(standing.unwritten, 120)}")
        if standing.config_fault:
            parts.append(f"the newest configuration is faulty: {printable(standing.config_fault.splitlines()[0], 120)}")
        if standing.to_rejudge:
            # By tenths, so that nobody is told of every step.
            parts.append(f"judging the archive again, {10 * standing.rejudged // standing.to_rejudge * 10} % done")
        return "; ".join(parts)
