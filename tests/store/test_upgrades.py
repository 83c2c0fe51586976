"""Stores of every older version are brought up to date with all that is in them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from feedwatch.ledger import Batch, DocumentState
from feedwatch.model import Validators
from feedwatch.store.opening import open_store
from feedwatch.store.schema import HEAD
from tests.contract.builders import (
    BASE_URL,
    NOON,
    claim_one,
    make_article,
    make_feeds,
    make_label,
    make_reason,
    make_source,
    make_verdict,
    rich_article,
)
from tests.store.oldstores import as_of_revision, contents, old_revisions

URL = "sqlite:///store.db"


def fill(folder: Path, entries: int = 20) -> Path:
    """A store of today with something in it."""
    store = open_store(URL, base_dir=folder)
    store.begin([make_source(), make_source("south")], make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    for source in ("north", "south"):
        articles = [rich_article(source), *(make_article(f"{source}-{n}", source_id=source) for n in range(entries))]
        store.save(
            Batch(
                claim=claim_one(store, source),
                now=NOON,
                judged_by="rules-1",
                verdicts=tuple(
                    make_verdict(
                        replace(each, id=f"urn:{source}:{each.guid}"),
                        labels=(make_label(),),
                        feeds={"one": (make_reason("ne", "Niger"),)},
                    )
                    for each in articles
                ),
                documents=(DocumentState(locator="feed", validators=Validators(etag='"1"')),),
            )
        )
    store.close()
    return folder / "store.db"


@pytest.mark.parametrize("revision", old_revisions())
def test_everything_is_still_there_and_the_copy_before_is_kept(tmp_path: Path, revision: str) -> None:
    (tmp_path / "today").mkdir()
    today = fill(tmp_path / "today")
    as_of_revision(today, revision, tmp_path / "store.db")
    store = open_store(URL, base_dir=tmp_path)
    assert len(list(store.entries(limit=999))) == 42
    assert store.count_members() == {"one": 42, "two": 0}
    assert store.validators("north")["feed"].etag == '"1"'
    store.close()
    assert contents(tmp_path / "store.db") == contents(today)
    before = tmp_path / f"store.db.before-{HEAD}"
    with closing(sqlite3.connect(before)) as copy:
        assert copy.execute("SELECT version_num FROM feedwatch_schema").fetchall() == [(revision,)]
    assert contents(before) == contents(today)


def test_what_a_killed_copy_left_is_cleared_away_and_what_another_makes_is_not(tmp_path: Path) -> None:
    fill(tmp_path)
    as_of_revision(tmp_path / "store.db", old_revisions()[0], tmp_path / "old.db")
    shutil.move(tmp_path / "old.db", tmp_path / "store.db")
    # Numbers of processes that there cannot be, and that of one that there is; one file was written just now.
    left = [tmp_path / f".store.db.before-{HEAD}.{pid}.partial" for pid in (2**30, 2**30 + 1, 1)]
    for path in left:
        path.write_text("half")
    for path in (left[0], left[2]):
        os.utime(path, (0, 0))
    open_store(URL, base_dir=tmp_path).close()
    assert set(tmp_path.glob(".*.partial")) == set(left[1:])
