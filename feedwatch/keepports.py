"""What running for long asks of the store; the rest of the seam is in `ports`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from feedwatch.ledger import Claim, LineCount
from feedwatch.model import Content
from feedwatch.upkeep import Hidden, Retention


class Upkeeping(Protocol):
    """The part of a store that keeps it fit for years."""

    def lines(self, source_id: str) -> dict[int, LineCount]:
        """What is remembered of the lines of the source's texts, by fingerprint; a few thousand at most."""
        ...

    def shift_clock(self, by_s: float, now: datetime) -> None:
        """The wall clock was set back by `-by_s` seconds to `now`: move what waits for a time by as much.

        When sources and jobs are due, what servers asked for, and the newest tick; only what lies in the future.
        """
        ...

    def probe(self) -> None:
        """Take the writer's turn and give it back, writing nothing; StoreError when it cannot be had."""
        ...

    def release(self, claims: Sequence[Claim]) -> int:
        """Give back claims on sources whose work was not done; returns how many were still held."""
        ...

    def purge(self, retention: Retention, now: datetime) -> int:
        """Let some entries go whose time is over; returns how many, 0 when none is left.

        A tombstone keeps each known while its source lists it, so that it never comes back as new.
        """
        ...

    def purge_memory(self, *, events_before: datetime) -> int:
        """Let go of old events, and of tombstones that nothing lists any more; returns how many."""
        ...

    def compact(self) -> None:
        """Give room that nothing uses any more back to the disk."""
        ...

    def content_limits(self) -> dict[str, Content]:
        """How much of their texts sources allow to be shown, but for those that allow all.

        Of those that left the configuration, as it said last.
        """
        ...

    def hide(self, reference: str, note: str, now: datetime) -> list[Hidden]:
        """Take down the entries with an id or address, and every sighting of their pages; returns them.

        "source:ID" takes down all that a source has brought or will bring, and nothing that others brought, too.

        They are in no feed and in no list of entries any more, whatever is polled or judged later.
        """
        ...

    def unhide(self, reference: str) -> list[Hidden]:
        """Show again what was hidden by its id or address; returns it."""
        ...

    def advice(self) -> tuple[str, ...]:
        """What the operator should know about this store; empty when all is well."""
        ...
