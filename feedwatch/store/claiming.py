"""Which sources and feeds there are, and who works on a source: the rows of sources, feeds and meta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Connection, bindparam, delete, or_, select, type_coerce, update

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Batch, Claim, SourceState
from feedwatch.model import FeedSpec, Source
from feedwatch.store.habits import habits_values
from feedwatch.store.keeping import touch_source
from feedwatch.store.records import AnyRow, Values, clean, lists
from feedwatch.store.schema import documents, feeds, jobs, meta, sources
from feedwatch.store.statements import Upsert, insert_missing
from feedwatch.store.vitals import vitals_values
from feedwatch.urls import server_of, uuid_urn

_TICK = Upsert(meta, only_if_greater="value")
#: The source as a claim knows it.
_MINE = (
    (sources.c.id == bindparam("b_id"))
    & (sources.c.lease_token == bindparam("b_token"))
    & sources.c.lease_until.is_not(None)
)
#: The end of a poll, built once: building a statement costs more than running it.
_END = {
    name: bindparam(f"b_{name}", type_=sources.c[name].type)
    for name in ("next_due_at", "not_before", "retired", "failures", "error", "last_polled_at")
}
_FAIL = update(sources).where(_MINE).values(lease_until=None, **_END)
_FINISH = _FAIL.values(last_ok_at=bindparam("b_last_ok_at", type_=sources.c.last_ok_at.type))
_HELD = select(sources.c.id).where(_MINE).with_for_update()
_UNTIL = bindparam("b_until", type_=sources.c.not_before.type)
_SAME_SERVER = select(sources.c.server).where(sources.c.id == bindparam("b_id")).scalar_subquery()
#: A server that wants fewer requests is left alone by all of its sources.
_REST = (
    update(sources)
    .where(sources.c.server == _SAME_SERVER, or_(sources.c.not_before.is_(None), sources.c.not_before < _UNTIL))
    .values(not_before=_UNTIL)
)


def note_sources(connection: Connection, configured: Sequence[Source], now: datetime) -> None:
    """Bring the rows of the sources in line with the configuration."""
    stored = {row.id: row for row in connection.execute(select(sources))}
    missing = [_new_source(source, now) for source in configured if source.id not in stored]
    if missing:
        connection.execute(insert_missing(connection, sources), missing)
    for source in configured:
        row = stored.get(source.id)
        if row is not None:
            _refresh_source(connection, source, row, now)
    present = {source.id for source in configured}
    left = [{"b_id": row.id} for row in stored.values() if row.active and row.id not in present]
    if left:
        connection.execute(update(sources).where(sources.c.id == bindparam("b_id")).values(active=False), left)


def _new_source(source: Source, now: datetime) -> Values:
    return {
        "id": source.id,
        "locator": source.locator,
        "title": _configured_title(source),
        "private": source.private,
        "content": source.content,
        "active": True,
        "next_due_at": now,
        "server": server_of(source.locator),
        "retired": False,
        "failures": 0,
        "error": "",
        "lease_token": 0,
    }


def _configured_title(source: Source) -> str | None:
    """The title, unless it only repeats the id: then the source's own name is the better one."""
    return source.title if source.title != source.id else None


def _refresh_source(connection: Connection, source: Source, row: AnyRow, now: datetime) -> None:
    values: Values = {}
    if not row.active:
        values["active"] = True
    if row.private != source.private:
        values["private"] = source.private
    if row.content != source.content:
        values["content"] = source.content
        touch_source(connection, source.id)
    if row.title != _configured_title(source):
        values["title"] = _configured_title(source)
    if row.locator != source.locator:
        connection.execute(delete(documents).where(documents.c.source_id == source.id))
        # What was fetched from the old place must not be saved as the new one's: the lease is void.
        values |= {
            "locator": source.locator,
            "next_due_at": now,
            "not_before": None,
            "server": server_of(source.locator),
            "retired": False,
            "habits": None,
            "vitals": None,
            "health": None,
            "failures": 0,
            "error": "",
            "own_title": None,
            "lease_until": None,
        }
    if values:
        connection.execute(update(sources).where(sources.c.id == source.id).values(values))


def note_feeds(connection: Connection, configured: Sequence[FeedSpec], base_url: str, now: datetime) -> None:
    """Bring the rows of the feeds in line with the configuration; ids are made once."""
    stored = {row.feed_id: row.active for row in connection.execute(select(feeds.c.feed_id, feeds.c.active))}
    missing = [spec.id for spec in configured if spec.id not in stored]
    if missing:
        connection.execute(insert_missing(connection, meta), {"key": "base_url", "value": base_url})
        first = connection.execute(select(meta.c.value).where(meta.c.key == "base_url")).scalar_one()
        connection.execute(insert_missing(connection, feeds), [_new_feed(feed_id, first, now) for feed_id in missing])
        _keep_ids(connection, [spec for spec in configured if spec.former and spec.id in missing])
    present = {spec.id for spec in configured}
    back = [{"b_id": feed_id} for feed_id, active in stored.items() if not active and feed_id in present]
    left = [{"b_id": feed_id} for feed_id, active in stored.items() if active and feed_id not in present]
    one = update(feeds).where(feeds.c.feed_id == bindparam("b_id"))
    if back:
        # Its files may be gone or old: they are written anew.
        connection.execute(one.values(active=True, version=feeds.c.version + 1, file_hashes=None, render_key=""), back)
    if left:
        connection.execute(one.values(active=False), left)
    for private in (True, False):
        named = [spec.id for spec in configured if spec.private is private]
        for chunk in lists(named):
            changed = update(feeds).where(feeds.c.feed_id.in_(chunk), feeds.c.private.is_not(private))
            connection.execute(changed.values(private=private))


def _keep_ids(connection: Connection, renamed: Sequence[FeedSpec]) -> None:
    """Let feeds under a new name keep their permanent id and age: for readers they are the same feed."""
    for spec in renamed:
        query = select(feeds.c.id, feeds.c.created_at, feeds.c.updated_at).where(feeds.c.feed_id.in_(spec.former))
        former = connection.execute(query.order_by(feeds.c.created_at, feeds.c.feed_id).limit(1)).first()
        if former is not None:
            connection.execute(update(feeds).where(feeds.c.feed_id == spec.id).values(**former._asdict()))


def _new_feed(feed_id: str, base_url: str, now: datetime) -> Values:
    return {
        "feed_id": feed_id,
        "id": uuid_urn(base_url, feed_id),
        "created_at": now,
        # Ahead of what is published: a feed without entries is a file, too.
        "version": 1,
        "published_version": 0,
        "published_entries": 0,
        "render_key": "",
        "active": True,
    }


def move_tick(connection: Connection, now: datetime) -> None:
    """Remember `now` unless a later tick is remembered."""
    # All of one width and zone, so that the texts sort as the times do.
    value = now.astimezone(UTC).isoformat(timespec="microseconds")
    connection.execute(
        _TICK.on(connection),
        {"key": "newest_tick", "value": value},
    )


def shift_clock(connection: Connection, by_s: float, now: datetime) -> None:
    """Move every moment to come by so many seconds, and set the newest tick to `now`."""
    by = timedelta(seconds=by_s) // timedelta(microseconds=1)
    for column in (
        sources.c.next_due_at,
        sources.c.not_before,
        sources.c.lease_until,
        jobs.c.due_at,
        jobs.c.lease_until,
    ):
        moved = type_coerce(type_coerce(column, BigInteger) + by, column.type)
        connection.execute(update(column.table).where(column > now).values({column.name: moved}))
    value = now.astimezone(UTC).isoformat(timespec="microseconds")
    connection.execute(update(meta).where(meta.c.key == "newest_tick", meta.c.value > value).values(value=value))


def release(connection: Connection, claims: Sequence[Claim]) -> int:
    """Free those of the claims that are still held."""
    free = update(sources).where(_MINE).values(lease_until=None)
    return sum(connection.execute(free, _mark(claim)).rowcount for claim in claims)


def clear_leases(connection: Connection) -> int:
    """Free everything that is leased; returns how many sources and jobs were."""
    return sum(
        connection.execute(update(table).where(table.c.lease_until.is_not(None)).values(lease_until=None)).rowcount
        for table in (sources, jobs)
    )


def claim_due(
    connection: Connection, *, now: datetime, limit: int, lease_s: int, source_ids: Sequence[str] | None, force: bool
) -> list[Claim]:
    """Lease sources that are due and free; rows that another process is claiming now are passed over."""
    query = (
        select(sources.c.next_due_at, sources.c.id)
        .where(
            sources.c.active.is_(True),
            sources.c.retired.is_(False),
            or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now),
            or_(sources.c.not_before.is_(None), sources.c.not_before <= now),
        )
        .order_by(sources.c.next_due_at, sources.c.id)
        .limit(max(limit, 0))
        .with_for_update(skip_locked=True)
    )
    if not force:
        query = query.where(sources.c.next_due_at <= now)
    if source_ids is None:
        found = [tuple(row) for row in connection.execute(query)]
    else:
        found = [
            tuple(row)
            for chunk in lists(sorted(set(source_ids)))
            for row in connection.execute(query.where(sources.c.id.in_(chunk)))
        ]
    chosen = [source_id for _, source_id in sorted(found)[: max(limit, 0)]]
    return _lease(connection, chosen, now + timedelta(seconds=lease_s))


def _lease(connection: Connection, chosen: Sequence[str], until: datetime) -> list[Claim]:
    leased: dict[str, AnyRow] = {}
    for chunk in lists(chosen):
        statement = (
            update(sources)
            .where(sources.c.id.in_(chunk))
            .values(lease_until=until, lease_token=sources.c.lease_token + 1)
            .returning(sources.c.id, sources.c.lease_token, sources.c.failures)
        )
        leased.update((row.id, row) for row in connection.execute(statement))
    return [
        Claim(source_id=row.id, token=row.lease_token, until=until, failures=row.failures)
        for row in (leased[source_id] for source_id in chosen)
    ]


def hold(connection: Connection, claim: Claim) -> None:
    """Make sure of the claim until the transaction ends.

    Raises:
        LeaseLost: the source was claimed again, released, or moved since.

    """
    if connection.execute(_HELD, _mark(claim)).one_or_none() is None:
        raise _lost(claim)


def finish(connection: Connection, batch: Batch, state: SourceState) -> None:
    """Write the end of a poll and release the claim.

    Raises:
        LeaseLost: the source was claimed again, released, or moved since.

    """
    claim = batch.claim
    end: Values = {
        "b_next_due_at": state.next_due_at,
        "b_not_before": state.not_before,
        "b_retired": state.retired,
        "b_failures": state.failures,
        "b_error": clean(state.error),
        "b_last_polled_at": batch.now,
        "b_last_ok_at": batch.now,
    }
    if not connection.execute(_FAIL if state.error else _FINISH, _mark(claim) | end).rowcount:
        raise _lost(claim)
    learned: Values = {}
    if state.title is not None:
        learned["own_title"] = clean(state.title)
    if state.habits is not None:
        learned["habits"] = habits_values(state.habits)
    if state.vitals is not None:
        learned["vitals"] = vitals_values(state.vitals)
    if state.server is not None:
        learned["server"] = state.server
    if learned:
        connection.execute(update(sources).where(sources.c.id == claim.source_id).values(learned))
    if state.for_server and state.not_before is not None:
        connection.execute(_REST, {"b_id": claim.source_id, "b_until": state.not_before})


def _mark(claim: Claim) -> Values:
    return {"b_id": claim.source_id, "b_token": claim.token}


def _lost(claim: Claim) -> LeaseLost:
    return LeaseLost(
        f"source {claim.source_id}: the lease was lost before the work was saved; nothing of it was written, "
        "the next poll does it again"
    )


def reschedule(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Set when sources are due."""
    rows = [{"b_id": source_id, "b_due": moment} for source_id, moment in due.items()]
    if rows:
        one = update(sources).where(sources.c.id == bindparam("b_id"))
        connection.execute(one.values(next_due_at=bindparam("b_due", type_=sources.c.next_due_at.type)), rows)


def revive(connection: Connection, source_id: str, now: datetime) -> bool:
    """Make a retired source due again."""
    retired = update(sources).where(sources.c.id == source_id, sources.c.retired.is_(True))
    done = connection.execute(retired.values(retired=False, next_due_at=now, failures=0, error="", not_before=None))
    return bool(done.rowcount)
