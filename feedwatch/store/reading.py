"""What is asked of the store: functions on a connection, each a query or two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from feedwatch.ledger import Event, FeedState, Known, SourceStatus
from feedwatch.model import Content, Entry, Label
from feedwatch.store.habits import read_habits
from feedwatch.store.keeping import is_shown
from feedwatch.store.kept import tombstones
from feedwatch.store.records import (
    AnyRow,
    lists,
    read_entry,
    read_event,
    read_feed,
    read_known,
    read_label,
)
from feedwatch.store.schema import (
    articles,
    documents,
    events,
    feeds,
    jobs,
    labels,
    memberships,
    meta,
    sources,
)

#: Entries that `newest_entries` gives at most in one page: some megabytes of text.
PAGE = 200

_NEWEST = (articles.c.first_seen_at.desc(), articles.c.id, articles.c.key)


def _known(table: Table, gone_listed_at: ColumnElement[datetime | None]) -> Select[*tuple[Any, ...]]:
    return select(
        table.c.guid,
        table.c.id,
        table.c.item_hash,
        table.c.first_seen_at,
        table.c.updated_at,
        table.c.changes,
        gone_listed_at.label("gone_listed_at"),
    ).where(table.c.source_id == bindparam("source"), table.c.guid.in_(bindparam("guids", expanding=True)))


#: Of both the article is the one that counts: it comes last.
_KNOWN = union_all(
    _known(tombstones, tombstones.c.listed_at),
    _known(articles, type_coerce(null(), tombstones.c.listed_at.type)),
)
_TAKEN = select(articles.c.id, articles.c.canonical_url, articles.c.source_id).where(
    articles.c.id.in_(bindparam("ids", expanding=True))
)
_LABELS = (
    select(labels)
    .where(labels.c.article_key.in_(bindparam("keys", expanding=True)))
    .order_by(labels.c.article_key, labels.c.position)
)


def newest_tick(connection: Connection) -> datetime | None:
    """The newest tick; None before the first."""
    value = connection.scalar(select(meta.c.value).where(meta.c.key == "newest_tick"))
    return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


def known_items(connection: Connection, source_id: str, guids: Sequence[str]) -> dict[str, Known]:
    """Those of the source's `guids` that are stored."""
    found: dict[str, Known] = {}
    for chunk in lists(guids):
        rows = connection.execute(_KNOWN, {"source": source_id, "guids": chunk})
        found.update((row.guid, read_known(row)) for row in rows)
    return found


def taken_ids(connection: Connection, source_id: str, ids: Mapping[str, str | None]) -> set[str]:
    """Those of `ids` that stand for another page.

    Without an address an article is a page of its own: shared within its source, foreign elsewhere.
    """
    taken: set[str] = set()
    for chunk in lists(list(ids)):
        for row in connection.execute(_TAKEN, {"ids": chunk}):
            page = ids[row.id]
            if row.canonical_url != page or (page is None and row.source_id != source_id):
                taken.add(row.id)
    return taken


def overdue(connection: Connection, now: datetime) -> list[str]:
    """Sources that were read before and are due, longest overdue first."""
    query = (
        select(sources.c.id)
        .where(
            sources.c.active.is_(True),
            sources.c.retired.is_(False),
            sources.c.last_polled_at.is_not(None),
            sources.c.next_due_at < now,
        )
        .order_by(sources.c.next_due_at, sources.c.id)
    )
    return list(connection.scalars(query))


def next_due_at(connection: Connection) -> datetime | None:
    """When the next source can be claimed: due, allowed by its server, and not leased."""
    due: ColumnElement[datetime] = sources.c.next_due_at
    for other in (sources.c.not_before, sources.c.lease_until):
        # CASE because the function that does this has another name in each database.
        due = case((other > due, other), else_=due)
    found: datetime | None = connection.scalar(
        select(func.min(due, type_=due.type)).where(sources.c.active.is_(True), sources.c.retired.is_(False))
    )
    return found


def statuses(connection: Connection) -> list[SourceStatus]:
    """The configured sources, by id."""
    counts = select(articles.c.source_id, func.count().label("entries")).group_by(articles.c.source_id).subquery()
    bad = select(documents.c.source_id, func.count().label("unreadable")).where(documents.c.error != "")
    damaged = bad.group_by(documents.c.source_id).subquery()
    waiting = select(jobs.c.source_id, func.count().label("waiting")).group_by(jobs.c.source_id).subquery()
    query = (
        select(
            sources,
            func.coalesce(counts.c.entries, 0).label("entries"),
            func.coalesce(damaged.c.unreadable, 0).label("unreadable"),
            func.coalesce(waiting.c.waiting, 0).label("waiting"),
        )
        .outerjoin(waiting, waiting.c.source_id == sources.c.id)
        .outerjoin(counts, counts.c.source_id == sources.c.id)
        .outerjoin(damaged, damaged.c.source_id == sources.c.id)
        .where(sources.c.active.is_(True))
        .order_by(sources.c.id)
    )
    return [
        SourceStatus(
            source_id=row.id,
            title=row.title if row.title is not None else row.own_title,
            entries=row.entries,
            last_polled_at=row.last_polled_at,
            last_ok_at=row.last_ok_at,
            next_due_at=row.next_due_at,
            failures=row.failures,
            error=row.error,
            unreadable=row.unreadable,
            retired=row.retired,
            waiting=row.waiting,
            moved_to=habits.target if (habits := read_habits(row.habits)).moved else None,
        )
        for row in connection.execute(query)
    ]


def newest_events(connection: Connection, *, since: datetime | None, source_id: str | None, limit: int) -> list[Event]:
    """Events, newest first."""
    query = select(events).order_by(events.c.at.desc(), events.c.key.desc()).limit(max(limit, 0))
    if since is not None:
        query = query.where(events.c.at >= since)
    if source_id is not None:
        query = query.where(events.c.source_id == source_id)
    return [read_event(row) for row in connection.execute(query)]


def feed_states(connection: Connection) -> dict[str, FeedState]:
    """The configured feeds, by id."""
    query = select(feeds).where(feeds.c.active.is_(True)).order_by(feeds.c.feed_id)
    return {row.feed_id: read_feed(row) for row in connection.execute(query)}


def private_sources(connection: Connection) -> frozenset[str]:
    """Sources, configured or not, whose entries are for private feeds only."""
    return frozenset(connection.scalars(select(sources.c.id).where(sources.c.private.is_(True))))


def private_feeds(connection: Connection) -> frozenset[str]:
    """Feeds, configured or not, that are not for everybody."""
    return frozenset(connection.scalars(select(feeds.c.feed_id).where(feeds.c.private.is_(True))))


def content_limits(connection: Connection) -> dict[str, Content]:
    """How much of their texts sources allow to be shown, configured or not; without those that allow all."""
    query = select(sources.c.id, sources.c.content).where(sources.c.content != "full")
    return {row.id: row.content for row in connection.execute(query)}


def count_members(connection: Connection) -> dict[str, int]:
    """Members of each configured feed."""
    query = (
        select(feeds.c.feed_id, func.count(memberships.c.article_key))
        .outerjoin(memberships, memberships.c.feed_id == feeds.c.feed_id)
        .where(feeds.c.active.is_(True))
        .group_by(feeds.c.feed_id)
        .order_by(feeds.c.feed_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def members(
    connection: Connection, feed_id: str, *, limit: int, since: datetime | None, with_labels: bool
) -> list[Entry]:
    """The newest members of a feed, with their frozen reasons."""
    query = (
        select(articles, memberships.c.reasons)
        .join(articles, articles.c.key == memberships.c.article_key)
        .where(memberships.c.feed_id == feed_id, is_shown)
        .order_by(memberships.c.first_seen_at.desc(), memberships.c.atom_id, memberships.c.article_key)
        .limit(max(limit, 0))
    )
    if since is not None:
        query = query.where(memberships.c.first_seen_at >= since)
    rows = connection.execute(query).all()
    marks = labels_of(connection, [row.key for row in rows]) if with_labels else {}
    return [read_entry(row, marks.get(row.key, ()), row.reasons) for row in rows]


def labels_of(connection: Connection, keys: Sequence[int]) -> dict[int, tuple[Label, ...]]:
    """Labels by article, in the order of the verdict."""
    found: dict[int, list[Label]] = {}
    for chunk in lists(keys):
        for row in connection.execute(_LABELS, {"keys": chunk}):
            found.setdefault(row.article_key, []).append(read_label(row))
    return {key: tuple(marks) for key, marks in found.items()}


def newest_entries(connection: Connection, *, since: datetime | None, after: Entry | None, limit: int) -> list[Entry]:
    """At most `limit` entries with labels, newest first, beginning behind `after`."""
    query = select(articles).where(is_shown).order_by(*_NEWEST).limit(max(limit, 0))
    if since is not None:
        query = query.where(articles.c.first_seen_at >= since)
    if after is not None:
        seen, id_, key = after.first_seen_at, after.article.id, after.key
        behind = or_(
            articles.c.first_seen_at < seen,
            articles.c.id > id_,
            and_(articles.c.id == id_, articles.c.key > key),
        )
        # The first condition alone is what the index can follow.
        query = query.where(articles.c.first_seen_at <= seen, behind)
    return _with_labels(connection, connection.execute(query).all())


def unjudged(connection: Connection, judged_by: str, limit: int) -> list[Entry]:
    """At most `limit` entries that other rules judged, newest first."""
    # One walk down the index for each of the few sets of rules that the archive was judged by:
    # "not judged by" alone would pass over everything that is already done, again in each batch.
    best: list[tuple[float, str, int]] = []
    for other in _judges(connection):
        if other != judged_by:
            best += _newest_keys(connection, other, limit)
    keys = [key for _, _, key in sorted(best)[: max(limit, 0)]]
    rows: list[AnyRow] = []
    for chunk in lists(keys):
        rows += connection.execute(select(articles).where(articles.c.key.in_(chunk)))
    place = {key: position for position, key in enumerate(keys)}
    return _with_labels(connection, sorted(rows, key=lambda row: place[row.key]))


def count_unjudged(connection: Connection, judged_by: str) -> int:
    """How many entries other rules judged."""
    counts = (
        connection.scalar(select(func.count()).where(articles.c.judged_by == other)) or 0
        for other in _judges(connection)
        if other != judged_by
    )
    return sum(counts)


def newest_unjudged(connection: Connection, judged_by: str) -> datetime | None:
    """When the newest entry that other rules judged was first seen."""
    newest = func.max(articles.c.first_seen_at, type_=articles.c.first_seen_at.type)
    found = [
        connection.scalar(select(newest).where(articles.c.judged_by == other))
        for other in _judges(connection)
        if other != judged_by
    ]
    return max((moment for moment in found if moment is not None), default=None)


def seen_at_place(connection: Connection, feed_id: str, place: int) -> datetime | None:
    """When the member at a place of the feed's order was first seen."""
    query = (
        select(memberships.c.first_seen_at)
        .where(memberships.c.feed_id == feed_id)
        .order_by(memberships.c.first_seen_at.desc())
        .offset(place)
        .limit(1)
    )
    found: datetime | None = connection.scalar(query)
    return found


def _judges(connection: Connection) -> Iterable[str]:
    """The distinct values of `judged_by`, one step in the index for each."""
    query = select(func.min(articles.c.judged_by))
    found: str | None = connection.scalar(query)
    while found is not None:
        yield found
        found = connection.scalar(query.where(articles.c.judged_by > found))


def _newest_keys(connection: Connection, judged_by: str, limit: int) -> list[tuple[float, str, int]]:
    query = (
        select(articles.c.first_seen_at, articles.c.id, articles.c.key)
        .where(articles.c.judged_by == judged_by)
        .order_by(*_NEWEST)
        .limit(max(limit, 0))
    )
    return [(-row.first_seen_at.timestamp(), row.id, row.key) for row in connection.execute(query)]


def _with_labels(connection: Connection, rows: Sequence[AnyRow]) -> list[Entry]:
    marks = labels_of(connection, [row.key for row in rows])
    return [read_entry(row, marks.get(row.key, ())) for row in rows]
