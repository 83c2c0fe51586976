"""The owner of httptools: connections that are bounded in time, size and number, so that no client hurts another."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A request's line and headers must be there after so long, its body after so much longer.
HEAD_S = 10.0
BODY_S = 20.0
#: A client that takes nothing off a full connection for so long is gone.
STALL_S = 30.0
MAX_HEAD_BYTES = 16 * 1024
MAX_HEADERS = 64
MAX_URL_BYTES = 8 * 1024

_REASONS = {400: "Bad Request", 414: "URI Too Long", 431: "Request Header Fields Too Large"}
_WORDS = {
    400: "This is not HTTP as it should be.",
    414: "The address is too long.",
    431: "The headers are too long.",
}


class _Refused(Exception):
    """The request goes beyond a limit."""


class Connection(HttpToolsProtocol):
    """One client's connection; times are monotonic seconds, looked at by `sweep`."""

    #: Since when a request is awaited or incomplete; None while it is answered or the connection idles.
    waiting_since: float | None = None
    waiting_s = HEAD_S
    #: Since when the client takes nothing.
    stalled_since: float | None = None
    _status = 400
    #: Of the headers so far, and of what came since the last complete head.
    _head_bytes = 0
    _unread_bytes = 0
    _in_head = True

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.waiting_since = time.monotonic()

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._head_bytes = 0
        self._in_head = True
        self.waiting_s = HEAD_S

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._status = 414
            raise _Refused

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES or len(self.headers) >= MAX_HEADERS:
            self._status = 431
            raise _Refused
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Wait for the body from now on."""
        self._in_head = False
        self._unread_bytes = 0
        self.waiting_s = HEAD_S + BODY_S
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more."""
        self.waiting_since = None
        self._in_head = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take what came; what is no request any more is not read."""
        if self.transport.is_closing():
            return
        if self.waiting_since is None:
            # Whatever it is (blank lines too), it begins something that must come to an end.
            self.waiting_since = time.monotonic()
        if self._in_head:
            # The parser holds a line until it is complete, however long it is.
            self._unread_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._unread_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._status = 431
            self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, in words of ours."""
        body = _WORDS[self._status].encode() + b"\n"
        head = (
            f"HTTP/1.1 {self._status} {_REASONS[self._status]}\r\n"
            "content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def pause_writing(self) -> None:
        """The client does not take what is sent."""
        self.stalled_since = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client takes it again."""
        self.stalled_since = None
        super().resume_writing()

    def is_answering(self) -> bool:
        """Whether an answer is under way."""
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def is_overdue(self, now: float) -> bool:
        """Whether the client had its time."""
        waits = self.waiting_since is not None and now - self.waiting_since > self.waiting_s
        stalls = self.stalled_since is not None and now - self.stalled_since > STALL_S
        return waits or stalls


def sweep(connections: Iterable[Any], *, limit: int) -> None:
    """End the connections whose time is over, and with more than `limit` those that do nothing for longest."""
    now = time.monotonic()
    alive = [each for each in connections if isinstance(each, Connection) and not each.transport.is_closing()]
    for each in alive:
        if each.is_overdue(now):
            # Not close(), which would wait until the client has taken all.
            each.transport.abort()
    if len(alive) > limit:
        idle = [each for each in alive if not each.is_answering()]
        idle.sort(key=lambda each: each.waiting_since or now)
        for each in idle[: len(alive) - limit]:
            each.transport.abort()
