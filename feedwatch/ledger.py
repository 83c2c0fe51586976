"""The nouns of the store's memory and of work: claims, verdicts, batches, states; frozen like those of `model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from feedwatch.model import Answer, Document, Entry, Item, Reason, Validators
from feedwatch.vitals import Fresh, Health, Vitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on a source until `until`; `token` is the fencing number checked at each save."""

    source_id: str
    token: int
    until: datetime
    #: Failures in a row so far.
    failures: int = 0

    def job(self) -> Job:
        """The order to poll the source."""
        until = self.until.isoformat()
        return Job(kind="ingest", source_id=self.source_id, token=self.token, until=until, failures=self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a feed itself says about when it should be read."""

    #: RSS `ttl`, or the period and frequency of the syndication module, whichever is longer.
    every_s: int | None = None
    #: Hours of the day, GMT, in which nobody should ask (0 to 23).
    skip_hours: frozenset[int] = frozenset()
    #: Days of the week, GMT, likewise (Monday is 0).
    skip_days: frozenset[int] = frozenset()
    #: Who tells of its changes (WebSub), and the address under which the feed is known there.
    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a parser made of one document."""

    items: tuple[Item, ...]
    #: Things a person should know although the document was read, e.g. "read leniently: line 7: …".
    problems: tuple[str, ...] = ()
    hints: Hints = field(default_factory=Hints)
    #: How many entries the document lists where `items` are only those of interest; None when they are all.
    listed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes an item the same item at the next poll; decided before anything costly is done."""

    #: Unique in its source; see `Article.guid`.
    guid: str
    #: The permanent atom:id.
    id: str
    #: Of the raw item.
    item_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers of an item, enough to decide whether it is new or changed."""

    guid: str
    id: str
    item_hash: str
    first_seen_at: datetime
    updated_at: datetime
    changes: int
    #: When its source was last seen to list it, of an item that the retention let go: it never comes back.
    gone_listed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something about a source that a person may want to know."""

    source_id: str
    at: datetime
    #: e.g. "fetch-failed", "document-failed", "item-failed", "read-leniently", "zero-items".
    kind: str
    message: str
    #: The document concerned; None for the source as a whole.
    locator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A document that crashed a stage, kept raw so that a later version can try again."""

    document: Document
    stage: Literal["parse", "extract", "classify"]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A new or changed entry, with the feeds it belongs to and why."""

    entry: Entry
    #: Feed id -> reasons.
    feeds: Mapping[str, tuple[Reason, ...]]
    #: Later jobs for this article, by kind (e.g. "fulltext"), due at once.
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentState:
    """What is remembered of one document: `validators` None forgets it, `error` "" means it was read."""

    locator: str
    validators: Validators | None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What was learned of a source and decides when and where it is read next."""

    hints: Hints = field(default_factory=Hints)
    #: Median time between its last entries; None while unknown.
    gap_s: int | None = None
    #: How many items its last document had.
    items: int = 0
    #: What was sent with the last request besides the usual, as `polling.asked_as` writes it.
    asked_as: str = ""
    #: How often in a row the same body came in full, without validators.
    repeats: int = 0
    #: The address that a permanent redirect led to, since when, and in how many polls.
    target: str | None = None
    target_since: datetime | None = None
    sightings: int = 0
    #: The target has held for long enough to be asked directly.
    moved: bool = False
    #: The last news came after a push of its hub, not by a poll of ours.
    push_works: bool = False
    #: Of a sitemap: the newest change that was read.
    newest: datetime | None = None
    #: For how long its server calls its last whole answer fresh, in whole minutes.
    fresh_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a source's hub did, before a poll."""

    #: The hub tells of changes until then.
    lease_until: datetime | None
    #: Whether it did since the poll before.
    announced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What the store knows of a source before a poll."""

    #: By locator of the document.
    validators: Mapping[str, Validators] = field(default_factory=dict)
    habits: Habits = Habits()
    vitals: Vitals = field(default_factory=Vitals)
    #: Whether documents wait that crashed a stage under another program version.
    has_rejects: bool = False
    #: None without a subscription at a hub.
    push: Push | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the document of a poll taught about its source; for feeds and pages."""

    answer: Answer = field(default_factory=Answer)
    #: Read now; the same bytes again; the server's 304; or not readable.
    body: Literal["read", "same", "unchanged", "unreadable"] = "unchanged"
    #: Of a document that was read; as in `Habits`.
    hints: Hints = field(default_factory=Hints)
    gap_s: int | None = None
    items: int = 0
    #: How many of the items were stored before.
    known: int = 0
    #: Of a sitemap: the newest change in it.
    newest: datetime | None = None
    #: Why the document could not be read; "" when it could.
    error: str = ""
    #: Of each entry that the document brought.
    fresh: tuple[Fresh, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the end of a poll writes about its source, together with the poll's last entries."""

    next_due_at: datetime
    #: Failures in a row.
    failures: int = 0
    #: "" when the poll succeeded.
    error: str = ""
    #: As the source calls itself, when it does.
    title: str | None = None
    #: The server asked not to be asked before; None when it did not.
    not_before: datetime | None = None
    #: `not_before` holds for every source on the same server.
    for_server: bool = False
    #: Never read again until a person says so.
    retired: bool = False
    #: None leaves the remembered ones.
    habits: Habits | None = None
    vitals: Vitals | None = None
    #: host:port that is asked from now on; None leaves it.
    server: str | None = None


class LineCount(NamedTuple):
    """How many documents of a source have a line, and when one was seen last."""

    documents: int
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that one transaction of an ingest writes."""

    claim: Claim
    now: datetime
    #: Hash of the rules and feed definitions that judged `verdicts`.
    judged_by: str
    verdicts: tuple[Verdict, ...] = ()
    documents: tuple[DocumentState, ...] = ()
    events: tuple[Event, ...] = ()
    rejects: tuple[Reject, ...] = ()
    #: Locators whose earlier rejects are settled.
    settled: tuple[str, ...] = ()
    #: Guids of items that were let go and are still listed, as far as that is news.
    listed: tuple[str, ...] = ()
    #: Lines of the source's texts by fingerprint, as far as their counts changed; None forgets one.
    lines: Mapping[int, LineCount | None] = field(default_factory=dict)
    #: Given with the last batch of a poll only; releases the claim.
    state: SourceState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the store remembers of a published feed."""

    feed_id: str
    #: Permanent atom:id.
    id: str
    created_at: datetime
    #: Newest `updated` of any entry that ever was a member; None while there was none.
    updated_at: datetime | None
    #: Counts changes of members; differs from `published_version` when the file is out of date.
    version: int
    published_version: int
    #: sha256 of each file as last written, by format; empty before the first time.
    file_hashes: Mapping[str, str]
    #: Hash of all that decides the bytes besides the members; see `compose.render_key`.
    render_key: str = ""
    #: Entries that the files show.
    published_entries: int = 0
    #: First seen of the oldest member that changed since the files were written; None for none.
    changed_since: datetime | None = None
    #: Hash of all that decides the archives' bytes besides their members; "" without archives.
    archive_shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One archive document of a feed (RFC 5005 section 4): the entries first seen in a closed range."""

    #: Counted from 1, oldest first.
    number: int
    #: The file's name without its ending.
    name: str
    #: First seen of its newest entry; the range begins behind that of the archive before.
    until: datetime
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the files of a feed show now; see `FeedState`."""

    feed_id: str
    version: int
    render_key: str
    file_hashes: Mapping[str, str]
    entries: int
    archive_shape: str = ""
    #: All of them, oldest first; None where they are as before.
    archives: tuple[Archive, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source as the store knows it, for tables and monitors."""

    source_id: str
    title: str | None
    entries: int
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_due_at: datetime | None
    failures: int
    error: str
    #: Documents whose last reading failed.
    unreadable: int = 0
    #: Its server said that it is gone (HTTP 410): not read until a person says so.
    retired: bool = False
    #: The address that is asked in place of the configured one, after a permanent redirect.
    moved_to: str | None = None
    #: Pages behind its entries that are still to be fetched.
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """All that a diagnosis of a source rests on."""

    source_id: str
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_due_at: datetime
    failures: int
    error: str
    retired: bool
    habits: Habits
    vitals: Vitals
    #: As last diagnosed; None before.
    health: Health | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The store in figures, for monitors."""

    #: Sources by state of health.
    states: Mapping[str, int]
    #: Seconds since the last success, by source; those never read are left out.
    success_ages_s: Mapping[str, float]
    #: How long the longest overdue source waits; 0 when none is due.
    lag_s: float
    entries: int
    store_bytes: int
    #: Entries that each feed shows.
    feeds: Mapping[str, int]
    #: Entries of the last day by facet and rule.
    rule_hits: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A small, JSON-safe, idempotent order."""

    #: "ingest" polls the source, "fulltext" fetches the page of one of its articles.
    kind: Literal["ingest", "fulltext"]
    source_id: str
    token: int
    until: str
    failures: int = 0
    #: Of a later job: the article's number in the store; `failures` are its attempts.
    article: int = 0
    #: Of a later job: "host:port" of the page.
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of polling one source."""

    source_id: str
    job: Literal["ingest", "fulltext"] = "ingest"
    #: "read", "unchanged" or "failed".
    result: Literal["read", "unchanged", "failed"]
    documents: int = 0
    new: int = 0
    changed: int = 0
    #: "" unless failed.
    error: str = ""
    #: Problems with single documents or items, one line each.
    problems: tuple[str, ...] = ()
    duration_s: float = 0.0
