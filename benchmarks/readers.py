"""Real readers subscribe to a served feed: what they see after each thing that may happen to it.

    python benchmarks/readers.py [--reader-python /path/to/venv/bin/python]

newsboat (apt-get install newsboat) and reader (pip install reader sgmllib3k, in an environment of its own: it brings
another feedparser). One line a step: what each reader has, and how the server answered it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feedwatch.app import writing
from feedwatch.ledger import Outcome
from feedwatch.setup import load_setup
from feedwatch.web.make import make_site
from feedwatch.web.server import WebServer

FEED = "niger"
CONFIG = """
[feedwatch]
packs = []
[[sources]]
id = "docs"
kind = "folder"
path = "docs"
[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
[regions.ne]
name = "Niger"
strong = ["Niger"]
terms = ["Niamey"]
"""
READER = """
import json, sys
from reader import make_reader
database, url = sys.argv[1:]
with make_reader(database) as reader:
    reader.add_feed(url, exist_ok=True)
    found = reader.update_feed(url)
    entries = sorted((e.id, e.title or "") for e in reader.get_entries())
    new, changed = (found.new, found.modified) if found else (0, 0)
    print(json.dumps({"entries": entries, "new": new, "changed": changed}))
"""


@dataclass(frozen=True)
class Seen:
    """What a reader has after it looked."""

    #: (id, title) of each entry.
    entries: list[tuple[str, str]]
    new: int
    changed: int
    #: HTTP statuses of its requests for the feed.
    statuses: list[int]


@dataclass
class Place:
    """A desk with one source, its feed served, and the statuses of what was asked."""

    folder: Path
    url: str = ""
    asked: list[int] = field(default_factory=list)

    def items(self, *items: tuple[str, str]) -> None:
        """Write the source: (key, title) of each item."""
        text = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><link>https://example.org/{key}</link>"
            f"<title>{title}</title><description>Un texte sur {title}.</description></item>"
            for key, title in items
        )
        (self.folder / "docs" / "a.xml").write_text(
            f"<rss version='2.0'><channel><title>D</title>{text}</channel></rss>"
        )

    def run(self) -> None:
        """Read, judge, publish, as `once` does."""
        with writing(load_setup(self.folder / "config.toml", {})) as app:
            app.pipeline.rejudge()
            outcomes: list[Outcome] = []
            app.poll(app.claim_once(force=True), outcomes.append)
            published = app.publish()
        assert [outcome.error for outcome in outcomes] == [""], outcomes
        assert [feed.error for feed in published] == [""], published

    def edit_rules(self) -> None:
        """A change of rules that leaves the entries where they are."""
        path = self.folder / "config.toml"
        path.write_text(path.read_text().replace('"Niamey"]', '"Niamey", "Zinder"]'))


@contextmanager
def place() -> Iterator[Place]:
    """A served feed in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        here = Place(Path(name))
        (here.folder / "docs").mkdir()
        (here.folder / "config.toml").write_text(CONFIG)
        here.items(*((f"i{number}", f"Niger {number}") for number in range(5)))
        here.run()
        site = make_site(load_setup(here.folder / "config.toml", {}).config, look_every_s=0.0)

        async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
            async def noted(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start" and scope["path"] == f"/{FEED}.atom":
                    here.asked.append(message["status"])
                await send(message)

            await site(scope, receive, noted)

        server = WebServer(counted, "127.0.0.1", 0)
        server.start()
        here.url = f"{server.url}{FEED}.atom"
        try:
            yield here
        finally:
            server.stop()


class Newsboat:
    """newsboat with a home of its own."""

    name = "newsboat"

    def __init__(self, home: Path) -> None:
        self._home = home
        home.mkdir()
        self._known: dict[str, tuple[str, str]] = {}

    def look(self, place: Place) -> Seen:
        """Reload, and read what it stored."""
        place.asked.clear()
        (self._home / "urls").write_text(place.url + "\n")
        (self._home / "config").write_text("")
        command = ["newsboat", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
        subprocess.run(  # noqa: S603 - newsboat with files of ours
            command, cwd=self._home, env={**os.environ, "HOME": str(self._home)}, check=True, capture_output=True
        )
        with closing(sqlite3.connect(self._home / "cache.db")) as cache:
            rows = cache.execute("SELECT guid, title, content FROM rss_item ORDER BY guid").fetchall()
        found = {guid: (title, content) for guid, title, content in rows}
        assert len(found) == len(rows), "an entry is there twice"
        new = sum(guid not in self._known for guid in found)
        changed = sum(guid in self._known and self._known[guid] != value for guid, value in found.items())
        self._known = found
        return Seen([(guid, title) for guid, title, _ in rows], new, changed, list(place.asked))


class Reader:
    """The library `reader`, in its own environment."""

    name = "reader"

    def __init__(self, home: Path, python: str) -> None:
        self._home = home
        home.mkdir()
        self._python = python

    def look(self, place: Place) -> Seen:
        """Update, and read what it stored."""
        place.asked.clear()
        command = [self._python, "-c", READER, str(self._home / "db.sqlite"), place.url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - a program of ours
        found = json.loads(done.stdout)
        entries = [(id_, title) for id_, title in found["entries"]]
        return Seen(entries, found["new"], found["changed"], list(place.asked))


def reader_python() -> str | None:
    """An interpreter that has `reader`: FEEDWATCH_TEST_READER, or this one."""
    named = os.environ.get("FEEDWATCH_TEST_READER", sys.executable)
    has_it = subprocess.run([named, "-c", "import reader"], check=False, capture_output=True)  # noqa: S603 - as named
    return named if has_it.returncode == 0 else None


def steps(here: Place, reader: Newsboat | Reader) -> Iterator[tuple[str, Seen]]:
    """Each thing that may happen to a feed, and what the reader sees after it."""
    yield "subscribed", reader.look(here)
    # newsboat keeps validators from its second look on.
    yield "looked again", reader.look(here)
    here.run()
    yield "regenerated", reader.look(here)
    here.edit_rules()
    here.run()
    yield "other rules, same entries", reader.look(here)
    here.items(("i0", "Niger 0, corrigé"), *((f"i{number}", f"Niger {number}") for number in range(1, 5)))
    here.run()
    yield "one entry corrected", reader.look(here)
    here.items(*((f"i{number}", f"Niger {number}") for number in range(1, 7)))
    here.run()
    yield "two entries more", reader.look(here)
    yield "looked again", reader.look(here)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader-python", default=reader_python())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        readers: list[Newsboat | Reader] = []
        if shutil.which("newsboat"):
            readers.append(Newsboat(Path(name) / "newsboat"))
        if arguments.reader_python:
            readers.append(Reader(Path(name) / "reader", arguments.reader_python))
        for reader in readers:
            with place() as here:
                for step, seen in steps(here, reader):
                    counts = f"{len(seen.entries)} entries, {seen.new} new, {seen.changed} changed"
                    print(f"{reader.name:9} {step:26} {counts:36} HTTP {seen.statuses}")


if __name__ == "__main__":
    main()
