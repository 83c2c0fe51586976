"""Where hubs of sources reach us (WebSub sections 5.3 and 7): random addresses, each known to one hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from feedwatch.web.exchange import NOT_FOUND, Reply, Request, Route, text
from feedwatch.websub import CALLBACKS

PREFIX = f"/{CALLBACKS}"
#: A push holds the changed feed as a rule; more than the poll itself would read is no feed.
MAX_PUSH_BYTES = 10 * 1024 * 1024
_MAX_CHALLENGE = 2000


class Inbox(Protocol):
    """What is made of what hubs say; see `websub.HubWork`."""

    def confirm(self, path: str, parameters: Mapping[str, str]) -> str | None:
        """The challenge to send back; None when nobody asked for this."""
        ...

    def is_known(self, path: str) -> bool:
        """Whether a hub was given this callback."""
        ...

    def receive(self, path: str, signature: str, body: bytes) -> bool:
        """Take a push; False when it is not from the hub."""
        ...


def callback_route(inbox: Inbox) -> Route:
    """The route of all callbacks, for the prefix."""

    def answer(request: Request) -> Reply:
        path = request.path.removeprefix(PREFIX)
        if request.method == "POST":
            # The same answer for a right signature, a wrong one and none: a forger learns nothing (section 7.1.2).
            inbox.receive(path, request.header("x-hub-signature"), request.body)
            return text(202, "")
        try:
            challenge = inbox.confirm(path, request.parameters)
        except ValueError:
            return NOT_FOUND
        if challenge is None or len(challenge) > _MAX_CHALLENGE:
            return NOT_FOUND
        return text(200, challenge)

    def admits(path: str) -> bool:
        return inbox.is_known(path.removeprefix(PREFIX))

    return Route(handler=answer, methods=("GET", "POST"), max_body_bytes=MAX_PUSH_BYTES, admits=admits)
