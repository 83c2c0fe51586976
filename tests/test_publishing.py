"""How feeds come of the store, on a real one and with real files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from feedwatch.clock import Clock
from feedwatch.judge import Question
from feedwatch.ledger import Claim
from feedwatch.model import FeedSpec, Reason
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Published, Publishing
from feedwatch.rules.where import parse_where
from feedwatch.store.opening import open_store
from feedwatch.views import FeedView
from tests.contract.builders import NOON, claim_one, make_article, make_source, make_verdict, save
from tests.publish.atom_checker import ATOM, check_atom

HISTORY = "{http://purl.org/syndication/history/1.0}"


class Desk:
    """A store with the feeds that are asked for, and their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "feeds"
        self.store = open_store("sqlite:///store.db", base_dir=folder)
        self.begun: list[FeedSpec] = []
        self.claims: dict[str, Claim] = {}

    def begin(self, *specs: FeedSpec) -> None:
        self.begun = list(specs)
        self.store.begin([make_source(), make_source("south")], specs, base_url="https://feeds.example/", now=NOON)

    def save(
        self,
        *numbers: int,
        source: str = "north",
        feeds: Sequence[str] = ("all",),
        score: float = 1.0,
        id_of: str = "urn:x:{source}:{number}",
        **values: Any,
    ) -> None:
        """Articles first seen so many minutes after noon."""
        why = (Reason(facet="topic", rule="t", name="T", code=None, score=score, standing="about", terms=()),)
        verdicts = [
            make_verdict(
                make_article(
                    str(number),
                    source_id=source,
                    id=id_of.format(source=source, number=number),
                    **{"url": f"https://{source}.example/{number}", "canonical_url": None, **values},
                ),
                feeds=dict.fromkeys(feeds, why),
                seen=NOON + timedelta(minutes=number),
            )
            for number in numbers
        ]
        save(self.store, self.claim(source), *verdicts)

    def claim(self, source: str = "north") -> Claim:
        if source not in self.claims:
            self.claims[source] = claim_one(self.store, source)
        return self.claims[source]

    def publish(self, at: datetime = NOON, formats: Sequence[str] = ("atom",), **options: Any) -> list[Published]:
        self.store.tick(at)
        publishing = Publishing(
            questions=[
                Question(spec=spec, where=parse_where(spec.where, regions=[], topics=[], sources=[]))
                for spec in self.begun
            ],
            store=self.store,
            publisher=FilePublisher(self.folder, formats=formats),
            clock=Clock(at),
            base_url="https://feeds.example/",
        )
        return publishing.publish(**options)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def read(self, name: str) -> ElementTree.Element:
        return check_atom((self.folder / name).read_bytes())

    def ids(self, name: str = "all.atom") -> list[int]:
        """Numbers of the articles that a document shows."""
        found = [entry.findtext(f"{ATOM}id") or "" for entry in self.read(name).findall(f"{ATOM}entry")]
        return [int(each.rpartition(":")[2]) for each in found]

    def chain(self, feed_id: str = "all") -> list[str]:
        """Names of the documents from the feed on back."""
        names = [f"{feed_id}.atom"]
        while (link := self.read(names[-1]).find(f"{ATOM}link[@rel='prev-archive']")) is not None:
            names.append((link.get("href") or "").rpartition("/")[2])
        return names

    def everything(self, feed_id: str = "all") -> set[int]:
        """What a reader finds who follows the archives."""
        return {number for name in self.chain(feed_id) for number in self.ids(name)}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def all_feed(**values: Any) -> FeedSpec:
    return replace(FeedSpec(id="all", title="All", limit=5), **values)


def test_every_format_is_written_with_the_list_of_feeds(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(1, 2)
    formats = ["atom", "rss", "json", "html"]
    assert desk.publish(formats=formats) == [Published(feed_id="all", entries=2, written=True)]
    assert desk.names() == {"all.atom", "all.rss", "all.json", "all.html", "index.opml"}
    assert [item["id"] for item in json.loads((desk.folder / "all.json").read_bytes())["items"]] == [
        "urn:x:north:2",
        "urn:x:north:1",
    ]
    assert desk.publish(formats=formats) == [Published(feed_id="all", entries=2, written=False)]


def test_format_that_is_no_longer_wanted_is_taken_away(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.publish(formats=["atom", "rss"])
    desk.publish(formats=["atom"])
    assert desk.names() == {"all.atom", "index.opml"}
    assert desk.store.is_gone("all.rss")
    desk.publish(formats=["atom", "rss"])
    assert not desk.store.is_gone("all.rss")


def test_reader_that_was_away_finds_everything_in_the_archives(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(23))
    desk.publish()
    assert desk.ids() == [22, 21, 20, 19, 18]
    assert [desk.ids(name) for name in desk.chain()[1:]] == [
        [19, 18, 17, 16, 15],
        [14, 13, 12, 11, 10],
        [9, 8, 7, 6, 5],
        [4, 3, 2, 1, 0],
    ]
    for name in desk.chain()[1:]:
        document = desk.read(name)
        assert document.find(f"{HISTORY}archive") is not None
        links = {link.get("rel"): link.get("href") for link in document.findall(f"{ATOM}link")}
        assert links["self"] == f"https://feeds.example/{name}"
        assert links["current"] == "https://feeds.example/all.atom"
    assert desk.read("all.atom").find(f"{HISTORY}archive") is None


def test_archives_are_never_written_again_while_the_past_stays(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(12))
    desk.publish()
    before = {name: (desk.folder / name).stat().st_mtime_ns for name in desk.chain()[1:]}
    desk.save(*range(12, 19))
    desk.publish()
    after = {name: (desk.folder / name).stat().st_mtime_ns for name in desk.chain()[1:]}
    assert len(after) == 3
    assert before.items() <= after.items()


def test_correction_in_the_past_gives_that_document_a_new_name(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(23))
    desk.publish()
    before = desk.chain()
    desk.save(11, title="Corrected", item_hash="2")
    desk.publish()
    after = desk.chain()
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True, True]
    assert desk.store.is_gone(before[2])
    assert before[2] not in desk.names()
    assert desk.everything() == set(range(23))


def test_archives_have_the_same_names_in_whatever_order_their_entries_were_stored(tmp_path: Path) -> None:
    chains, files = [], []
    for number, sources in enumerate([("north", "south"), ("south", "north")]):
        (tmp_path / str(number)).mkdir()
        desk = Desk(tmp_path / str(number))
        desk.begin(all_feed())
        for source in sources:
            same: dict[str, Any] = {"canonical_url": "https://example.org/both"}
            desk.save(*range(0 if source == "north" else 1, 24, 2), source=source)
            desk.save(30 if source == "north" else 31, source=source, **same)
        desk.publish()
        chains.append(desk.chain())
        files.append([(desk.folder / name).read_bytes() for name in desk.chain()])
        desk.store.close()
    assert len(chains[0]) > 3
    assert chains[0] == chains[1]
    assert files[0] == files[1]


def test_entry_that_leaves_is_in_no_archive_any_more(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(23))
    desk.publish()
    desk.save(7, feeds=())
    desk.publish()
    assert desk.everything() == set(range(23)) - {7}
    desk.save(*range(5), feeds=())
    desk.publish()
    assert desk.everything() == set(range(5, 23)) - {7}
    assert len([name for name in desk.names() if "_archive-" in name]) == len(desk.chain()) - 1


def test_what_cannot_be_written_to_its_end_leaves_no_link_to_nowhere(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(23))
    desk.publish(formats=["atom", "html"])
    desk.save(17, title="Corrected", item_hash="2")
    # The Atom document is written, the page is not.
    (desk.folder / "all.html").unlink()
    (desk.folder / "all.html").mkdir()
    assert desk.publish(formats=["atom", "html"])[0].error
    assert desk.everything() == set(range(23))
    # Nor does it when only another feed is written then.
    desk.publish(formats=["atom", "html"], feed_ids=["other"])
    assert desk.everything() == set(range(23))
    (desk.folder / "all.html").rmdir()
    assert not desk.publish(formats=["atom", "html"])[0].error
    assert {name for name in desk.names() if "_archive" in name} == set(desk.chain()[1:])


def test_feed_that_breaks_keeps_none_of_those_after_it_from_being_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.begin(all_feed(id="first"), all_feed(id="second"), all_feed(id="third"))
    desk.save(1, feeds=("first", "second", "third"))
    whole = FilePublisher.render_places

    def broken(self: FilePublisher, view: FeedView, *rest: Any) -> dict[str, bytes]:
        if view.spec.id == "first":
            raise RecursionError("too deep")
        return whole(self, view, *rest)

    monkeypatch.setattr(FilePublisher, "render_places", broken)
    (desk.folder / "second.atom").mkdir(parents=True)
    first, second, third = desk.publish()
    assert "RecursionError: too deep" in first.error
    assert "second" in second.error
    assert (third.error, desk.ids("third.atom")) == ("", [1])


def test_lost_archive_is_written_again(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(*range(23))
    desk.publish()
    chain = desk.chain()
    before = (desk.folder / chain[2]).read_bytes()
    (desk.folder / chain[2]).unlink()
    desk.publish()
    assert desk.chain() == chain
    assert (desk.folder / chain[2]).read_bytes() == before


def test_page_that_comes_again_much_later_is_archived_once(desk: Desk) -> None:
    desk.begin(all_feed())
    desk.save(0, canonical_url="https://page.example/")
    desk.save(*range(1, 20))
    desk.publish()
    desk.save(30, source="south", canonical_url="https://page.example/")
    desk.save(*range(31, 45))
    desk.publish()
    assert desk.everything() == {0, *range(1, 20), *range(31, 45)}


def test_many_entries_seen_at_one_moment_are_all_found(desk: Desk) -> None:
    desk.begin(all_feed(limit=3))
    why = {"all": ()}
    verdicts = [make_verdict(make_article(str(n), id=f"urn:x:{n}"), feeds=why) for n in range(40)]
    save(desk.store, desk.claim(), *verdicts)
    desk.publish()
    assert desk.everything() == set(range(40))


@pytest.mark.parametrize("values", [{"max_age_s": 10**9}, {"digest": "daily"}, {"where": "age < 30d"}])
def test_feed_that_forgets_has_no_archives(desk: Desk, values: dict[str, Any]) -> None:
    desk.begin(all_feed(**values))
    desk.save(*range(23))
    desk.publish(NOON + timedelta(days=2))
    assert desk.chain() == ["all.atom"]


def test_files_of_a_feed_that_left_are_taken_away(desk: Desk) -> None:
    desk.begin(all_feed(), FeedSpec(id="other", title="Other"))
    desk.save(*range(12))
    desk.publish()
    gone = desk.chain()
    desk.begin(FeedSpec(id="other", title="Other"))
    desk.publish()
    assert desk.names() == {"other.atom", "index.opml"}
    assert all(desk.store.is_gone(name) for name in gone)
    desk.begin(all_feed())
    desk.publish()
    assert desk.chain() == gone
    assert not any(desk.store.is_gone(name) for name in gone)


def test_renamed_feed_keeps_its_permanent_id(desk: Desk) -> None:
    desk.begin(all_feed())
    before = desk.store.feed_states()["all"].id
    desk.begin(FeedSpec(id="renamed", title="All", former=("all",)))
    assert desk.store.feed_states()["renamed"].id == before


def test_weak_entries_are_left_out(desk: Desk) -> None:
    desk.begin(all_feed(min_score=3))
    desk.save(1, 2, score=2.9)
    desk.save(3, score=3)
    desk.publish()
    assert desk.ids() == [3]


def test_strongest_entries_come_first_where_that_is_asked(desk: Desk) -> None:
    desk.begin(all_feed(order="score", limit=2))
    for number, score in ((1, 5), (2, 1), (3, 9)):
        desk.save(number, score=score)
    desk.publish()
    assert desk.ids() == [3, 1]


def test_order_of_publication_is_an_order_of_the_newest_entries(desk: Desk) -> None:
    desk.begin(all_feed(order="published", limit=3))
    for number, hours in ((1, 1), (2, 3), (3, 2), (4, 9)):
        desk.save(number, published_at=NOON - timedelta(hours=hours))
    desk.publish()
    assert desk.ids() == [3, 2, 4]


def test_only_what_is_new_is_read_in_full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.begin(all_feed(), FeedSpec(id="other", title="Other"))
    publisher = FilePublisher(desk.folder)
    monkeypatch.setattr("tests.test_publishing.FilePublisher", lambda *_, **__: publisher)
    desk.save(1, 2, feeds=("all", "other"))
    desk.publish()
    read: list[int] = []
    original = desk.store.entries_of

    def entries_of(feed_id: str, keys: Sequence[int], **options: Any) -> Any:
        read.extend(keys)
        return original(feed_id, keys, **options)

    monkeypatch.setattr(desk.store, "entries_of", entries_of)
    desk.save(3, feeds=("all", "other"))
    desk.publish()
    assert desk.ids() == [3, 2, 1]
    assert desk.ids("other.atom") == [3, 2, 1]
    assert len(read) == 1


@pytest.mark.parametrize("digest", ["daily", "weekly"])
def test_digest_lists_what_a_period_brought_once_it_is_over(desk: Desk, digest: str) -> None:
    desk.begin(all_feed(digest=digest))
    desk.save(1, 2)
    desk.publish(NOON + timedelta(hours=11))
    assert desk.read("all.atom").findall(f"{ATOM}entry") == []
    desk.publish(NOON + timedelta(hours=13))
    (entry,) = desk.read("all.atom").findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated") == "2026-03-02T00:00:00+00:00"
    name = "2026-03-01" if digest == "daily" else "2026-02-23 – 2026-03-01"
    assert entry.findtext(f"{ATOM}title") == f"All: {name} (2)"
    content = entry.findtext(f"{ATOM}content") or ""
    assert content.index("https://north.example/2") < content.index("https://north.example/1")


def test_digest_is_the_same_until_something_in_it_changes(desk: Desk) -> None:
    desk.begin(all_feed(digest="daily"))
    desk.save(1, 2)
    later = NOON + timedelta(hours=20)
    desk.publish(later)
    before = (desk.folder / "all.atom").read_bytes()
    desk.save(60 * 19)
    assert [each.written for each in desk.publish(later)] == [False]
    assert (desk.folder / "all.atom").read_bytes() == before


def test_days_of_a_digest_are_those_of_its_time_zone(desk: Desk) -> None:
    desk.begin(all_feed(digest="daily", time_zone="Asia/Tokyo"))
    desk.save(1, 60 * 4)
    desk.publish(NOON + timedelta(days=3))
    titles = [entry.findtext(f"{ATOM}title") for entry in desk.read("all.atom").findall(f"{ATOM}entry")]
    assert titles == ["All: 2026-03-02 (1)", "All: 2026-03-01 (1)"]


def test_no_id_of_ten_thousand_changes_when_the_feed_is_renamed_and_everything_moves(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    desk = Desk(old)
    desk.begin(all_feed(limit=1000))
    numbers = range(10_000)
    desk.save(*numbers)
    desk.publish()
    before = {each.guid: each.id for each in desk.store.sightings("all", limit=20_000)}
    in_files = atom_ids(old / "feeds")
    permanent = desk.store.feed_states()["all"].id
    desk.store.close()
    # Renamed, with another topic, on another host over https; source and store stand elsewhere.
    old.rename(new)
    desk = Desk(new)
    spec = FeedSpec(id="renamed", title="Other", where="topic:other", limit=1000, former=("all",))
    desk.begun = [replace(spec, where="")]
    moved = [replace(make_source(), locator="https://moved.example/feed"), make_source("south")]
    desk.store.begin(moved, [spec], base_url="https://other.example/feeds/", now=NOON)
    assert desk.store.feed_states()["renamed"].id == permanent
    # Polled again there: every item is known, and keeps its id whatever it would get as a new one.
    known = desk.store.known("north", [str(number) for number in numbers])
    assert {guid: each.id for guid, each in known.items()} == before
    desk.save(*numbers, feeds=("renamed",), url="https://moved.example/page", id_of="urn:y:{number}")
    desk.publish()
    assert {each.guid: each.id for each in desk.store.sightings("renamed", limit=20_000)} == before
    after = atom_ids(new / "feeds")
    desk.store.close()
    assert len(before) == len(in_files) == 10_000
    assert after == in_files


def atom_ids(folder: Path) -> set[str]:
    """The ids of all entries in the feeds of a folder and their archives."""
    roots = [ElementTree.fromstring(path.read_bytes()) for path in folder.glob("*.atom")]  # noqa: S314 - our own bytes
    return {entry.findtext(f"{ATOM}id") or "" for root in roots for entry in root.findall(f"{ATOM}entry")}
