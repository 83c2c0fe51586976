"""Archive documents of feeds, on a real store and with real files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from feedwatch.extract.article import MAX_BODY_CHARS, MAX_HTML_CHARS
from feedwatch.formats import MOST_BYTES, archive_number
from tests.contract.builders import NOON, make_article, make_verdict, save
from tests.publish.atom_checker import ATOM
from tests.shelf import Shelf, all_feed

HISTORY = "{http://purl.org/syndication/history/1.0}"


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.store.close()


def test_reader_that_was_away_finds_everything_in_the_archives(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(23))
    shelf.publish()
    assert shelf.ids() == [22, 21, 20, 19, 18]
    assert [shelf.ids(name) for name in shelf.chain()[1:]] == [
        [19, 18, 17, 16, 15],
        [14, 13, 12, 11, 10],
        [9, 8, 7, 6, 5],
        [4, 3, 2, 1, 0],
    ]
    for name in shelf.chain()[1:]:
        document = shelf.read(name)
        assert document.find(f"{HISTORY}archive") is not None
        links = {link.get("rel"): link.get("href") for link in document.findall(f"{ATOM}link")}
        assert links["self"] == f"https://feeds.example/{name}"
        assert links["current"] == "https://feeds.example/all.atom"
    assert shelf.read("all.atom").find(f"{HISTORY}archive") is None


def test_archives_are_never_written_again_while_the_past_stays(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(12))
    shelf.publish()
    before = {name: (shelf.folder / name).stat().st_mtime_ns for name in shelf.chain()[1:]}
    shelf.save(*range(12, 19))
    shelf.publish()
    after = {name: (shelf.folder / name).stat().st_mtime_ns for name in shelf.chain()[1:]}
    assert len(after) == 3
    assert before.items() <= after.items()


def test_correction_in_the_past_gives_that_document_a_new_name(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(23))
    shelf.publish()
    before = shelf.chain()
    shelf.save(11, title="Corrected", item_hash="2")
    shelf.publish()
    after = shelf.chain()
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True, True]
    assert shelf.store.is_gone(before[2])
    assert before[2] not in shelf.names()
    assert shelf.everything() == set(range(23))


def test_archives_have_the_same_names_in_whatever_order_their_entries_were_stored(tmp_path: Path) -> None:
    chains, files = [], []
    for number, sources in enumerate([("north", "south"), ("south", "north")]):
        (tmp_path / str(number)).mkdir()
        shelf = Shelf(tmp_path / str(number))
        shelf.begin(all_feed())
        for source in sources:
            same: dict[str, Any] = {"canonical_url": "https://example.org/both"}
            shelf.save(*range(0 if source == "north" else 1, 24, 2), source=source)
            shelf.save(30 if source == "north" else 31, source=source, **same)
        shelf.publish()
        chains.append(shelf.chain())
        files.append([(shelf.folder / name).read_bytes() for name in shelf.chain()])
        shelf.store.close()
    assert len(chains[0]) > 3
    assert chains[0] == chains[1]
    assert files[0] == files[1]


def test_entry_that_leaves_is_in_no_archive_any_more(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(23))
    shelf.publish()
    shelf.save(7, feeds=())
    shelf.publish()
    assert shelf.everything() == set(range(23)) - {7}
    shelf.save(*range(5), feeds=())
    shelf.publish()
    assert shelf.everything() == set(range(5, 23)) - {7}
    assert len([name for name in shelf.names() if "_archive-" in name]) == len(shelf.chain()) - 1


def test_what_cannot_be_written_to_its_end_leaves_no_link_to_nowhere(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(23))
    shelf.publish(formats=["atom", "html"])
    shelf.save(17, title="Corrected", item_hash="2")
    # The Atom document is written, the page is not.
    (shelf.folder / "all.html").unlink()
    (shelf.folder / "all.html").mkdir()
    assert shelf.publish(formats=["atom", "html"])[0].error
    assert shelf.everything() == set(range(23))
    # Nor does it when only another feed is written then.
    shelf.publish(formats=["atom", "html"], feed_ids=["other"])
    assert shelf.everything() == set(range(23))
    (shelf.folder / "all.html").rmdir()
    assert not shelf.publish(formats=["atom", "html"])[0].error
    assert {name for name in shelf.names() if "_archive" in name} == set(shelf.chain()[1:])


def test_lost_archive_is_written_again(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(23))
    shelf.publish()
    chain = shelf.chain()
    before = (shelf.folder / chain[2]).read_bytes()
    (shelf.folder / chain[2]).unlink()
    shelf.publish()
    assert shelf.chain() == chain
    assert (shelf.folder / chain[2]).read_bytes() == before


def test_page_that_comes_again_much_later_is_archived_once(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(0, canonical_url="https://page.example/")
    shelf.save(*range(1, 20))
    shelf.publish()
    shelf.save(30, source="south", canonical_url="https://page.example/")
    shelf.save(*range(31, 45))
    shelf.publish()
    assert shelf.everything() == {0, *range(1, 20), *range(31, 45)}


def test_many_entries_seen_at_one_moment_are_all_found(shelf: Shelf) -> None:
    shelf.begin(all_feed(limit=3))
    why = {"all": ()}
    verdicts = [make_verdict(make_article(str(n), id=f"urn:x:{n}"), feeds=why) for n in range(40)]
    save(shelf.store, shelf.claim(), *verdicts)
    shelf.publish()
    assert shelf.everything() == set(range(40))


@pytest.mark.parametrize("values", [{"max_age_s": 10**9}, {"digest": "daily"}, {"where": "age < 30d"}])
def test_feed_that_forgets_has_no_archives(shelf: Shelf, values: dict[str, Any]) -> None:
    shelf.begin(all_feed(**values))
    shelf.save(*range(23))
    shelf.publish(NOON + timedelta(days=2))
    assert shelf.chain() == ["all.atom"]


#: HTML of which some twenty entries fit into one document.
LARGE = "<p>Des soldats ont sécurisé le marché de Tillabéri.</p>\n" * 3_000


def check_sizes(shelf: Shelf) -> None:
    assert all(path.stat().st_size <= MOST_BYTES for path in shelf.folder.iterdir())


def test_what_does_not_fit_into_the_feed_is_in_archives_that_fit(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.begin(all_feed(limit=40))
    shelf.save(*range(35), html=LARGE)
    (published,) = shelf.publish(formats=["atom", "rss", "json"])
    check_sizes(shelf)
    shown = shelf.ids()
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == 34
    assert 10 < len(shown) < 35
    assert published.entries == len(shown)
    assert shelf.everything() == set(range(35))
    items = json.loads((shelf.folder / "all.json").read_bytes())["items"]
    assert [int(item["id"].rpartition(":")[2]) for item in items] == list(range(34, 34 - len(items), -1))
    assert items
    (told,) = [record.getMessage() for record in caplog.records if "fit into 4 MB" in record.getMessage()]
    assert f"Atom {len(shown)}, RSS " in told
    # One by one, whatever comes: nothing is ever missing, and what is archived stays.
    for number in range(35, 60, 3):
        before = set(shelf.chain()[1:])
        shelf.save(number, number + 1, number + 2, html=LARGE)
        shelf.publish()
        check_sizes(shelf)
        assert shelf.everything() == set(range(number + 3))
        assert before <= set(shelf.chain())


def test_small_entries_are_archived_as_if_there_were_no_bound(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    shelf.begin(all_feed(limit=300))
    shelf.save(*range(230))
    shelf.publish()
    assert [len(shelf.ids(name)) for name in shelf.chain()] == [230, 100, 100]
    assert "fit into" not in caplog.text


def test_what_was_seen_at_one_moment_has_several_documents(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    shelf.save(*range(7))
    verdicts = [
        make_verdict(make_article(str(number), id=f"urn:x:north:{number}", html=LARGE), feeds={"all": ()}, seen=NOON)
        for number in range(100, 130)
    ]
    save(shelf.store, shelf.claim(), *verdicts)
    shelf.publish()
    check_sizes(shelf)
    everything = {*range(7), *range(100, 130)}
    assert shelf.everything() == everything
    chain = shelf.chain()
    # The documents of one range have the same number.
    assert len({archive_number(name) for name in chain[1:]}) < len(chain) - 1
    shelf.save(*range(7, 20))
    shelf.publish()
    assert shelf.chain()[-len(chain) + 1 :] == chain[1:]
    assert shelf.everything() == everything | set(range(20))
    # A change in such a range costs its documents from that one on, and the next.
    before = shelf.chain()
    corrected = replace(verdicts[0].entry.article, item_hash="2", title="New")
    save(shelf.store, shelf.claim(), make_verdict(corrected, feeds={"all": ()}))
    shelf.publish()
    assert shelf.everything() == everything | set(range(20))
    assert len(set(before) - set(shelf.chain())) == 1
    assert {name for name in shelf.names() if "_archive" in name} == set(shelf.chain()[1:])


def test_range_that_grew_is_parted_and_those_after_it_keep_their_names(shelf: Shelf) -> None:
    shelf.begin(all_feed(limit=20, content="summary"))
    shelf.save(*range(30), html=LARGE)
    shelf.save(*range(30, 100))
    shelf.publish()
    before = shelf.chain()
    assert len(before) == 5
    shelf.begin(all_feed(limit=20))
    shelf.publish()
    check_sizes(shelf)
    assert len(shelf.chain()) > 5
    assert shelf.everything() == set(range(100))
    grown = shelf.chain()
    for number in range(100, 160):
        shelf.save(number)
    shelf.publish()
    assert shelf.everything() == set(range(160))
    assert shelf.chain()[-len(grown) + 1 :] == grown[1:]
    # One of the later ranges is corrected: its document and the one that leads to it, none besides.
    shelf.save(95, title="Corrected", item_hash="2")
    later = shelf.chain()
    shelf.publish()
    assert len(set(later) - set(shelf.chain())) == 1
    assert {name for name in shelf.names() if "_archive" in name} == set(shelf.chain()[1:])


def test_one_entry_that_is_as_large_as_any_can_be_fits(shelf: Shelf) -> None:
    shelf.begin(all_feed())
    for number, piece in enumerate(["&amp;", "<b>&lt;</b>", "😀", "م", "<br>"]):
        shelf.save(number, html=piece * (MAX_HTML_CHARS // len(piece)), body="😀" * MAX_BODY_CHARS)
    shelf.publish(formats=["atom", "rss", "json", "html"])
    check_sizes(shelf)
    assert shelf.everything() == set(range(5))


@pytest.mark.parametrize("order", ["published", "score"])
def test_other_orders_leave_out_what_they_need_least(shelf: Shelf, order: Literal["published", "score"]) -> None:
    shelf.begin(all_feed(limit=40, order=order, archive=False))
    for number in range(35):
        # Those first seen last were published first.
        shelf.save(number, html=LARGE, published_at=NOON - timedelta(days=number), score=1.0 + number % 7)
    shelf.publish()
    check_sizes(shelf)
    shown = shelf.ids()
    assert 10 < len(shown) < 35
    if order == "published":
        assert shown == list(range(35 - len(shown), 35))
    else:
        assert shown[:5] == [34, 27, 20, 13, 6]
        assert {number % 7 for number in set(range(35)) - set(shown)} <= {0, 1, 2, 3}
