"""Later jobs of articles: durable, leased, told apart by kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedwatch.errands import Done, Later, Retry
from feedwatch.errors import LeaseLost
from feedwatch.ledger import Event
from feedwatch.model import Validators
from feedwatch.store.sql import SqlStore
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_feeds,
    make_label,
    make_reason,
    make_source,
    make_verdict,
    save,
)


def fill(store: SqlStore, *guids: str, kinds: tuple[str, ...] = ("fulltext",), source_id: str = "north") -> None:
    articles = [make_article(guid, source_id=source_id) for guid in guids]
    # The lease of an earlier call has run out by then.
    polled = claim_one(store, source_id, now=after(700 * sum(1 for _ in store.entries())))
    save(store, polled, *(make_verdict(article, later=kinds) for article in articles))


def taken(store: SqlStore, later: Later, body: str, *, feeds: tuple[str, ...] = ()) -> Done:
    """What is written when the page's text was taken."""
    errand = store.errand(later)
    assert errand is not None
    entry = replace(errand.entry, article=replace(errand.entry.article, body=body, html=f"<p>{body}</p>"))
    verdict = replace(
        make_verdict(feeds={feed: (make_reason("ne", "Niamey"),) for feed in feeds}, labels=(make_label(),)),
        entry=replace(entry, labels=(make_label(),)),
    )
    page = Validators(etag='"p1"', last_modified="yesterday", body_hash="abc")
    return Done(now=after(5), judged_by="rules-2", verdict=verdict, page=page)


def claim(store: SqlStore, kind: str = "fulltext", *, seconds: float = 0, limit: int = 10) -> list[Later]:
    return store.claim_later(kind, now=after(seconds), limit=limit, lease_s=60)


def test_a_later_job_is_due_at_once_and_leased_once(store: SqlStore) -> None:
    fill(store, "a", "b")
    first = claim(store, limit=1)
    second = claim(store)
    assert len(first) == len(second) == 1
    assert {later.key for later in first} != {later.key for later in second}
    assert claim(store) == []
    assert first[0].attempts == 0


def test_kinds_are_claimed_apart(store: SqlStore) -> None:
    fill(store, "a", kinds=("fulltext", "image"))
    assert [later.kind for later in claim(store, "image")] == ["image"]
    assert [later.kind for later in claim(store)] == ["fulltext"]


def test_a_lease_that_ran_out_is_claimed_again_and_the_first_holder_is_refused(store: SqlStore) -> None:
    fill(store, "a")
    (slow,) = claim(store)
    (quick,) = claim(store, seconds=61)
    assert quick.attempts == 1
    with pytest.raises(LeaseLost):
        store.finish_later(slow, Done(now=after(62)))
    with pytest.raises(LeaseLost):
        store.retry_later(slow, Retry(at=after(600), error="late"))
    store.finish_later(quick, Done(now=after(62)))
    assert claim(store, seconds=10_000) == []


def test_a_job_that_failed_is_due_again_when_told(store: SqlStore) -> None:
    fill(store, "a")
    (later,) = claim(store)
    store.retry_later(later, Retry(at=after(600), error="HTTP 503"))
    assert claim(store, seconds=599) == []
    assert [each.attempts for each in claim(store, seconds=600)] == [1]


def test_a_restart_frees_what_a_kill_left_leased(store: SqlStore) -> None:
    fill(store, "a")
    claim(store)
    store.clear_leases()
    assert len(claim(store)) == 1


def test_a_page_s_text_takes_the_place_of_the_source_s_and_nothing_else_moves(store: SqlStore) -> None:
    fill(store, "a")
    (before,) = store.entries()
    version = store.feed_states()["one"].version
    (later,) = claim(store)
    store.finish_later(later, taken(store, later, "The whole text.", feeds=("one",)))
    (entry,) = store.entries()
    assert (entry.article.body, entry.article.html) == ("The whole text.", "<p>The whole text.</p>")
    assert (entry.key, entry.article.id, entry.article.item_hash) == (
        before.key,
        before.article.id,
        before.article.item_hash,
    )
    assert (entry.first_seen_at, entry.updated_at, entry.changes) == (before.first_seen_at, before.updated_at, 0)
    assert [label.rule for label in entry.labels] == ["ne"]
    assert [member.article.guid for member in store.members("one", limit=10)] == ["a"]
    assert store.count_unjudged("rules-2") == 0
    state = store.feed_states()["one"]
    assert (state.version, state.updated_at) == (version + 1, before.updated_at)
    assert claim(store, seconds=10_000) == []


def test_the_page_is_remembered_for_the_next_conditional_request(store: SqlStore) -> None:
    fill(store, "a")
    (later,) = claim(store)
    store.finish_later(later, taken(store, later, "The whole text."))
    assert {guid: text.body for guid, text in store.page_texts("north", ["a", "b"]).items()} == {"a": "The whole text."}
    fill(store, "a")
    (later,) = claim(store)
    errand = store.errand(later)
    assert errand is not None
    assert errand.page == Validators(etag='"p1"', last_modified="yesterday", body_hash="abc")


def test_an_article_that_comes_in_full_forgets_its_page_and_its_job(store: SqlStore) -> None:
    fill(store, "a", "b")
    for later in claim(store, limit=1):
        store.finish_later(later, taken(store, later, "The whole text."))
    fill(store, "a", "b", kinds=())
    assert store.page_texts("north", ["a", "b"]) == {}
    assert claim(store) == []


def test_an_article_that_was_saved_again_is_not_overwritten_by_the_job_that_was_under_way(store: SqlStore) -> None:
    fill(store, "a")
    (later,) = claim(store)
    done = taken(store, later, "The text of the page before.")
    fill(store, "a")
    with pytest.raises(LeaseLost):
        store.finish_later(later, done)
    (entry,) = store.entries()
    assert entry.article.body == "The text of item a."
    assert len(claim(store)) == 1


def test_giving_up_leaves_the_article_and_an_event(store: SqlStore) -> None:
    fill(store, "a")
    (later,) = claim(store)
    event = Event(source_id="north", at=after(9), kind="fulltext-failed", message="a paywall", locator="https://x/")
    store.finish_later(later, Done(now=after(9), event=event))
    assert store.events(source_id="north") == [event]
    (entry,) = store.entries()
    assert entry.article.body == "The text of item a."
    assert claim(store, seconds=10_000) == []


def test_sources_take_turns(store: SqlStore) -> None:
    fill(store, *map(str, range(9)))
    fill(store, "x", "y", source_id="south")
    found = store.claim_later("fulltext", now=NOON, limit=5, lease_s=60, per_source=3)
    assert [later.source_id for later in found] == ["north", "south", "north", "south", "north"]
    assert [later.url for later in found][1] == "https://south.example/x"
    busy = store.claim_later("fulltext", now=NOON, limit=5, lease_s=60, per_source=3, busy=["north"])
    assert busy == []
    assert len(store.claim_later("fulltext", now=NOON, limit=5, lease_s=60, per_source=3)) == 3


def test_pages_of_a_source_that_left_the_configuration_are_not_fetched(store: SqlStore) -> None:
    fill(store, "a")
    store.begin([make_source("south")], make_feeds("one"), base_url=BASE_URL, now=NOON)
    assert claim(store) == []
    store.begin([make_source("north")], make_feeds("one"), base_url=BASE_URL, now=NOON)
    assert len(claim(store)) == 1


def test_a_server_that_wants_rest_gets_it_from_all_jobs_of_the_source(store: SqlStore) -> None:
    fill(store, "a", "b")
    fill(store, "x", source_id="south")
    first, *_ = claim(store, limit=1)
    store.retry_later(first, Retry(at=after(300), error="HTTP 429", untried=True, rest_until=after(300)))
    assert [later.source_id for later in claim(store)] == ["south"]
    again = [later for later in claim(store, seconds=300) if later.source_id == "north"]
    assert [later.attempts for later in again] == [0, 0]


def test_the_status_of_a_source_counts_the_pages_that_wait(store: SqlStore) -> None:
    assert store.next_later_at("fulltext") is None
    fill(store, "a", "b")
    assert {status.source_id: status.waiting for status in store.statuses()} == {"north": 2, "south": 0}
    assert store.next_later_at("fulltext") == NOON
