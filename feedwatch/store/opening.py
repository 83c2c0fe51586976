"""Opening a store and locking it: the way from an address to a store that is ready."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from feedwatch import __version__
from feedwatch.errors import StoreError
from feedwatch.store.connecting import Address, Database, create_file, postgresql_engine, read_address
from feedwatch.store.copies import backup
from feedwatch.store.failures import explained
from feedwatch.store.locking import RUN, busy, holder_of, holder_query, lock_file, lock_key
from feedwatch.store.schema import HEAD, VERSION_TABLE, create_schema, metadata
from feedwatch.store.sql import SqlStore

log = logging.getLogger(__name__)


def open_store(url: str, *, base_dir: Path, read_only: bool = False, program_version: str = __version__) -> SqlStore:
    """The store at `url`, its schema up to date; the path of a file is relative to `base_dir`.

    With `read_only` nothing is written, not even a migration.

    Raises:
        StoreError: there is no such store, it is no store of this program, it was written by a newer
            program, or (with `read_only`) it needs a migration.

    """
    address = read_address(url, base_dir)
    with explained(address.name):
        if address.path is not None:
            _prepare_file(address, address.path, read_only=read_only)
        database = Database(address, read_only=read_only)
        try:
            _bring_up_to_date(database)
        except BaseException:
            database.close()
            raise
    return SqlStore(database, program_version=program_version)


def _prepare_file(address: Address, path: Path, *, read_only: bool) -> None:
    if not path.parent.is_dir():
        raise StoreError(f"store {address.name}: the folder {path.parent} does not exist: create it")
    if path.is_dir():
        raise StoreError(f"store {address.name}: this is a folder: name a file in it")
    if read_only and not path.exists():
        raise StoreError(f"store {address.name}: there is none yet: run 'feedwatch once' first")
    if not read_only:
        create_file(path)


def _bring_up_to_date(database: Database) -> None:
    with database.reading() as connection:
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is None:
            _refuse_foreign(connection, database)
    _refuse_newer(database, revision)
    if database.read_only:
        state = "is empty" if revision is None else f"has the older schema {revision} (this program: {HEAD})"
        raise StoreError(f"store {database.address.name}: it {state}: run 'feedwatch once' to bring it up to date")
    if revision is not None and database.address.path is not None:
        _back_up_first(database.address, database.address.path, revision)
    with database.writing() as connection:
        if not database.is_sqlite:
            # Two processes that start together: the second finds the work done. Ends with the transaction.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(connection, "migrate")})
        if revision is None and not inspect(connection).has_table(VERSION_TABLE):
            create_schema(connection)
        else:
            # Alembic takes a third of a second to load, which no command should pay when nothing is to migrate.
            importlib.import_module("feedwatch.store.migrating").upgrade(connection)


def _back_up_first(address: Address, path: Path, revision: str) -> None:
    """Copy the store before it is migrated, so that the older program can go on with the copy."""
    target = path.with_name(f"{path.name}.before-{HEAD}")
    if not target.exists():
        # One that is there was made by a migration that did not come to its end: the older it is, the better.
        backup(address, target)
        log.warning("store %s: its schema goes from %s to %s; the copy before is %s", path, revision, HEAD, target)


def _revision(connection: Connection) -> str | None:
    """The schema's revision; None when there is none yet."""
    try:
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if inspect(connection).has_table(VERSION_TABLE):
            raise
        return None
    return found


def _refuse_foreign(connection: Connection, database: Database) -> None:
    """Refuse a database in which another program's tables are in the way.

    Raises:
        StoreError: it is so.

    """
    present = set(inspect(connection).get_table_names())
    if not database.is_sqlite:
        # A server's database may be shared, as long as the names do not meet.
        present &= set(metadata.tables)
    if present:
        shown = ", ".join(sorted(present)[:3])
        raise StoreError(
            f"store {database.address.name}: it holds tables of another program ({shown}): name another database"
        )


def _refuse_newer(database: Database, revision: str | None) -> None:
    if revision is not None and revision > HEAD:
        raise StoreError(
            f"store {database.address.name}: a newer feedwatch wrote it (its schema is {revision}, this program "
            f"knows {HEAD}): upgrade feedwatch, or restore the backup made before"
        )


# --- the exclusive lock ----------------------------------------------------------------------------------


def lock_store(url: str, *, base_dir: Path, held: Path | None = None) -> AbstractContextManager[None]:
    """Hold the store alone while the block runs; freed by the end of the process, however it ends.

    The caller may hold that of the store's file `held` already.

    Raises:
        StoreBusy: another process holds it; said at once.
        StoreError: there is no place for the lock.

    """
    address = read_address(url, base_dir)
    if held is not None and held == address.path:
        return nullcontext()
    return _lock_server(address) if address.path is None else lock_file(address.path)


@contextmanager
def _lock_server(address: Address) -> Iterator[None]:
    engine = postgresql_engine(address, application_name=f"feedwatch, process {os.getpid()}")
    with explained(address.name):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with explained(address.name):
            key = _lock_key(connection, RUN)
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                raise busy(address.name, holder_of(connection.execute(text(holder_query(key))).first()))
        yield
    finally:
        connection.close()
        engine.dispose()


def _lock_key(connection: Connection, purpose: str) -> int:
    return lock_key(connection.scalar(text("SELECT current_schema()")), purpose)
