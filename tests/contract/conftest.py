"""A store on each database, empty for every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from feedwatch.store.opening import open_store
from feedwatch.store.schema import metadata
from feedwatch.store.sql import SqlStore
from tests.contract.builders import BASE_URL, NOON, make_feeds, make_source

SERVER = os.environ.get("FEEDWATCH_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@dataclass
class Home:
    """Where a test's store lives; opens it as often as the test likes."""

    kind: str
    url: str
    base_dir: Path
    opened: list[SqlStore] = field(default_factory=list)

    def open(self, **options: Any) -> SqlStore:
        store = open_store(self.url, base_dir=self.base_dir, **options)
        self.opened.append(store)
        return store

    def close(self) -> None:
        for store in self.opened:
            store.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store file, made once."""
    folder = tmp_path_factory.mktemp("template")
    open_store("sqlite:///store.db", base_dir=folder).close()
    return folder / "store.db"


@pytest.fixture(scope="session")
def postgres_schema(worker_id: str) -> Iterator[str]:
    """The URL of a schema of this test process's own, dropped at the end."""
    engine = create_engine(SERVER, connect_args={"connect_timeout": 3})
    schema = f"feedwatch_test_{os.getpid()}_{worker_id}"
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError as error:
        reason = f"no PostgreSQL at {make_url(SERVER).render_as_string()}: install and start one ({error.orig})"
        if os.environ.get("FEEDWATCH_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    # Dates and sorting must not lean on what the server happens to be set to.
    options = f"-csearch_path={schema} -ctimezone=Pacific/Apia -csynchronous_commit=off"
    url = make_url(SERVER).update_query_dict({"options": options})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def empty_postgres(postgres_schema: str) -> Iterator[Callable[[], str]]:
    """Empties the tables of the process's schema; creates them the first time."""
    open_store(postgres_schema, base_dir=Path()).close()
    engine = create_engine(postgres_schema)

    def empty() -> str:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        return postgres_schema

    yield empty
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external_service)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """The place of an empty store, on each database in turn."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "store.db")
        url = "sqlite:///store.db"
    else:
        url = request.getfixturevalue("empty_postgres")()
    place = Home(kind=request.param, url=url, base_dir=tmp_path)
    yield place
    place.close()


@pytest.fixture
def store(home: Home) -> SqlStore:
    """An open store with sources north and south and feeds one and two, at noon."""
    opened = home.open()
    opened.begin([make_source("north"), make_source("south")], make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    return opened
