"""Archives of feeds (RFC 5005 section 4), so that a reader that was away for long misses nothing. No I/O of its own.

They are closed ranges of first seen, oldest first, each document naming the one before it. A name holds a mark of all
that the document shows; where the past changes (other rules, a correction, retention), the document of that range gets
a new name, the one that follows it names the new one, and the old name is gone. So no document shows other entries
under its name, and a change costs two documents however long the archive is.

A range is as short as it must be for what is not archived yet to fit into the feed (`formats.MOST_BYTES`). One that is
too large for one document all the same, because its entries were seen at one moment or have grown, has several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

from feedwatch import compose
from feedwatch.formats import MOST_BYTES, archive_name, archive_number
from feedwatch.judge import Question
from feedwatch.ledger import Archive, FeedState
from feedwatch.model import FeedSpec
from feedwatch.ports import Publisher, Store
from feedwatch.text import digest
from feedwatch.views import Limits, Place, Sighting, ViewEntry, instant, limited

#: Entries of one archive document; fewer where the feed itself shows fewer, so that what is not archived yet always
#: fits into the feed.
ARCHIVE_ENTRIES = 100
#: Bytes of the entries of one archive document, and of all that is not archived yet: the feed has other links around
#: them, and a token in its addresses where it is private.
ARCHIVE_BYTES = MOST_BYTES * 7 // 8
#: Raised whenever ranges are cut or parted in another way, so that all are looked at once.
_CUT_VERSION = 2
#: Members read at a time when archives are made.
_ARCHIVE_WINDOW = 2_000
_ALL = 1_000_000
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def seen_before(store: Store, feed_id: str, members: Sequence[Sighting], before: datetime) -> set[str]:
    """Pages of the members that the feed had before an instant."""
    pages = [each.page for each in members if each.page and each.came_before]
    return store.older_pages(feed_id, before, pages) if pages else set()


class _Chain:
    """The archives of one feed in the making, oldest first."""

    def __init__(self, before: Sequence[Archive], there: frozenset[str]) -> None:
        self.now: list[Archive] = []
        #: Whether any document was written.
        self.written = False
        self._there = there
        #: Which one each document names as the one before it.
        self._named = {each.name: before[place - 1].name if place else "" for place, each in enumerate(before)}

    @property
    def last(self) -> str:
        """The name of the newest one; "" for none."""
        return self.now[-1].name if self.now else ""

    def is_there(self, name: str, last: str) -> bool:
        """Whether there is a document of that name that comes after `last`."""
        return f"{name}.atom" in self._there and self._named.get(name) == last

    def still_holds(self, archives: Sequence[Archive]) -> bool:
        """Whether they are there, one after the other and after the newest one."""
        names = [each.name for each in archives]
        return all(map(self.is_there, names, [self.last, *names]))

    def keep(self, archives: Sequence[Archive]) -> None:
        """Add them; where their numbers are taken, they get the next ones."""
        for each in archives:
            number = max(each.number, self.now[-1].number + 1 if self.now else 1)
            self.now.append(each if number == each.number else replace(each, number=number))


class Archiving:
    """Keeps the archives of feeds; `load` reads places of a feed in full."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        base_url: str,
        load: Callable[[str, Sequence[Place]], Sequence[ViewEntry | None]],
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or {}
        self._store = store
        self._publisher = publisher
        self._base_url = base_url
        self._load = load

    def bring_up_to_date(
        self, question: Question, state: FeedState, before: Sequence[Archive], there: frozenset[str]
    ) -> tuple[list[Archive], bool]:
        """Bring the feed's archives up to date; all of them, oldest first, and whether any was written."""
        shape = self.shape(question)
        if not shape:
            return [], False
        spec = question.spec
        changed_since = state.changed_since if state.archive_shape == shape else _EVER
        chain = _Chain(before, there)
        after: datetime | None = None
        for until, group in groupby(before, key=lambda each: each.until):
            parts = list(group)
            if (changed_since is None or until < changed_since) and chain.still_holds(parts):
                chain.keep(parts)
            else:
                members = self._members(spec, limit=_ALL, after=after, until=until)
                places = [place.within(until) for place in self._archived_places(spec, members, after)]
                self._archive(question, state, chain, places, parts[0])
            after = until
        self._archive_more(question, state, chain, by_size=False)
        return chain.now, chain.written

    def make_room(self, question: Question, state: FeedState, archives: Sequence[Archive]) -> list[Archive]:
        """Archive more, where not all that is not archived yet fits into the feed; all of its archives."""
        chain = _Chain(archives, frozenset(f"{each.name}.atom" for each in archives))
        chain.keep(archives)
        if self.shape(question):
            self._archive_more(question, state, chain, by_size=True)
        return chain.now

    def _archive_more(self, question: Question, state: FeedState, chain: _Chain, *, by_size: bool) -> None:
        """Archive the ranges that are full and not archived yet."""
        after = chain.now[-1].until if chain.now else None
        for places, until in self._ranges(question, after, by_size=by_size):
            number = archive_number(chain.last) + 1 if chain.last else 1
            named = Archive(number=0, name=archive_name(question.spec.id, number, ""), until=until, entries=0)
            self._archive(question, state, chain, places, named)

    def _archive(
        self, question: Question, state: FeedState, chain: _Chain, places: Sequence[Place], named: Archive
    ) -> None:
        """Bring the documents of one range up to date; they have the number in the name of the one given."""
        spec = question.spec
        for part in self._parts(spec, places):
            name = self._name(spec, archive_number(named.name), part)
            is_there = chain.is_there(name, chain.last)
            chain.keep([Archive(number=named.number, name=name, until=named.until, entries=len(part))])
            if not is_there:
                chain.written |= self._write_archive(question, state, chain.now, part)

    def _parts(self, spec: FeedSpec, places: Sequence[Place]) -> Iterator[list[Place]]:
        """The places of a range by document, oldest first."""
        part: list[Place] = []
        room = ARCHIVE_BYTES
        for place, size in zip(places, self._sizes(spec, places, archived=True), strict=True):
            if part and size > room:
                yield part
                part, room = [], ARCHIVE_BYTES
            part.append(place)
            room -= size
        if part:
            yield part

    def _sizes(self, spec: FeedSpec, places: Sequence[Place], *, archived: bool) -> Iterator[int]:
        """Bytes of each; few are read in full at a time."""
        for start in range(0, len(places), ARCHIVE_ENTRIES):
            some = places[start : start + ARCHIVE_ENTRIES]
            yield from self._publisher.measure(spec, some, lambda one: self._load(spec.id, one), archived=archived)

    def _ranges(
        self, question: Question, after: datetime | None, *, by_size: bool
    ) -> Iterator[tuple[list[Place], datetime]]:
        """The pages of each full range behind an instant, oldest first, and the range's end.

        What was seen at one moment stays together. What is left over is less than a range, so that the feed
        itself shows it.
        """
        spec = question.spec
        asked = _ARCHIVE_WINDOW
        while True:
            members = self._members(spec, limit=asked, after=after)
            places = self._archived_places(spec, members, after)
            begin = after
            while size := self._full(spec, places, by_size=by_size):
                last = places[size - 1].first_seen_us
                until = places[size - 1].first_seen_at
                taken = sum(place.first_seen_us <= last for place in places)
                if taken == len(places) and len(members) == asked:
                    break
                yield [place.within(until) for place in places[:taken]], until
                places, after = places[taken:], until
            if len(members) < asked:
                return
            # Without a range in so many members: more of them.
            asked = _ARCHIVE_WINDOW if after != begin else asked * 4

    def _full(self, spec: FeedSpec, places: Sequence[Place], *, by_size: bool) -> int:
        """How many of the oldest places make a range; 0 where the feed shows all that there are."""
        most = min(spec.limit, ARCHIVE_ENTRIES)
        is_more, room = len(places) > most, ARCHIVE_BYTES
        if by_size:
            for number, size in enumerate(self._sizes(spec, places[:most], archived=is_more)):
                room -= size
                if room < 0:
                    return max(number, 1)
        return most if is_more else 0

    def _members(
        self, spec: FeedSpec, *, limit: int, after: datetime | None, until: datetime | None = None
    ) -> list[Sighting]:
        return self._store.sightings(
            spec.id, limit=limit, after=after, until=until, oldest_first=True, with_reasons=spec.min_score > 0
        )

    def _archived_places(self, spec: FeedSpec, members: Sequence[Sighting], after: datetime | None) -> list[Place]:
        """The pages that are first seen in the members, oldest first."""
        if not members:
            return []
        older = seen_before(self._store, spec.id, members, members[0].first_seen_at) if after else set()
        whole = replace(spec, limit=len(members), per_source=None, order="first-seen")
        return compose.choose(whole, members, as_of=members[-1].first_seen_at, older=older)[::-1]

    def _name(self, spec: FeedSpec, number: int, places: Sequence[Place]) -> str:
        # Without the store's numbers: the same entries give the same name in whatever order they were stored.
        marks = [
            str(
                (
                    place.id,
                    place.sightings[0].why,
                    *((each.source_id, each.guid, each.shown) for each in place.sightings),
                    *self._less(spec, place),
                )
            )
            for place in places
        ]
        return archive_name(spec.id, number, digest(self._look(spec), *marks).removeprefix("1-")[:16])

    def _less(self, spec: FeedSpec, place: Place) -> tuple[str, ...]:
        """How much of the page is shown where its sources allow less than the feed would show."""
        here = limited(spec, self._limits, (each.source_id for each in place.sightings))
        return () if here is spec else (here.content,)

    def _write_archive(
        self, question: Question, state: FeedState, archives: Sequence[Archive], places: Sequence[Place]
    ) -> bool:
        """Write the last of the archives."""
        spec = question.spec
        view = replace(
            compose.frame(spec, state, self._base_url),
            updated_at=instant(max(place.sightings[0].updated_us for place in places)),
            archive=archives[-1].name,
            prev_archive=archives[-2].name if len(archives) > 1 else "",
        )
        # Newest first, as in the feed.
        data = self._publisher.render_archive(view, places[::-1], lambda some: self._load(spec.id, some))
        return self._publisher.write(archives[-1].name, "atom", data)

    def shape(self, question: Question) -> str:
        """What decides the bytes of the archives besides their members; "" for a feed that has none.

        A feed that forgets by age, or lists what it found in digests, has no past of its own.
        """
        spec = question.spec
        if not spec.archive or question.where.uses_age or spec.max_age_s is not None or spec.digest:
            return ""
        return f"{self._look(spec)}-{_CUT_VERSION}"

    def _look(self, spec: FeedSpec) -> str:
        size = str(min(spec.limit, ARCHIVE_ENTRIES))
        parts = (spec.content, str(spec.reasons), str(spec.footer), spec.lang, str(spec.min_score), size)
        return digest(self._base_url, *parts)
