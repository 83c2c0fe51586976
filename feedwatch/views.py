"""What a feed shows: the answer to its question, ready to be written; frozen like the nouns of `model`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from feedwatch.model import Content, Entry, FeedSpec, Origin, Reason

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


#: How much of their texts some sources allow to be shown, by id; the others allow all.
Limits = Mapping[str, Content]
_STRICTNESS: Mapping[Content, int] = {"full": 0, "summary": 1, "link": 2}


def limited(spec: FeedSpec, limits: Limits, source_ids: Iterable[str]) -> FeedSpec:
    """The feed as it shows an entry that these sources brought: the strictest of all wins."""
    content = spec.content
    for source_id in source_ids:
        allowed = limits.get(source_id, content)
        if _STRICTNESS[allowed] > _STRICTNESS[content]:
            content = allowed
    return spec if content == spec.content else replace(spec, content=content)


def instant(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970 began."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """The reverse of `instant`."""
    return (moment - _EPOCH) // _MICROSECOND


class Sighting(NamedTuple):
    """A member of a feed, as little of it as is needed to choose, order and recognise it.

    A tuple, because thousands are made for what is then found not to have changed.
    """

    #: The store's number of the entry.
    key: int
    source_id: str
    guid: str
    #: The entry's atom:id.
    id: str
    #: Canonical URL of its page.
    page: str | None
    #: Microseconds since 1970: most of these are only compared.
    first_seen_us: int
    updated_us: int
    published_us: int | None = None
    #: Fingerprints of what a feed shows of the entry, and of the reasons; 0 when not known.
    shown: int = 0
    why: int = 0
    #: Whether the store had the page before, maybe in another feed.
    came_before: bool = False
    #: Empty unless asked for.
    reasons: tuple[Reason, ...] = ()

    @property
    def first_seen_at(self) -> datetime:
        """When it was first seen."""
        return instant(self.first_seen_us)


class Place(NamedTuple):
    """A page in a feed before it is read in full: a tuple for the same reason as its sightings."""

    #: Oldest first.
    sightings: tuple[Sighting, ...]

    @property
    def id(self) -> str:
        """The atom:id that the feed shows it under."""
        return self.sightings[0].id

    @property
    def first_seen_us(self) -> int:
        """When the page was first seen, in microseconds since 1970."""
        return self.sightings[0].first_seen_us

    @property
    def first_seen_at(self) -> datetime:
        """When the page was first seen."""
        return instant(self.first_seen_us)

    def within(self, until: datetime) -> Place:
        """The page without what was seen of it later: an archive stays when another source brings it again."""
        last = microseconds(until)
        return Place(sightings=tuple(each for each in self.sightings if each.first_seen_us <= last))

    @property
    def mark(self) -> tuple[int, ...] | None:
        """Equal marks are shown alike in any feed of the same shape; None when that is not known."""
        first = self.sightings[0]
        if len(self.sightings) == 1:
            return (first.why, first.key, first.shown) if first.why and first.shown else None
        if not all(each.shown and each.why for each in self.sightings):
            return None
        parts = [part for each in self.sightings for part in (each.key, each.shown)]
        return (first.why, *parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEntry:
    """An entry as a feed shows it: one page, however many sources brought it."""

    entry: Entry
    #: Unique within the feed.
    id: str
    #: The other sources that brought the same page (their origin and source id), oldest first,
    #: the entry's own first.
    vias: tuple[tuple[str, Origin], ...]


class Rendered(NamedTuple):
    """A feed as bytes."""

    #: By file name ending.
    files: dict[str, bytes]
    #: How many of its entries the Atom document holds; see `formats.MOST_BYTES`.
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """The ordered answer to a feed's question, ready to be written."""

    spec: FeedSpec
    id: str
    updated_at: datetime
    #: Address of the Atom document (rel=self); other formats replace the ending.
    self_url: str
    #: Address of the index page.
    home_url: str
    entries: tuple[ViewEntry, ...]
    #: Name of this document where it is an archive of the feed; "" for the feed itself.
    archive: str = ""
    #: Name of the archive that comes before; "" for none.
    prev_archive: str = ""
    #: Hub that tells of its changes (WebSub); "" for none.
    hub: str = ""
