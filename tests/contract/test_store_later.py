"""Later jobs of articles: durable, leased, told apart by kind."""

from __future__ import annotations

import pytest

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Later
from feedwatch.store.sql import SqlStore
from tests.contract.builders import NOON, after, make_article, make_verdict, save


def fill(store: SqlStore, *guids: str, kinds: tuple[str, ...] = ("fulltext",)) -> None:
    (claim,) = store.claim_due(now=NOON, limit=1, lease_s=60, source_ids=["north"])
    save(store, claim, *(make_verdict(make_article(guid), later=kinds) for guid in guids))


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
        store.settle_later(slow)
    store.settle_later(quick)
    assert claim(store, seconds=10_000) == []


def test_a_job_that_failed_is_due_again_when_told(store: SqlStore) -> None:
    fill(store, "a")
    (later,) = claim(store)
    store.settle_later(later, retry_at=after(600), error="HTTP 503")
    assert claim(store, seconds=599) == []
    assert [each.attempts for each in claim(store, seconds=600)] == [1]


def test_a_restart_frees_what_a_kill_left_leased(store: SqlStore) -> None:
    fill(store, "a")
    claim(store)
    store.clear_leases()
    assert len(claim(store)) == 1
