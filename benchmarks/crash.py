"""Kill `once` and `run` at random moments, then run `once` and compare every feed with an undisturbed run.

    python benchmarks/crash.py [--kills 50] [--seed 1]

Sources are a folder and feeds on loopback; the clock is fixed. Exits with 1 on the first difference.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

FEEDS = 8
ITEMS = 30
DOCUMENTS = 60
NOW = "2026-03-01T12:00:00Z"


def feed(number: int) -> bytes:
    """An RSS feed whose items are shared between neighbours, dated and undated ones mixed."""
    items = []
    for place in range(ITEMS):
        story = number * ITEMS // 2 + place
        date = "" if story % 3 == 0 else f"<pubDate>Sun, {1 + story % 27:02} Feb 2026 10:00:00 GMT</pubDate>"
        guid = f"<guid isPermaLink='false'>{number}-{story}</guid>" if story % 2 else ""
        items.append(
            f"<item><title>Niger : l’armée repousse l’attaque {story}</title>{guid}{date}"
            f"<link>http://news.example.org/{story}?utm_source=feed{number}</link>"
            f"<description>&lt;p&gt;À Niamey, des soldats ont repoussé une attaque, dossier {story}.&lt;/p&gt;"
            "</description></item>"
        )
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{''.join(items)}</channel></rss>".encode()


class Handler(BaseHTTPRequestHandler):
    """Serves /feed/<n>."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the feed of the number in the path."""
        body = feed(int(self.path.rpartition("/")[2]))
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes it in good part when a client is killed in the middle of a sentence."""

    def handle_error(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def server() -> Iterator[int]:
    """A feed server on loopback; gives its port."""
    httpd = Server(("127.0.0.1", 0), Handler)
    Thread(target=httpd.serve_forever, daemon=True).start()
    yield httpd.server_address[1]
    httpd.shutdown()
    httpd.server_close()


def configure(folder: Path, port: int) -> None:
    """Write the configuration and the folder of documents."""
    sources = "".join(
        f'[[sources]]\nid = "feed-{n}"\nurl = "http://127.0.0.1:{port}/feed/{n}"\nallow_private = true\nlang = "fr"\n'
        for n in range(FEEDS)
    )
    (folder / "config.toml").write_text(
        '[server]\nlisten = "127.0.0.1:0"\n[polling]\nhost_spacing = "0s"\n'
        f'{sources}[[sources]]\nid = "files"\nkind = "folder"\npath = "files"\nlang = "fr"\n'
        '[[feeds]]\nid = "all"\ntitle = "All"\n'
        '[[feeds]]\nid = "small"\ntitle = "Small"\nlimit = 10\n'
        '[[feeds]]\nid = "niger-security"\ntitle = "Niger security"\nwhere = "region:ne and topic:security"\n',
        encoding="utf-8",
    )
    (folder / "files").mkdir()
    for n in range(DOCUMENTS):
        text = f"Attaque numéro {n} près de Tillabéri\n\nDes soldats nigériens ont été attaqués, dossier {n}.\n"
        (folder / "files" / f"{n:03}.md").write_text(f"# {text}", encoding="utf-8")


def command(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start feedwatch on the configuration of a folder."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "feedwatch", "--config", str(folder / "config.toml"), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "FEEDWATCH_NOW": NOW},
    )


def once(folder: Path) -> None:
    """Run to the end."""
    process = command(folder, "once")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


def feeds(folder: Path) -> dict[str, bytes]:
    """All that was published."""
    return {path.name: path.read_bytes() for path in sorted((folder / "feeds").iterdir())}


def counts(folder: Path) -> list[int]:
    """Rows of the tables that must neither lose nor double anything."""
    with sqlite3.connect(folder / "feedwatch.db") as db:
        (result,) = db.execute("pragma integrity_check").fetchone()
        assert result == "ok", result
        return [db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("articles", "labels", "memberships")]  # noqa: S608 - our own table names


def trial(pristine: Path, folder: Path, mode: str, moment_s: float) -> str:
    """Kill one run after so many seconds, run again; returns how far the killed one had come."""
    shutil.copytree(pristine, folder)
    process = command(folder, mode)
    time.sleep(moment_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    reached = "stored" if (folder / "feedwatch.db").exists() else "started"
    reached = "published" if list((folder / "feeds").glob("*.atom")) else reached
    once(folder)
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="for each of once and run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as temporary, server() as port:
        root = Path(temporary)
        pristine, calm = root / "pristine", root / "calm"
        pristine.mkdir()
        configure(pristine, port)
        shutil.copytree(pristine, calm)
        start = time.monotonic()
        once(calm)
        length = time.monotonic() - start
        start = time.monotonic()
        command(calm, "check").communicate()
        loading = time.monotonic() - start
        expected, rows = feeds(calm), counts(calm)
        for mode in ("once", "run"):
            reached: dict[str, int] = {}
            for number in range(options.kills):
                folder = root / f"{mode}-{number}"
                moment = chance.uniform(0.9 * loading, 1.05 * length)
                state = trial(pristine, folder, mode, moment)
                reached[state] = reached.get(state, 0) + 1
                if feeds(folder) != expected or counts(folder) != rows:
                    shutil.copytree(folder, Path("crash-evidence"), dirs_exist_ok=True)
                    shutil.copytree(calm, Path("crash-evidence-calm"), dirs_exist_ok=True)
                    print(f"{mode}: killed after {moment:.3f} s: different; see crash-evidence/")
                    sys.exit(1)
                shutil.rmtree(folder)
            print(f"{mode}: {options.kills} kills, all feeds and rows as undisturbed; reached: {reached}")


if __name__ == "__main__":
    main()
