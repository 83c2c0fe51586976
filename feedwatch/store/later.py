"""Later jobs of articles: durable, leased like sources, taken from the sources in turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, or_, select, update

from feedwatch.errands import Done, Errand, Later, Retry
from feedwatch.errors import LeaseLost
from feedwatch.model import Article, Validators
from feedwatch.store.lines import write_lines
from feedwatch.store.reading import labels_of
from feedwatch.store.records import article_values, clean, event_values, lists, read_entry, validators_values
from feedwatch.store.schema import articles, events, jobs, pages, sources
from feedwatch.store.statements import Upsert
from feedwatch.store.writing import replace_text

_PAGE = Upsert(pages)
_ONE = (
    (jobs.c.article_key == bindparam("b_key"))
    & (jobs.c.kind == bindparam("b_kind"))
    & (jobs.c.lease_until == bindparam("b_until", type_=jobs.c.lease_until.type))
)
#: What a later job never touches of its article: its place in the store and in time.
_LASTING = ("source_id", "guid", "id", "item_hash", "first_seen_at", "updated_at", "changes")


def claim_later(
    connection: Connection,
    kind: str,
    *,
    now: datetime,
    limit: int,
    lease_s: int,
    per_source: int | None = None,
    busy: Collection[str] = (),
) -> list[Later]:
    """Lease jobs that are due and free; rows that another process is claiming now are passed over."""
    ranked = _ranked(kind, now, busy).subquery()
    query = (
        select(jobs.c.article_key, jobs.c.attempts, jobs.c.source_id, articles.c.url)
        .join(ranked, ranked.c.article_key == jobs.c.article_key)
        .join(articles, articles.c.key == jobs.c.article_key)
        .where(jobs.c.kind == kind)
        .order_by(ranked.c.place, jobs.c.due_at, jobs.c.article_key)
        .limit(max(limit, 0))
        .with_for_update(skip_locked=True, of=jobs)
    )
    if per_source is not None:
        query = query.where(ranked.c.place <= per_source)
    found = connection.execute(query).all()
    until = now + timedelta(seconds=lease_s)
    if found:
        connection.execute(
            update(jobs)
            .where(jobs.c.article_key == bindparam("b_key"), jobs.c.kind == kind)
            .values(lease_until=until, attempts=jobs.c.attempts + 1),
            [{"b_key": row.article_key} for row in found],
        )
    return [
        Later(
            key=row.article_key,
            source_id=row.source_id,
            kind=kind,
            until=until,
            attempts=row.attempts,
            url=row.url,
        )
        for row in found
    ]


def _ranked(kind: str, now: datetime, busy: Collection[str]) -> Select[tuple[int, int]]:
    """Jobs that may be claimed, each with its place among those of its source."""
    place = func.row_number().over(partition_by=jobs.c.source_id, order_by=(jobs.c.due_at, jobs.c.article_key))
    query = (
        select(jobs.c.article_key, place.label("place"))
        .join(sources, sources.c.id == jobs.c.source_id)
        .where(
            jobs.c.kind == kind,
            jobs.c.due_at <= now,
            or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now),
            sources.c.active.is_(True),
        )
    )
    return query.where(jobs.c.source_id.not_in(sorted(busy))) if busy else query


def next_later_at(connection: Connection, kind: str) -> datetime | None:
    """When the next job of the kind is due, leased or not."""
    found: datetime | None = connection.scalar(
        select(func.min(jobs.c.due_at, type_=jobs.c.due_at.type)).where(jobs.c.kind == kind)
    )
    return found


def errand(connection: Connection, later: Later) -> Errand | None:
    """The article of a job and what is remembered of its page; None when the article is gone."""
    query = (
        select(articles, pages.c.etag, pages.c.last_modified, pages.c.body_hash)
        .outerjoin(pages, pages.c.article_key == articles.c.key)
        .where(articles.c.key == later.key)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    labels = labels_of(connection, [row.key]).get(row.key, ())
    page = Validators(etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash)
    return Errand(entry=read_entry(row, labels), page=page)


def page_texts(connection: Connection, source_id: str, guids: Sequence[str]) -> dict[str, Article]:
    """Those of the source's articles whose text is from their page, by guid."""
    found: dict[str, Article] = {}
    query = select(articles).join(pages, pages.c.article_key == articles.c.key)
    for chunk in lists(guids):
        rows = connection.execute(query.where(articles.c.source_id == source_id, articles.c.guid.in_(chunk)))
        found.update((row.guid, read_entry(row, ()).article) for row in rows)
    return found


def finish_later(connection: Connection, later: Later, done: Done) -> None:
    """Write what a job brought, and remove it.

    Raises:
        LeaseLost: the job was leased again since, or its article was saved again.

    """
    if not connection.execute(delete(jobs).where(_ONE), _mine(later)).rowcount:
        raise _lost(later)
    if done.verdict is not None:
        values = article_values(done.verdict.entry, done.judged_by)
        replace_text(
            connection,
            later.key,
            {name: value for name, value in values.items() if name not in _LASTING},
            done.verdict,
        )
    if done.page is not None:
        of_page = validators_values(done.page)
        row = {name: of_page[name] for name in ("etag", "last_modified", "body_hash")}
        connection.execute(_PAGE.on(connection), [{"article_key": later.key, "fetched_at": done.now, **row}])
    write_lines(connection, later.source_id, done.lines)
    if done.event is not None:
        connection.execute(insert(events), [event_values(done.event)])


def retry_later(connection: Connection, later: Later, retry: Retry) -> None:
    """Make a job due again.

    Raises:
        LeaseLost: the job was leased again since.

    """
    again = update(jobs).where(_ONE).values(due_at=retry.at, lease_until=None, error=clean(retry.error))
    if retry.untried:
        again = again.values(attempts=later.attempts)
    if not connection.execute(again, _mine(later)).rowcount:
        raise _lost(later)
    if retry.rest_until is not None:
        rest = update(jobs).where(
            jobs.c.source_id == later.source_id,
            jobs.c.due_at < retry.rest_until,
            jobs.c.lease_until.is_(None),
            jobs.c.kind == later.kind,
        )
        connection.execute(rest.values(due_at=retry.rest_until))


def _mine(later: Later) -> dict[str, object]:
    return {"b_key": later.key, "b_kind": later.kind, "b_until": later.until}


def _lost(later: Later) -> LeaseLost:
    return LeaseLost(f"the {later.kind} job of article {later.key} was taken over by another worker")
