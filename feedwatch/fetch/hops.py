"""From an address to the answer it leads to: redirects followed by hand, each hop checked and in its turn."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urldefrag, urlsplit

import requests

from feedwatch.fetch.faults import Trouble
from feedwatch.fetch.guard import refusal
from feedwatch.fetch.lanes import Lane
from feedwatch.fetch.turns import Turns
from feedwatch.model import Source
from feedwatch.urls import http_url, redact, server_of

#: For one document, redirects included.
MAX_REQUESTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
#: The same request, body included, is to be sent again elsewhere (RFC 9110 sections 15.4.8 and 15.4.9).
_REPEATING = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class Hop:
    """The answer at the end of the redirects; its body is not read yet."""

    response: requests.Response
    url: str
    #: Where the permanent redirects at the beginning of the way lead; None without any.
    moved_to: str | None


class Own:
    """What only the source's own server may be told: login and extra headers, bound to where they belong."""

    def __init__(self, source: Source) -> None:
        self._origin = _origin(source.locator)
        self._headers = dict(source.headers)
        if (login := _login(source)) is not None:
            self._headers["Authorization"] = f"Basic {base64.b64encode(login).decode('ascii')}"

    def added(self, headers: Mapping[str, str], url: str) -> dict[str, str]:
        """The headers for a request to `url`."""
        return {**headers, **self._headers} if self._headers and _origin(url) == self._origin else dict(headers)


@contextmanager
def follow(
    lane: Lane,
    turns: Turns,
    source: Source,
    url: str,
    headers: Mapping[str, str],
    *,
    allowed: Callable[[str], None] = lambda _url: None,
) -> Iterator[Hop]:
    """The first answer that is no redirect, open inside the block; its server is nobody else's meanwhile.

    `allowed` raises for an address that may not be asked.

    Raises:
        Trouble: the way leads nowhere, in a circle, too far, or where we do not go.

    """
    own, seen, moved, permanent = Own(source), list[str](), None, True
    with ExitStack() as server:
        while len(seen) < MAX_REQUESTS:
            if not seen or server_of(url) != server_of(seen[-1]):
                server.close()
                _check_behind_proxy(source, url)
                allowed(url)
                _take_turn(server, lane, turns, source, url, first=not seen)
            seen.append(url)
            turns.count(server_of(url))
            response = lane.send(requests.Request("GET", url, headers=own.added(headers, url)))
            if response.status_code not in _REDIRECTS:
                server.enter_context(closing(response))
                yield Hop(response, url, moved)
                return
            response.close()
            url = _target(response, url)
            permanent = permanent and response.status_code in _PERMANENT
            moved = url if permanent else moved
            if url in seen:
                raise Trouble("redirect", f"redirects in a circle ({redact(url)}); perhaps the site insists on cookies")
    raise Trouble("redirect", f"redirects more than {MAX_REQUESTS - 1} times")


def send_form(lane: Lane, turns: Turns, source: Source, fields: Mapping[str, str], headers: Mapping[str, str]) -> int:
    """POST form fields to the source's locator; the status of the first answer that asks for no repetition.

    Raises:
        Trouble: the way leads nowhere, in a circle, too far, or where we do not go.

    """
    url, seen = source.locator, list[str]()
    with ExitStack() as server:
        while len(seen) < MAX_REQUESTS:
            if not seen or server_of(url) != server_of(seen[-1]):
                server.close()
                _take_turn(server, lane, turns, source, url, first=not seen)
            seen.append(url)
            with closing(
                lane.send(requests.Request("POST", url, headers=dict(headers), data=dict(fields)))
            ) as response:
                if response.status_code not in _REPEATING:
                    return response.status_code
                url = _target(response, url)
            if url in seen:
                break
    raise Trouble("redirect", "redirects in a circle, or too often")


def _take_turn(server: ExitStack, lane: Lane, turns: Turns, source: Source, url: str, *, first: bool) -> None:
    """Wait until the server is ours; the time for it is not taken from the transfer's."""
    asked_at = time.monotonic()
    patience_s = lane.deadline.timeout_s + source.spacing_s
    server.enter_context(turns.turn(server_of(url), source.spacing_s, patience_s=patience_s))
    if first:
        lane.deadline.start()
    else:
        lane.deadline.extend(time.monotonic() - asked_at)


def _check_behind_proxy(source: Source, url: str) -> None:
    """Refuse private addresses that a proxy would reach for us; names are resolved by the proxy."""
    host = (urlsplit(url).hostname or "") if source.proxy else ""
    if host.replace(".", "").isdigit() or ":" in host:
        kind = refusal(host, allow_private=source.allow_private)
        if kind:
            raise Trouble("address", f"leads to {host}, a {kind} address, which is refused")


def _target(response: requests.Response, url: str) -> str:
    """Where a redirect leads.

    Raises:
        Trouble: nowhere we go.

    """
    location = response.headers.get("Location", "")
    with suppress(UnicodeError):
        # http.client reads headers as Latin-1; what servers send beyond ASCII is UTF-8.
        location = location.encode("latin-1").decode("utf-8")
    target = http_url(location, base=url)
    if target is None:
        raise Trouble("redirect", f"redirects to an address that is not http(s) ({redact(location)[:200]})")
    target = urldefrag(target).url
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http":
        raise Trouble("redirect", f"redirects from https to http ({redact(target)}), which is refused")
    return target


def _origin(url: str) -> tuple[str, str]:
    """Scheme, host and port (RFC 6454)."""
    return urlsplit(url).scheme.lower(), server_of(url)


def _login(source: Source) -> bytes | None:
    """User name and password as Basic authentication wants them (RFC 7617, UTF-8): configured, or in the URL."""
    if source.login is not None:
        return source.login.encode()
    parts = urlsplit(source.locator)
    if not parts.username and not parts.password:
        return None
    return unquote_to_bytes(parts.username or "") + b":" + unquote_to_bytes(parts.password or "")
