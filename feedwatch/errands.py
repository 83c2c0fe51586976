"""The nouns of later jobs: work on single articles that waits for its time; frozen like those of `ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedwatch.ledger import Event, Job, LineCount, Verdict
from feedwatch.model import Entry, Validators
from feedwatch.urls import server_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The right to do a later job of one article until `until`, which is also its fencing mark."""

    #: The article's number in the store.
    key: int
    source_id: str
    #: As in `Verdict.later`.
    kind: str
    until: datetime
    #: How often it was tried before.
    attempts: int
    #: The article's address.
    url: str | None = None

    def job(self) -> Job:
        """The order to fetch the article's page."""
        return Job(
            kind="fulltext",
            source_id=self.source_id,
            token=0,
            until=self.until.isoformat(),
            failures=self.attempts,
            article=self.key,
            server=server_of(self.url or ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is known of an article before a later job of it is done."""

    entry: Entry
    #: Of the page that its text is from; empty ones while the text is the source's own.
    page: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the end of a later job writes, in one transaction with its removal."""

    now: datetime
    judged_by: str = ""
    #: None leaves the article as it is.
    verdict: Verdict | None = None
    #: Of the page that was read; None leaves what is remembered of it.
    page: Validators | None = None
    event: Event | None = None
    #: Lines of the source's pages by fingerprint, as in `Batch.lines`.
    lines: Mapping[int, LineCount | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When a later job is tried again, and why."""

    at: datetime
    error: str
    #: Whether it did not count as an attempt: nobody was asked.
    untried: bool = False
    #: Until then no other job of the source is done either; None for no such wish.
    rest_until: datetime | None = None
