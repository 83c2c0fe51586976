"""What is remembered of a source from one poll to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, and_, bindparam, or_, select

from feedwatch.ledger import Push, Recall, Reject
from feedwatch.model import Validators
from feedwatch.store.habits import read_habits
from feedwatch.store.records import AnyRow, lists, read_reject, read_validators
from feedwatch.store.schema import documents, rejects, sources, subscriptions
from feedwatch.store.vitals import read_vitals

_RECALL = (
    select(
        sources.c.id.label("known_id"),
        sources.c.habits,
        sources.c.vitals,
        sources.c.last_polled_at,
        subscriptions.c.lease_until,
        subscriptions.c.pushed_at,
        select(rejects.c.locator)
        .where(rejects.c.source_id == sources.c.id, rejects.c.version != bindparam("version"))
        .exists()
        .label("has_rejects"),
        documents,
    )
    .outerjoin(
        documents,
        and_(
            documents.c.source_id == sources.c.id,
            or_(documents.c.error == "", documents.c.version == bindparam("version")),
        ),
    )
    .outerjoin(subscriptions, subscriptions.c.source_id == sources.c.id)
    .where(sources.c.id.in_(bindparam("sources", expanding=True)))
    .order_by(sources.c.id, documents.c.locator)
)


def recall(connection: Connection, source_ids: Sequence[str], version: str) -> dict[str, Recall]:
    """What is remembered of each source, in one query; nothing of a source that is unknown."""
    recalled = {source_id: Recall() for source_id in source_ids}
    for chunk in lists(list(recalled)):
        found = connection.execute(_RECALL, {"sources": chunk, "version": version})
        for source_id, rows in groupby(found, key=attrgetter("known_id")):
            recalled[source_id] = _read_recall(list(rows))
    return recalled


def _read_recall(rows: Sequence[AnyRow]) -> Recall:
    return Recall(
        validators={row.locator: read_validators(row) for row in rows if row.locator is not None},
        habits=read_habits(rows[0].habits),
        vitals=read_vitals(rows[0].vitals),
        has_rejects=bool(rows[0].has_rejects),
        push=_read_push(rows[0]),
    )


def _read_push(row: AnyRow) -> Push | None:
    if row.lease_until is None:
        return None
    pushed, polled = row.pushed_at, row.last_polled_at
    return Push(lease_until=row.lease_until, announced=pushed is not None and (polled is None or pushed >= polled))


def validators_of(connection: Connection, source_id: str, version: str) -> dict[str, Validators]:
    """The source's documents, without those on which another program version failed."""
    query = (
        select(documents)
        .where(documents.c.source_id == source_id, or_(documents.c.error == "", documents.c.version == version))
        .order_by(documents.c.locator)
    )
    return {row.locator: read_validators(row) for row in connection.execute(query)}


def rejects_of(connection: Connection, source_id: str, version: str) -> list[Reject]:
    """The source's documents that crashed under another program version."""
    query = (
        select(rejects)
        .where(rejects.c.source_id == source_id, rejects.c.version != version)
        .order_by(rejects.c.locator)
    )
    return [read_reject(row) for row in connection.execute(query)]
