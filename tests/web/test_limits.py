"""What clients may cost: time, size, number. Real sockets; the limits are set low, so that the test is short."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from feedwatch.web import protocol
from feedwatch.web import server as server_module
from feedwatch.web.server import WebServer
from tests.web.sitekit import BODY, config_of, get, served

HEAD = b"GET /niger-security.atom HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(protocol, "HEAD_S", 0.3)
    monkeypatch.setattr(protocol.Connection, "waiting_s", 0.3)
    monkeypatch.setattr(protocol, "BODY_S", 0.1)
    monkeypatch.setattr(protocol, "STALL_S", 0.3)
    monkeypatch.setattr(server_module, "MAX_CONNECTIONS", 20)
    monkeypatch.setattr(server_module, "_SWEEP_EVERY_TICKS", 1)
    config = config_of(tmp_path_factory.mktemp("limits"))
    with served(config, {"niger-security.atom": BODY, "later.atom": BODY * 5000}) as running:
        yield running


def opened(server: WebServer, data: bytes = b"") -> socket.socket:
    client = socket.create_connection((server.host, server.port), timeout=5)
    client.sendall(data)
    return client


def answer(client: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    received = b""
    try:
        while data := client.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def test_clients_that_never_end_their_request_are_let_go(server: WebServer) -> None:
    started = time.monotonic()
    slow = [
        opened(server),
        opened(server, b"GET / HT"),
        opened(server, HEAD + b"X-A: b\r\n"),
        opened(server, b"\r\n\r\n"),
        opened(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"),
    ]
    with ExitStack() as stack:
        for client in slow:
            stack.enter_context(client)
        assert get(server.url + "niger-security.atom").content == BODY
        for client in slow:
            answer(client)
    assert time.monotonic() - started < 4


def test_a_client_that_reads_nothing_is_let_go_and_holds_up_nobody(server: WebServer) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(5)
        client.connect((server.host, server.port))
        client.sendall(b"GET /later.atom HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        assert get(server.url + "niger-security.atom").content == BODY
        time.sleep(0.8)
        assert len(answer(client)) < len(BODY) * 5000


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (HEAD + b"X-A: " + b"b" * 17000 + b"\r\n\r\n", b"431"),
        (HEAD + b"X-A: " + b"b" * 17000, b"431"),
        (HEAD + b"".join(b"X-%d: b\r\n" % n for n in range(70)) + b"\r\n", b"431"),
        (b"\x16\x03\x01\x00\xa5\x01\x00", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", b"400"),
        (b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    ],
)
def test_requests_beyond_a_limit_are_refused(server: WebServer, data: bytes, status: bytes) -> None:
    with opened(server, data) as client:
        received = answer(client)
    assert received.split(b" ")[1] == status
    assert b"text/plain" in received


def test_a_body_that_nobody_wants_is_not_kept(server: WebServer) -> None:
    with opened(server, b"POST /niger-security.atom HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc") as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 405")


def test_with_too_many_clients_the_idle_ones_make_room(server: WebServer) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(opened(server))
        time.sleep(0.25)
        assert get(server.url + "niger-security.atom").content == BODY


def test_requests_that_follow_each_other_unasked_are_answered_in_order(server: WebServer) -> None:
    second = b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with opened(server, HEAD + b"\r\n" + second) as client:
        received = answer(client)
    assert received.index(b"200 OK") < received.index(b"404 Not Found")
