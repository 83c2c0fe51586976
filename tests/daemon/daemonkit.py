"""A daemon's parts in this process, on a real store and a folder of documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedwatch.app import writing
from feedwatch.clock import Clock
from feedwatch.daemon.beats import Beats
from feedwatch.daemon.board import Board
from feedwatch.daemon.halts import Halts
from feedwatch.daemon.notify import Notifier
from feedwatch.daemon.rejudging import Rejudging
from feedwatch.daemon.reload import Reloader
from feedwatch.daemon.watch import Watch
from feedwatch.setup import Setup

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[server]
listen = "127.0.0.1:0"
[[sources]]
id = "files"
kind = "folder"
path = "files"
interval = "1h"
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "attacks"
title = "Attacks"
where = "topic:security"
"""
RULES = '[topics.security]\nname = "Security"\nstrong = ["attaque"]\n'


class HandClock(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        super().__init__(NOON)

    def move(self, **by: float) -> None:
        """Set it forward, or back."""
        assert self._fixed is not None
        self._fixed += timedelta(**by)


class Parts:
    """The daemon without signals, ticks and server; `swapped` are the setups put into force."""

    def __init__(self, folder: Path, setup: Setup, watch: Watch, board: Board) -> None:
        self.folder = folder
        self.watch = watch
        self.board = board
        self.rejudging = Rejudging(watch, board)
        self.swapped: list[Setup] = []
        self.reloader = Reloader(
            folder / "config.toml", watch, board, Notifier({}), on_swap=lambda app: self.swapped.append(app.setup)
        )

    def settle(self) -> None:
        """Poll everything that is due, and publish."""
        self.watch.claim()
        assert self.watch.engine.drain(20)
        self.watch.publish()

    def feed(self, feed_id: str) -> str:
        return (self.folder / "feeds" / f"{feed_id}.atom").read_text()


def write_desk(folder: Path, documents: int = 3) -> None:
    """A configuration, its rules, and a folder of documents."""
    (folder / "config.toml").write_text(CONFIG)
    (folder / "rules.toml").write_text(RULES)
    (folder / "files").mkdir()
    for number in range(documents):
        (folder / "files" / f"{number}.md").write_text(
            f"# Attaque {number}\n\nUne attaque contre le convoi {number}.\n"
        )


@contextmanager
def parts(folder: Path, setup: Setup) -> Iterator[Parts]:
    """The daemon's parts on the store of a configuration."""
    beats = Beats(("scheduler",), within_s=60)
    board = Board(NOON, beats, Notifier({}))
    with writing(setup) as app:
        watch = Watch(app, beats=beats, halts=Halts(board, folder))
        try:
            yield Parts(folder, setup, watch, board)
        finally:
            watch.engine.stop(5)


def eventually(met: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.02)
    return False
