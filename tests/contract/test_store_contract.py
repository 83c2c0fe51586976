"""What every store keeps: sources, leases, and the state of a poll."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from feedwatch.errors import LeaseLost, StoreError
from feedwatch.ledger import Batch, Claim, DocumentState, Event, Reject, SourceState
from feedwatch.model import Validators
from feedwatch.store.sql import SqlStore
from feedwatch.urls import uuid_urn
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_document,
    make_feeds,
    make_shown,
    make_source,
    make_verdict,
    save,
)
from tests.contract.conftest import Home

# --- begin: what the configuration names ----------------------------------------------------------------


def test_new_sources_are_due_at_once(store: SqlStore) -> None:
    assert store.next_due_at() == NOON
    assert [claim.source_id for claim in store.claim_due(now=NOON, limit=9, lease_s=60)] == ["north", "south"]


def test_a_store_without_sources_is_never_due(home: Home) -> None:
    store = home.open()
    assert store.next_due_at() is None
    assert store.claim_due(now=NOON, limit=9, lease_s=60) == []
    assert store.statuses() == []
    assert store.feed_states() == {}
    assert store.count_members() == {}
    assert list(store.entries()) == []


def test_a_source_that_leaves_is_never_due_and_keeps_its_entries(store: SqlStore) -> None:
    save(store, claim_one(store, "south"), make_verdict(make_article(source_id="south")))
    store.begin([make_source("north")], [], base_url=BASE_URL, now=after(60))
    store.clear_leases()
    assert [claim.source_id for claim in store.claim_due(now=after(9e6), limit=9, lease_s=60)] == ["north"]
    assert store.claim_due(now=after(9e6), limit=9, lease_s=60, source_ids=["south"], force=True) == []
    assert [status.source_id for status in store.statuses()] == ["north"]
    assert [entry.article.source_id for entry in store.entries()] == ["south"]


def test_a_source_that_comes_back_remembers_its_documents_and_when_it_is_due(store: SqlStore) -> None:
    claim = claim_one(store)
    document = DocumentState(locator="feed", validators=Validators(etag="1"))
    state = SourceState(next_due_at=after(3600), failures=2, error="no answer")
    store.save(Batch(claim=claim, now=NOON, judged_by="r", documents=(document,), state=state))
    store.begin([], [], base_url=BASE_URL, now=after(1))
    assert store.next_due_at() is None
    store.begin([make_source("north")], [], base_url=BASE_URL, now=after(2))
    assert store.next_due_at() == after(3600)
    assert store.validators("north") == {"feed": Validators(etag="1")}
    assert store.statuses()[0].failures == 2


def test_a_source_that_moved_forgets_its_documents_and_is_due_at_once(store: SqlStore) -> None:
    claim = claim_one(store)
    documents = (DocumentState(locator="feed", validators=Validators(etag="1")),)
    state = SourceState(next_due_at=after(9000), failures=3, error="gone")
    store.save(Batch(claim=claim, now=NOON, judged_by="r", documents=documents, state=state))
    store.begin([make_source("north", locator="https://new.example/")], [], base_url=BASE_URL, now=after(60))
    assert store.validators("north") == {}
    assert store.next_due_at() == after(60)
    (status,) = store.statuses()
    assert (status.failures, status.error, status.last_polled_at) == (0, "", NOON)


def test_what_was_fetched_from_the_old_place_is_not_saved_after_a_move(store: SqlStore) -> None:
    claim = claim_one(store)
    store.begin([make_source("north", locator="https://new.example/")], [], base_url=BASE_URL, now=after(1))
    with pytest.raises(LeaseLost):
        save(store, claim, make_verdict())
    assert list(store.entries()) == []


def test_a_configured_title_wins_over_the_sources_own(home: Home) -> None:
    store = home.open()
    store.begin([make_source("a", title="Ours"), make_source("b")], [], base_url=BASE_URL, now=NOON)
    for source_id in ("a", "b"):
        state = SourceState(next_due_at=NOON, title="Theirs")
        store.save(Batch(claim=claim_one(store, source_id), now=NOON, judged_by="r", state=state))
    assert [status.title for status in store.statuses()] == ["Ours", "Theirs"]
    store.begin([make_source("a"), make_source("b")], [], base_url=BASE_URL, now=NOON)
    assert [status.title for status in store.statuses()] == ["Theirs", "Theirs"]


def test_feed_ids_come_from_the_first_base_url_for_ever(store: SqlStore) -> None:
    before = store.feed_states()
    store.begin([], make_feeds("one", "two", "three"), base_url="https://elsewhere.example/", now=after(60))
    states = store.feed_states()
    assert before["one"].id == states["one"].id == uuid_urn(BASE_URL, "one")
    assert states["three"].id == uuid_urn(BASE_URL, "three")
    assert [state.created_at for state in states.values()] == [NOON, after(60), NOON]
    assert list(states) == ["one", "three", "two"]


def test_a_new_feed_is_out_of_date_and_has_no_update_yet(store: SqlStore) -> None:
    state = store.feed_states()["one"]
    assert state.version != state.published_version
    assert (state.updated_at, dict(state.file_hashes), state.render_key) == (None, {}, "")


def test_a_feed_that_comes_back_has_its_id_and_is_written_anew(store: SqlStore) -> None:
    before = store.feed_states()["one"]
    store.mark_published(
        [make_shown("one", before.version, render_key="k", file_hashes={"atom": "h"}, entries=3)], now=NOON
    )
    store.begin([], make_feeds("two"), base_url=BASE_URL, now=after(60))
    assert list(store.feed_states()) == ["two"]
    store.begin([], make_feeds("one", "two"), base_url=BASE_URL, now=after(120))
    state = store.feed_states()["one"]
    assert (state.id, state.created_at) == (before.id, before.created_at)
    assert state.version != state.published_version
    assert dict(state.file_hashes) == {}


def test_beginning_again_changes_nothing(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict(feeds={"one": ()}))
    before = (store.statuses(), store.feed_states(), store.next_due_at())
    store.begin([make_source("south"), make_source("north")], make_feeds("two", "one"), base_url="x:", now=after(9))
    assert (store.statuses(), store.feed_states(), store.next_due_at()) == before


# --- ticks ----------------------------------------------------------------------------------------------


def test_the_newest_tick_never_goes_back(store: SqlStore) -> None:
    assert store.newest_tick() is None
    for offset, newest in [(0, 0), (60, 60), (30, 60), (-1e6, 60), (60.5, 60.5), (61, 61)]:
        store.tick(after(offset))
        assert store.newest_tick() == after(newest)
    tick = store.newest_tick()
    assert tick is not None
    assert tick.tzinfo is UTC


# --- claims ---------------------------------------------------------------------------------------------


def test_a_claim_tells_the_end_of_the_lease_and_the_failures(store: SqlStore) -> None:
    state = SourceState(next_due_at=NOON, failures=4, error="x")
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", state=state))
    claim = claim_one(store, now=after(5))
    assert (claim.source_id, claim.failures, claim.until) == ("north", 4, after(605))


def test_a_leased_source_is_not_claimed_until_the_lease_runs_out(store: SqlStore) -> None:
    first = store.claim_due(now=NOON, limit=9, lease_s=60)
    assert store.claim_due(now=after(59), limit=9, lease_s=60) == []
    assert store.claim_due(now=after(59), limit=9, lease_s=60, force=True) == []
    assert store.next_due_at() == after(60)
    second = store.claim_due(now=after(60), limit=9, lease_s=60)
    assert [claim.token for claim in second] == [claim.token + 1 for claim in first]


def test_the_longest_overdue_come_first_and_the_limit_holds(home: Home) -> None:
    store = home.open()
    for second, names in enumerate(("dc", "dcb", "dcba")):
        store.begin([make_source(name) for name in names], [], base_url=BASE_URL, now=after(second))
    claimed = [[claim.source_id for claim in store.claim_due(now=after(9), limit=2, lease_s=60)] for _ in range(3)]
    assert claimed == [["c", "d"], ["b", "a"], []]


def test_nothing_is_claimed_with_a_limit_of_zero(store: SqlStore) -> None:
    assert store.claim_due(now=NOON, limit=0, lease_s=60) == []


def test_a_claim_can_be_restricted_to_some_sources(store: SqlStore) -> None:
    claims = store.claim_due(now=NOON, limit=9, lease_s=60, source_ids=["south", "south", "nobody"])
    assert [claim.source_id for claim in claims] == ["south"]
    assert store.claim_due(now=NOON, limit=9, lease_s=60, source_ids=[]) == []


def test_a_source_is_due_again_when_its_poll_said(store: SqlStore) -> None:
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", state=SourceState(next_due_at=after(3600))))
    assert store.claim_due(now=after(3599), limit=9, lease_s=60, source_ids=["north"]) == []
    forced = store.claim_due(now=after(1), limit=9, lease_s=60, source_ids=["north"], force=True)
    assert [claim.source_id for claim in forced] == ["north"]


def test_not_even_force_polls_before_the_server_allows_it(store: SqlStore) -> None:
    store.begin([make_source("north")], [], base_url=BASE_URL, now=NOON)
    state = SourceState(next_due_at=after(60), not_before=after(900), failures=1, error="429")
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", state=state))
    assert store.claim_due(now=after(899), limit=9, lease_s=60) == []
    assert store.claim_due(now=after(899), limit=9, lease_s=60, force=True) == []
    assert store.next_due_at() == after(900)
    (claim,) = store.claim_due(now=after(900), limit=9, lease_s=60)
    store.save(Batch(claim=claim, now=after(900), judged_by="r", state=SourceState(next_due_at=after(960))))
    assert store.next_due_at() == after(960)
    assert len(store.claim_due(now=after(901), limit=9, lease_s=60, force=True)) == 1


def test_clearing_leases_frees_all_and_voids_the_claims(store: SqlStore) -> None:
    claim, _ = store.claim_due(now=NOON, limit=9, lease_s=600)
    assert store.clear_leases() == 2
    assert store.clear_leases() == 0
    with pytest.raises(LeaseLost, match="north"):
        save(store, claim, make_verdict())
    assert len(store.claim_due(now=NOON, limit=9, lease_s=600)) == 2


def test_a_stale_token_loses_and_writes_nothing(store: SqlStore) -> None:
    stale = claim_one(store)
    fresh = claim_one(store, now=after(600))
    batch = Batch(
        claim=stale,
        now=NOON,
        judged_by="r",
        verdicts=(make_verdict(feeds={"one": ()}),),
        documents=(DocumentState(locator="feed", validators=Validators(etag="1")),),
        events=(Event(source_id="north", at=NOON, kind="zero-items", message="none"),),
        rejects=(Reject(document=make_document(), stage="parse", error="crash"),),
        state=SourceState(next_due_at=after(9)),
    )
    before = store.feed_states()
    with pytest.raises(LeaseLost, match="north"):
        store.save(batch)
    assert list(store.entries()) == []
    assert store.validators("north") == {}
    assert store.events() == []
    assert store.feed_states() == before
    assert store.statuses()[0].last_polled_at is None
    save(store, fresh, make_verdict())
    assert len(list(store.entries())) == 1


def test_a_lease_that_ran_out_unnoticed_may_still_be_saved(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(), now=after(100_000))
    assert len(list(store.entries())) == 1


def test_a_claim_ends_with_the_poll(store: SqlStore) -> None:
    claim = claim_one(store)
    batch = Batch(claim=claim, now=NOON, judged_by="r", state=SourceState(next_due_at=after(60)))
    store.save(batch)
    with pytest.raises(LeaseLost):
        store.save(batch)


def test_a_source_that_left_may_finish_its_poll(store: SqlStore) -> None:
    claim = claim_one(store)
    store.begin([make_source("other")], [], base_url=BASE_URL, now=NOON)
    save(store, claim, make_verdict())
    assert len(list(store.entries())) == 1


def test_a_claim_on_an_unknown_source_is_lost(store: SqlStore) -> None:
    claim = Claim(source_id="nobody", token=0, until=after(60))
    with pytest.raises(LeaseLost, match="nobody"):
        store.save(Batch(claim=claim, now=NOON, judged_by="r"))


# --- the state of a poll --------------------------------------------------------------------------------


def test_a_poll_leaves_its_state(store: SqlStore) -> None:
    good = SourceState(next_due_at=after(3600))
    store.save(Batch(claim=claim_one(store), now=after(1), judged_by="r", state=good))
    bad = SourceState(next_due_at=after(7200), failures=1, error="timed out")
    store.save(Batch(claim=claim_one(store, now=after(5)), now=after(5), judged_by="r", state=bad))
    north, south = store.statuses()
    assert (north.last_polled_at, north.last_ok_at, north.next_due_at) == (after(5), after(1), after(7200))
    assert (north.failures, north.error) == (1, "timed out")
    assert (south.last_polled_at, south.last_ok_at, south.next_due_at) == (None, None, NOON)


def test_statuses_count_entries(store: SqlStore) -> None:
    save(store, claim_one(store), *(make_verdict(make_article(str(number))) for number in range(3)))
    assert [(status.source_id, status.entries) for status in store.statuses()] == [("north", 3), ("south", 0)]


def test_validators_come_back_byte_for_byte_and_can_be_forgotten(store: SqlStore) -> None:
    claim = claim_one(store)
    odd = Validators(
        etag=" W/\"'; --", last_modified="Mon, yesterday", body_hash="h", size_bytes=2**40, modified_ns=2**62
    )
    documents = (DocumentState(locator="b/é.html", validators=odd), DocumentState(locator="a", validators=Validators()))
    store.save(Batch(claim=claim, now=NOON, judged_by="r", documents=documents))
    assert store.validators("north") == {"a": Validators(), "b/é.html": odd}
    assert store.validators("south") == {}
    changed = (DocumentState(locator="a", validators=None), DocumentState(locator="b/é.html", validators=Validators()))
    store.save(Batch(claim=claim, now=NOON, judged_by="r", documents=changed))
    assert store.validators("north") == {"b/é.html": Validators()}


def test_a_document_that_failed_is_read_again_by_another_version_only(home: Home, store: SqlStore) -> None:
    documents = (
        DocumentState(locator="bad", validators=Validators(etag="1"), error="crashed \x00 \ud800"),
        DocumentState(locator="good", validators=Validators(etag="2")),
    )
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", documents=documents))
    assert list(store.validators("north")) == ["bad", "good"]
    assert list(home.open(program_version="99").validators("north")) == ["good"]


def test_rejects_come_back_raw_to_another_version_until_settled(home: Home, store: SqlStore) -> None:
    claim = claim_one(store)
    rejects = tuple(Reject(document=make_document(locator=name), stage="extract", error="bug") for name in ("b", "a"))
    store.save(Batch(claim=claim, now=NOON, judged_by="r", rejects=rejects))
    assert store.rejects("north") == []
    newer = home.open(program_version="99")
    assert newer.rejects("north") == [rejects[1], rejects[0]]
    assert newer.rejects("south") == []
    # "a" crashes again under the new version: no third try with the same program.
    newer.save(Batch(claim=claim, now=NOON, judged_by="r", rejects=rejects[1:], settled=("a", "b")))
    assert newer.rejects("north") == []
    assert [reject.document.locator for reject in store.rejects("north")] == ["a"]


def test_events_come_newest_first_and_can_be_narrowed(store: SqlStore) -> None:
    events = tuple(
        Event(source_id=source_id, at=after(at), kind="zero-items", message=f"{at}", locator=locator)
        for source_id, at, locator in [("north", 0, None), ("north", 2, "a"), ("south", 1, None), ("north", 2, "b")]
    )
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", events=events))
    assert store.events() == [events[3], events[1], events[2], events[0]]
    assert store.events(limit=2) == [events[3], events[1]]
    assert store.events(since=after(1), source_id="north") == [events[3], events[1]]
    assert store.events(source_id="south") == [events[2]]
    assert store.events(since=after(3)) == []


def test_an_event_may_say_anything(store: SqlStore) -> None:
    event = Event(source_id="north", at=NOON, kind="item-failed", message="NUL \x00, half \ud83d, é", locator="\x00")
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", events=(event,)))
    assert [found.message for found in store.events()] == ["NUL , half , é"]


# --- refusals -------------------------------------------------------------------------------------------


def test_an_unknown_feed_is_refused_and_nothing_is_written(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="store"):
        save(store, claim_one(store), make_verdict(feeds={"nobody": ()}))
    assert list(store.entries()) == []


def test_an_article_of_another_source_is_refused(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="south"):
        save(store, claim_one(store), make_verdict(make_article(source_id="south")))
    assert list(store.entries()) == []


def test_a_text_that_cannot_be_stored_is_a_clear_error(store: SqlStore) -> None:
    claim = claim_one(store)
    with pytest.raises(StoreError, match="cannot be stored"):
        save(store, claim, make_verdict(), make_verdict(make_article("2", body="half \ud83d")))
    assert list(store.entries()) == []
    save(store, claim, make_verdict())


def test_times_are_kept_in_utc_to_the_microsecond(store: SqlStore) -> None:
    local = after(0.000001).astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.tick(local)
    newest = store.newest_tick()
    assert newest == after(0.000001)
    assert newest is not None
    assert newest.tzinfo is UTC
