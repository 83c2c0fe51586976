"""The nouns of running the program for long: how the daemon is, what is kept, what is hidden, copies; frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedwatch import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the daemon is, for monitors and people."""

    pid: int
    started_at: datetime
    #: Since when the configuration in force is in force.
    configured_at: datetime
    version: str = __version__
    #: Where the feeds are served; "" until they are.
    url: str = ""
    #: Why the newest configuration is not in force; "" when it is.
    config_fault: str = ""
    #: Settings that were changed and take effect at the next start.
    at_next_start: tuple[str, ...] = ()
    #: Why nothing is read now, e.g. a full disk; "" when all goes on.
    halted: str = ""
    #: Why some feeds could not be written and show what they showed before; "" when all could.
    unwritten: str = ""
    #: Loops that were not seen at work for too long.
    late: tuple[str, ...] = ()
    #: Entries judged again by new rules, and how many there are to judge; (0, 0) when none wait.
    rejudged: int = 0
    to_rejudge: int = 0

    @property
    def well(self) -> bool:
        """Whether it does its work."""
        return not (self.halted or self.unwritten or self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What a copy of a store holds, as counted in the copy."""

    size_bytes: int
    entries: int
    sources: int
    #: Its revision.
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long entries are kept, counted from first seen; what no rule is about is kept for ever."""

    usual_s: int | None = None
    #: In place of the usual time.
    by_source: Mapping[str, int] = field(default_factory=dict)
    #: Members of these feeds are kept at least so long.
    by_feed: Mapping[str, int] = field(default_factory=dict)


#: What stands before the id of a source that is hidden as a whole.
OF_SOURCE = "source:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """An entry that a person took down; its page is hidden whoever brings it. Or a source, as "source:ID"."""

    id: str
    #: Canonical address; "" for an entry without one.
    page: str
    title: str
    note: str
    at: datetime
