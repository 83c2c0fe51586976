"""The seams: what the story asks of the edges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from feedwatch.alertports import AlertStore
from feedwatch.errands import Done, Errand, Later, Retry
from feedwatch.hubport import HubStore
from feedwatch.keepports import Upkeeping
from feedwatch.ledger import (
    Archive,
    Batch,
    Claim,
    Event,
    FeedState,
    Job,
    Known,
    Outcome,
    Pulse,
    Recall,
    Reject,
    Shown,
    SourceStatus,
    Verdict,
)
from feedwatch.model import Article, Entry, FeedSpec, Fetched, Source, Validators
from feedwatch.views import FeedView, Place, Rendered, Sighting, ViewEntry
from feedwatch.vitals import Health

#: Reads places in full; None for one that has just been lost.
Load = Callable[[Sequence[Place]], Sequence[ViewEntry | None]]


class Fetcher(Protocol):
    """Reads a source from the outside world."""

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield what the source has: one value for a feed or page, one for each changed file of a folder.

        `known` maps a document's locator to what the store remembers of it. Files that did not change
        yield nothing. Lazy: a big folder is never held in memory.

        Raises:
            FetchError: the source as a whole could not be read.

        """
        ...


class Store(Upkeeping, AlertStore, Protocol):
    """Remembers everything; every method is safe to call from several threads.

    Reading methods see only committed work. Each writing method is one transaction.
    All raise StoreError when the database refuses.
    """

    @property
    def hubs(self) -> HubStore:
        """The part that remembers hubs."""
        ...

    def begin(self, sources: Sequence[Source], feeds: Sequence[FeedSpec], *, base_url: str, now: datetime) -> None:
        """Take note of the configured sources and feeds.

        New sources are due at once, sources that left the configuration are never due again (their
        entries stay), a source whose locator changed forgets its documents. New feeds get their
        permanent id (uuid5 of the first `base_url` + feed id) and creation time; a feed that left the
        configuration keeps its row, so that its id is the same if it comes back.
        """
        ...

    def tick(self, now: datetime) -> None:
        """Move the store's newest tick forward (never back)."""
        ...

    def newest_tick(self) -> datetime | None:
        """The store's newest tick; None before the first."""
        ...

    def clear_leases(self) -> int:
        """Drop all leases, left by a kill; returns how many. Only for who holds the exclusive lock."""
        ...

    def claim_due(
        self, *, now: datetime, limit: int, lease_s: int, source_ids: Sequence[str] | None = None, force: bool = False
    ) -> list[Claim]:
        """Lease at most `limit` sources that are due and not leased, longest overdue first.

        `source_ids` restricts the choice. `force` ignores when a source is due, but not a moment before
        which its server asked not to be asked (Retry-After). A retired source is never leased.
        """
        ...

    def overdue(self, now: datetime) -> list[str]:
        """Sources that were read before and are due, longest overdue first."""
        ...

    def reschedule(self, due: Mapping[str, datetime]) -> None:
        """Set when sources are due, by source."""
        ...

    def revive(self, source_id: str, now: datetime) -> bool:
        """Make a retired source due again; False when it is not retired."""
        ...

    def next_due_at(self) -> datetime | None:
        """When the next source is due; None without sources."""
        ...

    def recall(self, source_ids: Sequence[str]) -> dict[str, Recall]:
        """All that is remembered of each source before a poll, in one read; `validators` as below."""
        ...

    def validators(self, source_id: str) -> dict[str, Validators]:
        """What is remembered of the source's documents, by locator.

        Those whose last reading failed under another program version are left out, so that they are
        read again.
        """
        ...

    def rejects(self, source_id: str) -> list[Reject]:
        """Documents of the source that crashed a stage under another program version."""
        ...

    def known(self, source_id: str, guids: Sequence[str]) -> dict[str, Known]:
        """Those of `guids` that are stored, by guid; one query for any number of them."""
        ...

    def taken_ids(self, source_id: str, ids: Mapping[str, str | None]) -> set[str]:
        """Those of the given atom ids that are taken.

        Each id comes with the canonical URL of its page; it is taken when an article of another page
        already has it (the same id for the same page is shared, not taken).
        """
        ...

    def save(self, batch: Batch) -> None:
        """Write all of a batch in one transaction, or nothing.

        An article is inserted or replaced by (source, guid); `first_seen_at` and `id` of a stored one
        never change. Memberships become exactly `verdict.feeds`; the reasons of a membership that stays
        are kept unless the entry's `updated_at` moved. Each feed that gains, loses or shows something
        changed gets its `version` raised and its `updated_at` moved up to the newest entry's.

        Raises:
            LeaseLost: the claim's token is no longer the source's.

        """
        ...

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
        """Lease at most `limit` later jobs of a kind that are due and not leased, the sources taking turns.

        At most `per_source` of each source, and none of the sources in `busy` or no longer configured.
        """
        ...

    def next_later_at(self, kind: str) -> datetime | None:
        """When the next later job of the kind is due; None without one."""
        ...

    def errand(self, later: Later) -> Errand | None:
        """The article of a later job, with what is remembered of its page; None when it is not stored any more."""
        ...

    def page_texts(self, source_id: str, guids: Sequence[str]) -> dict[str, Article]:
        """Those of the articles with these guids whose text is from their page, by guid."""
        ...

    def finish_later(self, later: Later, done: Done) -> None:
        """End a later job: the article's text, labels and memberships become those of `done`.

        Its id, dates, item hash and the reasons of memberships that stay are as they were.

        Raises:
            LeaseLost: the job was leased again since, or its article was saved again.
        """
        ...

    def retry_later(self, later: Later, retry: Retry) -> None:
        """Make a later job due again, remembering the error; raises LeaseLost as above."""
        ...

    def unjudged(self, judged_by: str, limit: int) -> list[Entry]:
        """At most `limit` entries that other rules judged, newest first."""
        ...

    def count_unjudged(self, judged_by: str) -> int:
        """How many entries other rules judged."""
        ...

    def newest_unjudged(self, judged_by: str) -> datetime | None:
        """When the newest entry that other rules judged was first seen; None when there is none."""
        ...

    def seen_at_place(self, feed_id: str, place: int) -> datetime | None:
        """When the feed's member at a place (0 is the newest) was first seen; None when it has fewer."""
        ...

    def rejudge(self, verdicts: Sequence[Verdict], judged_by: str) -> None:
        """Replace labels and memberships of stored entries; texts, ids and dates stay."""
        ...

    def feed_states(self) -> dict[str, FeedState]:
        """All feeds of the configuration by id."""
        ...

    def members(
        self, feed_id: str, *, limit: int, since: datetime | None = None, with_labels: bool = False
    ) -> list[Entry]:
        """The newest members of a feed by first seen descending, then atom id, with frozen reasons.

        `since` leaves out what was first seen earlier. Labels are empty unless asked for.
        """
        ...

    def count_members(self) -> dict[str, int]:
        """Members by feed id."""
        ...

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
        """Members of a feed without their texts, in the order of `members` or its reverse.

        `after` leaves out what was first seen then or earlier, `until` what was later. Reasons are empty
        unless asked for.
        """
        ...

    def entries_of(self, feed_id: str, keys: Sequence[int], *, with_labels: bool = False) -> dict[int, Entry]:
        """Members of a feed by the store's number, with frozen reasons; labels are empty unless asked for."""
        ...

    def older_pages(self, feed_id: str, before: datetime, pages: Sequence[str]) -> set[str]:
        """Those of the pages (canonical URLs) that a member first seen before an instant has."""
        ...

    def archives(self) -> dict[str, list[Archive]]:
        """The archive documents of all feeds that have any, oldest first."""
        ...

    def mark_published(self, shown: Sequence[Shown], *, gone: Sequence[str] = (), now: datetime) -> None:
        """Remember what the files on disk show, and which file names will not be published again."""
        ...

    def retired_files(self) -> dict[str, list[str]]:
        """Feeds that left the configuration and have files still: their endings."""
        ...

    def forget_files(self, feed_ids: Sequence[str]) -> None:
        """Note that the files of feeds that left the configuration are removed."""
        ...

    def is_gone(self, name: str) -> bool:
        """Whether a file of this name was published and never will be again (HTTP 410)."""
        ...

    def entries(self, *, since: datetime | None = None, limit: int | None = None) -> Iterator[Entry]:
        """Stored entries with labels, newest first, read in pages."""
        ...

    def statuses(self) -> list[SourceStatus]:
        """All configured sources, by id."""
        ...

    def events(self, *, since: datetime | None = None, source_id: str | None = None, limit: int = 1000) -> list[Event]:
        """Newest events first."""
        ...

    def pulses(self) -> list[Pulse]:
        """What a diagnosis of each configured source rests on, by id; one read."""
        ...

    def note_health(self, healths: Mapping[str, Health], events: Sequence[Event]) -> None:
        """Remember diagnoses by source, and the events that tell of them."""
        ...

    def rule_hits(self, since: datetime) -> dict[tuple[str, str], int]:
        """Entries first seen since then that a rule fired on, by facet and rule."""
        ...

    def size_bytes(self) -> int:
        """What the store takes on its disk."""
        ...

    def events_of_kind(self, kind: str, limit: int) -> list[Event]:
        """The newest events of a kind, newest first."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...


class Publisher(Protocol):
    """Turns a view into the files that readers subscribe to."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats written, by file name ending."""
        ...

    def render(self, view: FeedView) -> dict[str, bytes]:
        """The bytes of each of `formats`; of what is more than `formats.MOST_BYTES`, the newest entries.

        A pure function of `view`: equal views give equal bytes.

        Raises:
            PublishError: the feed could not be rendered.

        """
        ...

    def render_places(self, view: FeedView, places: Sequence[Place], load: Load) -> Rendered:
        """As `render`, of a view whose entries are still to be read.

        `load` is asked, once, for those that were not rendered before.
        """
        ...

    def measure(self, spec: FeedSpec, places: Sequence[Place], load: Load, *, archived: bool) -> list[int]:
        """How many bytes each takes in an Atom document; rendered for it as an archive or, else, the feed needs it."""
        ...

    def render_archive(self, view: FeedView, places: Sequence[Place], load: Load) -> bytes:
        """An archive document; see `render_places`."""
        ...

    def stamp_of(self, feed_id: str, ending: str, data: bytes) -> str:
        """What tells the file that was just written with these bytes from any other."""
        ...

    def in_place(self, feed_id: str, ending: str, stamp: str) -> bool:
        """Whether the file is the one that had the stamp."""
        ...

    def names(self) -> frozenset[str]:
        """Names of all that was published and is there."""
        ...

    def remove(self, name: str) -> None:
        """Take a published file away; nothing happens when it is not there or cannot be removed."""
        ...

    def write(self, feed_id: str, ending: str, data: bytes) -> bool:
        """Put the bytes in place atomically and durably; False when they were there already.

        Raises:
            PublishError: the disk refused.

        """
        ...

    def write_index(self, specs: Sequence[FeedSpec], base_url: str) -> bool:
        """Put the list of all feeds in place; False when it was there already.

        Raises:
            PublishError: the disk refused.

        """
        ...


class Engine(Protocol):
    """Runs jobs somewhere."""

    def submit(self, job: Job) -> None:
        """Accept a job; it runs at least once, soon."""
        ...


#: Called with each finished job's outcome, from any thread.
OnOutcome = Callable[[Outcome], None]
