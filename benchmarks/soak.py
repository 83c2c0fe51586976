"""Does the daemon hold out? A day with 500 misbehaving sources, and weeks of polls, in a few minutes.

    python -m benchmarks.soak day [--faulty 36] [--good 100] [--hours 24] [--speed 96]
    python -m benchmarks.soak weeks [--cycles 20000]

`day` runs the daemon as it is (`feedwatch run`: ticks, workers, server, store, locks) in a process of its own, on a
clock that goes faster as long as the daemon keeps up. Sources are those of `health.py`: each of 14 faults at so many
sources, each beginning in an hour of its own, and good ones in their own rhythms. Printed is what the daemon takes by
the hour, how many polls it took until each fault showed, who was accused wrongly, and how late a poll ever was.
`weeks` steps through so many minutes of the clock; every one is a claim, the polls of a few sources, and what the
daemon does after them. Printed is the slope of its memory. Both exit with 1 when a promise is broken. Linux only.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from statistics import fmean, linear_regression
from urllib.request import urlopen

from benchmarks.health import FAULTS, START, Reply, World, configuration, served
from feedwatch import app as wiring
from feedwatch.app import App, reading, writing
from feedwatch.clock import Clock
from feedwatch.daemon import run as life
from feedwatch.daemon.beats import Beats
from feedwatch.daemon.board import Board
from feedwatch.daemon.halts import Halts
from feedwatch.daemon.notify import Notifier
from feedwatch.daemon.watch import Watch
from feedwatch.health import ALARMS
from feedwatch.publish import fragments
from feedwatch.setup import load_setup
from feedwatch.store import publishing as facts

SPAWN = multiprocessing.get_context("spawn")
#: Ticks that follow the wall clock are as much faster as the clock; none more often than this.
TICKS = (
    "RESTORE_EVERY_S",
    "ROUND_EVERY_S",
    "ALERTS_EVERY_S",
    "TEND_EVERY_S",
    "HOUSE_EVERY_S",
    "HOUSE_FIRST_S",
    "REST_EVERY_S",
)
SHORTEST_TICK_S = 0.5
LOOK_EVERY = timedelta(minutes=4)
#: The clock waits while a poll is so much overdue, and not for ever.
BEHIND, STUCK_S = timedelta(minutes=5), 120.0
WARM_H = 6
#: Polls until a fault shows; silence is none before three of the longest pauses.
WITHIN, WITHIN_SILENT = 2, 5
MOST_LATE = timedelta(minutes=30)
MOST_GROWTH = 0.05
MOST_SLOPE_MB = 1.0
DAY_MINUTES = 24 * 60
#: A minute of `weeks` takes about a fifth of a second: what is kept for an hour is let go as much sooner.
PACE = 300


class SharedClock(Clock):
    """A clock that is moved by hand, the same in all processes that have it."""

    def __init__(self, seconds: Synchronized[int]) -> None:
        super().__init__(START)
        self.seconds = seconds

    def now(self) -> datetime:
        """The instant."""
        return START + timedelta(seconds=self.seconds.value)


class Watched(World):
    """The sources, and when each was asked; the hour is shared with the process of the daemon."""

    def __init__(self, faulty: int, good_sources: int, half: int, now: Callable[[], datetime]) -> None:
        super().__init__(faulty, good_sources, half)
        self.asked: defaultdict[str, list[datetime]] = defaultdict(list)
        self._now = now

    def reply(self, source: str) -> Reply:
        """What the source sends now."""
        now = self._now()
        self.hour = int((now - START).total_seconds() // 3600)
        self.asked[source].append(now)
        return super().reply(source)


@dataclass(frozen=True, slots=True)
class Load:
    """What a process takes."""

    mb: float
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int | str) -> Load:
        """What it takes now."""
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
        values = {row.partition(":")[0]: row.partition(":")[2].split() for row in rows}
        files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are links to what may be gone
        return cls(int(values["VmRSS"][0]) / 1024, files, int(values["Threads"][0]))


# --- a day -----------------------------------------------------------------------------------------------


def live(path: Path, seconds: Synchronized[int], speed: float) -> None:
    """The daemon, on a faster clock; ends by a signal."""
    logging.basicConfig(filename=path.parent / "daemon.log", level=logging.ERROR, format="%(levelname)s %(message)s")
    logging.getLogger("feedwatch").setLevel(logging.INFO)
    for name in TICKS:
        setattr(life, name, max(getattr(life, name) / speed, SHORTEST_TICK_S))
    # A tick a second would be one in one and a half minutes here.
    life.CLAIM_EVERY_S = 0.2
    fragments.KEPT_S /= speed
    facts.TURN_S /= speed
    # A worker needs as long as ever.
    wiring.LEASE_S = round(wiring.LEASE_S * speed)
    setup = replace(load_setup(path), clock=SharedClock(seconds))
    life.run(setup, path, on_ready=lambda url: _write(path.parent / "ready", url))


def _write(path: Path, text: str) -> None:
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


@dataclass(slots=True)
class Diary:
    """What was seen in the course of the day."""

    world: Watched
    #: When each source first was not well, and as what.
    shown: dict[str, tuple[datetime, str]]
    accused: set[tuple[str, str, str]]
    loads: list[Load]
    latest: timedelta = timedelta()

    def look(self, app: App, now: datetime) -> None:
        """Take note of how the sources are."""
        for finding in app.health():
            source, told = finding.pulse.source_id, finding.diagnosis
            is_ill = told.state not in {"ok", "new"}
            if source in self.world.good:
                if told.state in ALARMS:
                    self.accused.add((source, told.state, told.cause))
            elif is_ill and now >= START + timedelta(hours=self.world.begins[source]):
                self.shown.setdefault(source, (now, f"{told.state} {told.cause}"))
            elif is_ill:
                self.accused.add((source, told.state, told.cause))
            if not finding.pulse.retired and now > START + timedelta(hours=1):
                self.latest = max(self.latest, now - finding.pulse.next_due_at)

    def polls_until(self, source: str) -> int:
        """How many polls after its beginning a fault showed."""
        if source not in self.shown:
            return 99
        begin, (end, _) = START + timedelta(hours=self.world.begins[source]), self.shown[source]
        return sum(begin <= at <= end for at in self.world.asked[source])


def a_day(faulty: int, good: int, hours: int, speed: float) -> int:
    """Live through a day; the exit code."""
    clock = SharedClock(SPAWN.Value("i", 0))
    world = Watched(faulty, good, hours // 2, clock.now)
    # Not all at once: that would be this machine's fault.
    world.begins.update(zip(world.begins, cycle(range(hours // 3, hours - 7)), strict=False))
    with served(world) as port, tempfile.TemporaryDirectory() as name:
        path = Path(name) / "config.toml"
        head = '[feedwatch]\npacks = ["regions", "topics"]\n[server]\nlisten = "127.0.0.1:0"\n[store]\nkeep = "30d"'
        path.write_text(configuration(world, port, head=head), encoding="utf-8")
        process = SPAWN.Process(target=live, args=(path, clock.seconds, speed))
        process.start()
        try:
            diary = _watch(world, path, clock, hours, speed, process.pid or 0)
        finally:
            os.kill(process.pid or 0, signal.SIGTERM)
            process.join(20)
        return _judge(diary, path.parent, hours, process.exitcode)


def _watch(world: Watched, path: Path, clock: SharedClock, hours: int, speed: float, pid: int) -> Diary:
    diary = Diary(world, {}, set(), [])
    while not (path.parent / "ready").exists():
        time.sleep(0.1)
    print(f"{len(world.begins)} sources with faults, {len(world.good)} good ones, {hours} hours at {speed:g} times")
    print("hour   MB  files  threads  store MB")
    setup = replace(load_setup(path), clock=clock)
    next_look, next_hour = START, 1
    started = behind_since = time.monotonic()
    with reading(setup) as app:
        while (now := clock.now()) < START + timedelta(hours=hours):
            if now >= next_look:
                diary.look(app, now)
                next_look = clock.now() + LOOK_EVERY
            if now >= START + timedelta(hours=next_hour):
                diary.loads.append(load := Load.of(pid))
                size = (path.parent / "feedwatch.db").stat().st_size / 2**20
                print(f"{next_hour:4} {load.mb:5.0f} {load.files:5} {load.threads:8} {size:9.1f}", flush=True)
                next_hour += 1
            before = time.monotonic()
            time.sleep(0.05)
            # On a busy machine the clock waits for the daemon; a source that it never reads would stop it for good.
            due = app.store.next_due_at()
            if due is None or now - due < BEHIND:
                clock.seconds.value += round((time.monotonic() - before) * speed)
                behind_since = time.monotonic()
            elif time.monotonic() - behind_since > STUCK_S:
                raise SystemExit(f"a source was due at {due} and is not read: it is {now}")
    print(f"{hours} hours in {(time.monotonic() - started) / 60:.0f} minutes")
    with urlopen(f"{(path.parent / 'ready').read_text()}metrics", timeout=20) as answer:  # noqa: S310 - our own server
        lines = answer.read().decode().splitlines()
    print(*(line for line in lines if line.startswith(("feedwatch_sources{", "feedwatch_polls_total"))), sep="\n")
    return diary


def _judge(diary: Diary, folder: Path, hours: int, code: int | None) -> int:
    world, broken = diary.world, []
    print(f"{'fault':18} {'sources':>7} {'polls until it showed':>22}  as")
    for fault in (*FAULTS, "selector-drift"):
        sources = [source for source in world.begins if source.endswith(f"-{fault}")]
        took = [diary.polls_until(source) for source in sources]
        states = sorted({diary.shown[source][1] if source in diary.shown else "missed" for source in sources})
        print(f"{fault:18} {len(sources):7} {min(took):14} to {max(took)}      {', '.join(states)}")
        if max(took) > (WITHIN_SILENT if fault == "silent" else WITHIN):
            broken.append(f"{fault} showed late")
    warm, end = diary.loads[WARM_H - 1 : WARM_H + 2], diary.loads[-3:]
    growth = fmean(load.mb for load in end) / fmean(load.mb for load in warm) - 1
    files = [load.files for load in diary.loads[WARM_H - 1 :]]
    threads = [load.threads for load in diary.loads[WARM_H - 1 :]]
    asked = min(len(world.asked[source]) for source in world.good)
    log_lines = (folder / "daemon.log").read_text(encoding="utf-8").splitlines()
    errors = [line for line in log_lines if line.startswith(("ERROR", "CRITICAL", "Traceback"))]
    with closing(sqlite3.connect(folder / "feedwatch.db")) as db:
        intact = db.execute("PRAGMA integrity_check").fetchone()[0]
    print(f"good sources accused: {len(diary.accused)} {sorted(diary.accused)[:5]}")
    print(f"memory after {WARM_H} hours: {growth:+.1%}; files {min(files)} to {max(files)}, "
          f"threads {min(threads)} to {max(threads)}")  # fmt: skip
    print(f"the latest poll came {diary.latest} after it was due; good sources were asked {asked} times or more")
    print(f"errors in the log: {len(errors)} {errors[:3]}; store: {intact}; the daemon ended with {code}")
    promises = {
        "memory grows": growth > MOST_GROWTH,
        "files grow": max(files[-6:]) > 1.1 * max(files[:6]),
        "threads grow": max(threads[-6:]) > max(threads[:6]) + 1,
        "a good source is accused": bool(diary.accused),
        "a poll was lost": diary.latest > MOST_LATE or asked < 0.9 * hours,
        "errors in the log": bool(errors),
        "the store is damaged": intact != "ok",
        "the end was not clean": code != 0,
    }
    broken += [name for name, is_broken in promises.items() if is_broken]
    print("broken: " + ", ".join(broken) if broken else "all promises kept")
    return 1 if broken else 0


# --- weeks -----------------------------------------------------------------------------------------------


def step(path: Path, seconds: Synchronized[int], cycles: int) -> None:
    """Do what the daemon's ticks do, minute by minute."""
    clock = SharedClock(seconds)
    setup = replace(load_setup(path), clock=clock)
    board = Board(START, beats := Beats(("scheduler",), within_s=3600), Notifier({}))
    samples: list[Load] = []
    logging.getLogger("feedwatch").setLevel(logging.ERROR)
    fragments.KEPT_S /= PACE
    facts.TURN_S /= PACE
    with writing(setup) as app:
        watch = Watch(app, beats=beats, halts=Halts(board, path.parent))
        for number in range(1, cycles + 1):
            seconds.value = 60 * number
            watch.claim()
            watch.engine.drain(60)
            watch.publish_changes()
            if number % 10 == 0:
                watch.go_round()
                watch.look_for_alerts()
            if number % 360 == 0:
                watch.keep_house()
            if number % max(cycles // 40, 1) == 0:
                samples.append(load := Load.of("self"))
                print(f"{number:6} {load.mb:6.1f} MB {load.files:4} files {load.threads:3} threads", flush=True)
        watch.wind_up(10)
    _judge_weeks(samples, max(cycles // 40, 1))


def _judge_weeks(samples: Sequence[Load], minutes: int) -> None:
    kept = samples[len(samples) // 4 :]
    days = [number * minutes / DAY_MINUTES for number in range(len(kept))]
    slope = linear_regression(days, [load.mb for load in kept]).slope
    files, threads = {load.files for load in kept}, {load.threads for load in kept}
    print(f"slope after the first quarter: {slope:+.2f} MB a day; files {min(files)} to {max(files)}, "
          f"threads {min(threads)} to {max(threads)}")  # fmt: skip
    if slope > MOST_SLOPE_MB or max(files) > min(files) + 8 or max(threads) > min(threads) + 2:
        raise SystemExit(1)


def weeks(cycles: int) -> int:
    """Live through so many minutes; the exit code."""
    clock = SharedClock(SPAWN.Value("i", 0))
    world = Watched(1, 4, 0, clock.now)
    world.begins.update(zip(world.begins, cycle((0, 24, 24 * 7)), strict=False))
    with served(world) as port, tempfile.TemporaryDirectory() as name:
        path = Path(name) / "config.toml"
        head = '[feedwatch]\npacks = ["regions", "topics"]\n[store]\nkeep = "2d"'
        path.write_text(configuration(world, port, head=head, interval="10m"), encoding="utf-8")
        process = SPAWN.Process(target=step, args=(path, clock.seconds, cycles))
        process.start()
        process.join()
        print(f"{sum(map(len, world.asked.values()))} requests of {len(world.asked)} addresses")
        return process.exitcode or 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("day", "weeks"))
    parser.add_argument("--faulty", type=int, default=36, help="sources for each fault")
    parser.add_argument("--good", type=int, default=100)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--speed", type=float, default=96)
    parser.add_argument("--cycles", type=int, default=20_000)
    chosen = parser.parse_args()
    if chosen.what == "weeks":
        return weeks(chosen.cycles)
    return a_day(chosen.faulty, chosen.good, chosen.hours, chosen.speed)


if __name__ == "__main__":
    sys.exit(main())
