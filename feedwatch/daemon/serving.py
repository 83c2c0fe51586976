"""The HTTP side: one server for the daemon's life, its site swapped at each reload."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any

from feedwatch.app import App
from feedwatch.errors import FeedwatchError
from feedwatch.metrics import CONTENT_TYPE
from feedwatch.setup import Setup
from feedwatch.upkeep import Standing
from feedwatch.web.exchange import Reply, Request, Route, text
from feedwatch.web.figures import metrics_route
from feedwatch.web.make import make_site
from feedwatch.web.server import WebServer

#: Answered here, before any site: whether the server's loop turns.
ALIVE = "/livez"
_ANSWER_WITHIN_S = 5


class DaemonSite:
    """An ASGI application that hands each request to the site in force."""

    def __init__(
        self,
        setup: Setup,
        app: App | None,
        standing: Callable[[], Standing] | None = None,
        figures: Callable[[], bytes] | None = None,
    ) -> None:
        """`app` None serves files without a store; without `standing` nobody is there to take orders from hubs.

        `figures` gives what `/metrics` shows.
        """
        self._standing = standing
        self._figures = figures
        self.swap(setup, app)

    def swap(self, setup: Setup, app: App | None) -> None:
        """Requests to come see this configuration; those that run end by the one they began with."""
        routes = {"/healthz": Route(handler=self._healthz)}
        if self._figures is not None:
            routes["/metrics"] = metrics_route(self._figures, CONTENT_TYPE)
        if app is None:
            self._site = make_site(setup.config, routes=routes)
            return
        self._site = make_site(
            setup.config,
            states=app.store.feed_states,
            is_gone=app.store.is_gone,
            inbox=app.hubs if self._standing else None,
            asking=lambda: app,
            routes=routes,
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http" and scope["path"] == ALIVE:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"ok\n"})
            return
        await self._site(scope, receive, send)

    def _healthz(self, _request: Request) -> Reply:
        """Whether the daemon does its work, and what a person should know; no address or path is named."""
        if self._standing is None:
            return text(200, "ok\n")
        standing = self._standing()
        lines = ["ok" if standing.well else "not well"]
        if standing.halted:
            lines.append("nothing is read: the store takes no writes")
        if standing.unwritten:
            lines.append("feeds cannot be written: they are served as they were")
        lines += [f"the {loop} hangs" for loop in standing.late]
        if standing.config_fault:
            lines.append("the newest configuration has faults: the last good one is in force")
        if standing.to_rejudge:
            lines.append(f"{standing.rejudged} of {standing.to_rejudge} entries judged again")
        return text(200 if standing.well else 503, "\n".join(lines) + "\n")


def answers(server: WebServer) -> bool:
    """Whether the server answers in time."""
    connection = HTTPConnection(server.host, server.port, timeout=_ANSWER_WITHIN_S)
    try:
        connection.request("GET", ALIVE)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def make_server(setup: Setup, site: DaemonSite) -> WebServer:
    """A server on the configured address, not yet started.

    Raises:
        FeedwatchError: the address cannot be bound.
    """
    config = setup.config
    try:
        return WebServer(site, config.host, config.port)
    except OSError as error:
        raise FeedwatchError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror or error}; "
            "choose another address in [server] listen, or stop what uses this one"
        ) from error
