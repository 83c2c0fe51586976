"""What every store keeps when it is opened, locked, migrated and closed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from feedwatch.errors import StoreBusy, StoreError
from feedwatch.latch import early_lock
from feedwatch.store.migrating import upgrade
from feedwatch.store.opening import lock_store, open_store
from feedwatch.store.schema import VERSION_TABLE, metadata
from tests.contract.builders import BASE_URL, NOON, claim_one, make_feeds, make_source, make_verdict, save
from tests.contract.conftest import Home


def test_who_looks_early_is_told_who_holds_the_lock(home: Home, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    url = home.url.replace("sqlite:///", f"sqlite:///{home.base_dir}/")
    source = '[[sources]]\nid = "s"\nurl = "http://127.0.0.1:9/"\nallow_private = true\n'
    feed = '[[feeds]]\nid = "a"\ntitle = "A"\n'
    config.write_text(f'[feedwatch]\npacks = []\n[store]\nurl = "{url}"\n{source}{feed}')
    with early_lock(config, {}):
        pass
    with (
        lock_store(home.url, base_dir=home.base_dir),
        pytest.raises(StoreBusy, match=rf"process {os.getpid()}.* is working on it: wait"),
        early_lock(config, {}),
    ):
        raise AssertionError
    with early_lock(config, {}):
        pass


def test_everything_is_there_after_reopening(home: Home) -> None:
    store = home.open()
    store.begin([make_source()], make_feeds("one"), base_url=BASE_URL, now=NOON)
    store.tick(NOON)
    save(store, claim_one(store), make_verdict(feeds={"one": ()}))
    before = (store.statuses(), store.feed_states(), list(store.entries()), store.newest_tick())
    store.close()
    again = home.open(read_only=True)
    assert (again.statuses(), again.feed_states(), list(again.entries()), again.newest_tick()) == before


def test_a_store_opened_for_reading_refuses_to_write(home: Home) -> None:
    home.open().close()
    store = home.open(read_only=True)
    for write in (
        lambda: store.tick(NOON),
        store.clear_leases,
        lambda: store.claim_due(now=NOON, limit=1, lease_s=1),
        lambda: store.begin([], [], base_url=BASE_URL, now=NOON),
    ):
        with pytest.raises(StoreError, match="opened for reading only"):
            write()
    assert store.newest_tick() is None


def test_one_at_a_time_holds_the_lock(home: Home) -> None:
    with lock_store(home.url, base_dir=home.base_dir):
        started = time.monotonic()
        with (
            pytest.raises(StoreBusy, match=rf"process {os.getpid()}.* is working on it: wait"),
            lock_store(home.url, base_dir=home.base_dir),
        ):
            raise AssertionError
        assert time.monotonic() - started < 1
        # Who only reads does not ask for it.
        assert home.open(read_only=True).newest_tick() is None
    with lock_store(home.url, base_dir=home.base_dir):
        pass


@pytest.fixture
def empty_schema(postgres_schema: str) -> Iterator[str]:
    """The URL of a schema without any table, beside the process's own."""
    name = postgres_schema.rpartition("search_path%3D")[2].partition("+")[0]
    fresh = f"{name}_empty"
    engine = create_engine(postgres_schema)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {fresh}"))
    yield postgres_schema.replace(name, fresh)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {fresh} CASCADE"))
    engine.dispose()


@pytest.mark.external_service
def test_the_migrations_lead_to_the_same_schema_on_postgresql(empty_schema: str, postgres_schema: str) -> None:
    open_store(postgres_schema, base_dir=Path()).close()
    engine = create_engine(empty_schema)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    assert describe(empty_schema) == describe(postgres_schema)


COLUMNS = """
    SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, collation_name, is_nullable)
    FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1
"""
CONSTRAINTS = """
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1
"""
INDEXES = """
    SELECT tablename || ' ' || replace(indexdef, current_schema() || '.', '')
    FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1
"""


def describe(url: str) -> list[str]:
    """All that the schema is made of, without Alembic's own table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        lines = [line for query in (COLUMNS, CONSTRAINTS, INDEXES) for line in connection.scalars(text(query))]
    engine.dispose()
    return [line for line in lines if VERSION_TABLE not in line]


@pytest.mark.external_service
def test_two_processes_that_start_together_migrate_once(empty_schema: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(empty_schema, base_dir=Path()), range(4)))
    for store in stores:
        assert store.newest_tick() is None
        store.close()


@pytest.mark.external_service
def test_a_shared_database_may_hold_other_tables_but_not_of_our_names(empty_schema: str) -> None:
    engine = create_engine(empty_schema)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name text)"))
    open_store(empty_schema, base_dir=Path()).close()
    with engine.begin() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, VERSION_TABLE, "recipes"}
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    engine.dispose()
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(empty_schema, base_dir=Path())


@pytest.mark.external_service
def test_a_server_refuses_with_a_reason(postgres_schema: str) -> None:
    url = make_url(postgres_schema).set(database="no_such_db", password="geheim")  # noqa: S106 - not a real one
    with pytest.raises(StoreError, match=r'database are right .*"no_such_db" does not exist') as caught:
        open_store(url.render_as_string(hide_password=False), base_dir=Path())
    assert "geheim" not in str(caught.value)
