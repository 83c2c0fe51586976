"""Hubs (WebSub) as they are remembered: the nouns, and the seam, which is a part of `ports.Store`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a hub is asked about."""

    hub: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A source that its hub is to tell us of."""

    source_id: str
    topic: Topic
    #: The end of the callback's address, which only the hub knows.
    path: str
    #: Signs what the hub sends.
    secret: str
    state: Literal["wanted", "active", "leaving"]
    #: When something is to be done about it: asked again, renewed, given up.
    due_at: datetime
    #: None while the hub did not verify it.
    lease_until: datetime | None = None
    #: How often the hub was asked since it last verified.
    attempts: int = 0
    #: Leases in a row that were not renewed in time.
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A published file that our hub is to be told of; `mark` differs after each change."""

    name: str
    mark: str
    attempts: int


class HubStore(Protocol):
    """What is remembered of hubs (WebSub); safe and whole as a `Store` is."""

    def note_pings(self, names: Iterable[str], due_at: datetime) -> None:
        """Let our hub be told of published files at `due_at`; what waits already keeps its time."""
        ...

    def due_pings(self, now: datetime, limit: int) -> list[Ping]:
        """At most `limit` files that are due, longest overdue first."""
        ...

    def settle_ping(self, ping: Ping, *, again_at: datetime, error: str) -> None:
        """Forget a ping that was sent ("" as error) unless its file changed meanwhile; else it is due again."""
        ...

    def drop_ping(self, ping: Ping) -> None:
        """Forget a ping that was not sent."""
        ...

    def topics(self) -> dict[str, Topic]:
        """The hub that each configured source names, and under which address, by source."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions, by source."""
        ...

    def subscription_at(self, path: str) -> Subscription | None:
        """The subscription whose callback ends in `path`."""
        ...

    def put_subscription(self, subscription: Subscription) -> None:
        """Insert or replace the subscription of a source."""
        ...

    def drop_subscription(self, source_id: str) -> None:
        """Forget the subscription of a source."""
        ...

    def note_push(self, source_id: str, now: datetime) -> bool:
        """Make a source due now because its hub says so; False when it is not read any more."""
        ...
