"""Backups of a store in use, and their way back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from feedwatch.errors import StoreError
from feedwatch.store.connecting import read_address
from feedwatch.store.copies import backup, quick_check, restore, verify
from feedwatch.store.opening import open_store
from feedwatch.store.schema import HEAD
from feedwatch.store.sql import SqlStore
from tests.contract.builders import BASE_URL, NOON, claim_one, make_article, make_feeds, make_source, make_verdict, save


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = open_store("sqlite:///store.db", base_dir=tmp_path)
    store.begin([make_source()], make_feeds("one"), base_url=BASE_URL, now=NOON)
    return store


def fill(store: SqlStore, *guids: str) -> None:
    claim = claim_one(store)
    save(store, claim, *(make_verdict(make_article(guid), feeds={"one": ()}) for guid in guids))
    store.release([claim])


def test_a_backup_while_others_write_is_one_moment_of_the_store(store: SqlStore, tmp_path: Path) -> None:
    address, stop = read_address("sqlite:///store.db", tmp_path), Event()
    fill(store, "first")

    def write() -> None:
        number = 0
        while not stop.is_set():
            fill(store, *(f"{number}-{place}" for place in range(10)))
            number += 1

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            report = backup(address, tmp_path / f"{number}.db")
            assert report.entries % 10 == 1, "a transaction was torn"
            assert (report.sources, report.schema) == (1, HEAD)
    finally:
        stop.set()
        writer.join()
    store.close()
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_backup_overwrites_only_when_told(store: SqlStore, tmp_path: Path) -> None:
    address = read_address("sqlite:///store.db", tmp_path)
    (tmp_path / "b.db").write_text("something else")
    with pytest.raises(StoreError, match="there is a file already"):
        backup(address, tmp_path / "b.db")
    assert (tmp_path / "b.db").read_text() == "something else"
    assert backup(address, tmp_path / "b.db", force=True).entries == 0
    with pytest.raises(StoreError):
        backup(address, tmp_path / "no" / "folder.db")
    store.close()


def test_what_is_restored_is_what_was_backed_up(store: SqlStore, tmp_path: Path) -> None:
    address = read_address("sqlite:///store.db", tmp_path)
    fill(store, "a")
    backup(address, tmp_path / "b.db")
    fill(store, "b")
    store.close()
    report, aside = restore(address, tmp_path / "b.db", NOON)
    assert report is not None
    assert report.entries == 1
    assert aside is not None
    assert verify(aside).entries == 2
    again = open_store("sqlite:///store.db", base_dir=tmp_path)
    assert [entry.article.guid for entry in again.entries()] == ["a"]
    again.close()
    assert restore(address, None, NOON)[1] != aside
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize("harm", ["rubbish", "cut", "foreign", "newer", "page", "missing"])
def test_a_bad_copy_is_refused_and_nothing_is_moved(store: SqlStore, tmp_path: Path, harm: str) -> None:
    address, copy = read_address("sqlite:///store.db", tmp_path), tmp_path / "b.db"
    fill(store, *(str(number) for number in range(300)))
    backup(address, copy)
    store.close()
    before = (tmp_path / "store.db").read_bytes()
    if harm == "rubbish":
        copy.write_text("this is no database at all, whatever its name says")
    elif harm == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif harm == "page":
        data = bytearray(copy.read_bytes())
        middle = len(data) // 2 // 4096 * 4096
        data[middle : middle + 4096] = b"\xff" * 4096
        copy.write_bytes(data)
    elif harm == "missing":
        copy.unlink()
    else:
        copy.unlink() if harm == "foreign" else None
        with closing(sqlite3.connect(copy)) as other, other:
            sql = "CREATE TABLE t (x)" if harm == "foreign" else "UPDATE feedwatch_schema SET version_num = '9999'"
            other.execute(sql)
    with pytest.raises(StoreError):
        restore(address, copy, NOON)
    assert (tmp_path / "store.db").read_bytes() == before


def test_a_migration_is_preceded_by_a_copy(tmp_path: Path) -> None:
    open_store("sqlite:///store.db", base_dir=tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as old, old:
        for table in ("tombstones", "hidden", "pages", "lines"):
            old.execute(f"DROP TABLE {table}")
        old.execute("ALTER TABLE sources DROP COLUMN content")
        old.execute("UPDATE feedwatch_schema SET version_num = '0007'")
    open_store("sqlite:///store.db", base_dir=tmp_path).close()
    assert verify(tmp_path / "store.db").schema == HEAD
    assert verify(tmp_path / f"store.db.before-{HEAD}").schema == "0007"


def test_room_that_gets_free_is_given_back(store: SqlStore, tmp_path: Path) -> None:
    claim = claim_one(store)
    save(store, claim, *(make_verdict(make_article(str(n), body="x" * 5000)) for n in range(400)))
    store.compact()
    full = (tmp_path / "store.db").stat().st_size
    with store._writing() as connection:
        connection.execute(text("DELETE FROM articles"))
    store.compact()
    assert (tmp_path / "store.db").stat().st_size < full / 4
    store.close()


def test_a_damaged_page_is_found_at_a_look(store: SqlStore, tmp_path: Path) -> None:
    fill(store, *(str(number) for number in range(300)))
    store.close()
    path = tmp_path / "store.db"
    assert quick_check(path) == ""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    assert quick_check(path) != ""
