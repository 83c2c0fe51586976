from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.transport import new_tls_context
from feedwatch.model import Document, Source
from tests.webserver import Answer, WebServer

#: A private authority and two certificates of it for 127.0.0.1 and feeds.example, made for these tests
#: only: good until 2120, and expired since 2021.
CERTS = Path(__file__).parent / "certs"


def serving(name: str) -> WebServer:
    return WebServer(certificate=(str(CERTS / name), str(CERTS / name)))


@pytest.fixture
def trusting(clock: Clock) -> Iterator[Callable[[], HttpFetcher]]:
    made: list[HttpFetcher] = []

    def make() -> HttpFetcher:
        tls = new_tls_context()
        tls.load_verify_locations(CERTS / "authority.pem")
        made.append(
            HttpFetcher(user_agent="x", clock=clock, timeout_s=0.5, resolve=lambda host, port: ["127.0.0.1"], tls=tls)
        )
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


def ask(fetcher: HttpFetcher, url: str) -> Document:
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=True)
    (fetched,) = fetcher.fetch(source, {})
    assert isinstance(fetched, Document)
    return fetched


def refused(fetcher: HttpFetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        ask(fetcher, url)
    return caught.value


def test_a_good_certificate_for_the_name_is_accepted(trusting: Callable[[], HttpFetcher]) -> None:
    with serving("good.pem") as server:
        server.script("/", Answer(body=b"safe" * 50_000))
        fetcher = trusting()
        assert ask(fetcher, server.url("/", host="feeds.example")).body == b"safe" * 50_000
        assert ask(fetcher, server.url("/", host="feeds.example")).url == server.url("/", host="feeds.example")
        assert len({request.connection for request in server.requests}) == 1


def test_an_expired_certificate_is_refused(trusting: Callable[[], HttpFetcher]) -> None:
    with serving("expired.pem") as server:
        error = refused(trusting(), server.url("/"))
    assert (error.reason, error.message) == ("tls", "certificate refused: certificate has expired")


def test_a_certificate_for_another_name_is_refused(trusting: Callable[[], HttpFetcher]) -> None:
    with serving("good.pem") as server:
        error = refused(trusting(), server.url("/", host="other.example"))
        assert server.requests == []
    assert error.reason == "tls"
    assert "other.example" in error.message


def test_an_unknown_authority_is_refused(fetcher: HttpFetcher) -> None:
    with serving("good.pem") as server:
        error = refused(fetcher, server.url("/"))
    assert error.reason == "tls"
    assert "certificate refused: unable to get local issuer certificate" in error.message


def test_a_server_that_does_not_speak_tls_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    error = refused(fetcher, server.url("/").replace("http:", "https:"))
    assert error.reason == "tls"
    assert error.message.startswith("TLS failed")


def test_old_protocols_are_not_spoken() -> None:
    context = new_tls_context()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_redirect_from_https_to_http_is_refused(server: WebServer, trusting: Callable[[], HttpFetcher]) -> None:
    server.script("/plain", Answer(body=b"x"))
    with serving("good.pem") as secure:
        secure.script("/", Answer(status=301, headers={"Location": server.url("/plain")}))
        error = refused(trusting(), secure.url("/"))
    assert error.reason == "redirect"
    assert "from https to http" in error.message
    assert server.requests == []


def test_a_redirect_from_http_to_https_is_followed_without_the_login(
    server: WebServer, trusting: Callable[[], HttpFetcher]
) -> None:
    with serving("good.pem") as secure:
        secure.script("/", Answer(body=b"x"))
        server.script("/", Answer(status=301, headers={"Location": secure.url("/")}))
        assert ask(trusting(), server.url("/", login="me:pw@")).url == secure.url("/")
        assert secure.requests[0].header("Authorization") is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"x", delay_s=20), id="says nothing"),
        pytest.param(Answer(body=b"x" * 500, drip="body"), id="drips the body"),
    ],
)
def test_slow_servers_are_left_in_time_over_tls_too(trusting: Callable[[], HttpFetcher], answer: Answer) -> None:
    with serving("good.pem") as server:
        server.script("/", answer)
        assert refused(trusting(), server.url("/")).message == "timed out after 0.5 s"


@pytest.mark.parametrize("trickles", [False, True])
def test_a_handshake_that_never_ends_is_left_in_time(trusting: Callable[[], HttpFetcher], trickles: bool) -> None:
    stopping = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            # The beginning of a record of 16 KiB, of which a byte comes now and then.
            connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" if trickles else b"")
            while not stopping.wait(0.05):
                connection.sendall(b"\x00" if trickles else b"")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        start = time.monotonic()
        error = refused(trusting(), f"https://feeds.example:{listening.getsockname()[1]}/")
        stopping.set()
        thread.join()
    assert error.reason == "timeout"
    assert time.monotonic() - start < 3
