"""What a database's refusal means to a person, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from feedwatch.errors import StoreBusy, StoreError
from feedwatch.store.refusals import refused, said

#: By primary result code (https://sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space, then run again (nothing of this step was written)",
    sqlite3.SQLITE_READONLY: "it cannot be written: give this user the right to write the file and its folder",
    sqlite3.SQLITE_PERM: "access is refused: give this user the right to read and write the file",
    sqlite3.SQLITE_AUTH: "access is refused: give this user the right to read and write the file",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder exists and that this user may write in it",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: put a backup in its place with 'feedwatch restore FILE', or "
    "begin anew with 'feedwatch restore --new'",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database: move it aside or name another file",
    sqlite3.SQLITE_IOERR: "the disk reports an error: check the disk and the system's log, then run again",
    sqlite3.SQLITE_NOLFS: "the file is too large for this file system: move it to another",
}
#: By the start of the SQLSTATE (PostgreSQL manual, appendix A), longest first.
_POSTGRESQL = {
    "22021": "a text holds characters that PostgreSQL cannot store (NUL)",
    "25006": "the server takes no writes now (read-only): connect to the primary server",
    "42501": "the user lacks a right: grant it the right to create and write tables",
    "42P01": "a table is missing: run a command that writes (such as 'feedwatch once') to bring it up to date",
    "53100": "the server's disk is full: free some space, then run again (nothing of this step was written)",
    "57P": "the server is shutting down or starting up: wait, then run again",
}


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn every refusal of the database into a StoreError that names the store and the cure.

    `name` is the store's address without its password.

    Raises:
        StoreBusy: another process is writing for too long.
        StoreError: any other refusal.

    """
    try:
        yield
    except DBAPIError as error:
        raise _explain(name, error.orig if error.orig is not None else error) from error
    except StatementError as error:
        # A value that cannot be bound; `orig` says which kind, the statement would only drown it.
        raise StoreError(f"store {name}: a value cannot be stored: {said(error.orig or error)}") from error
    except UnicodeEncodeError as error:
        raise StoreError(f"store {name}: a text holds characters that cannot be stored: {error.reason}") from error
    except sqlite3.Error as error:
        raise _explain(name, error) from error
    except OSError as error:
        raise refused(name, error) from error
    except SQLAlchemyError as error:
        raise StoreError(f"store {name}: {said(error)}") from error


def _explain(name: str, error: BaseException) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return StoreBusy(f"store {name}: another process has been writing for too long: wait, then run again")
        if code == sqlite3.SQLITE_IOERR_SHMSIZE:
            # There is no room for the index of its log, without which the file is not even opened.
            primary = sqlite3.SQLITE_FULL
        if primary in _SQLITE:
            return StoreError(f"store {name}: {_SQLITE[primary]} ({said(error)})")
        return StoreError(f"store {name}: {said(error)}")
    state = getattr(error, "sqlstate", None)
    if state is None and type(error).__name__ == "OperationalError":
        # No connection at all: the server's own words say which of these it is.
        return StoreError(
            f"store {name}: the server cannot be reached: check that it runs and that host, user, password and "
            f"database are right ({said(error)})"
        )
    for start, meaning in _POSTGRESQL.items():
        if state is not None and state.startswith(start):
            return StoreError(f"store {name}: {meaning} ({said(error)})")
    return StoreError(f"store {name}: {said(error)}")
