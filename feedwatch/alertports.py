"""The seams of alerts: what they ask of the store, and who tells people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from feedwatch.upkeep import Hidden
from feedwatch.vitals import Alert, Marked, Seen


class AlertStore(Protocol):
    """What alerts ask of the store; every method is safe to call from several threads."""

    def private_sources(self) -> frozenset[str]:
        """Sources whose entries are for private feeds only; of those that left the configuration, as it said last."""
        ...

    def hidden(self) -> list[Hidden]:
        """Everything that was taken down, newest first."""
        ...

    def private_feeds(self) -> frozenset[str]:
        """Feeds that are not for everybody; of those that left the configuration, as it said last."""
        ...

    def day_counts(self, now: datetime, days: int) -> dict[str, list[int]]:
        """Members that each feed gained in each of the last whole days, the last 24 hours first.

        A feed's list ends where its first member came.
        """
        ...

    def source_counts(self, feed_id: str, since: datetime, until: datetime) -> dict[str, int]:
        """Members that a feed gained from `since` up to `until`, by source."""
        ...

    def marked(self, *, after: int, limit: int) -> tuple[list[Marked], int]:
        """New members among at most `limit` articles numbered above `after`, and the last number looked at."""
        ...

    def marked_since(self, since: datetime, limit: int) -> list[Marked]:
        """Members of feeds first seen at or after `since`, of at most `limit` articles, the newest."""
        ...

    def looked_at(self) -> tuple[int, datetime | None]:
        """The newest article that alerts looked at (0 before the first), and when that was."""
        ...

    def seen_of(self, kinds: Sequence[str]) -> dict[tuple[str, str, str], Seen]:
        """What feeds were seen to have of these kinds, by feed, kind and value."""
        ...

    def alerts(self, *, since: datetime | None = None, limit: int = 200, unsent: bool = False) -> list[Alert]:
        """Alerts that still held at `since`, newest first."""
        ...

    def note_alerts(
        self,
        *,
        new: Sequence[Alert],
        held: Sequence[Alert],
        seen: Iterable[Seen],
        looked_at: tuple[int, datetime],
    ) -> None:
        """Write what one look brought, in one transaction."""
        ...

    def mark_sent(self, sent: Sequence[Alert], now: datetime) -> None:
        """Remember that the channels were told."""
        ...


class Notifier(Protocol):
    """Tells people over the channels of a configuration."""

    def send(self, title: str, body: str) -> list[str]:
        """Tell all channels; returns a line for each that could not be told."""
        ...

    def __len__(self) -> int:
        """How many channels there are."""
        ...
