"""What is asked for every document must not cost more as the archive grows: each step finds its rows by an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from feedwatch.ledger import Batch, DocumentState, Event, LineCount, SourceState, Verdict
from feedwatch.model import Validators
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_feeds,
    make_label,
    make_shown,
    make_source,
    make_verdict,
    save,
)

#: Tables that grow with the archive; the others have a row for each source or feed of the configuration.
GROWING = {"articles", "labels", "memberships", "documents", "events", "rejects", "jobs", "pages"}


class Recorder:
    """Asks SQLite, for every statement that passes, how it finds its rows."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self._asking = False

    def watch(self, connection: Connection, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        if self._asking or not sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            return
        self._asking = True
        one = parameters[0] if isinstance(parameters, list) else parameters
        self.steps += [(sql, row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", one)]
        self._asking = False

    def slow(self) -> list[tuple[str, str]]:
        """Steps that read a growing table from end to end, or sort what they found in it."""
        found = []
        for sql, step in self.steps:
            growing = GROWING & set(sql.replace(".", " ").split())
            # Down an index in the order asked for, and no further than the limit.
            bounded = "_newest" in step and "LIMIT" in sql
            # A sort of the few rows that were asked for by name.
            bounded |= step.startswith("USE TEMP B-TREE") and " IN (" in sql
            # What people took down by hand is little.
            bounded |= step.startswith("SCAN hidden ")
            if growing and step.startswith(("SCAN", "USE TEMP B-TREE")) and not bounded:
                found.append((step, sql))
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store("sqlite:///store.db", base_dir=tmp_path)
    opened.begin([make_source()], make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    yield opened
    opened.close()


@pytest.fixture
def recorder(store: SqlStore) -> Recorder:
    recorder = Recorder()
    for engine in (store._database._reader, store._database._writer):
        event.listen(engine, "before_cursor_execute", recorder.watch)
    return recorder


def test_a_poll_finds_everything_by_an_index(store: SqlStore, recorder: Recorder) -> None:
    claim = claim_one(store)
    store.next_due_at()
    store.validators("north")
    store.known("north", ["1", "2", "3"])
    store.taken_ids("north", {"a": "b", "c": None})
    store.lines("north")
    for updated in (NOON, after(60)):
        batch = Batch(
            claim=claim,
            now=NOON,
            judged_by="r",
            verdicts=(make_verdict(labels=(make_label(),), feeds={"one": ()}, updated=updated, later=("fulltext",)),),
            documents=(
                DocumentState(locator="a", validators=Validators(etag="1")),
                DocumentState(locator="b", validators=None),
            ),
            events=(Event(source_id="north", at=NOON, kind="zero-items", message=""),),
            settled=("a",),
            lines={1: LineCount(1, NOON), 2: None},
        )
        store.save(batch)
    store.save(Batch(claim=claim, now=NOON, judged_by="r", state=SourceState(next_due_at=NOON)))
    assert {step.split()[0] for _, step in recorder.steps} >= {"SEARCH"}
    assert recorder.slow() == []


def test_publishing_and_judging_find_everything_by_an_index(store: SqlStore, recorder: Recorder) -> None:
    save(store, claim_one(store), *(make_verdict(make_article(str(n)), feeds={"one": ()}) for n in range(300)))
    store.feed_states()
    store.members("one", limit=100)
    store.members("one", limit=100, since=NOON, with_labels=True)
    store.sightings("one", limit=100, with_reasons=True)
    store.sightings("one", limit=100, after=NOON, oldest_first=True)
    store.entries_of("one", [1, 2, 3], with_labels=True)
    store.older_pages("one", after(999), ["https://news.example/1", "https://news.example/2"])
    store.archives()
    store.mark_published([make_shown("one", 1)], gone=["one.rss"], now=NOON)
    store.is_gone("one.rss")
    (entry, *_) = store.unjudged("new", 9)
    store.rejudge([Verdict(entry=entry, feeds={"two": ()})], "new")
    assert next(store.entries()).labels == ()
    store.count_unjudged("new")
    store.newest_unjudged("new")
    store.seen_at_place("one", 99)
    store.events(limit=10)
    store.events(since=NOON, source_id="north")
    assert len(recorder.steps) > 10
    assert recorder.slow() == []


def test_lists_of_any_length_are_asked_for_by_few_statements(store: SqlStore) -> None:
    articles = [make_verdict(make_article(str(n)), feeds={"one": ()}) for n in range(600)]
    save(store, claim_one(store), *articles)
    keys = [sighting.key for sighting in store.sightings("one", limit=600)]
    names = [str(n) for n in range(600)]
    texts = set()
    event.listen(store._database._reader, "before_cursor_execute", lambda _c, _x, sql, *_: texts.add(sql))
    for length in range(1, 600, 7):
        assert len(store.entries_of("one", keys[:length], with_labels=True)) == length
        assert len(store.known("north", names[:length])) == length
        assert len(store.marked_since(NOON, length)) == length
        assert store.taken_ids("north", dict.fromkeys(names[:length])) == set()
        store.recall(names[:length])
    # Seven kinds of lists, and the two statements that find the newest.
    assert len(texts) <= 7 * 9 + 2


def test_the_recorder_finds_a_slow_query(store: SqlStore, recorder: Recorder) -> None:
    with store._reading() as connection:
        connection.exec_driver_sql("SELECT key FROM articles WHERE title = 'x' ORDER BY summary")
    assert [step for step, _ in recorder.slow()] == ["SCAN articles", "USE TEMP B-TREE FOR ORDER BY"]
