"""The store as it is kept fit: what `ports.Store` shares with `keepports`, and the ways in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from feedwatch.ledger import Claim
from feedwatch.model import Content
from feedwatch.store import claiming, keeping, reading
from feedwatch.store.connecting import Database, sqlite_advice
from feedwatch.store.failures import explained
from feedwatch.upkeep import Hidden, Retention


class UpkeptStore:
    """A transaction and a clear error around each query that keeps the store fit."""

    def __init__(self, database: Database, *, program_version: str) -> None:
        self._database = database
        self._version = program_version

    @property
    def name(self) -> str:
        """The file, or the URL without its password."""
        return self._database.address.name

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self.name), self._database.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self.name), self._database.writing() as connection:
            yield connection

    def shift_clock(self, by_s: float, now: datetime) -> None:
        """See `keepports.Upkeeping.shift_clock`."""
        with self._writing() as connection:
            claiming.shift_clock(connection, by_s, now)

    def probe(self) -> None:
        """See `keepports.Upkeeping.probe`."""
        with self._writing() as connection:
            reading.newest_tick(connection)

    def release(self, claims: Sequence[Claim]) -> int:
        """See `keepports.Upkeeping.release`."""
        with self._writing() as connection:
            return claiming.release(connection, claims)

    def purge(self, retention: Retention, now: datetime) -> int:
        """See `keepports.Upkeeping.purge`."""
        with self._writing() as connection:
            return keeping.purge(connection, retention, now)

    def purge_memory(self, *, events_before: datetime) -> int:
        """See `keepports.Upkeeping.purge_memory`."""
        with self._writing() as connection:
            return keeping.purge_memory(connection, events_before=events_before)

    def compact(self) -> None:
        """See `keepports.Upkeeping.compact`."""
        with explained(self.name):
            self._database.compact()

    def content_limits(self) -> dict[str, Content]:
        """See `keepports.Upkeeping.content_limits`."""
        with self._reading() as connection:
            return reading.content_limits(connection)

    def hide(self, reference: str, note: str, now: datetime) -> list[Hidden]:
        """See `keepports.Upkeeping.hide`."""
        with self._writing() as connection:
            return keeping.hide(connection, reference, note, now)

    def unhide(self, reference: str) -> list[Hidden]:
        """See `keepports.Upkeeping.unhide`."""
        with self._writing() as connection:
            return keeping.unhide(connection, reference)

    def hidden(self) -> list[Hidden]:
        """See `alertports.AlertStore.hidden`."""
        with self._reading() as connection:
            return keeping.all_hidden(connection)

    def advice(self) -> tuple[str, ...]:
        """What the operator should know about this store; empty when all is well."""
        return sqlite_advice() if self._database.is_sqlite else ()
