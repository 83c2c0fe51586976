"""What is remembered of a source between two polls, and who may be asked when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Batch, Claim, DocumentState, Habits, Hints, Recall, SourceState
from feedwatch.model import Validators
from feedwatch.store.sql import SqlStore
from tests.contract.builders import BASE_URL, NOON, after, claim_one, make_source

HABITS = Habits(
    hints=Hints(every_s=7200, skip_hours=frozenset({0, 23}), skip_days=frozenset({6})),
    gap_s=5400,
    items=20,
    repeats=3,
    target="https://new.example/é",
    target_since=NOON,
    sightings=2,
    moved=True,
)


def finish(store: SqlStore, claim: Claim, *documents: DocumentState, **state: Any) -> None:
    given = {"next_due_at": after(3600)} | state
    store.save(Batch(claim=claim, now=NOON, judged_by="r", documents=documents, state=SourceState(**given)))


def due(store: SqlStore, seconds: float, *, force: bool = False) -> list[str]:
    """Who is leased then; the leases are dropped again."""
    claims = store.claim_due(now=after(seconds), limit=10, lease_s=1, force=force)
    store.clear_leases()
    return [claim.source_id for claim in claims]


def test_habits_and_validators_come_back_in_one_read(store: SqlStore) -> None:
    assert store.recall(["north"])["north"] == Recall()
    state = DocumentState(locator="feed", validators=Validators(etag='"1"'))
    finish(store, claim_one(store), state, habits=HABITS)
    assert store.recall(["north"])["north"] == Recall(validators={"feed": Validators(etag='"1"')}, habits=HABITS)
    finish(store, claim_one(store))
    assert store.recall(["north"])["north"].habits == HABITS
    assert store.recall(["south"])["south"] == Recall()
    assert store.recall(["unknown"])["unknown"] == Recall()


def test_another_address_forgets_the_habits(store: SqlStore) -> None:
    finish(store, claim_one(store), habits=HABITS, retired=True)
    moved = replace(make_source("north"), locator="https://other.example/feed")
    store.begin([moved, make_source("south")], [], base_url=BASE_URL, now=NOON)
    assert store.recall(["north"])["north"] == Recall()
    assert "north" in due(store, 0)


def test_a_retired_source_is_leased_to_nobody_until_it_is_revived(store: SqlStore) -> None:
    finish(store, claim_one(store), retired=True, error="HTTP 410 Gone", failures=1)
    assert due(store, 10**7, force=True) == ["south"]
    assert [status.retired for status in store.statuses()] == [True, False]
    assert not store.revive("south", NOON)
    assert store.revive("north", NOON)
    assert "north" in due(store, 0)


def test_a_server_that_wants_rest_gets_it_from_all_of_its_sources(store: SqlStore) -> None:
    sources = [make_source("north"), make_source("south"), make_source("twin", locator="https://north.example/b")]
    store.begin(sources, [], base_url=BASE_URL, now=NOON)
    finish(store, claim_one(store), next_due_at=after(900), not_before=after(900), for_server=True)
    assert due(store, 899, force=True) == ["south"]
    assert set(due(store, 900, force=True)) == {"north", "south", "twin"}


def test_a_quiet_end_of_a_lost_lease_is_refused(store: SqlStore) -> None:
    claim = claim_one(store)
    claim_one(store, now=after(601))
    with pytest.raises(LeaseLost):
        finish(store, claim)


def test_only_sources_that_were_read_before_can_be_overdue(store: SqlStore) -> None:
    finish(store, claim_one(store), next_due_at=after(60))
    assert store.overdue(after(60)) == []
    assert store.overdue(after(61)) == ["north"]
    store.reschedule({"north": after(90)})
    store.reschedule({})
    assert store.overdue(after(90)) == []
    assert due(store, 90) == ["south", "north"]
    assert store.next_due_at() == NOON


def test_a_clock_set_back_moves_what_waits_and_nothing_else(store: SqlStore) -> None:
    store.tick(after(86_400))
    store.reschedule({"north": after(90_000), "south": after(-60)})
    store.shift_clock(-86_400, NOON)
    assert store.newest_tick() == NOON
    due = {status.source_id: status.next_due_at for status in store.statuses()}
    assert due["north"] == after(3600)
    assert due["south"] == after(-60)


def test_a_claim_that_is_given_back_is_free_at_once(store: SqlStore) -> None:
    claims = store.claim_due(now=NOON, limit=9, lease_s=60)
    assert store.claim_due(now=NOON, limit=9, lease_s=60) == []
    assert store.release(claims[:1]) == 1
    assert store.release(claims[:1]) == 0
    assert [claim.source_id for claim in store.claim_due(now=NOON, limit=9, lease_s=60)] == [claims[0].source_id]


def test_the_writer_can_be_asked_for_its_turn(store: SqlStore) -> None:
    store.probe()
