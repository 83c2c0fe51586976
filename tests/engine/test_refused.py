from __future__ import annotations

import pytest

from feedwatch.engine.refused import UntilRefused
from feedwatch.errors import StoreError
from feedwatch.ledger import Job, Outcome


def job(source_id: str) -> Job:
    return Job(kind="ingest", source_id=source_id, token=1, until="2026-03-01T12:00:00+00:00")


def test_after_a_refusal_no_more_is_begun_and_the_reason_is_told() -> None:
    done: list[str] = []

    def work(each: Job) -> Outcome:
        done.append(each.source_id)
        if each.source_id == "b":
            raise StoreError("store x: the disk is full")
        return Outcome(source_id=each.source_id, result="read")

    until = UntilRefused(work)
    assert until(job("a")).result == "read"
    until.check()
    assert [until(job(name)).error for name in "bc"] == ["store x: the disk is full"] * 2
    assert done == ["a", "b"]
    with pytest.raises(StoreError, match="disk is full"):
        until.check()
