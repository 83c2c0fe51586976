"""Does every fault of a source show in its health soon, and is no good source accused? A day, hour by hour.

    python benchmarks/health.py [--faulty 10] [--good 100] [--hours 24]

Sources are served on loopback and polled once an hour of a simulated clock, by the program as it is. At half time a
fault begins at some of them; the good ones go on, each in its own rhythm (every hour, in bunches, by day only, seldom).
Printed is, for each fault, how many polls after its beginning it showed. Exits with 1 if one took more than two polls
(silence: more than two polls after three of its longest pauses) or a good source was accused.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

from feedwatch.app import writing
from feedwatch.health import ALARMS
from feedwatch.setup import load_setup

START = datetime(2026, 3, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = 20
FRENCH = (
    "Les habitants de la ville attendent depuis trois jours la réouverture du pont, que la crue du fleuve a emporté."
)
RUSSIAN = "Жители города уже третий день ждут открытия моста, который унесло паводком, и пересекают реку на лодках."


@dataclass(frozen=True)
class Reply:
    """What the server sends."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/rss+xml"
    headers: tuple[tuple[str, str], ...] = ()


def item(source: str, number: int, at: datetime, text: str = FRENCH, times: int = 8) -> str:
    """One entry."""
    return (
        f"<item><guid isPermaLink='false'>{source}-{number}</guid><title>Nouvelle {number}</title>"
        f"<link>http://127.0.0.1/{source}/{number}</link><pubDate>{format_datetime(at)}</pubDate>"
        f"<description>{' '.join([text] * times)} {number}</description></item>"
    )


def feed(items: list[str]) -> Reply:
    """An RSS feed of these."""
    text = f"<rss version='2.0'><channel><title>Source</title><link>http://127.0.0.1/</link>{''.join(items)}</channel></rss>"
    return Reply(body=text.encode())


def page(count: int) -> Reply:
    """A listing page with so many teasers."""
    rows = "".join(
        f"<article><h2><a href='/a/{n}'>Le pont de la ville numéro {n} rouvre après la crue du fleuve</a></h2>"
        f"<p>{FRENCH}</p></article>"
        for n in range(count)
    )
    return Reply(body=f"<html lang='fr'><body><main>{rows}</main></body></html>".encode(), media_type="text/html")


#: How many entries a good source has brought by an hour.
RHYTHMS: dict[str, Callable[[int], int]] = {
    "hourly": lambda hour: hour,
    "bunches": lambda hour: 5 * (hour // 4),
    "by day": lambda hour: sum(6 <= each % 24 < 20 for each in range(hour)) * 2,
    "seldom": lambda hour: hour // 9,
}


@cache
def born(rhythm: str, number: int) -> datetime:
    """When a source of that rhythm brought an entry; the first ones were there at the beginning."""
    if number < WINDOW:
        return START + (number - WINDOW) * HOUR
    return START + next(hour for hour in count() if RHYTHMS[rhythm](hour) + WINDOW > number) * HOUR


def good(source: str, brought: int, rhythm: str = "hourly") -> Reply:
    """A good source's feed: its newest entries."""
    newest = range(max(0, brought - 1), brought + WINDOW)
    return feed([item(source, n, born(rhythm, n)) for n in reversed(newest)])


def odd(source: str, hour: int, since: int, text: str = FRENCH, times: int = 8, date: datetime | None = None) -> Reply:
    """As many entries as usual, the newest two odd in one way."""
    fresh = [item(source, 1000 + 2 * hour + n, date or START + hour * HOUR, text, times) for n in range(2)]
    known = [item(source, n, START + (since - WINDOW + n) * HOUR) for n in range(since - 1, since + WINDOW - 1)]
    return feed([*fresh, *reversed(known)])


FAULTS: dict[str, Callable[[str, int, int], Reply]] = {
    "silent": lambda source, _hour, since: good(source, since),
    "zero-items": lambda _source, _hour, _since: feed([]),
    "entries-vanished": lambda source, _hour, since: feed([item(source, since + n, START) for n in range(2)]),
    "unreadable": lambda _source, _hour, _since: Reply(body=b"<html><body>Maintenance</body></html>"),
    "text-shrank": lambda source, hour, since: odd(source, hour, since, "Abonnez-vous pour lire la suite.", 1),
    "language-changed": lambda source, hour, since: odd(source, hour, since, RUSSIAN),
    "dates-in-future": lambda source, hour, since: odd(source, hour, since, date=START + 40 * 24 * HOUR),
    "dates-frozen": lambda source, hour, since: odd(source, hour, since, date=START),
    "http": lambda _source, _hour, _since: Reply(status=500),
    "gone": lambda _source, _hour, _since: Reply(status=410),
    "rate-limit": lambda _source, _hour, _since: Reply(status=429, headers=(("Retry-After", "60"),)),
    "redirect": lambda source, _hour, _since: Reply(status=301, headers=(("Location", f"/moved/{source}"),)),
    "tls": lambda _source, _hour, _since: Reply(status=302, headers=(("Location", "https://127.0.0.1:{port}/"),)),
}


class World:
    """What the server answers at the hour that it is."""

    def __init__(self, faulty: int, good_sources: int, half: int) -> None:
        self.hour = 0
        self.half = half
        self.faults = {f"f{n}-{name}": name for name in FAULTS for n in range(faulty)}
        self.pages = {f"p{n}-selector-drift" for n in range(faulty)}
        #: The hour at which each faulty source begins to be one.
        self.begins = dict.fromkeys((*self.faults, *sorted(self.pages)), half)
        names = list(RHYTHMS)
        self.good = {f"g{n}": names[n % len(names)] for n in range(good_sources)}

    def reply(self, source: str) -> Reply:
        """What the source sends now."""
        moved = source.removeprefix("moved/")
        since = self.begins.get(source, 0)
        if source in self.pages:
            return page(20 if self.hour < since else 4)
        if source in self.faults and self.hour >= since:
            return FAULTS[self.faults[source]](source, self.hour, since)
        rhythm = self.good.get(moved, "hourly")
        return good(moved, RHYTHMS[rhythm](self.hour), rhythm)


@contextmanager
def served(world: World) -> Iterator[int]:
    """The world on loopback; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = world.reply(self.path.removeprefix("/"))
            if self.path == "/robots.txt":
                reply = Reply(status=404)
            self.send_response_only(reply.status)
            for name, value in (*reply.headers, ("Content-Type", reply.media_type)):
                self.send_header(name, value.format(port=server.server_port))
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """A handshake where none is expected is part of the play."""

    server = Quiet(("", 0), Handler)  # every address of loopback
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def configuration(world: World, port: int, *, head: str = "[feedwatch]\npacks = []", interval: str = "1h") -> str:
    """All sources, polled every `interval`."""
    lines = [head, "[[feeds]]", 'id = "all"', 'title = "All"', "limit = 5"]
    for number, name in enumerate((*world.faults, *world.good, *sorted(world.pages))):
        kind = "page" if name in world.pages else "feed"
        # An address of its own for each: a server that wants rest is left alone by all of its sources.
        url = f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/{name}"
        lines += ["[[sources]]", f'id = "{name}"', f'kind = "{kind}"', f'url = "{url}"', f'interval = "{interval}"']
        lines += ["allow_private = true"]
    return "\n".join(lines)


def live(world: World, folder: Path, hours: int) -> dict[str, dict[int, tuple[str, str]]]:
    """State and cause of each source, by hour."""
    seen: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for hour in range(hours):
        world.hour = hour
        now = START + hour * HOUR
        setup = load_setup(folder / "config.toml", {"FEEDWATCH_NOW": now.isoformat()})
        with writing(setup) as app:
            app.poll(app.claim_once(force=True), lambda _outcome: None)
            app.go_round()
            for finding in app.health():
                seen[finding.pulse.source_id][hour] = (finding.diagnosis.state, finding.diagnosis.cause)
        print(f"\rhour {hour + 1} of {hours}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faulty", type=int, default=10, help="sources for each fault")
    parser.add_argument("--good", type=int, default=100)
    parser.add_argument("--hours", type=int, default=24)
    chosen = parser.parse_args()
    world = World(chosen.faulty, chosen.good, chosen.hours // 2)
    with served(world) as port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(configuration(world, port), encoding="utf-8")
        seen = live(world, folder, chosen.hours)
    bad = 0
    print(f"{'fault':18} {'sources':>7} {'polls until it showed':>22}  as")
    for fault in (*FAULTS, "selector-drift"):
        sources = [s for s in seen if s.endswith(f"-{fault}")]
        took, causes = [], set()
        for source in sources:
            shown = next((h for h in range(world.half, chosen.hours) if seen[source][h][0] not in {"ok", "new"}), None)
            took.append(99 if shown is None else shown - world.half + 1)
            causes.add(seen[source][shown] if shown is not None else ("missed", ""))
        allowed = 5 if fault == "silent" else 2
        bad += sum(polls > allowed for polls in took)
        print(f"{fault:18} {len(sources):7} {min(took):14} to {max(took)}      {sorted(causes)}")
    accused = [(s, h, *seen[s][h]) for s in world.good for h in range(chosen.hours) if seen[s][h][0] in ALARMS]
    print(f"good sources: {len(world.good)}, accused: {len({s for s, *_ in accused})} {accused[:5]}")
    return 1 if bad or accused else 0


if __name__ == "__main__":
    sys.exit(main())
