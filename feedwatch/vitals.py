"""The nouns of the watch: how sources are doing, and what is unusual in the feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

#: `ok` and `new` need nobody; `quiet` is worth a look; the others are alarms, the worst last.
HealthState = Literal["new", "ok", "quiet", "moved", "stale", "failing", "broken", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What one new entry tells about its source."""

    #: Characters of the text.
    length: int
    #: BCP 47 primary subtag; None when undecided.
    language: str | None
    #: As the publisher wrote it, whether believable or not.
    dated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What the polls of a source taught about how it usually is; the last values of each list are the newest."""

    #: When the first poll that could be read took place; None before.
    since: datetime | None = None
    #: When new entries came last.
    last_new_at: datetime | None = None
    #: The longest pause between polls that brought something, in seconds; shrinks slowly.
    longest_gap_s: int = 0
    #: How many pauses were seen.
    gaps: int = 0
    #: Documents that had items as usual, and the fewest (it rises slowly) and the most of these.
    documents: int = 0
    least: float = 0
    most: int = 0
    #: Documents in a row without any item, and with far fewer than usual; the fewest of these.
    empty: int = 0
    few: int = 0
    few_items: int = 0
    #: Median length of the texts of the last polls that brought entries as usual, in characters.
    lengths: tuple[int, ...] = ()
    #: New entries in a row that are far shorter than usual.
    short: int = 0
    #: Entries by language; the older the less they count.
    tongues: Mapping[str, int] = field(default_factory=dict)
    #: New entries in a row in a language that is unusual here, and which it was last.
    strange: int = 0
    strange_tongue: str = ""
    #: The date that all new entries of the last poll shared, and how many polls in a row brought only that date.
    stamp: datetime | None = None
    frozen: int = 0
    #: Polls in a row in which most new entries were dated in the future.
    future: int = 0
    #: Documents in a row that could not be read.
    unreadable: int = 0
    #: Why the last poll failed (see `errors.FetchError`); "" when it did not.
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """How a source is doing, and why."""

    state: HealthState
    #: One word for machines, e.g. "silent", "zero-items", "tls"; "" when all is well.
    cause: str = ""
    #: For people, with the cure where there is one; "" when all is well.
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A diagnosis as the store remembers it."""

    diagnosis: Diagnosis
    #: When the source was first seen in this state for this cause.
    since: datetime


#: `spike` and `drop`: a feed is louder or quieter than usual. `new-place` and `new-name`: a region or a watched word
#: that the feed never had. `everywhere`: many sources bring the same place and word at once.
AlertKind = Literal["spike", "drop", "new-place", "new-name", "everywhere"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something in the feeds that a person may want to hear of at once."""

    kind: AlertKind
    #: "" for what concerns all feeds.
    feed_id: str
    #: What it is about within the feed: a rule id, a word, or both; "" for the feed as a whole.
    subject: str
    began_at: datetime
    #: When it was last seen to hold.
    last_at: datetime
    title: str
    #: Plain text, paragraphs separated by a blank line.
    body: str
    #: When the channels were told; None while they were not.
    sent_at: datetime | None = None

    @property
    def matter(self) -> tuple[str, str, str]:
        """What must not be told twice."""
        return self.kind, self.feed_id, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A new member of a feed, with what alerts look at."""

    feed_id: str
    #: The article's number in the store.
    key: int
    source_id: str
    title: str
    first_seen_at: datetime
    #: Ids of the regions it is about.
    regions: frozenset[str]
    #: All words that counted for its topics, and those of them that stand in title or lead.
    words: frozenset[str]
    headline: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """That a feed had something, so that what is new in it can be told."""

    feed_id: str
    #: "region", "name", "pair" (region and word in many sources), or "feed" (the feed as such).
    kind: str
    value: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """The hours of the day in which nobody is told anything."""

    #: Minutes since midnight; `until` before `start` passes midnight.
    start: int
    until: int
    zone: tzinfo

    def __contains__(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.start <= self.until:
            return self.start <= minute < self.until
        return minute >= self.start or minute < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """The configuration's `[alerts]`."""

    #: Addresses of Apprise; they hold secrets.
    channels: tuple[str, ...] = field(default=(), repr=False)
    quiet: QuietHours | None = None
    #: Words as rules write them, and "@set".
    watch: tuple[str, ...] = ()
    sources_at_once: int = 4
