"""Feeds and pages over HTTP: polite, conditional, bounded."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urldefrag, urljoin

import requests

from feedwatch.clock import Clock
from feedwatch.fetch.body import read_body
from feedwatch.fetch.decoders import ACCEPT_ENCODING
from feedwatch.fetch.dial import Deadline, Resolver, system_resolver
from feedwatch.fetch.faults import FOREIGN, Trouble, as_fetch_error, classify, status_message
from feedwatch.fetch.headers import charset, fresh_s, link, media_type, retry_after_s, validator
from feedwatch.fetch.hops import Hop, follow, send_form
from feedwatch.fetch.lanes import Lane, Lanes
from feedwatch.fetch.robots import MAX_ROBOTS_BYTES, Robots
from feedwatch.fetch.turns import Turns
from feedwatch.model import Answer, Document, Fetched, NotModified, Source, Validators
from feedwatch.urls import http_url, server_of

#: How long a server that asks for fewer requests without saying until when is left alone.
REST_S = 30 * 60.0
#: A robots.txt is read anew after so long (RFC 9309 section 2.4 allows a day).
ROBOTS_FOR = timedelta(hours=24)
# Of servers whose robots.txt is remembered.
_MANY_ROBOTS = 256

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
_ACCEPT_PAGE = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"
# 203 is a 200 that a proxy changed.
_WHOLE = frozenset({200, 203})


class HttpFetcher:
    """Fetches feeds and pages; one object serves any number of threads.

    A fetch ends within `timeout_s` whatever the server does (waiting for its turn at the server aside);
    resolving and connecting within `connect_timeout_s` for each hop. `max_bytes` bounds a body after
    decompression.
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
        self._max_bytes = max_bytes
        self._lanes = Lanes(timeout_s=timeout_s, connect_timeout_s=connect_timeout_s, resolve=resolve, tls=tls)
        self._turns = Turns(clock)
        self._robots_lock = threading.Lock()
        self._robots: dict[str, tuple[datetime, Robots]] = {}

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield the document, or NotModified when the server or the body's hash says so.

        The document's locator is the source's address without user name and password; the validators in
        `known` are looked up under it. `source.moved_to` is asked in its place. `source.allow_private`
        holds for all hops of a redirect.

        Raises:
            FetchError: nothing usable came; `retry_after_s` tells what the server asked for.

        """
        locator, url = http_url(source.locator), http_url(source.moved_to or source.locator)
        if locator is None or url is None:
            raise as_fetch_error(source.locator, Trouble("address", "not an http(s) address"))
        locator, url = urldefrag(locator).url, urldefrag(url).url
        try:
            fetched = self._fetch(source, locator, url, known.get(locator, Validators()))
        except Trouble as trouble:
            raise as_fetch_error(source.locator, trouble) from None
        except FOREIGN as error:
            # The libraries' messages may hold secrets of the address.
            raise as_fetch_error(source.locator, classify(error)) from None
        yield fetched

    def requests_today(self) -> dict[str, int]:
        """How many requests this process sent each server ("host:port") since midnight (UTC)."""
        return self._turns.requests_today()

    def post(self, url: str, fields: Mapping[str, str], allow_private: bool = False) -> int:
        """Send form fields and return the status of the answer, whose body is not read.

        307 and 308 are followed as a GET's redirects are, each hop checked; other redirects are an answer.

        Raises:
            FetchError: no answer came, or the address may not be reached.

        """
        target = http_url(url)
        if target is None:
            raise as_fetch_error(url, Trouble("address", "not an http(s) address"))
        source = Source(
            id="hub", kind="feed", locator=target, title="hub", interval_s=3600, allow_private=allow_private
        )
        try:
            return send_form(self._lanes.of(source), self._turns, source, fields, {"User-Agent": self._user_agent})
        except Trouble as trouble:
            raise as_fetch_error(url, trouble) from None
        except FOREIGN as error:
            raise as_fetch_error(url, classify(error)) from None

    def close(self) -> None:
        """Close idle connections. A fetch under way in another thread ends by itself, in time."""
        self._lanes.close()

    def _fetch(self, source: Source, locator: str, url: str, known: Validators) -> Fetched:
        lane = self._lanes.of(source)
        headers = self._headers(source, known)

        def allowed(target: str) -> None:
            # A feed that a person named is meant to be read by programs; pages are not.
            if source.kind == "page":
                self._check_robots(lane, source, target)

        with follow(lane, self._turns, source, url, headers, allowed=allowed) as hop:
            status = hop.response.status_code
            if status == HTTPStatus.NOT_MODIFIED and (known.etag or known.last_modified):
                return self._not_modified(hop, locator, known)
            if status in _WHOLE or (status == HTTPStatus.IM_USED and "A-IM" in headers):
                return self._document(hop, source, lane.deadline, locator=locator, known=known)
            raise self._refused(hop)

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

    def _document(self, hop: Hop, source: Source, deadline: Deadline, *, locator: str, known: Validators) -> Fetched:
        response = hop.response
        body = read_body(response, max_bytes=self._max_bytes, deadline=deadline)
        fresh = _validators(response, Validators(body_hash=hashlib.sha256(body).hexdigest()))
        if fresh.body_hash == known.body_hash:
            return NotModified(
                locator=locator,
                validators=None if fresh == known else fresh,
                answer=self._answer(hop),
                in_full=not (fresh.etag or fresh.last_modified),
            )
        content_type = response.headers.get("Content-Type", "")
        return Document(
            source_id=source.id,
            locator=locator,
            url=hop.url,
            body=body,
            media_type=media_type(content_type),
            charset=charset(content_type),
            fetched_at=self._clock.now(),
            validators=fresh,
            answer=self._answer(hop),
        )

    def _not_modified(self, hop: Hop, locator: str, known: Validators) -> NotModified:
        response = hop.response
        if not response.raw.chunked:
            # There is no body, whatever the headers say: the connection can be used again.
            response.raw.drain_conn()
        fresh = _validators(response, known)
        return NotModified(locator=locator, validators=None if fresh == known else fresh, answer=self._answer(hop))

    def _answer(self, hop: Hop) -> Answer:
        headers = hop.response.headers
        links = hop.response.raw.headers.getlist("Link")
        return Answer(
            fresh_s=fresh_s(
                headers.get("Cache-Control", ""),
                expires=headers.get("Expires", ""),
                date=headers.get("Date", ""),
                age=headers.get("Age", ""),
                now=self._clock.now(),
            ),
            moved_to=hop.moved_to,
            is_delta=hop.response.status_code == HTTPStatus.IM_USED,
            hub=link(links, "hub", hop.url),
            topic=link(links, "self", hop.url),
        )

    def _refused(self, hop: Hop) -> Trouble:
        """The error of a status that brings no document; its body is never read."""
        status, headers = hop.response.status_code, hop.response.headers
        wait_s = retry_after_s(headers.get("Retry-After", ""), date=headers.get("Date", ""), now=self._clock.now())
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._turns.rest(server_of(hop.url), REST_S if wait_s is None else wait_s)
        return Trouble("http", status_message(status), status=status, retry_after_s=wait_s)

    # --- robots.txt, for pages

    def _check_robots(self, lane: Lane, source: Source, url: str) -> None:
        """Raise unless the page's server lets us read it.

        Raises:
            Trouble: it does not, or does not say whether it does (RFC 9309 section 2.3.1).

        """
        server, now = urljoin(url, "/robots.txt"), self._clock.now()
        with self._robots_lock:
            read_at, robots = self._robots.get(server, (now, None))
        if robots is None or now - read_at >= ROBOTS_FOR:
            robots = self._read_robots(lane, source, server)
            with self._robots_lock:
                if len(self._robots) >= _MANY_ROBOTS:
                    self._robots.clear()
                self._robots[server] = (now, robots)
        if not robots.allows(url):
            raise Trouble("robots", "the robots.txt of the site does not allow it; look for a feed, or ask the site")

    def _read_robots(self, lane: Lane, source: Source, url: str) -> Robots:
        headers = {
            "User-Agent": self._user_agent,
            "Accept": "text/plain, */*;q=0.5",
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        body = b""
        try:
            with follow(lane, self._turns, source, url, headers) as hop:
                status = hop.response.status_code
                if status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise self._refused(hop)
                _check_robots_status(status)
                if status in _WHOLE:
                    body = read_body(hop.response, max_bytes=MAX_ROBOTS_BYTES, deadline=lane.deadline, cut=True)
        except Trouble as trouble:
            # Behind too many redirects there is no robots.txt (section 2.3.1.2).
            if trouble.reason != "redirect":
                raise
        return Robots(body, self._user_agent.partition("/")[0])


def _validators(response: requests.Response, base: Validators) -> Validators:
    """`base` with the validators that the server sent; the first of several headers counts."""
    etag = validator(next(iter(response.raw.headers.getlist("ETag")), None))
    modified = validator(next(iter(response.raw.headers.getlist("Last-Modified")), None))
    return replace(base, etag=etag or base.etag, last_modified=modified or base.last_modified)


def _check_robots_status(status: int) -> None:
    """Refuse everything while robots.txt cannot be had for a fault of the server (section 2.3.1.4).

    Raises:
        Trouble: it is so.

    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Trouble("http", f"its robots.txt cannot be read: {status_message(status)}", status=status)
