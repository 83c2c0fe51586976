"""The nouns of a source's health: what its polls taught about it, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
