"""Opening and locking a store, and what is said when that does not work."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import create_engine, text

from feedwatch.errors import StoreBusy, StoreError
from feedwatch.store import connecting
from feedwatch.store.connecting import sqlite_advice
from feedwatch.store.migrating import newest_revision, upgrade
from feedwatch.store.opening import lock_store, open_store
from feedwatch.store.schema import HEAD, VERSION_TABLE
from tests.contract.builders import BASE_URL, NOON, claim_one, make_article, make_feeds, make_source, make_verdict, save

URL = "sqlite:///store.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty store in it."""
    open_store(URL, base_dir=tmp_path).close()
    return tmp_path


def dump(path: Path) -> list[str]:
    """All that a database is made of, without Alembic's own table."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").fetchall()
    return [" ".join(sql.replace('"', "").split()) for (sql,) in rows if VERSION_TABLE not in sql]


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    """Python code in a process of its own, in the folder."""
    root = Path(__file__).resolve().parents[2]
    env = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, text=True, stdout=subprocess.PIPE, env=env)


def pretend_revision(folder: Path, revision: str) -> None:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        connection.execute("UPDATE feedwatch_schema SET version_num = ?", [revision])
        connection.commit()


# --- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "in memory would be lost"),
        ("sqlite:///:memory:", "in memory would be lost"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory would be lost"),
        ("sqlite:///x.db?cache=shared", "takes a path only"),
        ("sqlite://host/x.db", "takes a path only"),
        ("mysql://root:geheim@host/db", "unknown kind of database"),
        ("just words", "is no URL"),
        ("", "is no URL"),
        ("sqlite:///missing/x.db", "does not exist: create it"),
        ("sqlite:///.", "is a folder"),
    ],
)
def test_a_wrong_address_is_explained(tmp_path: Path, url: str, said: str) -> None:
    for opening in (open_store, open_read_only):
        with pytest.raises(StoreError, match=said) as caught:
            opening(url, base_dir=tmp_path)
        assert "geheim" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def open_read_only(url: str, *, base_dir: Path) -> object:
    return open_store(url, base_dir=base_dir, read_only=True)


def test_a_path_is_relative_to_the_base_and_may_hold_any_character(tmp_path: Path) -> None:
    folder = tmp_path / "a b%41?#é"
    folder.mkdir()
    open_store("sqlite:///x%3Fy.db", base_dir=folder).close()
    assert sorted(path.name for path in folder.iterdir()) == ["x?y.db"]
    open_store(f"sqlite:///{tmp_path}/absolute.db", base_dir=folder).close()
    assert (tmp_path / "absolute.db").exists()


def test_the_driver_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'feedwatch\[postgresql\]'") as caught:
        open_store("postgresql+psycopg://me:geheim@127.0.0.1/x", base_dir=tmp_path)
    assert "geheim" not in str(caught.value)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    for opening in (open_store, lock_and_enter):
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            opening("postgresql://me:geheim@127.0.0.1:1/x", base_dir=tmp_path)
        assert "geheim" not in str(caught.value)


def lock_and_enter(url: str, *, base_dir: Path) -> None:
    with lock_store(url, base_dir=base_dir):
        pass


# --- files ----------------------------------------------------------------------------------------------


def test_only_the_owner_can_read_the_store(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(URL, base_dir=tmp_path)
        store.tick(NOON)
        with lock_store(URL, base_dir=tmp_path):
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(["store.db", "store.db-wal", "store.db-shm", "store.db.lock"], 0o600)


def test_the_database_is_set_up_for_power_cuts_and_many_readers(folder: Path) -> None:
    store = open_store(URL, base_dir=folder)
    with store._writing() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
        }
    store.close()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "mmap_size": 0,
    }


def test_closing_leaves_one_file(folder: Path) -> None:
    store = open_store(URL, base_dir=folder)
    store.tick(NOON)
    assert store.newest_tick() == NOON
    store.close()
    assert [path.name for path in folder.iterdir()] == ["store.db"]


def test_a_damaged_file_is_named_as_such(folder: Path) -> None:
    path = folder / "store.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"store\.db: the file is damaged: .*backup"):
        open_store(URL, base_dir=folder)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("Dear diary, " * 500)
    for opening in (open_store, open_read_only):
        with pytest.raises(StoreError, match="no SQLite database: move it aside"):
            opening(URL, base_dir=tmp_path)
    assert (tmp_path / "store.db").read_text().startswith("Dear diary")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(StoreError, match=r"another program \(recipes\)"):
        open_store(URL, base_dir=tmp_path)
    assert dump(tmp_path / "store.db") == ["CREATE TABLE recipes (name)"]


def test_a_store_of_a_newer_program_is_left_alone(folder: Path) -> None:
    pretend_revision(folder, "9999")
    for opening in (open_store, open_read_only):
        with pytest.raises(StoreError, match=r"a newer feedwatch wrote it .*9999.*upgrade"):
            opening(URL, base_dir=folder)


def test_a_full_disk_is_explained_writes_nothing_and_is_survived(folder: Path) -> None:
    store = open_store(URL, base_dir=folder)
    store.begin([make_source()], make_feeds("one"), base_url=BASE_URL, now=NOON)
    claim = claim_one(store)
    save(store, claim, make_verdict())
    with store._writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    big = [make_verdict(make_article(str(n), body="long " * 2000), feeds={"one": ()}) for n in range(2, 9)]
    before = store.feed_states()
    with pytest.raises(StoreError, match=r"store\.db: the disk is full: free some space"):
        save(store, claim, *big)
    assert len(list(store.entries())) == 1
    assert store.feed_states() == before
    with store._writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    save(store, claim, *big)
    assert len(list(store.entries())) == 8
    store.close()


def test_a_store_that_may_not_be_written_says_so(folder: Path) -> None:
    store = open_store(URL, base_dir=folder)
    with store._writing() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="cannot be written: give this user the right"):
        store.tick(NOON)
    store.close()


def test_a_store_that_another_program_writes_for_too_long_is_busy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "BUSY_TIMEOUT_S", 0.05)
    store = open_store(URL, base_dir=folder)
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process has been writing"):
            store.tick(NOON)
        assert store.newest_tick() is None
    store.tick(NOON)
    store.close()


class _Watched(sqlite3.Connection):
    """Tells which connections nobody has closed."""

    open: ClassVar[set[int]] = set()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.open.add(id(self))

    def close(self) -> None:
        super().close()
        self.open.discard(id(self))


def test_a_file_that_is_no_database_is_not_kept_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "store.db").write_bytes(b"no database" * 1_000)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Watched))
    with pytest.raises(StoreError):
        open_store(URL, base_dir=folder)
    assert not _Watched.open


def test_an_old_sqlite_is_advised_against() -> None:
    assert sqlite_advice((3, 51, 3)) == ()
    (advice,) = sqlite_advice((3, 51, 2))
    assert "3.51.2" in advice
    assert "several processes" in advice


# --- migrations -----------------------------------------------------------------------------------------


def test_the_migrations_lead_to_the_schema_of_the_program(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder}/migrated.db")
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    assert dump(folder / "store.db") == dump(folder / "migrated.db")
    with (
        closing(sqlite3.connect(folder / "store.db")) as made,
        closing(sqlite3.connect(folder / "migrated.db")) as moved,
    ):
        revisions = [db.execute("SELECT version_num FROM feedwatch_schema").fetchall() for db in (made, moved)]
    assert revisions == [[(HEAD,)], [(HEAD,)]]
    assert newest_revision() == HEAD


def test_a_store_that_is_up_to_date_needs_no_alembic(folder: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from feedwatch.store.opening import open_store
        open_store("sqlite:///store.db", base_dir=Path()).close()
        print([name for name in sys.modules if name.startswith(("alembic", "psycopg", "mako"))])
    """
    process = run(code, folder)
    assert process.communicate(timeout=30)[0] == "[]\n"


def test_migrating_is_quiet(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    engine = create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with pytest.raises(StoreError, match="it is empty: run 'feedwatch once'"):
        open_store(URL, base_dir=tmp_path, read_only=True)
    open_store(URL, base_dir=tmp_path).close()
    open_store(URL, base_dir=tmp_path, read_only=True).close()


# --- reading only ---------------------------------------------------------------------------------------


def test_reading_only_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.db: there is none yet: run 'feedwatch once' first"):
        open_store(URL, base_dir=tmp_path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_reading_only_asks_for_a_migration(folder: Path) -> None:
    pretend_revision(folder, "0000")
    with pytest.raises(StoreError, match=r"older schema 0000 .*run 'feedwatch once'"):
        open_store(URL, base_dir=folder, read_only=True)


def test_reading_only_writes_nothing(folder: Path) -> None:
    writer = open_store(URL, base_dir=folder)
    writer.begin([make_source()], [], base_url=BASE_URL, now=NOON)
    writer.close()
    before = (folder / "store.db").read_bytes()
    reader = open_store(URL, base_dir=folder, read_only=True)
    assert [status.source_id for status in reader.statuses()] == ["north"]
    with pytest.raises(StoreError, match="opened for reading only"):
        reader.tick(NOON)
    reader.close()
    assert (folder / "store.db").read_bytes() == before


def test_reading_goes_on_beside_a_writer_and_sees_committed_work_only(folder: Path) -> None:
    writer = open_store(URL, base_dir=folder)
    reader = open_store(URL, base_dir=folder, read_only=True)
    with writer._writing() as connection:
        connection.execute(text("INSERT INTO meta VALUES ('newest_tick', '2026-01-01T00:00:00.000000+00:00')"))
        assert reader.newest_tick() is None
    assert reader.newest_tick() is not None
    reader.close()
    writer.close()


# --- the lock -------------------------------------------------------------------------------------------

HOLD = """if True:
    import time
    from pathlib import Path
    from feedwatch.store.opening import lock_store
    with lock_store("sqlite:///store.db", base_dir=Path()):
        print("held", flush=True)
        time.sleep(60)
"""


def test_the_lock_names_who_holds_it_at_once_and_is_free_after_a_kill(tmp_path: Path) -> None:
    with run(HOLD, tmp_path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        started = time.monotonic()
        with pytest.raises(StoreBusy, match=rf"store\.db: process {holder.pid} is working on it"):
            lock_and_enter(URL, base_dir=tmp_path)
        assert time.monotonic() - started < 1
        holder.kill()
    lock_and_enter(URL, base_dir=tmp_path)


def test_the_lock_is_free_after_its_block_and_after_an_error(tmp_path: Path) -> None:
    lock_and_enter(URL, base_dir=tmp_path)
    with pytest.raises(ZeroDivisionError), lock_store(URL, base_dir=tmp_path):
        raise ZeroDivisionError
    with lock_store(URL, base_dir=tmp_path), pytest.raises(StoreBusy, match=f"process {os.getpid()}"):
        lock_and_enter(URL, base_dir=tmp_path)


def test_a_lock_without_a_place_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist: create it"):
        lock_and_enter("sqlite:///missing/store.db", base_dir=tmp_path)
