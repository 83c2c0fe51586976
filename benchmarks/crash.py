"""Kill the program at random moments, start it again each time, and see whether anything is lost, doubled or torn.

    python benchmarks/crash.py [--kills 200] [--fresh 20] [--feeds 40] [--seed 1] [--keep FOLDER]

`run` under load: one store, feeds on loopback that grow while they are read every second, SIGKILL at a random moment,
start again. After each kill the store must pass SQLite's integrity check, hold every entry that it held before with
its id and dates, and every published file must be whole. Half of the answers bring nothing new and are 304 to who
knows the last one: an entry whose validators were kept without it would stay lost. In the end the feeds stand still,
and store and feeds must show each item that there ever was exactly once; the files are then written anew from the
store into an empty folder and must be the same byte for byte.

`once`, killed into an empty store: run again, everything must be as in an undisturbed run.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.trialkit import (
    Sources,
    address,
    chain,
    configure,
    entries,
    finish,
    integrity,
    kill,
    leftovers,
    start,
    wait_for,
    whole,
)

FEEDS = ("all", "small", "odd")
NOW = "2026-03-01T12:00:00Z"


def under_load(folder: Path, sources: Sources, kills: int, chance: random.Random, longest_s: float) -> None:
    """Kill the daemon so often, and look."""
    config, store, feeds = configure(folder, sources), folder / "feedwatch.db", folder / "feeds"
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    grown = serving = left = 0
    began = time.monotonic()
    for number in range(1, kills + 1):
        log = folder / "log"
        log.unlink(missing_ok=True)
        process = start(config, "run", log=log)
        time.sleep(chance.uniform(0.05, longest_s))
        assert process.exitcode is None, f"the daemon ended by itself: {log.read_text()[-2000:]}"
        kill(process)
        serving += "feeds at" in (log.read_text() if log.exists() else "")
        left += len(leftovers(folder))
        if not store.exists():
            continue
        integrity(store)
        now = entries(store) if store.stat().st_size else {}
        lost = [key for key, facts in known.items() if now.get(key) != facts]
        assert not lost, f"kill {number}: {len(lost)} entries are lost or have other ids or dates: {lost[:3]}"
        grown += len(now) > len(known)
        known = now
        whole(feeds)
        if number % 20 == 0:
            print(f"  {number} kills, {len(known)} entries, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"run: {kills} kills, {serving} of them while it served, {grown} after it had stored something new; "
        f"{left} temporary files were left by kills"
    )
    settle(folder, config, sources)
    check_end(folder, config, sources)


def settle(folder: Path, config: Path, sources: Sources) -> None:
    """Let the feeds stand still until each was found unchanged twice and all is published, then stop."""
    sources.frozen = True
    log = folder / "log"
    log.unlink(missing_ok=True)
    process = start(config, "run", log=log)
    address(log)
    before = list(sources.known)
    known = lambda: all(now >= then + 2 for now, then in zip(sources.known, before, strict=True))  # noqa: E731 - asked below only
    assert wait_for(known, 60), f"some feeds were never found unchanged: {log.read_text()[-2000:]}"
    assert wait_for(lambda: not unpublished(folder / "feedwatch.db"), 120), unpublished(folder / "feedwatch.db")
    process.terminate()
    assert finish(process) == 0, log.read_text()[-2000:]


def unpublished(store: Path) -> list[str]:
    """Feeds that were not written since they changed."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT feed_id FROM feeds WHERE version <> published_version")]


def check_end(folder: Path, config: Path, sources: Sources) -> None:
    """Store and feeds show each item exactly once, and the files are a function of the store."""
    feeds = folder / "feeds"
    integrity(folder / "feedwatch.db")
    stored = [facts[-1] for facts in entries(folder / "feedwatch.db").values()]
    wanted = sources.titles()
    lost, doubled = wanted - set(stored), len(stored) - len(set(stored))
    shown = list(chain(feeds, "all").values())
    unseen, twice = wanted - set(shown), len(shown) - len(set(shown))
    odd = set(chain(feeds, "odd").values())
    print(f"at the end: {len(wanted)} items; store: {len(lost)} lost, {doubled} doubled; feed and archives: ", end="")
    print(f"{len(unseen)} lost, {twice} doubled; temporary files left: {len(leftovers(folder))}")
    faults = (lost, doubled, unseen, twice)
    assert not any(faults), (sorted(lost)[:3], sorted(unseen)[:3])
    assert odd == {title for title in wanted if int(title.rpartition(" ")[2]) % 2}, f"the feed odd shows {len(odd)}"
    assert leftovers(folder) == [], leftovers(folder)
    before = published(feeds)
    shutil.rmtree(feeds)
    assert finish(start(config, "regenerate")) == 0
    after = published(feeds)
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    print(f"written anew from the store: {len(after)} files, {len(different)} of them different")
    assert not different, different


def published(feeds: Path) -> dict[str, bytes]:
    """The files of the configured feeds and their archives."""
    return {
        path.name: path.read_bytes()
        for path in feeds.iterdir()
        if path.name.partition(".")[0].partition("_")[0] in FEEDS
    }


def into_nothing(root: Path, sources: Sources, kills: int, chance: random.Random) -> None:
    """Kill `once` while it fills an empty store, run it again, and compare with an undisturbed run."""
    sources.frozen = True
    calm = root / "calm"
    calm.mkdir()
    began = time.monotonic()
    assert finish(start(configure(calm, sources), "once", FEEDWATCH_NOW=NOW)) == 0
    length_s = time.monotonic() - began
    expected, rows = published(calm / "feeds"), entries(calm / "feedwatch.db")
    reached: dict[str, int] = {}
    for number in range(kills):
        folder = root / f"once-{number}"
        folder.mkdir()
        config = configure(folder, sources)
        process = start(config, "once", FEEDWATCH_NOW=NOW)
        time.sleep(chance.uniform(0.1 * length_s, length_s))
        kill(process)
        state = "stored" if (folder / "feedwatch.db").exists() else "started"
        state = "published" if list(folder.glob("feeds/*.atom")) else state
        reached[state] = reached.get(state, 0) + 1
        # What a killed run had claimed is due again; what it had read is not.
        assert finish(start(config, "once", "--force", FEEDWATCH_NOW=NOW)) == 0
        integrity(folder / "feedwatch.db")
        now = entries(folder / "feedwatch.db")
        assert now == rows, sorted(set(now.items()) ^ set(rows.items()))[:4]
        different = [name for name, data in published(folder / "feeds").items() if expected.get(name) != data]
        assert not different, f"killed once: different: {different}"
        assert set(published(folder / "feeds")) == set(expected)
        shutil.rmtree(folder)
    print(f"once: {kills} kills, all feeds and entries as undisturbed; reached: {reached}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="of `run` under load")
    parser.add_argument("--fresh", type=int, default=20, help="of `once` into an empty store")
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--longest", type=float, default=4.0, help="a daemon lives at most so many seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="work here and leave everything for a look")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        try:
            with Sources(12).served() as sources:
                into_nothing(root, sources, options.fresh, chance)
            (root / "run").mkdir()
            with Sources(options.feeds).served() as sources:
                under_load(root / "run", sources, options.kills, chance, options.longest)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
