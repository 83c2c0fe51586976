"""Publishing from a large archive: one new article, and everything anew, beside feedgen alone.

    python benchmarks/publish.py [--articles 200000] [--feeds 200] [--in-feeds 10] [--formats atom,rss,json,html]

An archive on SQLite whose articles are each in some of the feeds; each feed shows 100 entries. The entries that are
shown have 8 KB of HTML; those behind them, which no feed shows, are short, so that the archive is made in minutes.
Figures are CPU seconds of this process (system time included), and of the clock in brackets.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedgen.feed import FeedGenerator

from feedwatch.clock import Clock
from feedwatch.judge import Question
from feedwatch.ledger import Batch, Claim, Verdict
from feedwatch.model import Article, Entry, Facet, FeedSpec, Origin, Person, Reason, Source
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Published, Publishing
from feedwatch.rules.where import parse_where
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE_URL = "https://feeds.example/"
SHOWN = 100
HTML_BYTES = 8 * 1024
SENTENCE = "<p>Des soldats nigériens ont repoussé une attaque &amp; sécurisé le marché de Tillabéri, dit l’armée.</p>\n"
SOURCE = Source(id="s", kind="feed", locator="https://source.example/feed", title="The Source", interval_s=3600)
ORIGIN = Origin(
    id="tag:source.example,2020:feed",
    title="The Source",
    link="https://source.example/",
    self_link="https://source.example/feed",
    updated_at=NOW,
)
PLACES: tuple[tuple[Facet, str], ...] = (("region", "niger"), ("region", "sahel"), ("topic", "security"))
REASONS = tuple(
    Reason(facet=facet, rule=rule, name=rule.title(), code=None, score=8.5, standing="about", terms=("Niger", "soldat"))
    for facet, rule in PLACES
)


def article(number: int, *, long: bool) -> Article:
    """The article of a number; equal at every run."""
    text = SENTENCE.replace("Tillabéri", f"Tillabéri {number}")
    return Article(
        source_id="s",
        guid=str(number),
        id=f"https://source.example/{number}",
        url=f"https://source.example/{number}",
        canonical_url=f"https://source.example/{number}",
        title=f"Niger : l’armée repousse l’attaque {number}",
        body="Des soldats nigériens ont repoussé une attaque.",
        html=text * (HTML_BYTES // len(text.encode()) if long else 1),
        language="fr",
        published_at=NOW - timedelta(days=1),
        authors=(Person(name="Aïcha Moussa"),),
        tags=("Niger", "Sécurité"),
        origin=ORIGIN,
    )


def verdicts(numbers: Sequence[int], feeds: Sequence[str], count: int, *, long: bool) -> Iterator[Verdict]:
    """Judged articles, each in so many of the feeds."""
    for number in numbers:
        chance = random.Random(number)  # noqa: S311 - examples, not secrets
        seen = NOW - timedelta(days=900) + timedelta(minutes=number)
        entry = Entry(article=article(number, long=long), labels=(), first_seen_at=seen, updated_at=seen)
        yield Verdict(entry=entry, feeds=dict.fromkeys(chance.sample(feeds, count), REASONS))


def fill(store: SqlStore, claim: Claim, total: int, feeds: Sequence[str], count: int) -> None:
    """The archive; the newest ones, of which the feeds show some, are long."""
    newest = total - 5 * SHOWN * len(feeds) // count
    for start in range(0, total, 2_000):
        numbers = range(start, min(start + 2_000, total))
        batch = verdicts(numbers, feeds, count, long=numbers[-1] >= newest)
        store.save(Batch(claim=claim, now=NOW, judged_by="r", verdicts=tuple(batch)))


def measured(work: Callable[[], list[Published]]) -> tuple[list[Published], float, float]:
    """What the work gave, with its seconds of CPU and of the clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def tell(what: str, found: Sequence[Published], cpu: float, wall: float) -> None:
    """One line of figures."""
    touched = sum(each.written for each in found)
    shown = sum(each.entries for each in found if each.written)
    rate = f"{shown / cpu:9,.0f} entries/s" if shown else ""
    print(f"{what:44} {cpu:7.2f} s ({wall:6.2f} s) {touched:5} feeds written {rate}")


def feedgen_alone(entries: int) -> float:
    """Entries a second that feedgen renders from the same articles, without what it drops."""
    articles = [article(number, long=True) for number in range(entries)]
    start = time.process_time()
    for first in range(0, entries, SHOWN):
        feed = FeedGenerator()
        feed.id(BASE_URL)
        feed.title("Feed")
        feed.updated(NOW)
        feed.link(href=BASE_URL, rel="self")
        for each in articles[first : first + SHOWN]:
            entry = feed.add_entry(order="append")
            entry.id(each.id)
            entry.title(each.title)
            entry.updated(NOW)
            entry.published(each.published_at)
            entry.link(href=each.url)
            entry.author({"name": each.authors[0].name})
            entry.content(each.html, type="html")
            for tag in each.tags:
                entry.category(term=tag)
        feed.atom_str(pretty=True)
    return entries / (time.process_time() - start)


def publisher(store: SqlStore, specs: Sequence[FeedSpec], folder: Path, formats: Sequence[str]) -> Publishing:
    """A fresh one that has kept nothing."""
    return Publishing(
        questions=[
            Question(spec=spec, where=parse_where(spec.where, regions=[], topics=[], sources=[])) for spec in specs
        ],
        store=store,
        publisher=FilePublisher(folder, formats=formats),
        clock=Clock(NOW),
        base_url=BASE_URL,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--in-feeds", type=int, default=10, help="feeds that an article is in")
    parser.add_argument("--formats", default="atom")
    options = parser.parse_args()
    formats = options.formats.split(",")
    specs = [FeedSpec(id=f"feed-{n}", title=f"Feed {n}", limit=SHOWN, archive=False) for n in range(options.feeds)]
    names = [spec.id for spec in specs]
    baseline = feedgen_alone(2_000)
    print(f"feedgen alone, {HTML_BYTES // 1024} KB of HTML each: {baseline:,.0f} entries/s\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        store = open_store("sqlite:///store.db", base_dir=folder)
        store.begin([SOURCE], specs, base_url=BASE_URL, now=NOW)
        (claim,) = store.claim_due(now=NOW, limit=1, lease_s=10**6)
        start = time.process_time()
        fill(store, claim, options.articles, names, options.in_feeds)
        store.tick(NOW)
        print(f"archive of {options.articles:,} articles made in {time.process_time() - start:.0f} s of CPU")
        feeds = folder / "feeds"
        work = publisher(store, specs, feeds, formats)
        tell("everything, by a process that just started", *measured(work.publish))
        tell("nothing new", *measured(work.publish))
        for number in range(3):
            new = verdicts([options.articles + number], names, options.in_feeds, long=True)
            store.save(Batch(claim=claim, now=NOW, judged_by="r", verdicts=tuple(new)))
            tell("one new article", *measured(work.publish))
        new = verdicts([options.articles + 9], names, options.in_feeds, long=True)
        store.save(Batch(claim=claim, now=NOW, judged_by="r", verdicts=tuple(new)))
        tell(
            "one new article, by a process that just started",
            *measured(publisher(store, specs, feeds, formats).publish),
        )
        for path in feeds.iterdir():
            path.unlink()
        found, cpu, wall = measured(work.publish)
        tell("everything anew, rendered before", found, cpu, wall)
        print(
            f"\neverything anew against feedgen alone: {sum(each.entries for each in found) / cpu / baseline:.1f} times"
        )
        store.close()


if __name__ == "__main__":
    main()
