"""Later jobs of articles: durable, leased like sources."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Later
from feedwatch.store.records import clean
from feedwatch.store.schema import jobs

_ONE = (
    (jobs.c.article_key == bindparam("b_key"))
    & (jobs.c.kind == bindparam("b_kind"))
    & (jobs.c.lease_until == bindparam("b_until", type_=jobs.c.lease_until.type))
)


def claim_later(connection: Connection, kind: str, *, now: datetime, limit: int, lease_s: int) -> list[Later]:
    """Lease jobs that are due and free; rows that another process is claiming now are passed over."""
    query = (
        select(jobs.c.article_key, jobs.c.attempts)
        .where(
            jobs.c.kind == kind,
            jobs.c.due_at <= now,
            or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now),
        )
        .order_by(jobs.c.due_at, jobs.c.article_key)
        .limit(max(limit, 0))
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).all()
    until = now + timedelta(seconds=lease_s)
    if found:
        connection.execute(
            update(jobs)
            .where(jobs.c.article_key == bindparam("b_key"), jobs.c.kind == kind)
            .values(lease_until=until, attempts=jobs.c.attempts + 1),
            [{"b_key": row.article_key} for row in found],
        )
    return [Later(key=row.article_key, kind=kind, until=until, attempts=row.attempts) for row in found]


def settle_later(connection: Connection, later: Later, *, retry_at: datetime | None, error: str) -> None:
    """Remove a job that is done, or make it due again.

    Raises:
        LeaseLost: the job was leased again since.

    """
    mine = {"b_key": later.key, "b_kind": later.kind, "b_until": later.until}
    if retry_at is None:
        touched = connection.execute(delete(jobs).where(_ONE), mine).rowcount
    else:
        again = update(jobs).where(_ONE).values(due_at=retry_at, lease_until=None, error=clean(error))
        touched = connection.execute(again, mine).rowcount
    if not touched:
        raise LeaseLost(f"the {later.kind} job of article {later.key} was taken over by another worker")
