"""What publishing asks and tells the store: functions on a connection, each a query or two for any number of rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    delete,
    insert,
    select,
    type_coerce,
    update,
)

from feedwatch.ledger import Archive, Shown
from feedwatch.model import Entry
from feedwatch.store.keeping import is_member_shown
from feedwatch.store.reading import labels_of
from feedwatch.store.records import AnyRow, lists, read_entry, read_reasons
from feedwatch.store.schema import archives, articles, feeds, gone, memberships
from feedwatch.store.statements import insert_missing
from feedwatch.views import Sighting

#: Enough for the newest entries of some hundred feeds.
_MOST_FACTS = 25_000
#: What was not asked for in so long is forgotten within as long again.
TURN_S = 3600.0

#: All from one index.
_MEMBER = (
    memberships.c.article_key,
    memberships.c.shown,
    memberships.c.atom_id,
    # As it is stored: a call for each value would cost more than the query.
    type_coerce(memberships.c.first_seen_at, BigInteger),
    memberships.c.why,
)
_earlier = articles.alias()
_FACTS = select(
    articles.c.key,
    articles.c.source_id,
    articles.c.guid,
    articles.c.canonical_url,
    type_coerce(articles.c.updated_at, BigInteger),
    type_coerce(articles.c.published_at, BigInteger),
    select(_earlier.c.key)
    .where(_earlier.c.canonical_url == articles.c.canonical_url, _earlier.c.key < articles.c.key)
    .exists(),
).where(articles.c.key.in_(bindparam("keys", expanding=True)))
_OLDEST_FIRST = (memberships.c.first_seen_at, memberships.c.atom_id.desc(), memberships.c.article_key.desc())
_NEWEST_FIRST = (memberships.c.first_seen_at.desc(), memberships.c.atom_id, memberships.c.article_key)
_ENTRIES = (
    select(articles, memberships.c.reasons)
    .join(memberships, memberships.c.article_key == articles.c.key)
    .where(memberships.c.feed_id == bindparam("feed"), memberships.c.article_key.in_(bindparam("keys", expanding=True)))
)
_OLDER = (
    select(articles.c.canonical_url)
    .join(memberships, memberships.c.article_key == articles.c.key)
    .where(
        articles.c.canonical_url.in_(bindparam("pages", expanding=True)),
        memberships.c.feed_id == bindparam("feed"),
        memberships.c.first_seen_at < bindparam("before", type_=memberships.c.first_seen_at.type),
    )
)
_NOT_GONE = delete(gone).where(gone.c.name == bindparam("b_name"))


K = TypeVar("K")
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """What was asked for lately. Two generations: what is asked for again moves to the newer, the older one goes."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._turned_at = monotonic()
        self._newer: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def of(self, keys: Sequence[K]) -> dict[K, V]:
        """What is known, of these keys among others; may be added to."""
        now = self._monotonic()
        if len(self._newer) > _MOST_FACTS or now - self._turned_at > TURN_S:
            self._older, self._newer, self._turned_at = self._newer, {}, now
        newer, older = self._newer, self._older
        if older:
            newer.update({key: older[key] for key in keys if key in older and key not in newer})
        return newer


class Facts:
    """What is known of articles besides their texts, by key and fingerprint; safe to use from several threads.

    The newest entries are asked for again and again, by every feed that shows them.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._known = _Recent[tuple[int, int], tuple[Any, ...]](monotonic)
        #: By all that a feed has of a member; the fingerprint in it moves when anything else of it does.
        self._seen = _Recent[tuple[Any, ...], Sighting](monotonic)

    def sightings(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[Sighting]:
        """Members with what is known of their articles."""
        seen = self._seen.of(rows)
        found = [seen.get(row) for row in rows]
        missing = [row for row, sighting in zip(rows, found, strict=True) if sighting is None]
        if missing:
            facts = self.of(connection, [(row[0], row[1]) for row in missing])
            made = iter([_sighting(row, fact) for row, fact in zip(missing, facts, strict=True)])
            found = [next(made) if sighting is None else sighting for sighting in found]
            seen.update((row, sighting) for row, sighting in zip(rows, found, strict=True) if row[1] and sighting)
        return [sighting for sighting in found if sighting is not None]

    def of(self, connection: Connection, members: Sequence[tuple[int, int]]) -> list[tuple[Any, ...]]:
        """Source, guid, page, times and whether the page came before, for each key and fingerprint."""
        known = self._known.of(members)
        missing = [key for key, shown in members if not shown or (key, shown) not in known]
        found: dict[int, tuple[Any, ...]] = {}
        for chunk in lists(missing):
            rows: Sequence[AnyRow] = connection.execute(_FACTS, {"keys": chunk}).all()
            found.update((row[0], tuple(row)[1:]) for row in rows)
        facts = [found[key] if key in found else known[key, shown] for key, shown in members]
        if found:
            known.update((each, fact) for each, fact in zip(members, facts, strict=True) if each[1])
        return facts


def sightings(
    connection: Connection,
    facts: Facts,
    feed_id: str,
    *,
    limit: int,
    after: datetime | None = None,
    until: datetime | None = None,
    oldest_first: bool = False,
    with_reasons: bool = False,
) -> list[Sighting]:
    """Members of a feed in its order, or from the oldest on."""
    bounds = {name: date for name, date in (("after", after), ("until", until)) if date is not None}
    query = _members(oldest_first=oldest_first, with_reasons=with_reasons, bounds=tuple(bounds))
    values = {"feed": feed_id, "most": max(limit, 0), **bounds}
    rows = [tuple(row) for row in connection.execute(query, values)]
    if not with_reasons:
        return facts.sightings(connection, rows)
    known = facts.of(connection, [(row[0], row[1]) for row in rows])
    return [_sighting(row, fact)._replace(reasons=read_reasons(row[5])) for row, fact in zip(rows, known, strict=True)]


@lru_cache(maxsize=16)
def _members(*, oldest_first: bool, with_reasons: bool, bounds: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """The query for members of a feed: made once, for making it costs as much as asking it."""
    first_seen_at = memberships.c.first_seen_at
    limits = {
        "after": first_seen_at > bindparam("after", type_=first_seen_at.type),
        "until": first_seen_at <= bindparam("until", type_=first_seen_at.type),
    }
    return (
        select(*_MEMBER, *((memberships.c.reasons,) if with_reasons else ()))
        .where(memberships.c.feed_id == bindparam("feed"), is_member_shown, *(limits[name] for name in bounds))
        .order_by(*(_OLDEST_FIRST if oldest_first else _NEWEST_FIRST))
        .limit(bindparam("most", type_=Integer))
    )


def _sighting(row: Sequence[Any], fact: Sequence[Any]) -> Sighting:
    key, shown, its_id, first_seen_us, why = row[:5]
    source_id, guid, page, updated_us, published_us, came_before = fact
    return Sighting(
        key, source_id, guid, its_id, page, first_seen_us, updated_us, published_us, shown, why, bool(came_before)
    )


def entries_of(connection: Connection, feed_id: str, keys: Sequence[int], *, with_labels: bool) -> dict[int, Entry]:
    """Those of a feed's members, with their frozen reasons, by key."""
    found: dict[int, Entry] = {}
    marks = labels_of(connection, keys) if with_labels else {}
    for chunk in lists(keys):
        for row in connection.execute(_ENTRIES, {"feed": feed_id, "keys": chunk}):
            found[row.key] = read_entry(row, marks.get(row.key, ()), row.reasons)
    return found


def older_pages(connection: Connection, feed_id: str, before: datetime, pages: Sequence[str]) -> set[str]:
    """Those of the pages (canonical URLs) that the feed had before."""
    found: set[str] = set()
    for chunk in lists(pages):
        found.update(connection.scalars(_OLDER, {"feed": feed_id, "before": before, "pages": chunk}).all())
    return found


def archives_of(connection: Connection) -> dict[str, list[Archive]]:
    """All archives by feed, oldest first."""
    found: dict[str, list[Archive]] = {}
    for row in connection.execute(select(archives).order_by(archives.c.feed_id, archives.c.number)):
        found.setdefault(row.feed_id, []).append(
            Archive(number=row.number, name=row.name, until=row.until, entries=row.entries)
        )
    return found


def mark_published(connection: Connection, shown: Sequence[Shown], *, gone_names: Sequence[str], at: datetime) -> None:
    """Remember what the feeds' files show, and which names will never be published again."""
    if shown:
        same = feeds.c.version == bindparam("b_version")
        connection.execute(
            update(feeds)
            .where(feeds.c.feed_id == bindparam("b_feed"))
            .values(
                published_version=bindparam("b_version"),
                published_entries=bindparam("b_entries"),
                render_key=bindparam("b_key"),
                file_hashes=bindparam("b_hashes", type_=feeds.c.file_hashes.type),
                archive_shape=bindparam("b_shape"),
                # What changed while the files were written is still to be written.
                changed_since=case((same, None), else_=feeds.c.changed_since),
            ),
            [
                {
                    "b_feed": each.feed_id,
                    "b_version": each.version,
                    "b_entries": each.entries,
                    "b_key": each.render_key,
                    "b_hashes": dict(each.file_hashes),
                    "b_shape": each.archive_shape,
                }
                for each in shown
            ],
        )
        names = [{"b_name": f"{each.feed_id}.{ending}"} for each in shown for ending in each.file_hashes]
        if names:
            # A name that comes back is there again.
            connection.execute(_NOT_GONE, names)
    changing = {each.feed_id: each.archives for each in shown if each.archives is not None}
    kept: dict[str, dict[int, str]] = {}
    for some in lists(list(changing)):
        for row in connection.execute(select(archives).where(archives.c.feed_id.in_(some))):
            kept.setdefault(row.feed_id, {})[row.number] = row.name
    for feed_id, now in changing.items():
        _replace_archives(connection, feed_id, kept.get(feed_id, {}), now)
    if gone_names:
        connection.execute(
            insert_missing(connection, gone), [{"name": name, "at": at} for name in sorted(set(gone_names))]
        )


def _replace_archives(connection: Connection, feed_id: str, kept: Mapping[int, str], now: Sequence[Archive]) -> None:
    names = {each.number: each.name for each in now}
    wrong = [number for number, name in kept.items() if names.get(number) != name]
    if wrong:
        connection.execute(
            delete(archives).where(archives.c.feed_id == feed_id, archives.c.number == bindparam("b_number")),
            [{"b_number": number} for number in wrong],
        )
    new = [each for each in now if each.number not in kept or each.number in wrong]
    if new:
        connection.execute(
            insert(archives),
            [
                {
                    "feed_id": feed_id,
                    "number": each.number,
                    "name": each.name,
                    "until": each.until,
                    "entries": each.entries,
                }
                for each in new
            ],
        )
        connection.execute(_NOT_GONE, [{"b_name": f"{each.name}.atom"} for each in new])


def retired_files(connection: Connection) -> dict[str, list[str]]:
    """Feeds that left the configuration and still have files: the endings, by feed."""
    query = select(feeds.c.feed_id, feeds.c.file_hashes).where(
        feeds.c.active.is_(False), feeds.c.file_hashes.is_not(None)
    )
    return {row.feed_id: sorted(row.file_hashes) for row in connection.execute(query) if row.file_hashes}


def forget_files(connection: Connection, feed_ids: Sequence[str]) -> None:
    """Note that feeds that left the configuration have no files any more."""
    for feed_id in feed_ids:
        connection.execute(delete(archives).where(archives.c.feed_id == feed_id))
        connection.execute(update(feeds).where(feeds.c.feed_id == feed_id).values(file_hashes=None, archive_shape=""))


def is_gone(connection: Connection, name: str) -> bool:
    """Whether a file of this name was published for everybody once and never will be again."""
    if connection.scalar(select(gone.c.name).where(gone.c.name == name)) is None:
        return False
    feed_id = name.partition(".")[0].partition("_")[0]
    return not connection.scalar(select(feeds.c.private).where(feeds.c.feed_id == feed_id))
