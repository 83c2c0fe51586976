"""What the store lets go, what it remembers of it, and what it hides."""

from __future__ import annotations

from dataclasses import replace

from feedwatch.ledger import Batch, Event
from feedwatch.model import Content
from feedwatch.store.sql import SqlStore
from feedwatch.upkeep import Retention
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_feeds,
    make_label,
    make_reason,
    make_shown,
    make_source,
    make_verdict,
    save,
)

DAY = 86_400.0


def fill(store: SqlStore, *days: float, source_id: str = "north", feeds: tuple[str, ...] = ("one",)) -> None:
    """One entry for each number of days ago, its guid."""
    claim = claim_one(store, source_id)
    verdicts = [
        make_verdict(
            make_article(f"{source_id}-{age:g}", source_id=source_id),
            seen=after(-age * DAY),
            labels=(make_label(),),
            feeds={feed: (make_reason(),) for feed in feeds},
            later=("fulltext",),
        )
        for age in days
    ]
    save(store, claim, *verdicts)
    store.release([claim])


def guids(store: SqlStore) -> set[str]:
    return {entry.article.guid for entry in store.entries()}


def test_without_a_rule_everything_is_kept(store: SqlStore) -> None:
    fill(store, 1, 10_000)
    assert store.purge(Retention(), NOON) == 0
    assert len(guids(store)) == 2


def test_what_is_too_old_goes_with_all_that_hangs_on_it(store: SqlStore) -> None:
    fill(store, 1, 9, 11, 12)
    before = store.feed_states()["one"].version
    assert store.purge(Retention(usual_s=10 * 86_400), NOON) == 2
    assert store.purge(Retention(usual_s=10 * 86_400), NOON) == 0
    assert guids(store) == {"north-1", "north-9"}
    assert store.count_members()["one"] == 2
    assert store.feed_states()["one"].version > before
    assert len(store.claim_later("fulltext", now=after(1), limit=9, lease_s=9)) == 2


def test_sources_and_feeds_have_a_say(store: SqlStore) -> None:
    fill(store, 5, 50, feeds=("one",))
    fill(store, 5, 50, 500, source_id="south", feeds=("two",))
    rules = Retention(usual_s=10 * 86_400, by_source={"south": 3 * 86_400}, by_feed={"two": 100 * 86_400})
    assert store.purge(rules, NOON) == 2
    assert guids(store) == {"north-5", "south-5", "south-50"}


def test_what_was_let_go_stays_known(store: SqlStore) -> None:
    fill(store, 20)
    store.purge(Retention(usual_s=86_400), NOON)
    (known,) = store.known("north", ["north-20", "other"]).values()
    assert (known.guid, known.id, known.gone_listed_at) == ("north-20", "urn:item:north-20", NOON)
    assert known.first_seen_at == after(-20 * DAY)
    fill(store, 1)
    assert store.known("north", ["north-1"])["north-1"].gone_listed_at is None


def test_a_tombstone_stays_while_its_source_lists_the_item(store: SqlStore) -> None:
    fill(store, 20, 21)
    store.purge(Retention(usual_s=86_400), NOON)
    for days in (50, 100):
        claim = claim_one(store, now=after(days * DAY))
        store.save(Batch(claim=claim, now=after(days * DAY), judged_by="r", listed=("north-20",)))
        store.release([claim])
        store.purge_memory(events_before=NOON)
    assert set(store.known("north", ["north-20", "north-21"])) == {"north-20"}


def test_a_source_that_was_not_read_since_keeps_its_tombstones(store: SqlStore) -> None:
    fill(store, 20)
    store.purge(Retention(usual_s=86_400), NOON)
    store.purge_memory(events_before=after(9_000 * DAY))
    assert set(store.known("north", ["north-20"])) == {"north-20"}


def test_old_events_go(store: SqlStore) -> None:
    claim = claim_one(store)
    told = [Event(source_id="north", at=after(moment), kind="zero-items", message="x") for moment in (-10, 10)]
    store.save(Batch(claim=claim, now=NOON, judged_by="r", events=tuple(told)))
    assert store.purge_memory(events_before=NOON) == 1
    assert [event.at for event in store.events()] == [after(10)]


def test_compacting_harms_nothing(store: SqlStore) -> None:
    fill(store, *range(50))
    store.purge(Retention(usual_s=86_400), NOON)
    store.compact()
    assert len(guids(store)) == 2


# --- hiding ----------------------------------------------------------------------------------------------


def members(store: SqlStore, feed: str = "one") -> set[str]:
    return {entry.article.guid for entry in store.members(feed, limit=99)}


def test_what_is_hidden_is_in_no_feed_and_no_list_until_it_is_shown_again(store: SqlStore) -> None:
    fill(store, 1, 2)
    before = store.feed_states()["one"].version
    (taken,) = store.hide("urn:item:north-1", "asked for", NOON)
    assert (taken.title, taken.note, taken.page) == ("Item north-1", "asked for", "https://north.example/north-1")
    assert members(store) == guids(store) == {"north-2"}
    assert store.hidden() == [taken]
    assert store.feed_states()["one"].version > before
    assert store.unhide("https://north.example/north-1") == [taken]
    assert members(store) == {"north-1", "north-2"}
    assert store.feed_states()["one"].version > before + 1
    assert store.hidden() == []


def test_every_sighting_of_the_page_is_hidden_also_later_ones(store: SqlStore) -> None:
    page = "https://north.example/north-1"
    fill(store, 1)
    store.hide(page, "", NOON)
    claim = claim_one(store, "south")
    copy = make_verdict(make_article("x", source_id="south", canonical_url=page), feeds={"one": ()})
    save(store, claim, copy)
    assert members(store) == set()


def test_what_is_hidden_stays_so_when_it_is_polled_and_judged_again(store: SqlStore) -> None:
    fill(store, 1)
    store.hide("urn:item:north-1", "", NOON)
    fill(store, 1)
    entries = store.unjudged("new", 9)
    assert len(entries) == 1
    store.rejudge([replace(make_verdict(feeds={"two": ()}), entry=entries[0])], "new")
    assert members(store) == members(store, "two") == set()


def test_a_whole_source_is_taken_down_with_all_it_will_bring_and_nothing_else(store: SqlStore) -> None:
    fill(store, 1)
    fill(store, 2, source_id="south")
    before = store.feed_states()["one"].version
    (taken,) = store.hide("source:north", "asked by its publisher", NOON)
    assert (taken.id, taken.page, taken.note) == ("source:north", "", "asked by its publisher")
    assert store.feed_states()["one"].version > before
    fill(store, 3)
    assert members(store) == guids(store) == {"south-2"}
    assert store.hide("source:nobody", "", NOON) == []
    assert store.unhide("source:north") == [taken]
    assert members(store) == {"north-1", "south-2", "north-3"}


def test_hiding_what_is_not_there_hides_nothing(store: SqlStore) -> None:
    assert store.hide("urn:item:nothing", "", NOON) == []
    assert store.unhide("urn:item:nothing") == []


def test_what_a_source_allows_to_be_shown_raises_the_feeds_that_have_it_from_its_oldest_member_on(
    store: SqlStore,
) -> None:
    fill(store, 1, 3, feeds=("one",))
    fill(store, 2, source_id="south", feeds=("one", "two"))
    before = store.feed_states()
    sources = [make_source(), make_source("south")]

    def begin(*allowed: Content) -> None:
        configured = [replace(each, content=content) for each, content in zip(sources, allowed, strict=False)]
        store.begin(configured, make_feeds("one", "two"), base_url=BASE_URL, now=NOON)

    begin("full", "full")
    assert store.content_limits() == {}
    assert store.feed_states() == before
    store.mark_published([make_shown(feed_id, state.version) for feed_id, state in before.items()], gone=[], now=NOON)
    begin("link", "full")
    assert store.content_limits() == {"north": "link"}
    raised = store.feed_states()
    assert raised["one"].version == before["one"].version + 1
    assert raised["one"].changed_since == after(-3 * DAY)
    assert raised["one"].updated_at == before["one"].updated_at
    assert raised["two"].version == before["two"].version
    begin("link", "full")
    assert store.feed_states() == raised
    # One that leaves is remembered.
    sources.reverse()
    begin("full")
    assert store.content_limits() == {"north": "link"}
