from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from feedwatch.store.opening import open_store
from feedwatch.store.publishing import TURN_S, Facts
from tests.contract.builders import BASE_URL, NOON, claim_one, make_feeds, make_source, make_verdict, save


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = open_store("sqlite:///store.db", base_dir=tmp_path)
    store.begin([make_source("north")], make_feeds("one"), base_url=BASE_URL, now=NOON)
    save(store, claim_one(store), make_verdict(feeds={"one": ()}))
    store.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_what_is_known_of_an_entry_is_asked_again_when_no_feed_asked_for_it_for_long(connection: Connection) -> None:
    asked: list[str] = []
    event.listen(connection.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    now = 0.0
    facts = Facts(monotonic=lambda: now)
    first = facts.of(connection, [(1, 1)])
    assert first[0][0] == "north"
    # Asked for in each hour it stays, however many go by.
    for hour in range(1, 4):
        now = hour * (TURN_S + 1)
        assert facts.of(connection, [(1, 1)]) == first
    assert len(asked) == 1
    # Nobody asks for it for two hours: the turns forget it.
    for hour in range(4, 6):
        now = hour * (TURN_S + 1)
        facts.of(connection, [])
    assert facts.of(connection, [(1, 1)]) == first
    assert len(asked) == 2
