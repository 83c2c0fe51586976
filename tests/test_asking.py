"""Questions that somebody asks now, over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.asking import NEWEST, answer
from feedwatch.setup import Setup, load_setup
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from tests.contract.builders import NOON, claim_one, make_article, make_source, make_verdict, save

CONFIG = """
[feedwatch]
packs = []
[[sources]]
id = "north"
kind = "folder"
path = "north"
[[feeds]]
id = "all"
title = "All"
"""


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return load_setup(path, {})


@pytest.fixture
def store(tmp_path: Path, setup: Setup) -> Iterator[SqlStore]:
    opened = open_store("sqlite:///store.db", base_dir=tmp_path)
    sources = [make_source(), make_source("south")]
    opened.begin(sources, setup.config.feeds, base_url="https://feeds.example/", now=NOON)
    yield opened
    opened.close()


def found(store: SqlStore, setup: Setup, question: str, **private: set[str]) -> list[str]:
    view = answer(
        setup.where(question),
        limit=10,
        store=store,
        judge=setup.judge(**private),
        base_url="https://feeds.example/",
        self_url="https://feeds.example/feed.atom",
        now=NOON,
    )
    return [shown.entry.article.title for shown in view.entries]


def test_nothing_is_looked_for_behind_the_newest_ten_thousand(store: SqlStore, setup: Setup) -> None:
    assert NEWEST == 10_000
    claim = claim_one(store, "north")
    titles = {0: "needle, too old", 1: "needle, the last that counts", NEWEST: "needle, the newest"}
    for start in range(0, NEWEST + 1, 2_000):
        numbers = range(start, min(start + 2_000, NEWEST + 1))
        verdicts = [
            make_verdict(
                make_article(str(number), title=titles.get(number, f"Hay {number}"), url=f"https://x.example/{number}"),
                seen=NOON + timedelta(seconds=number),
            )
            for number in numbers
        ]
        save(store, claim, *verdicts)
    assert found(store, setup, '"needle"') == ["needle, the newest", "needle, the last that counts"]


def test_entries_of_a_private_source_answer_nobody_even_when_it_left_the_configuration(
    store: SqlStore, setup: Setup
) -> None:
    for source in ("north", "south"):
        article = make_article(source, source_id=source, title=f"needle of {source}", canonical_url=None)
        save(store, claim_one(store, source), make_verdict(article))
    assert "south" not in {source.id for source in setup.config.sources}
    assert sorted(found(store, setup, '"needle"')) == ["needle of north", "needle of south"]
    assert found(store, setup, '"needle"', private={"south"}) == ["needle of north"]
    assert found(store, setup, '"needle of south"', private={"south"}) == []


def test_a_page_that_a_private_source_brings_too_does_not_say_so(store: SqlStore, setup: Setup) -> None:
    for source in ("north", "south"):
        article = make_article(
            "1",
            source_id=source,
            id=f"urn:x:{source}",
            title="needle",
            url="https://x.example/",
            canonical_url="https://x.example/",
        )
        save(store, claim_one(store, source), make_verdict(article))
    view = answer(
        setup.where('"needle"'),
        limit=10,
        store=store,
        judge=setup.judge({"south"}),
        base_url="https://feeds.example/",
        self_url="https://feeds.example/feed.atom",
        now=NOON,
    )
    assert [[source for source, _ in shown.vias] for shown in view.entries] == [["north"]]
