"""What alerts ask of the store, and what they leave there: functions on a connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, insert, select, type_coerce, update

from feedwatch.model import Label
from feedwatch.store.keeping import is_member_shown
from feedwatch.store.reading import labels_of
from feedwatch.store.records import AnyRow, Values, chunks, clean, lists
from feedwatch.store.schema import alerts, articles, feeds, memberships, meta, sightings
from feedwatch.store.statements import Upsert
from feedwatch.vitals import Alert, Marked, Seen

_DAY = timedelta(days=1)
_DAY_US = 86_400_000_000
_META = Upsert(meta)
_SIGHTING = Upsert(sightings, keep=("first_at",))
_ONE = (
    (alerts.c.kind == bindparam("b_kind"))
    & (alerts.c.feed_id == bindparam("b_feed"))
    & (alerts.c.subject == bindparam("b_subject"))
    & (alerts.c.began_at == bindparam("b_began", type_=alerts.c.began_at.type))
)
_HOLD = update(alerts).where(_ONE).values(last_at=bindparam("b_last", type_=alerts.c.last_at.type))
_SEND = update(alerts).where(_ONE).values(sent_at=bindparam("b_sent", type_=alerts.c.sent_at.type))
_HEADLINE = frozenset({"title", "lead", "tags"})
#: Of the watch over new members: the number of the newest article that was looked at.
_LOOKED_AT = "alerts_looked_at"


def day_counts(connection: Connection, now: datetime, days: int) -> dict[str, list[int]]:
    """Members that each configured feed gained in each of the last `days` whole days, today's 24 hours first.

    A feed's list ends where its first member came.
    """
    now_us = int(now.timestamp()) * 1_000_000
    age = (
        bindparam("now_us", now_us, type_=BigInteger) - type_coerce(memberships.c.first_seen_at, BigInteger)
    ) // _DAY_US
    shown = select(feeds.c.feed_id).where(feeds.c.active.is_(True))
    oldest = select(memberships.c.feed_id, func.min(memberships.c.first_seen_at)).group_by(memberships.c.feed_id)
    found = {
        row[0]: [0] * max(0, min(days, (now - row[1]) // _DAY))
        for row in connection.execute(oldest.where(memberships.c.feed_id.in_(shown)))
    }
    query = (
        select(memberships.c.feed_id, age, func.count())
        .where(memberships.c.first_seen_at > now - days * _DAY, memberships.c.first_seen_at <= now)
        .group_by(memberships.c.feed_id, age)
    )
    for feed_id, day, count in connection.execute(query):
        counts = found.get(feed_id, [])
        if 0 <= day < len(counts):
            counts[day] = count
    return found


def source_counts(connection: Connection, feed_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """Members that a feed gained from `since` up to `until`, by source."""
    query = (
        select(articles.c.source_id, func.count())
        .join(memberships, memberships.c.article_key == articles.c.key)
        .where(
            memberships.c.feed_id == feed_id,
            memberships.c.first_seen_at >= since,
            memberships.c.first_seen_at < until,
        )
        .group_by(articles.c.source_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def marked(connection: Connection, *, after: int, limit: int) -> tuple[list[Marked], int]:
    """Members of feeds among the articles numbered above `after`, in their order, and the last number looked at.

    At most `limit` articles are looked at.
    """
    numbers = list(
        connection.scalars(select(articles.c.key).where(articles.c.key > after).order_by(articles.c.key).limit(limit))
    )
    if not numbers:
        return [], after
    found = _members(connection, (articles.c.key > after, articles.c.key <= numbers[-1]))
    return found, numbers[-1]


def marked_since(connection: Connection, since: datetime, limit: int) -> list[Marked]:
    """Members of feeds first seen at or after `since`, of at most `limit` articles, the newest."""
    numbers = select(articles.c.key).where(articles.c.first_seen_at >= since)
    newest = list(connection.scalars(numbers.order_by(articles.c.first_seen_at.desc(), articles.c.id).limit(limit)))
    return [mark for chunk in lists(sorted(newest)) for mark in _members(connection, (articles.c.key.in_(chunk),))]


def _members(connection: Connection, which: Sequence[ColumnElement[bool]]) -> list[Marked]:
    query = (
        select(memberships.c.feed_id, articles.c.key, articles.c.source_id, articles.c.title, articles.c.first_seen_at)
        .join(memberships, memberships.c.article_key == articles.c.key)
        .where(*which, is_member_shown)
        .order_by(articles.c.key, memberships.c.feed_id)
    )
    rows = connection.execute(query).all()
    labels = labels_of(connection, sorted({row.key for row in rows}))
    return [_marked(row, labels.get(row.key, ())) for row in rows]


def _marked(row: AnyRow, labels: Sequence[Label]) -> Marked:
    topics = [evidence for label in labels if label.facet == "topic" for evidence in label.evidence]
    return Marked(
        feed_id=row.feed_id,
        key=row.key,
        source_id=row.source_id,
        title=row.title,
        first_seen_at=row.first_seen_at,
        regions=frozenset(label.rule for label in labels if label.facet == "region" and label.standing == "about"),
        words=frozenset(each.term for each in topics),
        headline=frozenset(each.term for each in topics if each.field in _HEADLINE),
    )


def looked_at(connection: Connection) -> tuple[int, datetime | None]:
    """The newest article that alerts looked at, and when feeds were last counted."""
    found = connection.scalar(select(meta.c.value).where(meta.c.key == _LOOKED_AT))
    if found is None:
        return 0, None
    number, _, at = found.partition(" ")
    return int(number), datetime.fromisoformat(at).astimezone(UTC)


def seen_of(connection: Connection, kinds: Sequence[str]) -> dict[tuple[str, str, str], Seen]:
    """What was seen of these kinds, by feed, kind and value."""
    query = select(sightings).where(sightings.c.kind.in_(kinds))
    return {
        (row.feed_id, row.kind, row.value): Seen(
            feed_id=row.feed_id, kind=row.kind, value=row.value, first_at=row.first_at, last_at=row.last_at
        )
        for row in connection.execute(query)
    }


def recent_alerts(connection: Connection, *, since: datetime | None, limit: int, unsent: bool) -> list[Alert]:
    """Alerts that held after `since`, newest first."""
    query = select(alerts).order_by(alerts.c.began_at.desc(), alerts.c.key.desc()).limit(limit)
    if since is not None:
        query = query.where(alerts.c.last_at >= since)
    if unsent:
        query = query.where(alerts.c.sent_at.is_(None))
    return [
        Alert(
            kind=row.kind,
            feed_id=row.feed_id,
            subject=row.subject,
            began_at=row.began_at,
            last_at=row.last_at,
            title=row.title,
            body=row.body,
            sent_at=row.sent_at,
        )
        for row in connection.execute(query)
    ]


def note_alerts(
    connection: Connection,
    *,
    new: Sequence[Alert],
    held: Sequence[Alert],
    seen: Iterable[Seen],
    looked_at: tuple[int, datetime],
) -> None:
    """Write what one look brought: alerts that began, those that still hold, and what was seen in feeds."""
    if new:
        connection.execute(insert(alerts), [_alert_values(alert) for alert in new])
    if held:
        connection.execute(_HOLD, [_mark(alert) | {"b_last": alert.last_at} for alert in held])
    rows = [_sighting_values(sighting) for sighting in seen]
    for chunk in chunks(rows):
        connection.execute(_SIGHTING.on(connection), chunk)
    number, at = looked_at
    connection.execute(_META.on(connection), {"key": _LOOKED_AT, "value": f"{number} {at.isoformat()}"})


def mark_sent(connection: Connection, sent: Sequence[Alert], now: datetime) -> None:
    """Remember that the channels were told."""
    if sent:
        connection.execute(_SEND, [_mark(alert) | {"b_sent": now} for alert in sent])


def _mark(alert: Alert) -> Values:
    return {
        "b_kind": alert.kind,
        "b_feed": alert.feed_id,
        "b_subject": clean(alert.subject),
        "b_began": alert.began_at,
    }


def _alert_values(alert: Alert) -> Values:
    return {
        "kind": alert.kind,
        "feed_id": alert.feed_id,
        "subject": clean(alert.subject),
        "began_at": alert.began_at,
        "last_at": alert.last_at,
        "title": clean(alert.title),
        "body": clean(alert.body),
        "sent_at": alert.sent_at,
    }


def _sighting_values(sighting: Seen) -> Values:
    return {
        "feed_id": sighting.feed_id,
        "kind": sighting.kind,
        "value": clean(sighting.value),
        "first_at": sighting.first_at,
        "last_at": sighting.last_at,
    }
