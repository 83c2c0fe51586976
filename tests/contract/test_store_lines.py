"""The memory of a source's lines is written with its batch, and read as it was written."""

from __future__ import annotations

import pytest

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Batch, Claim, LineCount
from feedwatch.store.sql import SqlStore
from tests.contract.builders import NOON, after, claim_one

LARGEST = 2**63 - 1


def remember(store: SqlStore, claim: Claim, lines: dict[int, LineCount | None]) -> None:
    store.save(Batch(claim=claim, now=NOON, judged_by="rules-1", lines=lines))


def test_lines_come_back_as_they_were_written(store: SqlStore) -> None:
    assert store.lines("north") == {}
    lines: dict[int, LineCount | None] = {0: LineCount(3, NOON), LARGEST: LineCount(2, after(0.000_001))}
    remember(store, claim_one(store), lines)
    assert store.lines("north") == lines


def test_a_count_replaces_the_one_before_and_none_forgets(store: SqlStore) -> None:
    claim = claim_one(store)
    remember(store, claim, {1: LineCount(1, NOON), 2: LineCount(1, NOON), 3: LineCount(9, NOON)})
    remember(store, claim, {1: LineCount(2, after(5)), 2: None, 4: None})
    assert store.lines("north") == {1: LineCount(2, after(5)), 3: LineCount(9, NOON)}


def test_each_source_has_its_own(store: SqlStore) -> None:
    remember(store, claim_one(store), {1: LineCount(1, NOON)})
    remember(store, claim_one(store, "south"), {1: LineCount(7, NOON)})
    remember(store, claim_one(store, "south", now=after(5000)), {1: None})
    assert store.lines("north") == {1: LineCount(1, NOON)}
    assert store.lines("south") == {}


def test_a_memory_larger_than_one_statement_takes(store: SqlStore) -> None:
    lines: dict[int, LineCount | None] = {mark: LineCount(mark + 1, NOON) for mark in range(12_000)}
    remember(store, claim_one(store), lines)
    assert store.lines("north") == lines
    remember(store, claim_one(store, now=after(5000)), dict.fromkeys(lines))
    assert store.lines("north") == {}


def test_a_worker_that_lost_its_lease_writes_none(store: SqlStore) -> None:
    claim = claim_one(store)
    claim_one(store, now=after(5000))
    with pytest.raises(LeaseLost):
        remember(store, claim, {1: LineCount(1, NOON)})
    assert store.lines("north") == {}
