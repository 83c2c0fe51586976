from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest
import requests
import urllib3

from feedwatch.fetch.faults import Trouble, as_fetch_error, classify, status_message


def wrapped(error: Exception) -> Exception:
    """As the libraries hand an error on."""
    return requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", error))


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        (ConnectionRefusedError(), "network", "connection refused"),
        (ConnectionResetError(), "network", "the server closed the connection"),
        (BrokenPipeError(), "network", "the server closed the connection"),
        (http.client.RemoteDisconnected("x"), "network", "the server closed the connection"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "network", "name not found (DNS)"),
        (OSError(errno.ENETUNREACH, "x"), "network", "network unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "network", "network unreachable"),
        (OSError(errno.EMFILE, "Too many open files"), "network", "too many open files"),
        (TimeoutError(), "timeout", "timed out"),
        (http.client.IncompleteRead(b""), "network", "the connection broke off before the whole body had come"),
        (http.client.LineTooLong("header line"), "too-large", "a header line is too long"),
        (http.client.BadStatusLine("HELO"), "http", "the answer is not proper HTTP (HELO)"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] x"), "tls", "TLS failed"),
        (UnicodeError("label too long"), "address", "not a usable address"),
        (requests.exceptions.InvalidURL("x"), "address", "not a usable address"),
        (Trouble("address", "refused"), "address", "refused"),
    ],
)
def test_the_innermost_error_decides(error: Exception, reason: str, message: str) -> None:
    for given in (error, wrapped(error)):
        trouble = classify(given)
        assert (trouble.reason, trouble.message) == (reason, message)


def test_an_error_that_nobody_foresaw_is_named_by_its_type() -> None:
    trouble = classify(requests.RequestException("https://me:secret@example.org/?token=hidden"))
    assert trouble.reason == "network"
    assert "secret" not in trouble.message


def test_the_error_for_people_holds_no_secrets_and_nothing_that_a_terminal_obeys() -> None:
    error = as_fetch_error(
        "https://me:pw@example.org/?token=hidden\n", Trouble("http", "bad \x1b[31m\u202e", status=500)
    )
    text = str(error)
    assert text.isprintable()
    assert "pw" not in text
    assert "hidden" not in text
    assert error.status == 500


@pytest.mark.parametrize(("status", "message"), [(503, "HTTP 503 Service Unavailable"), (299, "HTTP 299")])
def test_a_status_is_named_by_its_registered_phrase(status: int, message: str) -> None:
    assert status_message(status) == message
