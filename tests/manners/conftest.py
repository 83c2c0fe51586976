"""A program on a scripted server, started anew at each step of a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from feedwatch.app import App, writing
from feedwatch.clock import Clock
from feedwatch.ledger import Outcome
from feedwatch.setup import Setup, load_setup
from tests.fakes import rss, rss_item
from tests.webserver import Answer, WebServer

#: A Monday.
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODY = rss(rss_item("1")).encode()
RULES = '[topics.news]\nname = "News"\nterms = ["texte"]\n'
HEAD = """
[feedwatch]
packs = ["rules.toml"]
contact = "https://desk.example.org/about"
[polling]
host_spacing = "0s"
[[feeds]]
id = "all"
title = "All"
"""


def source(url: str, source_id: str = "s", more: str = "") -> str:
    """A table of the configuration."""
    return f'[[sources]]\nid = "{source_id}"\nurl = "{url}"\nallow_private = true\n{more}\n'


def ok(body: bytes = BODY, **headers: str) -> Answer:
    """A whole document; underscores in names of headers stand for dashes."""
    return Answer(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


class Desk:
    """The program with one store; each look is a start of its own."""

    def __init__(self, folder: Path, server: WebServer) -> None:
        self.folder = folder
        self.server = server
        self.now = START
        self.env: dict[str, str] = {}
        self._setup: Setup | None = None
        self._due = START
        (folder / "rules.toml").write_text(RULES, encoding="utf-8")

    def configure(self, *sources: str, head: str = HEAD) -> None:
        (self.folder / "config.toml").write_text(head + "".join(sources), encoding="utf-8")
        self._setup = None

    def watch(self, *answers: Answer, path: str = "/feed", more: str = "") -> str:
        """One source whose server gives these answers."""
        url = self.server.script(path, *answers)
        self.configure(source(url, more=more))
        return url

    def look(self, hours: float = 0, *, force: bool = False) -> list[Outcome]:
        """What `once` does so many hours later."""
        self.now += timedelta(hours=hours)
        outcomes: list[Outcome] = []
        with self.app() as app:
            app.poll(app.claim_once(force=force), outcomes.append)
            self._due = app.store.next_due_at() or self.now
        return outcomes

    def app(self) -> AbstractContextManager[App]:
        if self._setup is None:
            self._setup = load_setup(self.folder / "config.toml", self.env)
        return writing(replace(self._setup, clock=Clock(self.now)))

    def look_hourly(self, hours: float, step: float = 0.25) -> list[float]:
        """Look every quarter of an hour; the hours at which the server was asked.

        Of the looks before the next poll is due only the last one is really taken.
        """
        asked, start, pace = [], self.now, timedelta(hours=step)
        while self.now - start < timedelta(hours=hours):
            while self.now + 2 * pace < self._due and self.now + pace - start < timedelta(hours=hours):
                self.now += pace
            before = len(self.server.requests)
            self.look(step)
            if len(self.server.requests) > before:
                asked.append((self.now - start).total_seconds() / 3600)
        return asked

    def date(self, hours: float = 0) -> str:
        """An HTTP date so many hours from now."""
        return format_datetime(self.now + timedelta(hours=hours), usegmt=True)

    def events(self) -> list[str]:
        """Kinds, oldest first."""
        with self.app() as app:
            return [event.kind for event in app.store.events()][::-1]

    def ids(self) -> list[str]:
        with self.app() as app:
            return sorted(entry.article.id for entry in app.store.entries())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with WebServer() as server:
        yield Desk(tmp_path, server)
