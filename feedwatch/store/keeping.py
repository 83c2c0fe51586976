"""What the store lets go, and what it hides: functions on a connection inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union,
    update,
)

from feedwatch.store.kept import hidden, tombstones
from feedwatch.store.records import clean, lists
from feedwatch.store.schema import articles, events, feeds, memberships, sources
from feedwatch.store.statements import Upsert
from feedwatch.upkeep import OF_SOURCE, Hidden, Retention

#: Articles that one transaction lets go.
PURGE_ARTICLES = 500
#: A tombstone stays so long after its source, having been read since, no longer listed the item.
TOMBSTONE_AFTER = timedelta(days=60)

_TOMBSTONE = Upsert(tombstones)
_BURIED = select(
    articles.c.source_id,
    articles.c.guid,
    articles.c.id,
    articles.c.item_hash,
    articles.c.first_seen_at,
    articles.c.updated_at,
    articles.c.changes,
)
_HIDDEN = Upsert(hidden)
_GONE = (tombstones.c.source_id == bindparam("b_source")) & (tombstones.c.guid == bindparam("b_guid"))

_SINCE = bindparam("since", type_=feeds.c.changed_since.type)
#: The feed is published anew, with its archives from the oldest member on that changed.
_RAISE = (
    update(feeds)
    .where(feeds.c.feed_id == bindparam("b_feed"))
    .values(
        version=feeds.c.version + 1,
        changed_since=case((feeds.c.changed_since < _SINCE, feeds.c.changed_since), else_=_SINCE),
    )
)

_HIDDEN_SOURCES = select(func.substr(hidden.c.id, len(OF_SOURCE) + 1)).where(hidden.c.id.startswith(OF_SOURCE))
#: The articles that somebody has hidden, by their own id, by their page, or with their whole source.
_HIDDEN_KEYS = union(
    select(articles.c.key).where(articles.c.id.in_(select(hidden.c.id))),
    select(articles.c.key).where(articles.c.canonical_url.in_(select(hidden.c.page).where(hidden.c.page != ""))),
    select(articles.c.key).where(articles.c.source_id.in_(_HIDDEN_SOURCES)),
)
is_shown = articles.c.key.not_in(_HIDDEN_KEYS)
is_member_shown = memberships.c.article_key.not_in(_HIDDEN_KEYS)


def purge(connection: Connection, retention: Retention, now: datetime) -> int:
    """Let some articles go whose time is over; returns how many, 0 when none is left.

    A tombstone stays of each. Feeds that showed them are published anew.
    """
    keys = _over(connection, retention, now)
    if not keys:
        return 0
    for some in lists(keys):
        rows = connection.execute(_BURIED.where(articles.c.key.in_(some))).mappings()
        connection.execute(_TOMBSTONE.on(connection), [{**row, "listed_at": now} for row in rows])
        _touch(connection, memberships.c.article_key.in_(some))
        connection.execute(delete(articles).where(articles.c.key.in_(some)))
    return len(keys)


def _over(connection: Connection, retention: Retention, now: datetime) -> list[int]:
    """Keys of some articles that neither their source nor a feed keeps."""
    kept = [
        exists().where(
            memberships.c.article_key == articles.c.key,
            memberships.c.feed_id == feed_id,
            articles.c.first_seen_at >= now - timedelta(seconds=keep_s),
        )
        for feed_id, keep_s in retention.by_feed.items()
    ]
    conditions = [
        and_(articles.c.source_id == source_id, articles.c.first_seen_at < now - timedelta(seconds=keep_s))
        for source_id, keep_s in retention.by_source.items()
    ]
    if retention.usual_s is not None:
        usual = articles.c.first_seen_at < now - timedelta(seconds=retention.usual_s)
        conditions.append(and_(usual, articles.c.source_id.not_in(list(retention.by_source))))
    found: list[int] = []
    for condition in conditions:
        left = PURGE_ARTICLES - len(found)
        query = select(articles.c.key).where(condition, ~or_(*kept) if kept else True).limit(left)  # type: ignore[arg-type]  # True is SQL's true
        found += connection.scalars(query.order_by(articles.c.first_seen_at)) if left else ()
    return found


def purge_memory(connection: Connection, *, events_before: datetime) -> int:
    """Let go of old events, and of tombstones of items that their sources no longer list; returns how many."""
    gone = connection.execute(delete(events).where(events.c.at < events_before)).rowcount
    newest = select(tombstones.c.source_id, func.max(tombstones.c.listed_at)).group_by(tombstones.c.source_id)
    for source_id, listed_at in connection.execute(newest).all():
        # What was listed last tells when the source was read last, as far as tombstones matter.
        old = (tombstones.c.source_id == source_id) & (tombstones.c.listed_at < listed_at - TOMBSTONE_AFTER)
        gone += connection.execute(delete(tombstones).where(old)).rowcount
    return gone


def note_listed(connection: Connection, source_id: str, guids: Sequence[str], now: datetime) -> None:
    """Items that were let go are still listed by their source."""
    if guids:
        statement = update(tombstones).where(_GONE).values(listed_at=now)
        connection.execute(statement, [{"b_source": source_id, "b_guid": guid} for guid in guids])


# --- hiding ----------------------------------------------------------------------------------------------


def hide(connection: Connection, reference: str, note: str, now: datetime) -> list[Hidden]:
    """Hide the entries with an id or address, or all of a source; returns them, or the source."""
    if reference.startswith(OF_SOURCE):
        query = select(null().label("canonical_url"), sources.c.id.label("title"), literal(reference).label("id"))
        query = query.where(sources.c.id == reference.removeprefix(OF_SOURCE))
    else:
        query = select(articles.c.canonical_url, articles.c.title, articles.c.id).where(_refers(reference))
        query = query.order_by(articles.c.key)
    found = {
        row.id: Hidden(id=row.id, page=row.canonical_url or "", title=row.title, note=clean(note), at=now)
        for row in connection.execute(query)
    }
    if found:
        connection.execute(_HIDDEN.on(connection), [_hidden_values(each) for each in found.values()])
        _touch_hidden(connection, list(found.values()))
    return list(found.values())


def unhide(connection: Connection, reference: str) -> list[Hidden]:
    """Show what was hidden by its id or address again; returns it."""
    mine = or_(hidden.c.id == reference, and_(hidden.c.page == reference, hidden.c.page != ""))
    pages = select(articles.c.canonical_url).where(_refers(reference), articles.c.canonical_url.is_not(None))
    mine = or_(mine, hidden.c.page.in_(list(connection.scalars(pages))))
    found = [_read_hidden(row) for row in connection.execute(select(hidden).where(mine)).mappings()]
    if found:
        connection.execute(delete(hidden).where(hidden.c.id.in_([each.id for each in found])))
        _touch_hidden(connection, found)
    return found


def all_hidden(connection: Connection) -> list[Hidden]:
    """Everything hidden, newest first."""
    query = select(hidden).order_by(hidden.c.at.desc(), hidden.c.id)
    return [_read_hidden(row) for row in connection.execute(query).mappings()]


def _refers(reference: str) -> ColumnElement[bool]:
    return or_(articles.c.id == reference, articles.c.url == reference, articles.c.canonical_url == reference)


def _touch_hidden(connection: Connection, found: Sequence[Hidden]) -> None:
    """Let the feeds be published anew that these are in, whoever brought them."""
    pages = [each.page for each in found if each.page]
    of = [each.id.removeprefix(OF_SOURCE) for each in found if each.id.startswith(OF_SOURCE)]
    by_id = articles.c.id.in_([each.id for each in found])
    same = or_(by_id, articles.c.canonical_url.in_(pages), articles.c.source_id.in_(of))
    _touch(connection, memberships.c.article_key.in_(select(articles.c.key).where(same)))


def touch_source(connection: Connection, source_id: str) -> None:
    """Let the feeds be published anew that show anything of a source."""
    _touch(connection, memberships.c.article_key.in_(select(articles.c.key).where(articles.c.source_id == source_id)))


def _touch(connection: Connection, which: ColumnElement[bool]) -> None:
    since = func.min(memberships.c.first_seen_at, type_=memberships.c.first_seen_at.type)
    concerned = connection.execute(select(memberships.c.feed_id, since).where(which).group_by(memberships.c.feed_id))
    rows = [{"b_feed": feed_id, "since": oldest} for feed_id, oldest in concerned]
    if rows:
        connection.execute(_RAISE, rows)


def _hidden_values(each: Hidden) -> Mapping[str, object]:
    return {"id": each.id, "page": each.page, "title": each.title, "note": each.note, "at": each.at}


def _read_hidden(row: RowMapping) -> Hidden:
    return Hidden(**row)
