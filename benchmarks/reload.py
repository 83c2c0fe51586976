"""Reload a daemon under load, half of the time with a faulty configuration, while clients read its feeds.

    python benchmarks/reload.py [--reloads 100] [--clients 4] [--feeds 20]
    python benchmarks/reload.py --mutated 200

Every other configuration is faulty in another way, and would change titles, sources and rules if it came into force.
They come by an order, by SIGHUP, and by the changed file alone, in turn. Demanded is: no request of a client fails; no
source is asked sooner than its interval allows, by whatever configurations; a faulty one is named in the daemon's
standing and nothing of it is ever seen, neither title nor source; a valid one is in force whole. With `--mutated`
chance damages the text of the configuration so many times: whatever comes of it, in force or refused, the daemon goes
on serving, and the whole one is in force again at the end. Exits with 1 on the first fault.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

from benchmarks.trialkit import RULES, Sources, address, finish, start, wait_for
from feedwatch.cli.output import progress
from feedwatch.daemon.control import ask
from feedwatch.errors import OrderRefused

INTERVAL_S = 3
WAYS = ("order", "signal", "file")


def written(sources: Sources, mark: str, extra: int | None, rules: str = RULES) -> str:
    """A configuration whose titles have the mark; `extra` is one more source, above those that are always there."""
    tables = sources.tables().replace('interval = "1s"', f'interval = "{INTERVAL_S}s"').split("[[sources]]")[1:]
    shown = [table for number, table in enumerate(tables) if number < sources.feeds // 2 or number == extra]
    return (
        '[feedwatch]\npacks = []\n[server]\nlisten = "127.0.0.1:0"\n[polling]\nhost_spacing = "0s"\nworkers = 32\n'
        + "".join(f"[[sources]]{table}" for table in shown)
        + f'[[feeds]]\nid = "all"\ntitle = "All {mark}"\n[[feeds]]\nid = "odd"\ntitle = "Odd {mark}"\n'
        + f'where = "topic:odd"\n{rules}'
    )


FAULTS: list[Callable[[str], str]] = [
    lambda text: text.replace('title = "All', "title = 3 #"),
    lambda text: text + '[[feeds]]\nid = "all"\ntitle = "Twice"\n',
    lambda text: text.replace("topic:odd", "topic:even"),
    lambda text: text.replace("topic:odd", "topic:odd and and"),
    lambda text: text.replace("packs = []", 'packs = ["nowhere.toml"]'),
    lambda text: text.replace("[server]", '[store]\nurl = "sqlite:///other.db"\n[server]'),
    lambda text: text[: len(text) * 2 // 3],
    lambda text: "\0\x01" + text,
    lambda _text: "",
    lambda text: text.replace('id = "feed-1"', 'id = "feed-0"'),
    lambda text: text.replace('interval = "', 'interval = "-'),
    lambda text: text.replace("url = ", 'kind = "floder"\nurl = '),
    lambda text: text.replace('strong = ["impair"]', 'strong = "impair"'),
    lambda text: text.replace('strong = ["impair"]', 'strng = ["impair"]'),
    lambda text: text.replace("workers = 32", "workers = 0"),
    lambda text: text + "surplus = 1\n[",
]


def damaged(text: str, chance: random.Random) -> str:
    """The text with one to three accidents of the kinds that editors, disks and people have."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) or 1)
        end = min(len(text), start + chance.choice((1, 1, 2, 8, 60, 400)))
        lines = text.splitlines(keepends=True)
        line = chance.randrange(len(lines) or 1)
        number = chance.choice(("-1", "0", "99999999999", "1e999"))
        text = chance.choice(
            (
                text[:start] + text[end:],
                text[:end] + text[start:end] + text[end:],
                text[:start] + chance.choice("\0\"'[]{}=#\\\n\u202e\ufeff9-") + text[end:],
                text[:start],
                "".join(lines[:line] + lines[line + 1 :]),
                "".join(lines[line:] + lines[:line]),
                re.sub(r"\d+", number, text, count=3),
            )
        )
    return text


class Client(Thread):
    """Reads feeds without a pause, on one connection as long as it is kept open."""

    def __init__(self, url: str, stop: Event) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._stop_event = stop
        self.answers: Counter[str] = Counter()
        self.marks: Counter[str] = Counter()
        self.slowest_s = 0.0

    def run(self) -> None:
        """Read until told to stop."""
        connection = HTTPConnection(self._host, self._port, timeout=30)
        names = ("all.atom", "odd.atom", "all.json", "", "odd.html", "healthz")
        number = 0
        while not self._stop_event.is_set():
            number += 1
            began = time.monotonic()
            try:
                connection.request("GET", f"/{names[number % len(names)]}")
                answer = connection.getresponse()
                body = answer.read().decode()
                self.answers[str(answer.status)] += 1
                if number % len(names) == 0:
                    self.marks[body.partition("<title>All ")[2].partition("</title>")[0]] += 1
            except (OSError, HTTPException) as error:
                self.answers[type(error).__name__] += 1
                connection.close()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            time.sleep(0.01)


class Trial:
    """A daemon whose configuration is changed."""

    def __init__(self, folder: Path, sources: Sources, url: str, pid: int) -> None:
        self.folder, self.sources, self.url, self.pid = folder, sources, url, pid
        self.config = folder / "config.toml"

    def standing(self) -> dict[str, object]:
        """How the daemon says it is."""
        return dict(ask(self.folder / "feedwatch.db.sock", "standing", {}, progress) or {})

    def put(self, text: str, mark: str, way: str, *, faulty: bool) -> float:
        """Give the daemon a configuration and wait until it is in force or refused; after how many seconds."""
        before = self.standing()
        temporary = self.config.with_name("new.toml")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.config)
        began = time.monotonic()
        if way == "order":
            try:
                ask(self.folder / "feedwatch.db.sock", "reload", {}, progress)
                refused = ""
            except OrderRefused as error:
                refused = str(error)
            assert bool(refused) == faulty, refused or "a faulty configuration was taken"
        elif way == "signal":
            os.kill(self.pid, signal.SIGHUP)

        def known() -> bool:
            now = self.standing()
            if faulty:
                return bool(now["config_fault"]) and now["configured_at"] == before["configured_at"]
            return not now["config_fault"] and shows(self.folder / "feeds" / "all.atom", f"<title>All {mark}</title>")

        assert wait_for(known, 60), f"{way}: not {'refused' if faulty else 'in force'}: {self.standing()}"
        return time.monotonic() - began


def shows(feed: Path, words: str) -> bool:
    """Whether a published file has the words."""
    return words in feed.read_text(encoding="utf-8")


def _reloads(
    trial: Trial, daemon: BaseProcess, options: argparse.Namespace
) -> tuple[list[Client], Sources, dict[bool, list[float]], set[str]]:
    """All reloads; who read, how long they took, and the marks of the valid ones."""
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    stop = Event()
    clients = [Client(trial.url, stop) for _ in range(options.clients)]
    assert wait_for((trial.folder / "feeds" / "odd.html").exists)
    for client in clients:
        client.start()
    took: dict[bool, list[float]] = {True: [], False: []}
    valid = {"0"}
    for number in range(1, options.reloads + 1):
        faulty = number % 2 == 0
        half = trial.sources.feeds // 2
        # A source comes or goes with each; those of the upper quarter only ever in faulty configurations.
        wanted = (
            chance.randrange(half + half // 2, trial.sources.feeds) if faulty else chance.choice([None, half, half + 1])
        )
        text = written(trial.sources, str(number), wanted)
        if faulty:
            text = FAULTS[number // 2 % len(FAULTS)](text)
        took[faulty].append(trial.put(text, str(number), WAYS[number % 3], faulty=faulty))
        if not faulty:
            valid.add(str(number))
    stop.set()
    for client in clients:
        client.join()
    assert daemon.exitcode is None
    daemon.terminate()
    assert finish(daemon) == 0
    return clients, trial.sources, took, valid


def _mutations(trial: Trial, options: argparse.Namespace) -> None:
    """Damage the configuration again and again, and see that the daemon serves; in the end all is well again."""
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    stop = Event()
    clients = [Client(trial.url, stop) for _ in range(options.clients)]
    assert wait_for((trial.folder / "feeds" / "odd.html").exists)
    for client in clients:
        client.start()
    whole, ended = written(trial.sources, "0", None), Counter[str]()
    for number in range(options.mutated):
        trial.config.write_bytes(damaged(whole, chance).encode("utf-8", "surrogatepass"))
        before = trial.standing()
        try:
            ask(trial.folder / "feedwatch.db.sock", "reload", {}, progress)
            ended["in force"] += 1
        except OrderRefused:
            ended["refused"] += 1
            after = trial.standing()
            assert after["config_fault"], f"{number}: refused without a word"
            assert after["configured_at"] == before["configured_at"], f"{number}: refused and in force"
    trial.put(whole, "0", "order", faulty=False)
    stop.set()
    for client in clients:
        client.join()
    answers = sum((client.answers for client in clients), Counter[str]())
    print(f"{options.mutated} mutated configurations: {dict(ended)}; {sum(answers.values())} requests: {dict(answers)}")
    # A damaged text that is valid may leave out a feed, which is gone then, or rename it.
    assert set(answers) <= {"200", "404", "410"}
    assert options.clients == 0 or answers["200"] > options.mutated


def attempt(folder: Path, sources: Sources, options: argparse.Namespace) -> None:
    """A daemon, its reloads, and its end."""
    config, log = folder / "config.toml", folder / "log"
    config.write_text(written(sources, "0", None))
    daemon = start(config, "run", log=log)
    trial = Trial(folder, sources, address(log), daemon.pid or 0)
    try:
        if options.mutated:
            _mutations(trial, options)
        else:
            tell(*_reloads(trial, daemon, options))
    finally:
        daemon.kill()
    assert "Traceback" not in log.read_text()


def tell(clients: list[Client], sources: Sources, took: dict[bool, list[float]], valid: set[str]) -> None:
    """Print what came of it, and demand what was promised."""
    answers = sum((client.answers for client in clients), Counter[str]())
    marks = sum((client.marks for client in clients), Counter[str]())
    half = sources.feeds // 2
    gaps = [later - sooner for times in sources.times for sooner, later in pairwise(times)]
    never = [n for n in range(half + half // 2, sources.feeds) if sources.asked[n]]
    for faulty, name in ((False, "valid"), (True, "faulty")):
        times = sorted(took[faulty])
        middle = times[len(times) // 2]
        print(f"{len(times)} {name} ones: known after {middle:.2f} s (median), {times[-1]:.2f} s (longest)")
    slowest = max(client.slowest_s for client in clients)
    print(f"{sum(answers.values())} requests: {dict(answers)}; the slowest took {slowest:.2f} s")
    print(
        f"{sum(sources.asked)} polls; the shortest time between two of one source: {min(gaps):.2f} s of {INTERVAL_S} s"
    )
    print(f"sources asked that only faulty ones name: {never}; titles seen of faulty ones: {set(marks) - valid - {''}}")
    assert set(answers) == {"200"}
    assert min(gaps) >= INTERVAL_S - 1
    assert not never
    assert set(marks) - {""} <= valid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reloads", type=int, default=100)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--feeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutated", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Sources(options.feeds).served() as sources:
        try:
            attempt(Path(folder), sources, options)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
