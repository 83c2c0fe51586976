"""Connections to the two databases, set up as the store needs them."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from feedwatch.errors import StoreError

#: How long SQLite waits for another process that writes.
BUSY_TIMEOUT_S = 30
#: Before this version two processes that write at once can damage a database in WAL mode.
SAFE_SQLITE = (3, 51, 3)
#: As `PRAGMA auto_vacuum` tells it.
_INCREMENTAL = 2
_PAGES_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a store is: a file of SQLite's, or a PostgreSQL server."""

    url: URL
    #: For messages: the file, or the URL without its password.
    name: str
    #: The database file; None for PostgreSQL.
    path: Path | None


def read_address(url: str, base_dir: Path) -> Address:
    """Understand a store's URL; the path of a file is relative to `base_dir`.

    Raises:
        StoreError: the URL names no store that this program knows.

    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "the store's url is no URL: write sqlite:///feedwatch.db or postgresql+psycopg://user@host/database"
        ) from error
    name = parsed.render_as_string(hide_password=True)
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return Address(url=parsed.set(drivername="postgresql+psycopg"), name=name, path=None)
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StoreError(f"store {name}: unknown kind of database: use sqlite:/// or postgresql+psycopg://")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise StoreError(f"store {name}: a store in memory would be lost: name a file, e.g. sqlite:///feedwatch.db")
    if parsed.query or parsed.host:
        raise StoreError(
            f"store {name}: SQLite takes a path only: write sqlite:///relative.db or sqlite:////absolute.db"
        )
    path = base_dir.absolute() / parsed.database
    return Address(url=parsed, name=str(path), path=path)


class Database:
    """Connections for reading (many) and for writing (one at a time on SQLite).

    The writer is the only connection that moves SQLite's log into its file (checkpoints).
    """

    def __init__(self, address: Address, *, read_only: bool) -> None:
        self.address = address
        self.read_only = read_only
        self._turn: AbstractContextManager[object] = nullcontext()
        if address.path is None:
            self._reader = self._writer = postgresql_engine(address)
            return
        self._turn = threading.Lock()
        self._reader = _sqlite_engine(_sqlite_opener(address.path, "ro"), begin="BEGIN", connections=32)
        self._writer = _sqlite_engine(_sqlite_opener(address.path, "rw"), begin="BEGIN IMMEDIATE", connections=1)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file."""
        return self.address.path is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees committed work only and writes nothing."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it or, when an error leaves the block, nothing.

        Raises:
            StoreError: the store was opened for reading only.

        """
        if self.read_only:
            raise StoreError(f"store {self.address.name}: it is opened for reading only")
        with self._turn, self._writer.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            except DBAPIError as error:
                if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
                    # What the disk failed to keep, the system may forget and later call kept: never the same file
                    # again, whose next flush would succeed, but a new one that reads what is there.
                    connection.invalidate(error)
                raise

    def compact(self) -> None:
        """Give room that nothing uses any more back to the disk; only SQLite needs to be told.

        A file that was made without the means for it is written anew once, when a fifth of it is empty.
        """
        if not self.is_sqlite:
            return
        with self._driver() as raw:
            pages, empty, mode = (
                raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "auto_vacuum")
            )
            if mode != _INCREMENTAL and empty * 5 > pages:
                raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
                raw.execute("VACUUM")
        for _ in range(0, empty if mode == _INCREMENTAL else 0, _PAGES_AT_ONCE):
            # Whoever waits to write comes between.
            with self._driver() as raw:
                # A script is run to its end; `execute` would stop after the first page, which is no row.
                raw.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
        with self._driver() as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            raw.execute("PRAGMA optimize").fetchall()

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        """The writer's connection as SQLite's own driver has it, outside of any transaction."""
        with self._turn, self._writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # noqa: S101 - a checked-out connection has its driver's
            yield raw

    def close(self) -> None:
        """Let go of all connections, the writer's last, so that it tidies up SQLite's log."""
        self._reader.dispose()
        self._writer.dispose()


def create_file(path: Path) -> None:
    """Make an empty database that only its owner can read, unless there is one.

    SQLite gives the files beside it (log, index of the log) the same mode.

    Raises:
        OSError: the folder is missing or refuses.

    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return


def sqlite_advice(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> tuple[str, ...]:
    """What to know about this SQLite library; empty when all is well."""
    if version >= SAFE_SQLITE:
        return ()
    has, needs = (".".join(str(part) for part in parts) for parts in (version, SAFE_SQLITE))
    advice = (
        f"SQLite {has} can damage a store that several processes write at the same moment (mended in {needs}): "
        "let one process write, or use PostgreSQL"
    )
    return (advice,)


def _sqlite_opener(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    uri = f"file:{quote(str(path))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            check_same_thread=False,
            isolation_level=None,  # transactions begin where we say so, see `_sqlite_engine`
            cached_statements=128,
        )
        try:
            _set_up(connection, for_writing=mode == "rw")
        except BaseException:
            # A file that is busy, damaged or no database would be kept open by what never became a connection.
            connection.close()
            raise
        return connection

    return connect


def _set_up(connection: sqlite3.Connection, *, for_writing: bool) -> None:
    if for_writing:
        # Counts for a new file only, before anything is in it: room that gets free can be given back.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        # Anything less loses acknowledged work in a power cut.
        connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA mmap_size = 0").fetchone()
    connection.execute("PRAGMA trusted_schema = OFF")


def _sqlite_engine(opener: Callable[[], sqlite3.Connection], *, begin: str, connections: int) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=opener,
        poolclass=QueuePool,
        pool_size=min(connections, 5),
        max_overflow=max(connections - 5, 0),
        # The same one again, whose pages and plans are in memory already, and seldom the others.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgresql_engine(address: Address, *, application_name: str = "feedwatch") -> Engine:
    """Connections to the server, which shows them under `application_name`.

    Raises:
        StoreError: the driver is not installed.

    """
    try:
        return create_engine(
            address.url,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=27,
            connect_args={"connect_timeout": 10, "application_name": application_name},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            f"store {address.name}: the driver for PostgreSQL is missing: pip install 'feedwatch[postgresql]'"
        ) from error
