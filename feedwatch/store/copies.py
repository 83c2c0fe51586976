"""Copies of a store's file: a backup while it is in use, checked; a copy put back in its place."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from glob import escape
from pathlib import Path
from urllib.parse import quote

from feedwatch.errors import StoreError
from feedwatch.store.connecting import Address
from feedwatch.store.failures import explained
from feedwatch.store.schema import HEAD, VERSION_TABLE
from feedwatch.upkeep import CopyReport

#: A copy in the making that was not written for so long is nobody's.
STILL_S = 60
#: Files of SQLite's beside a database.
_BESIDE = ("-wal", "-shm")


def backup(address: Address, target: Path, *, force: bool = False) -> CopyReport:
    """Copy the store as it is at one moment, while others read and write it, and check the copy.

    The copy is whole or not there: it gets its name when it is checked and on the disk.

    Raises:
        StoreError: the store or the target refuses, or the target exists and `force` is not given.
    """
    path = _file_of(address, f"pg_dump --format=custom --file '{target}' '{address.name}'")
    if target.exists() and not force:
        raise StoreError(f"{target}: there is a file already: name another, or overwrite it with --force")
    with explained(address.name), _beside(target) as partial:
        # VACUUM INTO reads one snapshot: writers neither wait for it nor make it start again.
        with closing(_open(path, "ro")) as source:
            source.execute("VACUUM INTO ?", (str(partial),))
        partial.chmod(0o600)
        report = verify(partial)
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    return report


def verify(path: Path) -> CopyReport:
    """Check a copy of a store: every page of it, that it is one of ours, and what it holds.

    Raises:
        StoreError: it is damaged, of another program, or of a newer version of this one.
    """
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file")
    try:
        with closing(_open(path, "ro")) as copy:
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise StoreError(f"{path}: it is damaged ({said}): take another copy")
            (revision,) = copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
            if revision > HEAD:
                raise StoreError(f"{path}: a newer feedwatch wrote it (schema {revision}): upgrade feedwatch first")
            (entries,) = copy.execute("SELECT count(*) FROM articles").fetchone()
            (sources,) = copy.execute("SELECT count(*) FROM sources").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: it is no copy of a store, or damaged ({error})") from error
    return CopyReport(size_bytes=path.stat().st_size, entries=entries, sources=sources, schema=revision)


def restore(address: Address, copy: Path | None, now: datetime) -> tuple[CopyReport | None, Path | None]:
    """Put a checked copy in the store's place, or nothing; returns what it holds, and where the old store is now.

    Only for who holds the exclusive lock. The store in place is moved aside, never removed.

    Raises:
        StoreError: the copy is not good; then nothing is moved.
    """
    path = _file_of(address, f"pg_restore --clean --if-exists --dbname '{address.name}' FILE")
    with explained(address.name):
        report = verify(copy) if copy is not None else None
        with _beside(path) as partial:
            if copy is not None:
                # Through SQLite, so that a log beside the copy counts.
                with closing(_open(copy, "ro")) as source:
                    source.execute("VACUUM INTO ?", (str(partial),))
                partial.chmod(0o600)
                _sync(partial)
            aside = _move_aside(path, now)
            if copy is not None:
                partial.replace(path)
            _sync(path.parent)
    return report, aside


def quick_check(path: Path) -> str:
    """What is wrong with the pages of a store's file; "" when nothing is."""
    try:
        with closing(_open(path, "ro")) as store:
            (said,) = store.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if said == "ok" else str(said)


def _move_aside(path: Path, now: datetime) -> Path | None:
    """Rename the store and what lies beside it; where it is now, None when there was none."""
    if not path.exists():
        return None
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.aside-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.aside-{stamp}-{number}")
    for ending in _BESIDE:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    path.rename(aside)
    return aside


def _file_of(address: Address, instead: str) -> Path:
    if address.path is None:
        raise StoreError(f"store {address.name}: PostgreSQL has its own tools for this: {instead}")
    if not address.path.parent.is_dir():
        raise StoreError(f"store {address.name}: the folder {address.path.parent} does not exist: create it")
    return address.path


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A name for a file in the making; what is left of it goes, and what killed processes left of theirs."""
    for left in target.parent.glob(f".{escape(target.name)}.*.partial"):
        maker = left.name.split(".")[-2]
        with contextlib.suppress(OSError):
            # A process of another container has a number that says nothing here, but it writes all the time.
            if maker.isdigit() and not _runs(int(maker)) and time.time() - left.stat().st_mtime > STILL_S:
                left.unlink()
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.unlink(missing_ok=True)
        yield partial
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # There is one, of another user.
        return True
    return True


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, timeout=30)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
