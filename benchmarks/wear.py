"""What a store lives through: damaged pages, many writers, copies under load, upgrades that are killed.

    python benchmarks/wear.py pages [--times 200]
    python benchmarks/wear.py writers [--hands 8] [--seconds 60]
    python benchmarks/wear.py backups [--times 100]
    python benchmarks/wear.py upgrades [--times 50]

pages: one random page of a store is overwritten with noise; the check that the daemon makes at its start must find it,
or all that is in the store must be as before. writers: processes save at the same time; no error, nothing lost.
backups: copies while others write; each must pass SQLite's integrity check and be one moment of the store. upgrades: a
store of each older version is opened and the process killed (SIGKILL) at a random moment; opened again, all must be
there. Exits with 1 on the first fault.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

from feedwatch.errors import StoreError
from feedwatch.ledger import Batch, DocumentState
from feedwatch.model import Validators
from feedwatch.store.connecting import read_address
from feedwatch.store.copies import backup, quick_check
from feedwatch.store.migrating import newest_revision
from feedwatch.store.opening import open_store
from tests.contract.builders import BASE_URL, NOON, make_article, make_feeds, make_label, make_source, make_verdict
from tests.store.oldstores import as_of_revision, contents, old_revisions

URL = "sqlite:///store.db"
SIZE = 20
SOURCES = [f"s{number}" for number in range(16)]


def fresh(folder: Path) -> None:
    """An empty store with sources and a feed."""
    store = open_store(URL, base_dir=folder)
    store.begin([make_source(each) for each in SOURCES], make_feeds("one"), base_url=BASE_URL, now=NOON)
    store.close()


def save(folder: Path, source: str, batches: Callable[[int], bool], saved: Callable[[int], None]) -> None:
    """Save batch after batch as one source while `batches` says so."""
    store = open_store(URL, base_dir=folder)
    (claim,) = store.claim_due(now=NOON, limit=1, lease_s=9999, source_ids=[source], force=True)
    number = 0
    while batches(number):
        articles = [
            make_article(f"{number}-{n}", source_id=source, id=f"urn:{source}:{number}-{n}", body="text " * 300)
            for n in range(SIZE)
        ]
        verdicts = tuple(make_verdict(each, labels=(make_label(),), feeds={"one": ()}) for each in articles)
        document = DocumentState(locator=str(number), validators=Validators(etag=str(number)))
        store.save(Batch(claim=claim, now=NOON, judged_by="r", verdicts=verdicts, documents=(document,)))
        number += 1
        saved(number)
    store.close()


def pages(root: Path, options: argparse.Namespace) -> None:
    """One page is noise."""
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    fresh(root)
    for source in SOURCES[:4]:
        save(root, source, lambda number: number < 10, lambda _number: None)
    original = (root / "store.db").read_bytes()
    before = contents(root / "store.db")
    size = int.from_bytes(original[16:18], "big")
    ends: Counter[str] = Counter()
    harmed = root / "harmed.db"
    for _ in range(options.times):
        page = chance.randrange(len(original) // size)
        harmed.write_bytes(original[: page * size] + chance.randbytes(size) + original[(page + 1) * size :])
        if quick_check(harmed):
            ends["found"] += 1
            continue
        try:
            same = contents(harmed) == before
        except (sqlite3.Error, AssertionError):
            same = False
        ends["harmless" if same else "NOT FOUND"] += 1
    print(f"{options.times} times one of {len(original) // size} pages was noise: {dict(ends)}")
    assert not ends["NOT FOUND"]


def _writer(folder: Path, source: str, seconds: float, told: Connection) -> None:
    end = time.monotonic() + seconds
    count = 0

    def saved(number: int) -> None:
        nonlocal count
        count = number

    try:
        save(folder, source, lambda _number: time.monotonic() < end, saved)
        told.send((count, ""))
    except StoreError as error:
        told.send((count, str(error)))


def writers(root: Path, options: argparse.Namespace) -> None:
    """Processes that save at once."""
    fresh(root)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.contract.builders", "feedwatch.store.opening"])
    running = []
    for source in SOURCES[: options.hands]:
        ours, theirs = processes.Pipe(duplex=False)
        process = processes.Process(target=_writer, args=(root, source, options.seconds, theirs))
        process.start()
        running.append((process, ours))
    found = [pipe.recv() for _, pipe in running]
    for process, _ in running:
        process.join()
    errors = [error for _, error in found if error]
    batches = sum(count for count, _ in found)
    stored = contents(root / "store.db")["articles"]
    print(
        f"{options.hands} processes for {options.seconds:g} s: {batches} transactions, {len(errors)} errors, "
        f"{len(stored)} of {batches * SIZE} entries; integrity check clean; {min(c for c, _ in found)} to "
        f"{max(c for c, _ in found)} transactions each"
    )
    assert not errors, errors[0]
    assert len(stored) == batches * SIZE


def backups(root: Path, options: argparse.Namespace) -> None:
    """Copies while others write."""
    fresh(root)
    stop = Event()
    hands = [
        Thread(target=save, args=(root, source, lambda _number: not stop.wait(0.1), lambda _number: None))
        for source in SOURCES[:2]
    ]
    for hand in hands:
        hand.start()
    sizes = []
    try:
        for _ in range(options.times):
            target = root / "copy.db"
            report = backup(read_address(URL, root), target, force=True)
            assert report.entries % SIZE == 0, "a transaction was torn"
            with closing(sqlite3.connect(target)) as copy:
                (labels,) = copy.execute("SELECT count(*) FROM labels").fetchone()
            assert labels == report.entries
            sizes.append(report.entries)
    finally:
        stop.set()
        for hand in hands:
            hand.join()
    print(f"{len(sizes)} copies of {sizes[0]} to {sizes[-1]} entries while two others wrote: all whole, none torn")


def _open(folder: Path, told: Connection) -> None:
    logging.disable()
    # The importing of the library for migrations is not what is to be killed.
    newest_revision()
    told.send("ready")
    open_store(URL, base_dir=folder).close()
    told.send("done")


def upgrades(root: Path, options: argparse.Namespace) -> None:
    """Upgrades that are killed."""
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    logging.disable()
    (root / "today").mkdir()
    fresh(root / "today")
    for source in SOURCES[:4]:
        save(root / "today", source, lambda number: number < 25, lambda _number: None)
    wanted = contents(root / "today" / "store.db")
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["feedwatch.store.migrating", "tests.store.oldstores"])
    revisions = old_revisions()
    for revision in revisions:
        as_of_revision(root / "today" / "store.db", revision, root / f"{revision}.db")
    ends: Counter[str] = Counter()
    longest = 0.0
    for number in range(options.times + len(revisions)):
        revision, calm = revisions[number % len(revisions)], number < len(revisions)
        folder = root / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(root / f"{revision}.db", folder / "store.db")
        ours, theirs = processes.Pipe(duplex=False)
        process = processes.Process(target=_open, args=(folder, theirs))
        process.start()
        ours.recv()
        began = time.monotonic()
        if calm:
            ours.recv()
            longest = max(longest, time.monotonic() - began)
        else:
            time.sleep(chance.uniform(0, longest))
            process.kill()
        process.join()
        with closing(sqlite3.connect(folder / "store.db")) as db:
            (at,) = db.execute("SELECT version_num FROM feedwatch_schema").fetchone()
        assert at in (revision, newest_revision()), f"a store of {revision} is at {at}"
        ends["undisturbed" if calm else "killed before the end" if at == revision else "killed behind it"] += 1
        assert contents(folder / "store.db") == wanted, f"a store of {revision} lost something"
        # The partial copy of a killed process is cleared away when it is a minute old.
        for left in folder.glob(".*.partial"):
            ends["partial copies left"] += 1
            os.utime(left, (0, 0))
        open_store(URL, base_dir=folder).close()
        assert contents(folder / "store.db") == wanted, f"a store of {revision} lost something when it was opened again"
        assert contents(folder / f"store.db.before-{newest_revision()}") == wanted
        if at == revision:
            assert not list(folder.glob(".*.partial"))
    print(f"stores of {len(revisions)} versions, {len(wanted['articles'])} entries: {dict(ends)}; nothing lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pages", "writers", "backups", "upgrades"])
    parser.add_argument("--times", type=int)
    parser.add_argument("--hands", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    usual = {"pages": 200, "backups": 100, "upgrades": 50}
    options.times = options.times or usual.get(options.what, 1)
    work = {"pages": pages, "writers": writers, "backups": backups, "upgrades": upgrades}[options.what]
    with tempfile.TemporaryDirectory() as folder:
        try:
            work(Path(folder), options)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
