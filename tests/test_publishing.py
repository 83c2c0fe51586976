"""How feeds come of the store, on a real one and with real files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from feedwatch.model import FeedSpec
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Published
from feedwatch.views import FeedView, Rendered
from tests.contract.builders import NOON, make_source
from tests.publish.atom_checker import ATOM
from tests.shelf import Shelf, all_feed

HISTORY = "{http://purl.org/syndication/history/1.0}"


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.store.close()


def test_every_format_is_written_with_the_list_of_feeds(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(1, 2)
    formats = ["atom", "rss", "json", "html"]
    assert shelf.publish(formats=formats) == [Published(feed_id="all", entries=2, written=True)]
    assert shelf.names() == {"all.atom", "all.rss", "all.json", "all.html", "index.opml"}
    assert [item["id"] for item in json.loads((shelf.folder / "all.json").read_bytes())["items"]] == [
        "urn:x:north:2",
        "urn:x:north:1",
    ]
    assert shelf.publish(formats=formats) == [Published(feed_id="all", entries=2, written=False)]


def test_format_that_is_no_longer_wanted_is_taken_away(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.publish(formats=["atom", "rss"])
    shelf.publish(formats=["atom"])
    assert shelf.names() == {"all.atom", "index.opml"}
    assert shelf.store.is_gone("all.rss")
    shelf.publish(formats=["atom", "rss"])
    assert not shelf.store.is_gone("all.rss")


def test_feed_that_breaks_keeps_none_of_those_after_it_from_being_written(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.begin(all_feed(id="first"), all_feed(id="second"), all_feed(id="third"))
    shelf.save(1, feeds=("first", "second", "third"))
    whole = FilePublisher.render_places

    def broken(self: FilePublisher, view: FeedView, *rest: Any) -> Rendered:
        if view.spec.id == "first":
            raise RecursionError("too deep")
        return whole(self, view, *rest)

    monkeypatch.setattr(FilePublisher, "render_places", broken)
    (shelf.folder / "second.atom").mkdir(parents=True)
    first, second, third = shelf.publish()
    assert "RecursionError: too deep" in first.error
    assert "second" in second.error
    assert (third.error, shelf.ids("third.atom")) == ("", [1])


def test_files_of_a_feed_that_left_are_taken_away(shelf: Shelf) -> None:
    shelf.begin(all_feed(), FeedSpec(id="other", title="Other"))
    shelf.save(*range(12))
    shelf.publish()
    gone = shelf.chain()
    shelf.begin(FeedSpec(id="other", title="Other"))
    shelf.publish()
    assert shelf.names() == {"other.atom", "index.opml"}
    assert all(shelf.store.is_gone(name) for name in gone)
    shelf.begin(all_feed())
    shelf.publish()
    assert shelf.chain() == gone
    assert not any(shelf.store.is_gone(name) for name in gone)


def test_renamed_feed_keeps_its_permanent_id(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    before = shelf.store.feed_states()["all"].id
    shelf.begin(FeedSpec(id="renamed", title="All", former=("all",)))
    assert shelf.store.feed_states()["renamed"].id == before


def test_weak_entries_are_left_out(shelf: Shelf) -> None:
    shelf.begin(all_feed(min_score=3))
    shelf.save(1, 2, score=2.9)
    shelf.save(3, score=3)
    shelf.publish()
    assert shelf.ids() == [3]


def test_strongest_entries_come_first_where_that_is_asked(shelf: Shelf) -> None:
    shelf.begin(all_feed(order="score", limit=2))
    for number, score in ((1, 5), (2, 1), (3, 9)):
        shelf.save(number, score=score)
    shelf.publish()
    assert shelf.ids() == [3, 1]


def test_order_of_publication_is_an_order_of_the_newest_entries(shelf: Shelf) -> None:
    shelf.begin(all_feed(order="published", limit=3))
    for number, hours in ((1, 1), (2, 3), (3, 2), (4, 9)):
        shelf.save(number, published_at=NOON - timedelta(hours=hours))
    shelf.publish()
    assert shelf.ids() == [3, 2, 4]


def test_only_what_is_new_is_read_in_full(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.begin(all_feed(), FeedSpec(id="other", title="Other"))
    publisher = FilePublisher(shelf.folder)
    monkeypatch.setattr("tests.shelf.FilePublisher", lambda *_, **__: publisher)
    shelf.save(1, 2, feeds=("all", "other"))
    shelf.publish()
    read: list[int] = []
    original = shelf.store.entries_of

    def entries_of(feed_id: str, keys: Sequence[int], **options: Any) -> Any:
        read.extend(keys)
        return original(feed_id, keys, **options)

    monkeypatch.setattr(shelf.store, "entries_of", entries_of)
    shelf.save(3, feeds=("all", "other"))
    shelf.publish()
    assert shelf.ids() == [3, 2, 1]
    assert shelf.ids("other.atom") == [3, 2, 1]
    assert len(read) == 1


@pytest.mark.parametrize("digest", ["daily", "weekly"])
def test_digest_lists_what_a_period_brought_once_it_is_over(shelf: Shelf, digest: str) -> None:
    shelf.begin(all_feed(digest=digest))
    shelf.save(1, 2)
    shelf.publish(NOON + timedelta(hours=11))
    assert shelf.read("all.atom").findall(f"{ATOM}entry") == []
    shelf.publish(NOON + timedelta(hours=13))
    (entry,) = shelf.read("all.atom").findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated") == "2026-03-02T00:00:00+00:00"
    name = "2026-03-01" if digest == "daily" else "2026-02-23 – 2026-03-01"
    assert entry.findtext(f"{ATOM}title") == f"All: {name} (2)"
    content = entry.findtext(f"{ATOM}content") or ""
    assert content.index("https://north.example/2") < content.index("https://north.example/1")


def test_digest_is_the_same_until_something_in_it_changes(shelf: Shelf) -> None:
    shelf.begin(all_feed(digest="daily"))
    shelf.save(1, 2)
    later = NOON + timedelta(hours=20)
    shelf.publish(later)
    before = (shelf.folder / "all.atom").read_bytes()
    shelf.save(60 * 19)
    assert [each.written for each in shelf.publish(later)] == [False]
    assert (shelf.folder / "all.atom").read_bytes() == before


def test_days_of_a_digest_are_those_of_its_time_zone(shelf: Shelf) -> None:
    shelf.begin(all_feed(digest="daily", time_zone="Asia/Tokyo"))
    shelf.save(1, 60 * 4)
    shelf.publish(NOON + timedelta(days=3))
    titles = [entry.findtext(f"{ATOM}title") for entry in shelf.read("all.atom").findall(f"{ATOM}entry")]
    assert titles == ["All: 2026-03-02 (1)", "All: 2026-03-01 (1)"]


def test_no_id_of_ten_thousand_changes_when_the_feed_is_renamed_and_everything_moves(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shelf = Shelf(old)
    shelf.begin(all_feed(limit=1000))
    numbers = range(10_000)
    shelf.save(*numbers)
    shelf.publish()
    before = {each.guid: each.id for each in shelf.store.sightings("all", limit=20_000)}
    in_files = atom_ids(old / "feeds")
    permanent = shelf.store.feed_states()["all"].id
    shelf.store.close()
    # Renamed, with another topic, on another host over https; source and store stand elsewhere.
    old.rename(new)
    shelf = Shelf(new)
    spec = FeedSpec(id="renamed", title="Other", where="topic:other", limit=1000, former=("all",))
    shelf.begun = [replace(spec, where="")]
    moved = [replace(make_source(), locator="https://moved.example/feed"), make_source("south")]
    shelf.store.begin(moved, [spec], base_url="https://other.example/feeds/", now=NOON)
    assert shelf.store.feed_states()["renamed"].id == permanent
    # Polled again there: every item is known, and keeps its id whatever it would get as a new one.
    known = shelf.store.known("north", [str(number) for number in numbers])
    assert {guid: each.id for guid, each in known.items()} == before
    shelf.save(*numbers, feeds=("renamed",), url="https://moved.example/page", id_of="urn:y:{number}")
    shelf.publish()
    assert {each.guid: each.id for each in shelf.store.sightings("renamed", limit=20_000)} == before
    after = atom_ids(new / "feeds")
    shelf.store.close()
    assert len(before) == len(in_files) == 10_000
    assert after == in_files


def atom_ids(folder: Path) -> set[str]:
    """The ids of all entries in the feeds of a folder and their archives."""
    roots = [ElementTree.fromstring(path.read_bytes()) for path in folder.glob("*.atom")]  # noqa: S314 - our own bytes
    return {entry.findtext(f"{ATOM}id") or "" for root in roots for entry in root.findall(f"{ATOM}entry")}
