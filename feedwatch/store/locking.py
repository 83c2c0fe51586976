"""The exclusive lock of a store; without the database's library, which takes long to load."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from feedwatch.errors import StoreBusy, StoreError
from feedwatch.store.refusals import refused

#: What the lock of a server is for that a program holds which works on the store.
RUN = "run"
_LOOK_WITHIN_S = 5
_PLAIN = ("sqlite:///", "sqlite+pysqlite:///")


def plain_file(url: str, base_dir: Path) -> Path | None:
    """The file of a store whose URL is `sqlite:///PATH` and no more; None for one that takes a closer look."""
    for start in _PLAIN:
        path = url.removeprefix(start)
        if path not in ("", url, ":memory:") and not path.startswith("file:") and not set("?%#") & set(path):
            return base_dir.absolute() / path
    return None


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold the store alone while the block runs; freed by the end of the process, however it ends.

    Raises:
        StoreBusy: another process holds it; said at once.
        StoreError: there is no place for the lock.
    """
    if not path.parent.is_dir():
        raise StoreError(f"store {path}: the folder {path.parent} does not exist: create it")
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise refused(str(path), error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise busy(str(path), who) from error
        _sign(descriptor, b"%d\n" % os.getpid())
        yield
        # The file stays: removing it would let two processes lock two different files.
        _sign(descriptor, b"")
    finally:
        os.close(descriptor)


def _sign(descriptor: int, who: bytes) -> None:
    """Write down who holds the lock; a full disk, which must not stop anybody from starting, leaves it unsaid."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, who, 0)
    except OSError:
        return


def busy(store: str, who: str) -> StoreBusy:
    """The error of whoever comes second."""
    return StoreBusy(f"store {store}: {who} is working on it: wait for it, or stop it")


def lock_key(schema: object, purpose: str) -> int:
    """A number for a schema of a PostgreSQL server and the purpose; locks belong to a database already."""
    digest = hashlib.sha256(f"feedwatch {purpose} {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def holder_query(key: int) -> str:
    """Asks a PostgreSQL server who holds a lock."""
    return (
        "SELECT a.application_name, a.client_addr::text"  # noqa: S608 - numbers only
        " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        f" AND l.classid::bigint = {(key >> 32) & 0xFFFF_FFFF} AND l.objid::bigint = {key & 0xFFFF_FFFF}"
    )


def holder_of(row: Sequence[Any] | None) -> str:
    """The holder in words, of a row that `holder_query` brought."""
    if row is None:
        return "another process"
    name, address = row
    return f"{name or 'another process'} on {address or 'the server itself'}"


def look_at_server(url: str, name: str) -> None:
    """Say at once when another process works on the store of a PostgreSQL server.

    Whatever keeps this look from being taken is left to whoever opens the store.

    Raises:
        StoreBusy: another process holds the store.
    """
    try:
        import psycopg  # noqa: PLC0415 - the driver is optional
    except ModuleNotFoundError:
        return
    with contextlib.suppress(psycopg.Error, ValueError):
        with psycopg.connect(**_parameters(url), autocommit=True, connect_timeout=_LOOK_WITHIN_S) as connection:
            (schema,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
            # The key is a number of ours.
            held = connection.execute(holder_query(lock_key(schema, RUN)).encode()).fetchone()
        if held is not None:
            raise busy(name, holder_of(held))


def _parameters(url: str) -> dict[str, Any]:
    """What the driver is told of an address, as SQLAlchemy tells it, whose way of quoting is not the server's."""
    parts = urlsplit(url)
    named = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    named["dbname"] = parts.path.removeprefix("/")
    quoted = {key: unquote(value) if isinstance(value, str) else value for key, value in named.items() if value}
    return quoted | dict(parse_qsl(parts.query))
