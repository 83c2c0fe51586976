"""Archives of feeds (RFC 5005 section 4), so that a reader that was away for long misses nothing. No I/O of its own.

They are closed ranges of first seen, oldest first, each document naming the one before it. A name holds a mark of all
that the document shows; where the past changes (other rules, a correction, retention), the document of that range gets
a new name, the one that follows it names the new one, and the old name is gone. So no document shows other entries
under its name, and a change costs two documents however long the archive is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from feedwatch import compose
from feedwatch.formats import archive_name
from feedwatch.judge import Question
from feedwatch.ledger import Archive, FeedState
from feedwatch.model import FeedSpec
from feedwatch.ports import Publisher, Store
from feedwatch.text import digest
from feedwatch.views import Limits, Place, Sighting, ViewEntry, instant, limited

#: Entries of one archive document; fewer where the feed itself shows fewer, so that what is not archived yet always
#: fits into the feed.
ARCHIVE_ENTRIES = 100
#: Members read at a time when archives are made.
_ARCHIVE_WINDOW = 2_000
_ALL = 1_000_000
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def seen_before(store: Store, feed_id: str, members: Sequence[Sighting], before: datetime) -> set[str]:
    """Pages of the members that the feed had before an instant."""
    pages = [each.page for each in members if each.page and each.came_before]
    return store.older_pages(feed_id, before, pages) if pages else set()


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
        now: list[Archive] = []
        written = False
        after: datetime | None = None
        for place, old in enumerate(before):
            is_there = f"{old.name}.atom" in there
            # The one before it has another name, or is not there any more: this one names another, or none.
            moved = (now[-1].name if now else "") != (before[place - 1].name if place else "")
            if is_there and not moved and (changed_since is None or old.until < changed_since):
                now.append(old)
            else:
                members = self._members(spec, limit=_ALL, after=after, until=old.until)
                places = [place.within(old.until) for place in self._archived_places(spec, members, after)]
                if places:
                    now.append(self._named(shape, spec, old.number, places, old.until))
                    if moved or not is_there or now[-1].name != old.name:
                        written |= self._write_archive(question, state, now, places)
            after = old.until
        for places, until in self._ranges(question, after):
            now.append(self._named(shape, spec, now[-1].number + 1 if now else 1, places, until))
            written |= self._write_archive(question, state, now, places)
        return now, written

    def _ranges(self, question: Question, after: datetime | None) -> Iterator[tuple[list[Place], datetime]]:
        """The pages of each full range behind an instant, oldest first, and the range's end.

        What was seen at one moment stays together. What is left over is less than a range, so that the feed
        itself shows it.
        """
        spec = question.spec
        size = min(spec.limit, ARCHIVE_ENTRIES)
        asked = _ARCHIVE_WINDOW
        while True:
            members = self._members(spec, limit=asked, after=after)
            places = self._archived_places(spec, members, after)
            begin = after
            while len(places) > size:
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

    def _named(self, shape: str, spec: FeedSpec, number: int, places: Sequence[Place], until: datetime) -> Archive:
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
        name = archive_name(spec.id, number, digest(shape, *marks).removeprefix("1-")[:16])
        return Archive(number=number, name=name, until=until, entries=len(places))

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
        size = str(min(spec.limit, ARCHIVE_ENTRIES))
        parts = (spec.content, str(spec.reasons), str(spec.footer), spec.lang, str(spec.min_score), size)
        return digest(self._base_url, *parts)
