"""Feeds and pages over HTTP: polite, conditional, bounded."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urldefrag, urlsplit

import requests

from feedwatch.clock import Clock
from feedwatch.fetch.body import ACCEPT_ENCODING, read_body
from feedwatch.fetch.dial import Deadline, Dialer, Resolver, TimedTLSSocket, system_resolver
from feedwatch.fetch.faults import FOREIGN, Trouble, as_fetch_error, classify, status_message
from feedwatch.fetch.headers import charset, media_type, retry_after_s, validator
from feedwatch.fetch.transport import open_session, tls_context
from feedwatch.model import Document, Fetched, NotModified, Source, Validators
from feedwatch.urls import http_url, redact

#: For one document, redirects included.
MAX_REQUESTS = 5

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
_ACCEPT_PAGE = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 203 is a 200 that a proxy changed.
_WHOLE = frozenset({200, 203})


@dataclass(frozen=True, slots=True)
class _Login:
    """User name and password of a configured URL, bound to the place they were written for."""

    origin: tuple[str, str, int]
    header: str


class _Lane:
    """What one thread uses for one kind of sources: a session and the deadline of its sockets."""

    def __init__(self, dialer: Dialer, tls: ssl.SSLContext) -> None:
        self.dialer = dialer
        self.deadline = dialer.deadline
        self.session = open_session(dialer, tls)


class HttpFetcher:
    """Fetches feeds and pages; one object serves any number of threads.

    A fetch ends within `timeout_s` whatever the server does; resolving and connecting within
    `connect_timeout_s` for each hop. `max_bytes` bounds a body after decompression.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        timeout_s: float = 20,
        connect_timeout_s: float = 5,
        max_bytes: int = 10 * 1024 * 1024,
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._clock = clock
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._max_bytes = max_bytes
        self._resolve = resolve
        self._tls = tls
        self._lock = threading.Lock()
        self._local = threading.local()
        # Weak: a thread that ends takes its session along.
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield the document, or NotModified when the server or the body's hash says so.

        The document's locator is the source's address without user name and password; the validators in
        `known` are looked up under it. `source.allow_private` holds for all hops of a redirect.

        Raises:
            FetchError: nothing usable came; `retry_after_s` tells what the server asked for.

        """
        url = http_url(source.locator)
        if url is None:
            raise as_fetch_error(source.locator, Trouble("address", "not an http(s) address"))
        url = urldefrag(url).url
        try:
            fetched = self._fetch(source, url, known.get(url, Validators()))
        except Trouble as trouble:
            raise as_fetch_error(source.locator, trouble) from None
        except FOREIGN as error:
            # The libraries' messages may hold secrets of the address.
            raise as_fetch_error(source.locator, classify(error)) from None
        yield fetched

    def close(self) -> None:
        """Close idle connections. A fetch under way in another thread ends by itself, in time."""
        with self._lock:
            sessions = list(self._sessions)
            self._sessions.clear()
            self._local = threading.local()
        for session in sessions:
            session.close()

    def _lane(self, *, allow_private: bool) -> _Lane:
        """The thread's lane; private addresses have their own, so that connections are never mixed."""
        lanes: dict[bool, _Lane] = self._local.__dict__.setdefault("lanes", {})
        if allow_private not in lanes:
            dialer = Dialer(
                deadline=Deadline(self._timeout_s),
                connect_timeout_s=self._connect_timeout_s,
                allow_private=allow_private,
                resolve=self._resolve,
            )
            with self._lock:
                # Reading the authorities takes a while: once, and only when something is fetched.
                self._tls = self._tls or tls_context()
                self._tls.sslsocket_class = TimedTLSSocket
                lanes[allow_private] = _Lane(dialer, self._tls)
                self._sessions.add(lanes[allow_private].session)
        return lanes[allow_private]

    def _fetch(self, source: Source, url: str, known: Validators) -> Fetched:
        lane = self._lane(allow_private=source.allow_private)
        lane.deadline.start()
        headers = self._headers(source, known)
        response, final_url = _follow(lane, url, headers, _login(source.locator))
        with closing(response):
            status = response.status_code
            if status == HTTPStatus.NOT_MODIFIED and (known.etag or known.last_modified):
                return _not_modified(response, url, known)
            if status in _WHOLE or (status == HTTPStatus.IM_USED and "A-IM" in headers):
                return self._document(lane, source, response, url=url, final_url=final_url, known=known)
            raise self._refused(response)

    def _headers(self, source: Source, known: Validators) -> dict[str, str]:
        headers = {
            "User-Agent": self._user_agent,
            "Accept": _ACCEPT_PAGE if source.kind == "page" else _ACCEPT_FEED,
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        if known.etag:
            headers["If-None-Match"] = known.etag
            if source.kind == "feed":
                # A delta holds the entries that are new since our ETag (RFC 3229); what it leaves out stays.
                headers["A-IM"] = "feed"
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return headers

    def _document(
        self, lane: _Lane, source: Source, response: requests.Response, *, url: str, final_url: str, known: Validators
    ) -> Fetched:
        body = read_body(response, max_bytes=self._max_bytes, deadline=lane.deadline)
        fresh = _validators(response, Validators(body_hash=hashlib.sha256(body).hexdigest()))
        if fresh.body_hash == known.body_hash:
            return NotModified(locator=url, validators=None if fresh == known else fresh)
        content_type = response.headers.get("Content-Type", "")
        return Document(
            source_id=source.id,
            locator=url,
            url=final_url,
            body=body,
            media_type=media_type(content_type),
            charset=charset(content_type),
            fetched_at=self._clock.now(),
            validators=fresh,
        )

    def _refused(self, response: requests.Response) -> Trouble:
        """The error of a status that brings no document; its body is never read."""
        wait_s = retry_after_s(
            response.headers.get("Retry-After", ""),
            date=response.headers.get("Date", ""),
            now=self._clock.now(),
        )
        status = response.status_code
        return Trouble("http", status_message(status), status=status, retry_after_s=wait_s)


def _follow(lane: _Lane, url: str, headers: Mapping[str, str], login: _Login | None) -> tuple[requests.Response, str]:
    """The first answer that is no redirect, and where it came from; no body is read."""
    seen: list[str] = []
    while len(seen) < MAX_REQUESTS:
        seen.append(url)
        with_login = {**headers, "Authorization": login.header} if login and login.origin == _origin(url) else headers
        response = _send(lane, requests.Request("GET", url, headers=dict(with_login)))
        if response.status_code not in _REDIRECTS:
            return response, url
        response.close()
        url = _target(response, url)
        if url in seen:
            raise Trouble("redirect", f"redirects in a circle ({redact(url)}); perhaps the site insists on cookies")
    raise Trouble("redirect", f"redirects more than {MAX_REQUESTS - 1} times")


def _send(lane: _Lane, request: requests.Request) -> requests.Response:
    """Send one request; once more when an idle connection turns out to be closed by the server."""
    prepared = lane.session.prepare_request(request)
    opened = lane.dialer.opened
    try:
        return _send_once(lane, prepared)
    except requests.ConnectionError:
        if lane.dialer.opened != opened:
            raise
        return _send_once(lane, prepared)


def _send_once(lane: _Lane, prepared: requests.PreparedRequest) -> requests.Response:
    return lane.session.send(prepared, stream=True, allow_redirects=False, timeout=lane.deadline.remaining_s())


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


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _login(locator: str) -> _Login | None:
    """The login written into a configured URL, as Basic authentication (RFC 7617, UTF-8)."""
    parts = urlsplit(locator)
    if not parts.username and not parts.password:
        return None
    pair = unquote_to_bytes(parts.username or "") + b":" + unquote_to_bytes(parts.password or "")
    return _Login(origin=_origin(locator), header=f"Basic {base64.b64encode(pair).decode('ascii')}")


def _not_modified(response: requests.Response, url: str, known: Validators) -> NotModified:
    if not response.raw.chunked:
        # There is no body, whatever the headers say: the connection can be used again.
        response.raw.drain_conn()
    fresh = _validators(response, known)
    return NotModified(locator=url, validators=None if fresh == known else fresh)


def _validators(response: requests.Response, base: Validators) -> Validators:
    """`base` with the validators that the server sent; the first of several headers counts."""
    etag = validator(next(iter(response.raw.headers.getlist("ETag")), None))
    modified = validator(next(iter(response.raw.headers.getlist("Last-Modified")), None))
    return replace(base, etag=etag or base.etag, last_modified=modified or base.last_modified)
