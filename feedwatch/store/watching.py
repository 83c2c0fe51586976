"""What the watch over sources is told by the store, and tells it: functions on a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from feedwatch.ledger import Event, Pulse
from feedwatch.store.habits import read_habits
from feedwatch.store.records import event_values, read_event
from feedwatch.store.schema import articles, events, labels, metadata, sources
from feedwatch.store.vitals import health_values, read_health, read_vitals
from feedwatch.vitals import Health

_PULSES = (
    select(
        sources.c.id,
        sources.c.last_polled_at,
        sources.c.last_ok_at,
        sources.c.next_due_at,
        sources.c.failures,
        sources.c.error,
        sources.c.retired,
        sources.c.habits,
        sources.c.vitals,
        sources.c.health,
    )
    .where(sources.c.active.is_(True))
    .order_by(sources.c.id)
)
_NOTE = (
    update(sources)
    .where(sources.c.id == bindparam("b_id"))
    .values(health=bindparam("b_health", type_=sources.c.health.type))
)


def pulses(connection: Connection) -> list[Pulse]:
    """What a diagnosis of each configured source rests on, by id; one query."""
    return [
        Pulse(
            source_id=row.id,
            last_polled_at=row.last_polled_at,
            last_ok_at=row.last_ok_at,
            next_due_at=row.next_due_at,
            failures=row.failures,
            error=row.error,
            retired=row.retired,
            habits=read_habits(row.habits),
            vitals=read_vitals(row.vitals),
            health=read_health(row.health),
        )
        for row in connection.execute(_PULSES)
    ]


def note_health(connection: Connection, healths: Mapping[str, Health], told: Sequence[Event]) -> None:
    """Remember diagnoses by source, and the events that tell of them."""
    if healths:
        rows = [{"b_id": source_id, "b_health": health_values(health)} for source_id, health in healths.items()]
        connection.execute(_NOTE, rows)
    if told:
        connection.execute(insert(events), [event_values(event) for event in told])


def events_of_kind(connection: Connection, kind: str, limit: int) -> list[Event]:
    """The newest events of a kind, newest first."""
    query = select(events).where(events.c.kind == kind).order_by(events.c.at.desc(), events.c.key.desc()).limit(limit)
    return [read_event(row) for row in connection.execute(query)]


def rule_hits(connection: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """Entries first seen since then that a rule fired on, by facet and rule."""
    query = (
        select(labels.c.facet, labels.c.rule, func.count())
        .join(articles, articles.c.key == labels.c.article_key)
        .where(articles.c.first_seen_at >= since)
        .group_by(labels.c.facet, labels.c.rule)
        .order_by(labels.c.facet, labels.c.rule)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def size_bytes(connection: Connection) -> int:
    """What the store takes on its disk."""
    if connection.dialect.name == "sqlite":
        pages, page = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in ("page_count", "page_size")
        )
        return int(pages) * int(page)
    sizes = (func.pg_total_relation_size(table.name) for table in metadata.sorted_tables)
    return sum(int(connection.scalar(select(size)) or 0) for size in sizes)
