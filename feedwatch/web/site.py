"""The read-only site that feed readers subscribe to: an ASGI application that answers from memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from feedwatch.web.catalogue import OWN_NAMES, Catalogue, FileName, file_name
from feedwatch.web.clients import Clients
from feedwatch.web.exchange import NOT_FOUND, PREFLIGHT, Reply, Request, Route, text
from feedwatch.web.files import NEGOTIATED, FeedFolder
from feedwatch.web.negotiate import joined, prefers_page
from feedwatch.web.representation import CORS, Headers, Representation

log = logging.getLogger(__name__)

#: What one write hands to a connection: a slow client holds no more than that of a body twice.
_PIECE_BYTES = 64 * 1024
_ALLOW = (b"allow", b"GET, HEAD, OPTIONS")

_LONG = "public, max-age=3600"
#: Archive documents never change; one that was withdrawn has a successor under another name.
REPLACED = text(410, "This page of the archive was replaced; its feed leads to the new one.\n", *CORS, cache=_LONG)
GONE = text(410, "This feed is not published any more.\n", *CORS, cache=_LONG)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
#: An application of the Asynchronous Server Gateway Interface.
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Answers under a path that begins with the prefix it stands under.
Prefixes = Mapping[str, Route]


class Site:
    """Feed files under their names, routes under theirs; everything else is 404.

    `routes` are exact paths; `prefixes` end in "/". `is_gone` tells of files that were published once.
    Handlers run in threads, so that none holds up a feed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        folder: FeedFolder,
        *,
        routes: Mapping[str, Route],
        prefixes: Prefixes | None = None,
        is_gone: Callable[[str], bool] = lambda _name: False,
        clients: Clients | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.clients = clients or Clients()
        self._folder = folder
        self._is_gone = is_gone
        self.routes = dict(routes)
        self.prefixes = dict(prefixes or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        try:
            if method in ("GET", "HEAD"):
                # The way of nearly every request.
                found = self._known(path[1:], scope["headers"])
                if found is not None:
                    await _represent(found, scope["headers"], send)
                    return
            answer = await self._answer(scope, receive)
        except Exception:
            # Without the path: it may hold a token.
            log.exception("the web server failed on a request")
            answer = text(500, "Something went wrong here; the log of the server says what.\n")
        if isinstance(answer, Representation):
            await _represent(answer, scope["headers"], send)
        else:
            await _send(answer.status, answer.headers, answer.body, send)

    def _known(self, name: str, headers: Headers) -> Representation | None:
        """A public feed file that is in memory and fresh."""
        if not self._is_open(name):
            return None
        stem, _, ending = name.rpartition(".")
        if ending in NEGOTIATED and prefers_page(joined(headers, b"accept")):
            name = f"{stem}.html"
        found = self._folder.fresh(name)
        return None if found is None or found.is_private else found

    def _is_open(self, name: str) -> bool:
        """Whether the name is that of a file that everybody may read."""
        feed_id, _, _ = name.partition("." if "_" not in name else "_")
        return self.catalogue.is_public(feed_id) or name in OWN_NAMES

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | Representation:
        path = scope["path"]
        route = self.routes.get(path)
        if route is None and (end := path.find("/", 1)) > 0:
            route = self.prefixes.get(path[: end + 1])
        if route is not None:
            return await self._handle(route, scope, receive)
        named = file_name(path[1:])
        if scope["method"] == "OPTIONS":
            return PREFLIGHT if named and self._is_open(named.name) else NOT_FOUND
        if scope["method"] not in ("GET", "HEAD"):
            return text(405, "Feeds can be read and nothing else.\n", _ALLOW)
        return await self._file(named, scope["headers"]) if named else NOT_FOUND

    async def _file(self, named: FileName, headers: Headers) -> Reply | Representation:
        if self._is_open(named.name):
            found = None
            if named.ending in NEGOTIATED and prefers_page(joined(headers, b"accept")):
                found = await self._folder.load(f"{named.name.rpartition('.')[0]}.html")
            found = found or await self._folder.load(named.name)
            if found is not None and not found.is_private:
                return found
        if (new := self.catalogue.renamed.get(named.feed_id)) and not named.archive:
            location = f"{self.catalogue.base_url}{new}.{named.ending}".encode()
            return text(308, "This feed has another address now.\n", (b"location", location), *CORS, cache=_LONG)
        if await asyncio.get_running_loop().run_in_executor(None, self._is_gone, named.name):
            return REPLACED if named.archive else GONE
        return NOT_FOUND

    async def _handle(self, route: Route, scope: Scope, receive: Receive) -> Reply | Representation:
        if scope["method"] not in route.methods:
            return text(405, "This address cannot be used so.\n", (b"allow", ", ".join(route.methods).encode()))
        headers = scope["headers"]
        loop = asyncio.get_running_loop()
        body = b""
        if scope["method"] == "POST":
            if not await loop.run_in_executor(None, route.admits, scope["path"]):
                return NOT_FOUND
            taken = await _body(receive, route.max_body_bytes)
            if taken is None:
                return text(413, "That is more than is read here.\n", (b"connection", b"close"))
            body = taken
        peer = (scope.get("client") or ("", 0))[0]
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"],
            headers=headers,
            client=self.clients.address(peer, headers),
            is_local=self.clients.is_local(peer, headers),
            body=body,
        )
        return await loop.run_in_executor(None, route.handler, request)


async def _represent(found: Representation, headers: Headers, send: Send) -> None:
    """The representation, or 304 when the client has it already (RFC 9110 section 13.2.2)."""
    accept = tag = since = ""
    for name, value in headers:
        if name == b"accept-encoding":
            accept = f"{accept}, {value.decode('latin-1')}" if accept else value.decode("latin-1")
        elif name == b"if-none-match":
            tag = f"{tag}, {value.decode('latin-1')}" if tag else value.decode("latin-1")
        elif name == b"if-modified-since":
            since = value.decode("latin-1")
    if (tag or since) and (same := found.unchanged(tag, since)) is not None:
        await _send(304, same.unchanged, b"", send)
        return
    form = found.select(accept)
    await _send(200, form.headers, form.body, send)


async def _send(status: int, headers: Headers, body: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    # In pieces, so that a client that does not read holds up the next piece and not our memory.
    last = max(len(body) - 1, 0) // _PIECE_BYTES
    for place in range(last):
        piece = body[place * _PIECE_BYTES : (place + 1) * _PIECE_BYTES]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": body[last * _PIECE_BYTES :] if last else body})


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The request's body; None when it is larger than `limit` or the client went away."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)
