from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from feedwatch.clock import Clock
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.transport import new_tls_context
from tests.webserver import WebServer


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 1, 31, 12, tzinfo=UTC))


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Reading the certificate authorities takes 17 ms: once for all tests."""
    return new_tls_context()


@pytest.fixture
def fetcher(clock: Clock, tls: ssl.SSLContext) -> Iterator[HttpFetcher]:
    fetcher = HttpFetcher(
        user_agent="feedwatch/1.0 (+https://example.org/)",
        clock=clock,
        timeout_s=1.0,
        connect_timeout_s=0.5,
        max_bytes=2 * 1024 * 1024,
        tls=tls,
    )
    yield fetcher
    fetcher.close()
