"""What hubs are to be told, and what sources are subscribed to."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Text, delete, select, type_coerce, update

from feedwatch.hubport import Ping, Subscription, Topic
from feedwatch.store.connecting import Database
from feedwatch.store.failures import explained
from feedwatch.store.habits import read_habits
from feedwatch.store.records import AnyRow, clean
from feedwatch.store.schema import pings, sources, subscriptions
from feedwatch.store.statements import Upsert

_PING = Upsert(pings, keep=("due_at", "attempts", "error"))
_SUBSCRIPTION = Upsert(subscriptions, keep=("pushed_at",))


class SqlHubs:
    """`ports.HubStore` over SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._database.address.name), self._database.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self._database.address.name), self._database.writing() as connection:
            yield connection

    def note_pings(self, names: Iterable[str], due_at: datetime) -> None:
        """See `ports.HubStore.note_pings`."""
        with self._writing() as connection:
            _note_pings(connection, names, due_at)

    def due_pings(self, now: datetime, limit: int) -> list[Ping]:
        """See `ports.HubStore.due_pings`."""
        with self._reading() as connection:
            return _due_pings(connection, now, limit)

    def settle_ping(self, ping: Ping, *, again_at: datetime, error: str) -> None:
        """See `ports.HubStore.settle_ping`."""
        with self._writing() as connection:
            _settle_ping(connection, ping, again_at=again_at, error=error)

    def drop_ping(self, ping: Ping) -> None:
        """See `ports.HubStore.drop_ping`."""
        with self._writing() as connection:
            _drop_ping(connection, ping)

    def topics(self) -> dict[str, Topic]:
        """See `ports.HubStore.topics`."""
        with self._reading() as connection:
            return _topics(connection)

    def subscriptions(self) -> list[Subscription]:
        """See `ports.HubStore.subscriptions`."""
        with self._reading() as connection:
            return _all_subscriptions(connection)

    def subscription_at(self, path: str) -> Subscription | None:
        """See `ports.HubStore.subscription_at`."""
        with self._reading() as connection:
            return _subscription_at(connection, path)

    def put_subscription(self, subscription: Subscription) -> None:
        """See `ports.HubStore.put_subscription`."""
        with self._writing() as connection:
            _put_subscription(connection, subscription)

    def drop_subscription(self, source_id: str) -> None:
        """See `ports.HubStore.drop_subscription`."""
        with self._writing() as connection:
            _drop_subscription(connection, source_id)

    def note_push(self, source_id: str, now: datetime) -> bool:
        """See `ports.HubStore.note_push`."""
        with self._writing() as connection:
            return _note_push(connection, source_id, now)


def _note_pings(connection: Connection, names: Iterable[str], due_at: datetime) -> None:
    """Make the files due; one that is due already keeps its time, so that many changes are one ping.

    The new mark tells a change from one that is being announced at this moment.
    """
    rows = [
        {"name": name, "mark": secrets.token_hex(8), "due_at": due_at, "attempts": 0, "error": ""}
        for name in sorted(names)
    ]
    if rows:
        connection.execute(_PING.on(connection), rows)


def _due_pings(connection: Connection, now: datetime, limit: int) -> list[Ping]:
    """Files that are due, longest overdue first."""
    query = select(pings).where(pings.c.due_at <= now).order_by(pings.c.due_at, pings.c.name).limit(limit)
    return [Ping(name=row.name, mark=row.mark, attempts=row.attempts) for row in connection.execute(query)]


def _settle_ping(connection: Connection, ping: Ping, *, again_at: datetime, error: str) -> None:
    """Forget a ping that was sent; with an error, or when the file changed meanwhile, it is due at `again_at`."""
    one = pings.c.name == ping.name
    if error:
        values = {"due_at": again_at, "attempts": ping.attempts + 1, "error": clean(error)}
        connection.execute(update(pings).where(one).values(values))
    elif not connection.execute(delete(pings).where(one, pings.c.mark == ping.mark)).rowcount:
        connection.execute(update(pings).where(one).values(due_at=again_at, attempts=0, error=""))


def _drop_ping(connection: Connection, ping: Ping) -> None:
    """Forget a ping that was not sent."""
    connection.execute(delete(pings).where(pings.c.name == ping.name))


def _topics(connection: Connection) -> dict[str, Topic]:
    """The hub that each configured source names, by source."""
    # Few sources name a hub: the others' habits need not be read.
    query = select(sources.c.id, sources.c.habits).where(
        sources.c.active.is_(True), sources.c.retired.is_(False), type_coerce(sources.c.habits, Text).contains('"hub"')
    )
    found = {row.id: read_habits(row.habits).hints for row in connection.execute(query)}
    return {
        source_id: Topic(hub=hints.hub, url=hints.topic)
        for source_id, hints in sorted(found.items())
        if hints.hub and hints.topic
    }


def _all_subscriptions(connection: Connection) -> list[Subscription]:
    """All subscriptions, by source."""
    return [_read(row) for row in connection.execute(select(subscriptions).order_by(subscriptions.c.source_id))]


def _subscription_at(connection: Connection, path: str) -> Subscription | None:
    """The subscription with a callback."""
    row = connection.execute(select(subscriptions).where(subscriptions.c.path == path)).one_or_none()
    return None if row is None else _read(row)


def _put_subscription(connection: Connection, subscription: Subscription) -> None:
    """Insert or replace a source's subscription; when it was last pushed stays."""
    topic = subscription.topic
    connection.execute(
        _SUBSCRIPTION.on(connection),
        {
            "source_id": subscription.source_id,
            "hub": topic.hub,
            "topic": topic.url,
            "path": subscription.path,
            "secret": subscription.secret,
            "state": subscription.state,
            "due_at": subscription.due_at,
            "lease_until": subscription.lease_until,
            "attempts": subscription.attempts,
            "missed": subscription.missed,
        },
    )


def _drop_subscription(connection: Connection, source_id: str) -> None:
    """Forget a source's subscription."""
    connection.execute(delete(subscriptions).where(subscriptions.c.source_id == source_id))


def _note_push(connection: Connection, source_id: str, now: datetime) -> bool:
    """Make the source due now, unless it is already; False when it is not read any more."""
    connection.execute(update(subscriptions).where(subscriptions.c.source_id == source_id).values(pushed_at=now))
    one = (sources.c.id == source_id) & sources.c.active.is_(True) & sources.c.retired.is_(False)
    connection.execute(update(sources).where(one, sources.c.next_due_at > now).values(next_due_at=now))
    return connection.scalar(select(sources.c.id).where(one)) is not None


def _read(row: AnyRow) -> Subscription:
    return Subscription(
        source_id=row.source_id,
        topic=Topic(hub=row.hub, url=row.topic),
        path=row.path,
        secret=row.secret,
        state=row.state,
        due_at=row.due_at,
        lease_until=row.lease_until,
        attempts=row.attempts,
        missed=row.missed,
    )
