"""Later jobs as the store offers them: a transaction and a clear error around each of the queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection

from feedwatch.errands import Done, Errand, Later, Retry
from feedwatch.model import Article
from feedwatch.store import later as jobs


class SqlErrands:
    """The part of `ports.Store` about later jobs; the store itself opens the connections."""

    _reading: Callable[[], AbstractContextManager[Connection]]
    _writing: Callable[[], AbstractContextManager[Connection]]

    def claim_later(
        self,
        kind: str,
        *,
        now: datetime,
        limit: int,
        lease_s: int,
        per_source: int | None = None,
        busy: Collection[str] = (),
    ) -> list[Later]:
        """See `ports.Store.claim_later`."""
        with self._writing() as connection:
            return jobs.claim_later(
                connection, kind, now=now, limit=limit, lease_s=lease_s, per_source=per_source, busy=busy
            )

    def next_later_at(self, kind: str) -> datetime | None:
        """See `ports.Store.next_later_at`."""
        with self._reading() as connection:
            return jobs.next_later_at(connection, kind)

    def errand(self, later: Later) -> Errand | None:
        """See `ports.Store.errand`."""
        with self._reading() as connection:
            return jobs.errand(connection, later)

    def page_texts(self, source_id: str, guids: Sequence[str]) -> dict[str, Article]:
        """See `ports.Store.page_texts`."""
        with self._reading() as connection:
            return jobs.page_texts(connection, source_id, guids)

    def finish_later(self, later: Later, done: Done) -> None:
        """See `ports.Store.finish_later`."""
        with self._writing() as connection:
            jobs.finish_later(connection, later, done)

    def retry_later(self, later: Later, retry: Retry) -> None:
        """See `ports.Store.retry_later`."""
        with self._writing() as connection:
            jobs.retry_later(connection, later, retry)
