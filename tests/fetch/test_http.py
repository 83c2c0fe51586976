from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.headers import MAX_RETRY_AFTER_S
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Document, Fetched, NotModified, Source, Validators
from tests.webserver import Answer, WebServer, compressed, conditional

BODY = b"<rss><channel><title>Niger</title></channel></rss>"


def feed_at(url: str, **changes: Any) -> Source:
    settings = {"kind": "feed", "allow_private": True, **changes}
    return Source(id="s", locator=url, title="s", interval_s=3600, **settings)


def fetch_one(fetcher: HttpFetcher, url: str, known: Mapping[str, Validators] | None = None, **changes: Any) -> Fetched:
    (fetched,) = fetcher.fetch(feed_at(url, **changes), known or {})
    return fetched


def document(fetcher: HttpFetcher, url: str, **changes: Any) -> Document:
    fetched = fetch_one(fetcher, url, **changes)
    assert isinstance(fetched, Document)
    return fetched


def fails(fetcher: HttpFetcher, url: str, known: Mapping[str, Validators] | None = None, **changes: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch_one(fetcher, url, known, **changes)
    return caught.value


# --- what is asked and what comes back --------------------------------------------------------------


def test_a_document_carries_what_the_transport_said(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script(
        "/feed?a=1",
        Answer(
            body=BODY,
            headers={
                "Content-Type": "Application/RSS+XML; charset=ISO-8859-15",
                "ETag": 'W/"x"',
                "Last-Modified": "yesterday, they say",
            },
        ),
    )
    assert document(fetcher, url) == Document(
        source_id="s",
        locator=url,
        url=url,
        body=BODY,
        media_type="application/rss+xml",
        charset="iso-8859-15",
        fetched_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        validators=Validators(
            etag='W/"x"', last_modified="yesterday, they say", body_hash=hashlib.sha256(BODY).hexdigest()
        ),
    )


def test_the_first_request_is_one_unconditional_plain_get(server: WebServer, fetcher: HttpFetcher) -> None:
    document(fetcher, server.script("/feed", Answer(body=BODY)))
    (request,) = server.requests
    assert request.method == "GET"
    assert request.path == "/feed"
    assert [name for name, _ in request.headers] == ["Host", "User-Agent", "Accept", "Accept-Encoding"]
    assert request.header("User-Agent") == "feedwatch/1.0 (+https://example.org/)"
    assert request.header("Accept-Encoding") == "gzip, deflate, br, zstd"


@pytest.mark.parametrize("kind", ["atom+xml", "rss+xml", "rdf+xml", "feed+json", "xml"])
def test_accept_names_the_feed_types(server: WebServer, fetcher: HttpFetcher, kind: str) -> None:
    document(fetcher, server.script("/feed", Answer(body=BODY)))
    assert f"application/{kind}" in (server.requests[0].header("Accept") or "")


def test_a_page_is_asked_for_as_html(server: WebServer, fetcher: HttpFetcher) -> None:
    document(fetcher, server.script("/", Answer(body=BODY)), kind="page")
    assert (server.requests[-1].header("Accept") or "").startswith("text/html")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_decoded(server: WebServer, fetcher: HttpFetcher, encoding: Any) -> None:
    url = server.script("/", Answer(body=compressed(encoding, BODY), headers={"Content-Encoding": encoding}))
    assert document(fetcher, url).body == BODY


def test_deflate_without_its_header_is_decoded_too(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=compressed("raw-deflate", BODY), headers={"Content-Encoding": "deflate"}))
    assert document(fetcher, url).body == BODY


def test_gzip_in_several_members_with_padding_is_read_whole(server: WebServer, fetcher: HttpFetcher) -> None:
    packed = compressed("gzip", BODY) + compressed("gzip", BODY) + b"\0" * 100
    url = server.script("/", Answer(body=packed, headers={"Content-Encoding": "x-gzip"}))
    assert document(fetcher, url).body == BODY * 2


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_in_tiny_chunks_are_decoded(server: WebServer, fetcher: HttpFetcher, encoding: Any) -> None:
    packed = compressed(encoding, BODY)
    url = server.script("/", Answer(body=packed, headers={"Content-Encoding": encoding}, chunk_bytes=1))
    assert document(fetcher, url).body == BODY


def test_zstd_in_several_frames_is_read_whole(server: WebServer, fetcher: HttpFetcher) -> None:
    packed = compressed("zstd", BODY) + compressed("zstd", BODY)
    url = server.script("/", Answer(body=packed, headers={"Content-Encoding": "zstd"}, chunk_bytes=7))
    assert document(fetcher, url).body == BODY * 2


def test_a_body_without_a_length_ends_with_the_connection(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY, content_length=None, close=True))
    assert document(fetcher, url).body == BODY


# --- conditional requests ---------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak"', "no quotes", '"caf\u00e9"', '"a", "b"'])
@pytest.mark.parametrize("modified", ["Sat, 31 Jan 2026 10:00:00 GMT", "0", "not a date at all"])
def test_validators_are_echoed_byte_for_byte(server: WebServer, fetcher: HttpFetcher, etag: str, modified: str) -> None:
    url = server.script("/", Answer(body=BODY, headers={"ETag": etag, "Last-Modified": modified}), Answer(status=304))
    first = document(fetcher, url)
    second = fetch_one(fetcher, url, {first.locator: first.validators})
    assert server.requests[1].header("If-None-Match") == etag
    assert server.requests[1].header("If-Modified-Since") == modified
    assert second == NotModified(locator=url)


def test_no_validator_is_invented(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY), Answer(body=BODY + b" "))
    first = document(fetcher, url)
    assert (first.validators.etag, first.validators.last_modified) == (None, None)
    fetch_one(fetcher, url, {first.locator: first.validators})
    assert server.requests[1].header("If-None-Match") is None
    assert server.requests[1].header("If-Modified-Since") is None


def test_304_with_another_validator_replaces_only_that_one(server: WebServer, fetcher: HttpFetcher) -> None:
    known = Validators(etag='"1"', last_modified="then", body_hash="h")
    url = server.script("/", Answer(status=304, headers={"ETag": '"2"'}))
    fetched = fetch_one(fetcher, url, {url: known})
    assert fetched == NotModified(locator=url, validators=Validators(etag='"2"', last_modified="then", body_hash="h"))


def test_an_unchanged_body_is_not_modified_and_brings_the_new_validator(
    server: WebServer, fetcher: HttpFetcher
) -> None:
    url = server.script("/", Answer(body=BODY, headers={"ETag": '"1"'}), Answer(body=BODY, headers={"ETag": '"2"'}))
    first = document(fetcher, url)
    second = fetch_one(fetcher, url, {url: first.validators})
    assert second == NotModified(
        locator=url, validators=Validators(etag='"2"', body_hash=hashlib.sha256(BODY).hexdigest())
    )


def test_an_unchanged_body_with_the_same_validators_has_nothing_to_store(
    server: WebServer, fetcher: HttpFetcher
) -> None:
    url = server.script("/", Answer(body=BODY, headers={"ETag": '"1"'}))
    first = document(fetcher, url)
    assert fetch_one(fetcher, url, {url: first.validators}) == NotModified(locator=url)


def test_a_changed_body_drops_validators_that_the_server_gave_up(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY, headers={"ETag": '"1"'}), Answer(body=b"new"))
    first = document(fetcher, url)
    second = fetch_one(fetcher, url, {url: first.validators})
    assert isinstance(second, Document)
    assert second.validators == Validators(body_hash=hashlib.sha256(b"new").hexdigest())


def test_304_without_a_condition_is_an_error_and_not_a_silent_source(server: WebServer, fetcher: HttpFetcher) -> None:
    error = fails(fetcher, server.script("/", Answer(status=304)), {})
    assert (error.reason, error.status) == ("http", 304)


def test_a_delta_is_asked_for_with_an_etag_and_taken(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(status=226, body=b"<delta/>", headers={"ETag": '"2"', "IM": "feed"}))
    fetched = fetch_one(fetcher, url, {url: Validators(etag='"1"')})
    assert server.requests[0].header("A-IM") == "feed"
    assert isinstance(fetched, Document)
    assert fetched.body == b"<delta/>"


def test_a_delta_that_was_not_asked_for_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(status=226, body=b"<delta/>"))
    assert fails(fetcher, url).status == 226
    assert server.requests[0].header("A-IM") is None


def test_a_connection_is_kept_between_304s(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", conditional(BODY, etag='"1"'))
    first = document(fetcher, url)
    for _ in range(3):
        assert fetch_one(fetcher, url, {url: first.validators}) == NotModified(locator=url)
    assert len({request.connection for request in server.requests}) == 1


# --- errors of the server ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (204, "HTTP 204 No Content"),
        (206, "HTTP 206 Partial Content"),
        (300, "HTTP 300 Multiple Choices"),
        (401, "HTTP 401 Unauthorized"),
        (404, "HTTP 404 Not Found"),
        (410, "HTTP 410 Gone"),
        (500, "HTTP 500 Internal Server Error"),
        (503, "HTTP 503 Service Unavailable"),
        (599, "HTTP 599"),
        (999, "HTTP 999"),
    ],
)
def test_a_status_without_a_document_is_an_error_in_words(
    server: WebServer, fetcher: HttpFetcher, status: int, message: str
) -> None:
    url = server.script("/", Answer(status=status, content_length=None if status == 204 else "true"))
    error = fails(fetcher, url)
    assert (error.reason, error.status, error.message) == ("http", status, message)
    assert error.retry_after_s is None


@pytest.mark.parametrize("status", [403, 429, 503])
def test_retry_after_in_seconds_is_passed_on(server: WebServer, fetcher: HttpFetcher, status: int) -> None:
    url = server.script("/", Answer(status=status, headers={"Retry-After": "1800"}))
    assert fails(fetcher, url).retry_after_s == 1800


def test_retry_after_as_a_date_is_passed_on(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(status=503, headers={"Retry-After": "Sat, 31 Jan 2026 14:00:00 GMT"}))
    assert fails(fetcher, url).retry_after_s == timedelta(hours=2).total_seconds()


def test_an_absurd_retry_after_is_capped(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(status=429, headers={"Retry-After": "999999999999"}))
    assert fails(fetcher, url).retry_after_s == MAX_RETRY_AFTER_S


def test_the_servers_own_words_never_reach_the_message(server: WebServer, fetcher: HttpFetcher) -> None:
    raw = b"HTTP/1.1 500 \x1b[31mOops\x1b[0m\r\nContent-Length: 0\r\n\r\n"
    assert fails(fetcher, server.script("/", Answer(raw=raw))).message == "HTTP 500 Internal Server Error"


def test_nonsense_in_place_of_http_is_an_error_that_a_terminal_can_show(
    server: WebServer, fetcher: HttpFetcher
) -> None:
    error = fails(fetcher, server.script("/", Answer(raw=b"220 \x1b[2Jsmtp ready\r\n" * 3)))
    assert error.reason == "http"
    assert "not proper HTTP" in error.message
    assert "\x1b" not in error.message


def test_a_server_that_hangs_up_at_once_is_an_error(server: WebServer, fetcher: HttpFetcher) -> None:
    error = fails(fetcher, server.script("/", Answer(raw=b"")))
    assert (error.reason, error.message) == ("network", "the server closed the connection")


def test_an_idle_connection_that_the_server_closed_is_replaced(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY, close_silently=True), Answer(body=BODY + b"2"))
    document(fetcher, url)
    assert document(fetcher, url).body == BODY + b"2"
    assert len({request.connection for request in server.requests}) == 2


def test_a_kept_connection_that_breaks_at_the_next_request_is_tried_once_anew(
    server: WebServer, fetcher: HttpFetcher
) -> None:
    url = server.script("/", Answer(body=BODY), Answer(raw=b""), Answer(body=BODY + b"2"))
    document(fetcher, url)
    assert document(fetcher, url).body == BODY + b"2"
    assert len(server.requests) == 3


# --- nothing leaks, nothing sticks ------------------------------------------------------------------


def test_cookies_are_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY, headers={"Set-Cookie": "id=1; Path=/"}), Answer(body=BODY))
    document(fetcher, url)
    document(fetcher, url)
    assert [request.header("Cookie") for request in server.requests] == [None, None]


def test_settings_of_the_environment_are_ignored(
    server: WebServer, fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    document(fetcher, server.script("/", Answer(body=BODY)))
    assert server.requests[0].header("Authorization") is None


def test_a_login_in_the_address_is_sent_as_basic_authentication_and_shown_nowhere(
    server: WebServer, fetcher: HttpFetcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script("/", Answer(body=BODY), Answer(status=401))
    url = server.url("/", login="me:s%C3%A9cret@")
    found = document(fetcher, url)
    assert server.requests[0].header("Authorization") == "Basic bWU6c8OpY3JldA=="
    assert found.locator == found.url == server.url("/")
    error = fails(fetcher, url)
    assert "cret" not in f"{error} {error.locator} {caplog.text} {found}"


def test_secrets_of_the_query_are_not_in_the_error(server: WebServer, fetcher: HttpFetcher) -> None:
    error = fails(fetcher, server.url("/missing?token=hidden&page=2"))
    assert "hidden" not in str(error)
    assert server.paths() == ["/missing?token=hidden&page=2"]
    assert error.__cause__ is None


@pytest.mark.parametrize("locator", ["", "ftp://example.org/", "file:///etc/passwd", "http://", "javascript:1", "//x"])
def test_what_is_no_web_address_is_refused(fetcher: HttpFetcher, locator: str) -> None:
    assert fails(fetcher, locator).reason == "address"


def test_a_fragment_stays_at_home(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY))
    assert document(fetcher, f"{url}#top").locator == url


# --- threads ----------------------------------------------------------------------------------------


def test_one_fetcher_serves_many_threads(server: WebServer, clock: Clock) -> None:
    url = server.script("/", Answer(body=BODY))
    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=5)
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(document(fetcher, url).body)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [BODY] * 8
    fetcher.close()


def test_close_can_be_called_twice_and_leaves_the_fetcher_usable(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/", Answer(body=BODY))
    document(fetcher, url)
    fetcher.close()
    fetcher.close()
    assert document(fetcher, url).body == BODY


# --- hubs -----------------------------------------------------------------------------------------------


def test_the_hub_of_a_document_is_in_its_link_headers(server: WebServer, fetcher: HttpFetcher) -> None:
    links = '<https://hub.example/>; rel="hub", </feed>; rel="self"'
    answer = document(fetcher, server.script("/feed", Answer(body=BODY, headers={"Link": links}))).answer
    assert (answer.hub, answer.topic) == ("https://hub.example/", server.url("/feed"))


def test_a_form_is_posted_and_only_its_status_is_read(server: WebServer, fetcher: HttpFetcher) -> None:
    url = server.script("/hub", Answer(status=202, body=b"x" * 100_000))
    assert fetcher.post(url, {"hub.mode": "publish", "hub.url": "https://a/?b=c&d"}, True) == 202
    (request,) = server.requests
    assert request.method == "POST"
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"


def test_a_form_follows_where_it_is_to_be_repeated_and_nowhere_else(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/new", Answer(status=204))
    server.script("/old", Answer(status=307, headers={"Location": "/new"}))
    server.script("/seen", Answer(status=303, headers={"Location": "/new"}))
    server.script("/round", Answer(status=308, headers={"Location": "/round"}))
    assert fetcher.post(server.url("/old"), {"a": "b"}, True) == 204
    assert fetcher.post(server.url("/seen"), {"a": "b"}, True) == 303
    with pytest.raises(FetchError, match="circle"):
        fetcher.post(server.url("/round"), {"a": "b"}, True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/", "file:///etc/passwd", "http://[::1]/"]
)
def test_a_form_is_not_posted_to_private_addresses(fetcher: HttpFetcher, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.post(url, {"a": "b"})
    assert caught.value.reason == "address"
