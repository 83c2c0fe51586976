"""Servers that lie, flood or dawdle: each ends in a clear error, in time and in little memory."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from typing import Any

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Document, Source
from tests.webserver import Answer, WebServer, compressed

MIB = 1024 * 1024


def failure(fetcher: HttpFetcher, url: str) -> FetchError:
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=True)
    with pytest.raises(FetchError) as caught:
        list(fetcher.fetch(source, {}))
    return caught.value


# --- size -------------------------------------------------------------------------------------------


def test_an_announced_length_over_the_cap_is_refused_before_reading(server: WebServer, fetcher: HttpFetcher) -> None:
    error = failure(fetcher, server.script("/", Answer(body=b"x", content_length=3 * MIB)))
    assert (error.reason, error.message) == ("too-large", "the body is larger than 2 MiB")


@pytest.mark.parametrize("chunk_bytes", [None, 8192])
def test_an_endless_body_is_cut_at_the_cap(server: WebServer, fetcher: HttpFetcher, chunk_bytes: int | None) -> None:
    answer = Answer(body=b"x" * 3 * MIB, content_length=None, chunk_bytes=chunk_bytes, close=True)
    assert failure(fetcher, server.script("/", answer)).reason == "too-large"


def test_a_body_of_exactly_the_cap_is_read(server: WebServer, fetcher: HttpFetcher) -> None:
    source = Source(
        id="s",
        kind="feed",
        locator=server.script("/", Answer(body=b"x" * 2 * MIB)),
        title="s",
        interval_s=3600,
        allow_private=True,
    )
    (found,) = fetcher.fetch(source, {})
    assert isinstance(found, Document)
    assert len(found.body) == 2 * MIB


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_the_cap_counts_decoded_bytes(server: WebServer, fetcher: HttpFetcher, encoding: Any) -> None:
    # Little by little different, so that the ratio stays small.
    body = b"".join(b"%d %d\n" % (n, n * n) for n in range(200_000))
    packed = compressed(encoding, body)
    assert len(packed) < 2 * MIB < len(body)
    error = failure(fetcher, server.script("/", Answer(body=packed, headers={"Content-Encoding": encoding})))
    assert error.message == "the body is larger than 2 MiB"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_defused_in_little_memory(server: WebServer, clock: Clock, encoding: Any) -> None:
    bomb = compressed(encoding, bytes(64 * MIB))
    url = server.script("/", Answer(body=bomb, headers={"Content-Encoding": encoding}))
    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=10)
    tracemalloc.start()
    try:
        error = failure(fetcher, url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        fetcher.close()
    assert (error.reason, error.message) == ("too-large", "the body is compressed more than 200 times")
    assert peak < 16 * MIB


def test_a_bomb_on_a_redirect_or_an_error_is_not_even_read(server: WebServer, fetcher: HttpFetcher) -> None:
    bomb = gzip.compress(bytes(50 * MIB), 1)
    headers = {"Content-Encoding": "gzip"}
    server.script("/302", Answer(status=302, headers={**headers, "Location": "/503"}, body=bomb))
    server.script("/503", Answer(status=503, headers=headers, body=bomb))
    failure(fetcher, server.url("/404"))
    tracemalloc.start()
    try:
        error = failure(fetcher, server.url("/302"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.status == 503
    assert peak < 2 * MIB


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip, br", "gzip,identity,deflate", "br, br, br, br, br"])
def test_a_body_compressed_more_than_once_is_refused(server: WebServer, fetcher: HttpFetcher, encoding: str) -> None:
    url = server.script("/", Answer(body=compressed("gzip", b"x"), headers={"Content-Encoding": encoding}))
    assert failure(fetcher, url).message == "the body is compressed more than once"


def test_an_encoding_that_was_not_asked_for_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    error = failure(fetcher, server.script("/", Answer(body=b"x", headers={"Content-Encoding": "lzma"})))
    assert error.message == "the body has an encoding that was not asked for (lzma)"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_damaged_compressed_body_is_refused(server: WebServer, fetcher: HttpFetcher, encoding: str) -> None:
    body = b"\x1f\x8b this was never compressed" * 10
    error = failure(fetcher, server.script("/", Answer(body=body, headers={"Content-Encoding": encoding})))
    assert "damaged" in error.message


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_body_that_is_cut_short_is_not_taken_for_the_whole(
    server: WebServer, fetcher: HttpFetcher, encoding: Any
) -> None:
    packed = compressed(encoding, b"".join(b"<item>%d</item>" % n for n in range(2000)))
    url = server.script("/", Answer(body=packed[: len(packed) // 2], headers={"Content-Encoding": encoding}))
    assert failure(fetcher, url).message == "the compressed body is cut short"


# --- lies about the length --------------------------------------------------------------------------


def test_a_body_shorter_than_announced_is_not_taken_for_the_whole(server: WebServer, fetcher: HttpFetcher) -> None:
    error = failure(fetcher, server.script("/", Answer(body=b"<rss>", content_length=500, close=True)))
    assert (error.reason, error.message) == ("network", "the connection broke off before the whole body had come")


def test_a_chunked_body_without_its_end_is_not_taken_for_the_whole(server: WebServer, fetcher: HttpFetcher) -> None:
    answer = Answer(body=b"<rss>" * 100, chunk_bytes=50, chunks_end=False, close=True)
    error = failure(fetcher, server.script("/", answer))
    assert (error.reason, error.message) == ("network", "the connection broke off before the whole body had come")


def test_broken_chunk_sizes_are_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"
    assert failure(fetcher, server.script("/", Answer(raw=raw))).reason in {"network", "http"}


def test_an_endless_chunk_size_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * (4 * MIB)
    started = time.monotonic()
    assert failure(fetcher, server.script("/", Answer(raw=raw))).reason in {"network", "http", "too-large"}
    assert time.monotonic() - started < 1


# --- headers ----------------------------------------------------------------------------------------


def test_headers_over_64_kib_in_all_are_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    headers = {f"X-{n}": "y" * 1000 for n in range(70)}
    error = failure(fetcher, server.script("/", Answer(headers=headers)))
    assert (error.reason, error.message) == ("too-large", "the headers are larger than 64 KiB")


def test_one_giant_header_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    error = failure(fetcher, server.script("/", Answer(headers={"X": "y" * 100_000})))
    assert error.reason == "too-large"


def test_too_many_headers_are_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    error = failure(fetcher, server.script("/", Answer(headers={f"X-{n}": "y" for n in range(101)})))
    assert "100 headers" in error.message


def test_endless_interim_answers_are_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    raw = b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000
    assert failure(fetcher, server.script("/", Answer(raw=raw))).reason == "too-large"


# --- slowness ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"x", delay_s=30), id="says nothing"),
        pytest.param(Answer(body=b"x" * 1000, drip="head"), id="drips headers"),
        pytest.param(Answer(body=b"x" * 1000, drip="body"), id="drips the body"),
        pytest.param(Answer(body=b"x" * 1000, drip="body", chunk_bytes=10), id="drips chunks"),
        pytest.param(
            Answer(body=compressed("gzip", bytes(range(256)) * 50), headers={"Content-Encoding": "gzip"}, drip="body"),
            id="drips gzip",
        ),
    ],
)
def test_a_slow_server_is_left_at_the_deadline(server: WebServer, clock: Clock, answer: Answer) -> None:
    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=0.25)
    url = server.script("/", answer)
    started = time.monotonic()
    error = failure(fetcher, url)
    assert 0.2 < time.monotonic() - started < 1
    assert (error.reason, error.message) == ("timeout", "timed out after 0.25 s")
    fetcher.close()


def test_the_deadline_covers_all_redirects_together(server: WebServer, clock: Clock) -> None:
    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=0.5)
    for n in range(4):
        server.script(f"/{n}", Answer(status=302, headers={"Location": f"/{n + 1}"}, delay_s=0.2))
    started = time.monotonic()
    assert failure(fetcher, server.url("/0")).reason == "timeout"
    assert time.monotonic() - started < 1
    fetcher.close()


def test_a_transfer_after_one_that_timed_out_has_its_full_time(server: WebServer, clock: Clock) -> None:
    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=0.25)
    url = server.script("/", Answer(body=b"x", delay_s=5), Answer(body=b"x", delay_s=0.15))
    assert failure(fetcher, url).reason == "timeout"
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=True)
    (found,) = fetcher.fetch(source, {})
    assert isinstance(found, Document)
    fetcher.close()
