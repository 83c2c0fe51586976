"""`/metrics`: figures for a monitor on this machine."""

from __future__ import annotations

from collections.abc import Callable

from feedwatch.web.exchange import NOT_FOUND, Reply, Request, Route
from feedwatch.web.representation import SAFETY


def metrics_route(render: Callable[[], bytes], content_type: str) -> Route:
    """Answers only who asks from this very machine: ids of private feeds are among the figures.

    A monitor elsewhere asks through a proxy on this machine that knows whom it lets through.
    """

    def answer(request: Request) -> Reply:
        if not request.is_local:
            return NOT_FOUND
        body = render()
        headers = [
            *SAFETY,
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        return Reply(200, body, headers)

    return Route(handler=answer)
