"""The store: a transaction and a clear error around each of the queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from feedwatch.ledger import (
    Archive,
    Batch,
    Claim,
    Event,
    FeedState,
    Known,
    LineCount,
    Pulse,
    Recall,
    Reject,
    Shown,
    SourceStatus,
    Verdict,
)
from feedwatch.model import Entry, FeedSpec, Source, Validators
from feedwatch.store import alerting, claiming, lines, publishing, reading, recalling, watching, writing
from feedwatch.store.connecting import Database
from feedwatch.store.errands import SqlErrands
from feedwatch.store.failures import explained
from feedwatch.store.hubs import SqlHubs
from feedwatch.store.sharing import Sharing
from feedwatch.store.upkept import UpkeptStore
from feedwatch.views import Sighting
from feedwatch.vitals import Alert, Health, Marked, Seen


class SqlStore(UpkeptStore, SqlErrands):
    """`ports.Store` over SQLite or PostgreSQL; made by `opening.open_store`.

    `program_version` tells which version failed on a document, so that a later one tries it again.
    """

    def __init__(self, database: Database, *, program_version: str) -> None:
        super().__init__(database, program_version=program_version)
        self._facts = publishing.Facts()
        self._ends = Sharing(self._writing)
        self.hubs = SqlHubs(database)

    # --- configuration, time, claims --------------------------------------------------------------------

    def begin(self, sources: Sequence[Source], feeds: Sequence[FeedSpec], *, base_url: str, now: datetime) -> None:
        """See `ports.Store.begin`."""
        with self._writing() as connection:
            claiming.note_sources(connection, sources, now)
            claiming.note_feeds(connection, feeds, base_url, now)

    def tick(self, now: datetime) -> None:
        """See `ports.Store.tick`."""
        with self._writing() as connection:
            claiming.move_tick(connection, now)

    def newest_tick(self) -> datetime | None:
        """See `ports.Store.newest_tick`."""
        with self._reading() as connection:
            return reading.newest_tick(connection)

    def clear_leases(self) -> int:
        """See `ports.Store.clear_leases`."""
        with self._writing() as connection:
            return claiming.clear_leases(connection)

    def claim_due(
        self, *, now: datetime, limit: int, lease_s: int, source_ids: Sequence[str] | None = None, force: bool = False
    ) -> list[Claim]:
        """See `ports.Store.claim_due`."""
        with self._writing() as connection:
            return claiming.claim_due(
                connection, now=now, limit=limit, lease_s=lease_s, source_ids=source_ids, force=force
            )

    def next_due_at(self) -> datetime | None:
        """See `ports.Store.next_due_at`; a leased source counts from the end of its lease."""
        with self._reading() as connection:
            return reading.next_due_at(connection)

    def overdue(self, now: datetime) -> list[str]:
        """See `ports.Store.overdue`."""
        with self._reading() as connection:
            return reading.overdue(connection, now)

    def reschedule(self, due: Mapping[str, datetime]) -> None:
        """See `ports.Store.reschedule`."""
        with self._writing() as connection:
            claiming.reschedule(connection, due)

    def revive(self, source_id: str, now: datetime) -> bool:
        """See `ports.Store.revive`."""
        with self._writing() as connection:
            return claiming.revive(connection, source_id, now)

    # --- one poll ---------------------------------------------------------------------------------------

    def recall(self, source_ids: Sequence[str]) -> dict[str, Recall]:
        """See `ports.Store.recall`."""
        with self._reading() as connection:
            return recalling.recall(connection, source_ids, self._version)

    def validators(self, source_id: str) -> dict[str, Validators]:
        """See `ports.Store.validators`."""
        with self._reading() as connection:
            return recalling.validators_of(connection, source_id, self._version)

    def rejects(self, source_id: str) -> list[Reject]:
        """See `ports.Store.rejects`."""
        with self._reading() as connection:
            return recalling.rejects_of(connection, source_id, self._version)

    def known(self, source_id: str, guids: Sequence[str]) -> dict[str, Known]:
        """See `ports.Store.known`."""
        with self._reading() as connection:
            return reading.known_items(connection, source_id, guids)

    def taken_ids(self, source_id: str, ids: Mapping[str, str | None]) -> set[str]:
        """See `ports.Store.taken_ids`; an article without an address is shared with its own source only."""
        with self._reading() as connection:
            return reading.taken_ids(connection, source_id, ids)

    def lines(self, source_id: str) -> dict[int, LineCount]:
        """See `ports.Store.lines`."""
        with self._reading() as connection:
            return lines.read_lines(connection, source_id)

    def save(self, batch: Batch) -> None:
        """See `ports.Store.save`; polls that brought nothing and end at the same time share a transaction."""
        if writing.is_quiet(batch):
            self._ends.run(lambda connection: writing.save_batch(connection, batch, self._version))
            return
        with self._writing() as connection:
            writing.save_batch(connection, batch, self._version)

    # --- judging again ----------------------------------------------------------------------------------

    def unjudged(self, judged_by: str, limit: int) -> list[Entry]:
        """See `ports.Store.unjudged`."""
        with self._reading() as connection:
            return reading.unjudged(connection, judged_by, limit)

    def count_unjudged(self, judged_by: str) -> int:
        """See `ports.Store.count_unjudged`."""
        with self._reading() as connection:
            return reading.count_unjudged(connection, judged_by)

    def newest_unjudged(self, judged_by: str) -> datetime | None:
        """See `ports.Store.newest_unjudged`."""
        with self._reading() as connection:
            return reading.newest_unjudged(connection, judged_by)

    def seen_at_place(self, feed_id: str, place: int) -> datetime | None:
        """See `ports.Store.seen_at_place`."""
        with self._reading() as connection:
            return reading.seen_at_place(connection, feed_id, place)

    def rejudge(self, verdicts: Sequence[Verdict], judged_by: str) -> None:
        """See `ports.Store.rejudge`; an entry that was saved again since it was read is left alone."""
        with self._writing() as connection:
            writing.rejudge(connection, verdicts, judged_by)

    # --- publishing -------------------------------------------------------------------------------------

    def feed_states(self) -> dict[str, FeedState]:
        """See `ports.Store.feed_states`."""
        with self._reading() as connection:
            return reading.feed_states(connection)

    def private_sources(self) -> frozenset[str]:
        """See `alertports.AlertStore.private_sources`."""
        with self._reading() as connection:
            return reading.private_sources(connection)

    def private_feeds(self) -> frozenset[str]:
        """See `alertports.AlertStore.private_feeds`."""
        with self._reading() as connection:
            return reading.private_feeds(connection)

    def members(
        self, feed_id: str, *, limit: int, since: datetime | None = None, with_labels: bool = False
    ) -> list[Entry]:
        """See `ports.Store.members`."""
        with self._reading() as connection:
            return reading.members(connection, feed_id, limit=limit, since=since, with_labels=with_labels)

    def count_members(self) -> dict[str, int]:
        """See `ports.Store.count_members`; a feed without members counts 0."""
        with self._reading() as connection:
            return reading.count_members(connection)

    def sightings(
        self,
        feed_id: str,
        *,
        limit: int,
        after: datetime | None = None,
        until: datetime | None = None,
        oldest_first: bool = False,
        with_reasons: bool = False,
    ) -> list[Sighting]:
        """See `ports.Store.sightings`."""
        with self._reading() as connection:
            return publishing.sightings(
                connection,
                self._facts,
                feed_id,
                limit=limit,
                after=after,
                until=until,
                oldest_first=oldest_first,
                with_reasons=with_reasons,
            )

    def entries_of(self, feed_id: str, keys: Sequence[int], *, with_labels: bool = False) -> dict[int, Entry]:
        """See `ports.Store.entries_of`."""
        with self._reading() as connection:
            return publishing.entries_of(connection, feed_id, keys, with_labels=with_labels)

    def older_pages(self, feed_id: str, before: datetime, pages: Sequence[str]) -> set[str]:
        """See `ports.Store.older_pages`."""
        with self._reading() as connection:
            return publishing.older_pages(connection, feed_id, before, pages)

    def archives(self) -> dict[str, list[Archive]]:
        """See `ports.Store.archives`."""
        with self._reading() as connection:
            return publishing.archives_of(connection)

    def mark_published(self, shown: Sequence[Shown], *, gone: Sequence[str] = (), now: datetime) -> None:
        """See `ports.Store.mark_published`."""
        with self._writing() as connection:
            publishing.mark_published(connection, shown, gone_names=gone, at=now)

    def retired_files(self) -> dict[str, list[str]]:
        """See `ports.Store.retired_files`."""
        with self._reading() as connection:
            return publishing.retired_files(connection)

    def forget_files(self, feed_ids: Sequence[str]) -> None:
        """See `ports.Store.forget_files`."""
        with self._writing() as connection:
            publishing.forget_files(connection, feed_ids)

    def is_gone(self, name: str) -> bool:
        """See `ports.Store.is_gone`."""
        with self._reading() as connection:
            return publishing.is_gone(connection, name)

    # --- looking ----------------------------------------------------------------------------------------

    def entries(self, *, since: datetime | None = None, limit: int | None = None) -> Iterator[Entry]:
        """See `ports.Store.entries`; no connection is held between two pages."""
        after: Entry | None = None
        left = limit
        while left is None or left > 0:
            size = reading.PAGE if left is None else min(reading.PAGE, left)
            with self._reading() as connection:
                page = reading.newest_entries(connection, since=since, after=after, limit=size)
            yield from page
            if len(page) < size:
                return
            after = page[-1]
            left = None if left is None else left - len(page)

    def statuses(self) -> list[SourceStatus]:
        """See `ports.Store.statuses`."""
        with self._reading() as connection:
            return reading.statuses(connection)

    def events(self, *, since: datetime | None = None, source_id: str | None = None, limit: int = 1000) -> list[Event]:
        """See `ports.Store.events`."""
        with self._reading() as connection:
            return reading.newest_events(connection, since=since, source_id=source_id, limit=limit)

    # --- watching over sources --------------------------------------------------------------------------

    def pulses(self) -> list[Pulse]:
        """See `ports.Store.pulses`."""
        with self._reading() as connection:
            return watching.pulses(connection)

    def note_health(self, healths: Mapping[str, Health], events: Sequence[Event]) -> None:
        """See `ports.Store.note_health`."""
        with self._writing() as connection:
            watching.note_health(connection, healths, events)

    def events_of_kind(self, kind: str, limit: int) -> list[Event]:
        """See `ports.Store.events_of_kind`."""
        with self._reading() as connection:
            return watching.events_of_kind(connection, kind, limit)

    def rule_hits(self, since: datetime) -> dict[tuple[str, str], int]:
        """See `ports.Store.rule_hits`."""
        with self._reading() as connection:
            return watching.rule_hits(connection, since)

    def size_bytes(self) -> int:
        """See `ports.Store.size_bytes`."""
        with self._reading() as connection:
            return watching.size_bytes(connection)

    # --- alerts -----------------------------------------------------------------------------------------

    def day_counts(self, now: datetime, days: int) -> dict[str, list[int]]:
        """See `ports.AlertStore.day_counts`."""
        with self._reading() as connection:
            return alerting.day_counts(connection, now, days)

    def source_counts(self, feed_id: str, since: datetime, until: datetime) -> dict[str, int]:
        """See `ports.AlertStore.source_counts`."""
        with self._reading() as connection:
            return alerting.source_counts(connection, feed_id, since, until)

    def marked(self, *, after: int, limit: int) -> tuple[list[Marked], int]:
        """See `ports.AlertStore.marked`."""
        with self._reading() as connection:
            return alerting.marked(connection, after=after, limit=limit)

    def marked_since(self, since: datetime, limit: int) -> list[Marked]:
        """See `ports.AlertStore.marked_since`."""
        with self._reading() as connection:
            return alerting.marked_since(connection, since, limit)

    def looked_at(self) -> tuple[int, datetime | None]:
        """See `ports.AlertStore.looked_at`."""
        with self._reading() as connection:
            return alerting.looked_at(connection)

    def seen_of(self, kinds: Sequence[str]) -> dict[tuple[str, str, str], Seen]:
        """See `ports.AlertStore.seen_of`."""
        with self._reading() as connection:
            return alerting.seen_of(connection, kinds)

    def alerts(self, *, since: datetime | None = None, limit: int = 200, unsent: bool = False) -> list[Alert]:
        """See `ports.AlertStore.alerts`."""
        with self._reading() as connection:
            return alerting.recent_alerts(connection, since=since, limit=limit, unsent=unsent)

    def note_alerts(
        self,
        *,
        new: Sequence[Alert],
        held: Sequence[Alert],
        seen: Iterable[Seen],
        looked_at: tuple[int, datetime],
    ) -> None:
        """See `ports.AlertStore.note_alerts`."""
        with self._writing() as connection:
            alerting.note_alerts(connection, new=new, held=held, seen=seen, looked_at=looked_at)

    def mark_sent(self, sent: Sequence[Alert], now: datetime) -> None:
        """See `ports.AlertStore.mark_sent`."""
        with self._writing() as connection:
            alerting.mark_sent(connection, sent, now)

    def close(self) -> None:
        """See `ports.Store.close`."""
        with explained(self.name):
            self._database.close()
