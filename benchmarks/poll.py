"""Poll generated feeds on loopback, twice: the first pass reads everything, the second is answered with 304 only.

    python benchmarks/poll.py [400] [--profile 304]

Each feed has its own loopback address, so each costs a connection of its own as it would in the world. A
pass is polling, sanitising, classifying against the shipped packs, storing (SQLite, synchronous=FULL) and
publishing. Counted is the CPU time of the polling process; the server is another process. `reader` and
newsboat read the same feeds in the same run where they are installed. `reader` wants an environment of its own
(its feedparser needs sgmllib3k, ours has another):

    python -m venv /tmp/reader && /tmp/reader/bin/pip install reader sgmllib3k
    python benchmarks/poll.py 400 --reader /tmp/reader/bin/python
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from feedwatch.app import App, writing
from feedwatch.ledger import Claim, Outcome
from feedwatch.setup import load_setup

HEAD = """
[feedwatch]
packs = ["regions", "topics"]
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "niger-security"
title = "Niger security"
where = "region:ne and topic:security"
[[feeds]]
id = "sahel-health"
title = "Sahel health"
where = "region:sahel and topic:health"
"""
PLACES = ["Niamey", "Agadez", "Bamako", "Gao", "Ouagadougou", "Cotonou", "Abuja", "Kano", "Dakar", "Paris", "Lagos"]
#: What happens, and what surrounds it in an article, by language.
DEEDS = [
    [
        "l’armée a repoussé une attaque contre un poste de gendarmerie",
        "le ministère de la santé lance une campagne de vaccination contre la rougeole",
        "le gouvernement a présenté le projet de budget au parlement",
        "l’équipe nationale a gagné le match de qualification par deux buts à un",
    ],
    [
        "the central bank left interest rates unchanged for the third time",
        "heavy rains destroyed hundreds of houses and fields of millet",
    ],
]
WORDS = [
    [
        "Une source proche du dossier, jointe par téléphone, a indiqué que la situation était revenue au calme hier",
        "Les habitants attendent une communication dans les prochains jours, et plusieurs disent leur lassitude",
    ],
    [
        "Nobody was available for comment on Tuesday, and it was not clear how long the measures would stay in force",
        "It is the second time this year that such a decision is taken, according to people who were in the room",
    ],
]
ITEMS = 22


def feed(number: int) -> bytes:
    """A feed of about 60 KB with 22 entries in HTML."""
    chance = random.Random(number)  # noqa: S311 - sample data
    newest = datetime(2026, 3, 1, 12, tzinfo=UTC)
    items = []
    for place in range(ITEMS):
        # About ten labels come of it, as of real articles of this length.
        language = chance.randrange(2)
        where, deed, words = chance.sample(PLACES, 2), chance.choice(DEEDS[language]), WORDS[language]
        title = f"{where[0]} : {deed} ({number}-{place})"
        news = [f"{where[0]}, {deed}", f"{where[1]} : {deed}", *chance.choices(words, k=6)]
        paragraphs = "".join(
            f"<p>{sentence}, <a href='/story/{chance.randrange(999)}'>en direct</a> <b>"
            f"{chance.randrange(9999)}</b>. {chance.choice(words)}.</p>\n"
            for sentence in news
        )
        items.append(
            f"<item><title>{title}</title><link>https://n{number}.example/{place}</link>"
            f"<guid isPermaLink='false'>{number}-{place}</guid>"
            f"<pubDate>{newest - timedelta(hours=place):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<category>Monde</category><description><![CDATA[{paragraphs[:200]}</a></p>]]></description>"
            f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>"
        )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/"
        f"content/'><channel><title>Feed {number}</title><link>https://n{number}.example/</link>{''.join(items)}"
        "</channel></rss>"
    ).encode()


def serve(count: int) -> None:
    """Serve the feeds until killed; prints the port first."""
    bodies = [feed(number) for number in range(count)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            number = int(self.path.removeprefix("/").partition(".")[0])
            unchanged = self.headers.get("If-None-Match") == f'"{number}"'
            body = b"" if unchanged else bodies[number]
            self.send_response_only(304 if unchanged else 200)
            self.send_header("ETag", f'"{number}"')
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            if not unchanged:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104 - every loopback address is a host
    print(server.server_port, sum(map(len, bodies)) // count, flush=True)
    server.serve_forever()


@contextmanager
def served(count: int) -> Iterator[list[str]]:
    """The addresses of the feeds."""
    command = [sys.executable, __file__, str(count), "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - this very script
        try:
            assert server.stdout is not None
            port, size = server.stdout.readline().split()
            print(f"{count} feeds of {int(size) / 1024:.0f} KB and {ITEMS} entries; load {os.getloadavg()[0]:.1f}")
            yield [f"http://127.0.{n // 250 + 1}.{n % 250 + 1}:{port}/{n}.xml" for n in range(count)]
        finally:
            server.kill()


def show(name: str, count: int, what: str, cpu_s: float, wall_s: float) -> None:
    """One line of the result."""
    print(
        f"{name:<12} {what:<10} {cpu_s:>7.2f} s CPU {wall_s:>7.2f} s wall {count / max(cpu_s, 1e-9):>7.0f} feeds/CPU s"
    )


def measured(call: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of a call."""
    start, cpu = time.monotonic(), time.process_time()
    call()
    return time.process_time() - cpu, time.monotonic() - start


def feedwatch(urls: list[str], folder: Path, profile: str, workers: int) -> None:
    """Both passes through the program, publishing included."""
    tables = (
        f'[[sources]]\nid = "f{n}"\nurl = "{url}"\nallow_private = true\ninterval = "1m"\n'
        for n, url in enumerate(urls)
    )
    config = folder / "config.toml"
    head = f"[polling]\nworkers = {workers}\n" + HEAD
    config.write_text(head + "".join(tables), encoding="utf-8")
    with writing(load_setup(config, {})) as app:
        outcomes: list[Outcome] = []

        def one_pass() -> None:
            app.poll(app.claim_once(force=True), outcomes.append)
            app.publish()

        for what, wanted in (("first", "read"), ("304", "unchanged")):
            outcomes.clear()
            if profile == what:
                profiler = cProfile.Profile()
                # Threads are not seen by the profiler: the jobs are done here, one after the other.
                claims = app.claim_once(force=True)
                profiler.runcall(_one_by_one, app, claims)
                pstats.Stats(profiler).sort_stats("cumulative").print_stats(90)
                continue
            cpu_s, wall_s = measured(one_pass)
            bad = [outcome for outcome in outcomes if outcome.result != wanted]
            assert not bad, bad[:3]
            show("feedwatch", len(urls), what, cpu_s, wall_s)


def _one_by_one(app: App, claims: list[Claim]) -> None:
    for claim in claims:
        app.pipeline.ingest(claim.job())


#: Run by an interpreter that has `reader`: its place, then the addresses on standard input.
_READER = """
import sys, time
import reader
with reader.make_reader(sys.argv[1]) as program:
    for url in sys.stdin.read().split():
        program.add_feed(url)
    for what in ("first", "304"):
        start, cpu = time.monotonic(), time.process_time()
        # A second update within the interval is skipped unless the feeds are said to be due.
        list(program.update_feeds_iter(workers=1, scheduled=False))
        print(what, time.process_time() - cpu, time.monotonic() - start)
"""


def reader(urls: list[str], folder: Path, python: str) -> None:
    """The same with `reader`, if that interpreter has it."""
    command = [python, "-c", _READER, str(folder / "reader.db")]
    done = subprocess.run(command, input="\n".join(urls), capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        print(f"reader       skipped: {why} (name an interpreter that has it with --reader)")
    for line in done.stdout.splitlines():
        what, cpu_s, wall_s = line.split()
        show("reader", len(urls), what, float(cpu_s), float(wall_s))


def newsboat(urls: list[str], folder: Path) -> None:
    """The same with newsboat, if it is installed; it has no other process, so its children's CPU is counted."""
    if shutil.which("newsboat") is None:
        print("newsboat     is not installed: skipped")
        return
    (folder / "urls").write_text("\n".join(urls), encoding="utf-8")
    (folder / "config").write_text("", encoding="utf-8")
    command = ["newsboat", "-x", "reload", "-u", "urls", "-c", "cache.db", "-C", "config"]
    for what in ("first", "304"):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S603 - fixed words
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        show("newsboat", len(urls), what, cpu_s, time.monotonic() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=400)
    parser.add_argument("--profile", choices=["first", "304"], default="", help="show where the time of a pass goes")
    parser.add_argument("--workers", type=int, default=16, help="threads that poll")
    parser.add_argument("--alone", action="store_true", help="only feedwatch")
    parser.add_argument("--reader", default=sys.executable, help="an interpreter that has the package `reader`")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.count)
        return
    with tempfile.TemporaryDirectory() as folder, served(options.count) as urls:
        feedwatch(urls, Path(folder), options.profile, options.workers)
        if not options.alone and not options.profile:
            reader(urls, Path(folder), options.reader)
            newsboat(urls, Path(folder))


if __name__ == "__main__":
    main()
