"""What the destructive trials share: sources that grow, the program in a process to be killed, and the look afterwards.

The program is started from a server of forks that has imported it already, so that a trial costs its work and not its
imports, and a source may be read every second in place of every minute; everything else is as on the command line.
"""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import random
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from xml.etree import ElementTree

import feedwatch.app
import feedwatch.cli.runs
import feedwatch.cli.watching  # noqa: F401 - imported once, before the forks
from feedwatch import polling
from feedwatch.cli.main import app
from feedwatch.extract.language import LanguageDetector

ATOM = "{http://www.w3.org/2005/Atom}"
#: Of a kind that the store, the feeds and a person can tell apart.
TITLE = "Source {feed} article {number}"
# Its model is loaded with the first text of a process, which would be in each of the forks.
LanguageDetector().languages("Un titre", "Un article sur le marché de la ville, et un autre sur le port.")
RULES = """
[topics.odd]
name = "Odd"
strong = ["impair"]
"""


class Sources:
    """Feeds on loopback that grow while they are read, each on an address of its own so that none waits for another.

    Each request finds one to three new items at every other feed; what a complete answer announced stays listed.
    `frozen` feeds stay as they are and are answered with 304 where the client knows them.
    """

    def __init__(self, feeds: int, *, window: int = 80, first: int = 5, seed: int = 1) -> None:
        self.feeds, self.window = feeds, window
        self.count = [first] * feeds
        self.asked = [0] * feeds
        self.known = [0] * feeds
        #: When each was asked (monotonic).
        self.times: list[list[float]] = [[] for _ in range(feeds)]
        self.frozen = False
        self.delay_s = 0.0
        self.port = 0
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._lock = Lock()

    @contextmanager
    def served(self) -> Iterator[Sources]:
        """The feeds while the block runs."""
        sources = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sources.answer(self)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_args: object) -> None:
                """A client that is killed in the middle of a sentence is what this is about."""

        httpd = Server(("0.0.0.0", 0), Handler)  # noqa: S104 - many loopback addresses
        self.port = httpd.server_address[1]
        Thread(target=httpd.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            httpd.shutdown()
            httpd.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        found = re.fullmatch(r"/feed/(\d+)", request.path)
        if not found:
            request.send_error(404)
            return
        feed = int(found[1])
        with self._lock:
            self.asked[feed] += 1
            self.times[feed].append(time.monotonic())
            if not self.frozen and self._chance.random() < 0.5:
                self.count[feed] += self._chance.randint(1, 3)
            count = self.count[feed]
        if self.delay_s:
            time.sleep(self.delay_s)
        if request.headers.get("If-None-Match") == f'"{count}"':
            self.known[feed] += 1
            request.send_response(304)
            request.end_headers()
            return
        body = self.document(feed, count)
        request.send_response(200)
        request.send_header("Content-Type", "application/rss+xml")
        request.send_header("ETag", f'"{count}"')
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def document(self, feed: int, count: int) -> bytes:
        """The newest items of a feed that has so many."""
        items = []
        for number in range(count - 1, max(0, count - self.window) - 1, -1):
            date = "" if number % 3 == 0 else f"<pubDate>Sun, {1 + number % 27:02} Feb 2026 10:00:00 GMT</pubDate>"
            odd = "impair" if number % 2 else "pair"
            items.append(
                f"<item><title>{TITLE.format(feed=feed, number=number)}</title>{date}"
                f"<guid isPermaLink='false'>{feed}-{number}</guid><link>http://news.example.org/{feed}/{number}</link>"
                f"<description>&lt;p&gt;{f'Un article {odd} sur le marché de la ville. ' * 12}&lt;/p&gt;</description>"
                "</item>"
            )
        return f"<rss version='2.0'><channel><title>Feed {feed}</title>{''.join(items)}</channel></rss>".encode()

    def titles(self) -> set[str]:
        """Titles of all items that there ever were."""
        return {TITLE.format(feed=feed, number=n) for feed, count in enumerate(self.count) for n in range(count)}

    def tables(self, extra: str = "") -> str:
        """The sources as the configuration names them."""
        return "".join(
            f'[[sources]]\nid = "feed-{n}"\nurl = "http://127.1.{n // 200}.{1 + n % 200}:{self.port}/feed/{n}"\n'
            f'allow_private = true\nfull_text = false\ninterval = "1s"\n{extra}'
            for n in range(self.feeds)
        )


def configure(folder: Path, sources: Sources, *, store: str = "feedwatch.db", workers: int = 64) -> Path:
    """Write a configuration that reads all the time."""
    path = folder / "config.toml"
    path.write_text(
        f'[feedwatch]\npacks = []\n[store]\nurl = "sqlite:///{store}"\n[server]\nlisten = "127.0.0.1:0"\n'
        f'[polling]\nhost_spacing = "0s"\nworkers = {workers}\n{sources.tables()}'
        '[[feeds]]\nid = "all"\ntitle = "All"\n'
        '[[feeds]]\nid = "small"\ntitle = "Small"\nlimit = 10\n'
        f'[[feeds]]\nid = "odd"\ntitle = "Odd"\nwhere = "topic:odd"\n{RULES}',
        encoding="utf-8",
    )
    return path


# --- the program


def _main(words: list[str], log: str, env: dict[str, str], gate: Connection | None) -> None:
    os.environ.update(env)
    if gate is not None:
        gate.recv()
    polling.OWN_FLOOR_S = 1
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(descriptor, number)
    # For whoever wonders what a process waits for.
    faulthandler.register(signal.SIGUSR1)
    app(words)


def start(
    config: Path, *words: str, log: Path | None = None, gate: Connection | None = None, **env: str
) -> BaseProcess:
    """Start a command of the program; what it says goes to a file beside the configuration.

    With a gate it begins when something is sent through it.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    said = str(log or config.with_name("log"))
    process = processes.Process(target=_main, args=(["--config", str(config), *words], said, env, gate))
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """SIGKILL, and wait for the end."""
    process.kill()
    process.join()


def finish(process: BaseProcess, timeout_s: float = 120) -> int | None:
    """Wait for the end; the exit code, None when it did not end."""
    process.join(timeout_s)
    code = process.exitcode
    if code is None:
        kill(process)
    return code


def address(log: Path, since: int = 0, timeout_s: float = 60) -> str:
    """Where a daemon says it serves, in its log behind so many bytes."""
    found = wait_for(
        lambda: re.search(r"feeds at (http://\S+/)", log.read_text()[since:] if log.exists() else ""), timeout_s
    )
    if not found:
        raise SystemExit(f"the daemon does not serve:\n{log.read_text()[-2000:] if log.exists() else ''}")
    return str(found[1])


def wait_for(met: Callable[[], Any], timeout_s: float = 60) -> Any:
    """What `met` says when it says something true; its last answer when the time ran out."""
    end = time.monotonic() + timeout_s
    while not (answer := met()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


# --- the look afterwards


def integrity(store: Path) -> None:
    """Every page and every reference of a store is good.

    Raises:
        AssertionError: it is not.
    """
    with closing(sqlite3.connect(store)) as db:
        said = db.execute("PRAGMA integrity_check").fetchall()
        assert said == [("ok",)], said
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        assert broken == [], broken


def entries(store: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """What must never change of an entry (id, dates, title), by source and guid; {} of a store in the making."""
    with closing(sqlite3.connect(store)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone():
            return {}
        rows = db.execute(
            "SELECT source_id, guid, id, first_seen_at, updated_at, published_at, title FROM articles"
        ).fetchall()
    return {(row[0], row[1]): tuple(map(str, row[2:])) for row in rows}


def whole(feeds: Path) -> int:
    """Every published file is whole and every archive that a feed leads to is there; returns how many files.

    Raises:
        AssertionError: it is not so.
    """
    files = [path for path in sorted(feeds.iterdir()) if not path.name.startswith(".")] if feeds.exists() else []
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".json":
            json.loads(data)
        elif path.suffix == ".html":
            assert data.rstrip().endswith(b"</html>"), f"{path.name} is torn"
        else:
            ElementTree.fromstring(data)  # noqa: S314 - our own file
        if path.suffix == ".atom" and (before := archive_before(data)):
            assert (feeds / before).exists(), f"{path.name} leads to {before}, which is not there"
    return len(files)


def archive_before(data: bytes) -> str:
    """Name of the archive that a document leads to; "" for none."""
    link = ElementTree.fromstring(data).find(f"{ATOM}link[@rel='prev-archive']")  # noqa: S314 - our own file
    return (link.get("href") or "").rpartition("/")[2] if link is not None else ""


def chain(feeds: Path, feed_id: str) -> dict[str, str]:
    """Ids and titles of all entries that a reader finds who follows the archives.

    Raises:
        AssertionError: one is in two archives, or twice in a document.
    """
    shown: dict[str, str] = {}
    archived: set[str] = set()
    name = f"{feed_id}.atom"
    while name:
        data = (feeds / name).read_bytes()
        found = [
            (each.findtext(f"{ATOM}id") or "", each.findtext(f"{ATOM}title") or "")
            for each in ElementTree.fromstring(data).findall(f"{ATOM}entry")  # noqa: S314 - our own file
        ]
        ids = {entry_id for entry_id, _ in found}
        assert len(ids) == len(found), f"{name} shows an entry twice"
        if "_archive-" in name:
            assert not ids & archived, f"{name} shows what a later archive shows"
            archived |= ids
        shown.update(found)
        name = archive_before(data)
    return shown


def leftovers(folder: Path) -> list[str]:
    """Names of files that were only meant to be there for a moment."""
    return sorted(
        path.name for path in folder.rglob(".*") if path.is_file() and path.name.endswith((".tmp", ".partial"))
    )
