"""Kill publishing at random moments: every file is always there and whole, and the archives always hang together.

    python benchmarks/kill_publish.py [--kills 200] [--seed 1]

In each trial a process corrects some entries, old ones among them, and publishes feeds in every format with their
archives; it is killed (SIGKILL) at a random moment of that. Then every feed must be there, every file whole, and every
archive that a feed leads to must be found. In the end one undisturbed run must leave exactly the files that a run into
an empty folder writes. Exits with 1 on the first fault.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from feedwatch.clock import Clock
from feedwatch.judge import Question
from feedwatch.ledger import Batch, Verdict
from feedwatch.model import Article, Entry, FeedSpec, Source
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Publishing
from feedwatch.rules.where import parse_where
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE_URL = "https://feeds.example/"
FORMATS = ("atom", "rss", "json", "html")
ENTRIES = 60
SOURCE = Source(id="s", kind="folder", locator="/s", title="S", interval_s=3600)
SPECS = [FeedSpec(id=f"feed-{n}", title=f"Feed {n}", limit=10) for n in range(5)]
SPECS.append(FeedSpec(id="digest", title="Digest", digest="daily"))
LINK = "{http://www.w3.org/2005/Atom}link"


def correct(store: SqlStore, edition: int) -> None:
    """Save some entries anew: in the first edition all of them, later a few of any age."""
    store.clear_leases()
    (claim,) = store.claim_due(now=NOW, limit=1, lease_s=600, source_ids=["s"], force=True)
    chance = random.Random(edition)  # noqa: S311 - examples, not secrets
    numbers = range(ENTRIES) if edition == 0 else chance.sample(range(ENTRIES), 5)
    verdicts = []
    for number in numbers:
        article = Article(
            source_id="s", guid=str(number), id=f"urn:x:{number}", url=f"https://s.example/{number}",
            canonical_url=None, title=f"Entry {number}, edition {edition}", body="Text. " * 500,
            item_hash=str(edition),
        )  # fmt: skip
        seen = NOW - timedelta(days=2) + timedelta(minutes=number)
        entry = Entry(article=article, labels=(), first_seen_at=seen, updated_at=seen + timedelta(seconds=edition))
        verdicts.append(Verdict(entry=entry, feeds={spec.id: () for spec in SPECS}))
    store.save(Batch(claim=claim, now=NOW, judged_by="r", verdicts=tuple(verdicts)))


def publish(store: SqlStore, folder: Path) -> None:
    """Write what is out of date."""
    where = parse_where("", regions=[], topics=[], sources=[])
    Publishing(
        questions=[Question(spec=spec, where=where) for spec in SPECS],
        store=store,
        publisher=FilePublisher(folder, formats=FORMATS),
        clock=Clock(NOW),
        base_url=BASE_URL,
    ).publish()


def work(home: Path, edition: int) -> None:
    """What the process does that is killed."""
    store = open_store("sqlite:///store.db", base_dir=home)
    store.begin([SOURCE], SPECS, base_url=BASE_URL, now=NOW)
    store.tick(NOW)
    correct(store, edition)
    publish(store, home / "feeds")
    store.close()


def child(task: Callable[[], None]) -> int:
    """Do it in a process of its own; returns its number."""
    number = os.fork()
    if number == 0:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return number


def fault(folder: Path) -> str:
    """What is wrong with the files; "" when all is well."""
    names = {path.name for path in folder.iterdir()}
    for spec in SPECS:
        for ending in FORMATS:
            if f"{spec.id}.{ending}" not in names:
                return f"{spec.id}.{ending} is missing"
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        try:
            if path.suffix == ".json":
                json.loads(path.read_bytes())
            elif path.suffix == ".html":
                assert path.read_bytes().endswith(b"</html>\n")
            else:
                ElementTree.fromstring(path.read_bytes())  # noqa: S314 - our own bytes
        except (ValueError, ElementTree.ParseError, AssertionError) as error:
            return f"{path.name} is torn: {error}"
    return next(filter(None, (chain_fault(folder, f"{spec.id}.atom") for spec in SPECS)), "")


def chain_fault(folder: Path, name: str) -> str:
    """What is missing behind a feed."""
    while True:
        if not (folder / name).exists():
            return f"{name} is named and missing"
        root = ElementTree.fromstring((folder / name).read_bytes())  # noqa: S314 - our own bytes
        back = [link.get("href", "") for link in root.findall(LINK) if link.get("rel") == "prev-archive"]
        if not back:
            return ""
        name = back[0].rpartition("/")[2]


def files(folder: Path) -> dict[str, bytes]:
    """All that was published, without what a kill left."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        assert os.waitpid(child(lambda: work(home, 0)), 0)[1] == 0
        start = time.monotonic()
        assert os.waitpid(child(lambda: work(home, 1)), 0)[1] == 0
        length = time.monotonic() - start
        reached: Counter[str] = Counter()
        for edition in range(2, options.kills + 2):
            process = child(lambda edition=edition: work(home, edition))  # type: ignore[misc]  # bound at once
            time.sleep(chance.uniform(0, 1.1 * length))
            os.kill(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
            reached["done" if status == 0 else "killed"] += 1
            if found := fault(home / "feeds"):
                print(f"kill {edition - 1}: {found}")
                sys.exit(1)
        assert os.waitpid(child(lambda: work(home, 0)), 0)[1] == 0
        kept = files(home / "feeds")
        (home / "feeds").rename(home / "before")
        assert os.waitpid(child(lambda: work(home, 0)), 0)[1] == 0
        if kept != files(home / "feeds"):
            print("after all kills the files are not those of an undisturbed run")
            sys.exit(1)
        print(f"{options.kills} moments over {length:.2f} s of work: no file torn or missing ({dict(reached)})")


if __name__ == "__main__":
    main()
