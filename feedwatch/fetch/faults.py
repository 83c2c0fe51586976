"""What can go wrong on the wire, in words for people: one table from library errors to FetchError."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from http import HTTPStatus

import requests
import urllib3

from feedwatch.errors import FetchError
from feedwatch.text import printable
from feedwatch.urls import redact


class Trouble(Exception):
    """A fault of the wire found by our own code; becomes a FetchError once the source is known.

    It is no OSError, so that the HTTP libraries pass it on untouched.
    """

    def __init__(
        self, reason: str, message: str, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        self.reason = reason
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(message)


#: What a fetch may raise besides Trouble.
FOREIGN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN})


def _certificate(error: BaseException) -> str:
    return f"certificate refused: {getattr(error, 'verify_message', '') or 'not valid'}"


def _handshake(error: BaseException) -> str:
    reason = str(getattr(error, "reason", None) or "").replace("_", " ").lower()
    return f"TLS failed ({reason})" if reason else "TLS failed"


def _system(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if number in _UNREACHABLE:
        return "network unreachable"
    return (getattr(error, "strerror", None) or "connection failed").lower()


def _protocol(error: BaseException) -> str:
    return f"the answer is not proper HTTP ({str(error)[:80] or type(error).__name__})"


_BROKEN_OFF = "the connection broke off before the whole body had come"

# The first row that fits any error of the chain counts: most specific first.
_TABLE: tuple[tuple[type[BaseException], str, str | Callable[[BaseException], str]], ...] = (
    (ssl.SSLCertVerificationError, "tls", _certificate),
    (ssl.SSLError, "tls", _handshake),
    (urllib3.exceptions.SSLError, "tls", "TLS failed"),
    (TimeoutError, "timeout", "timed out"),
    (urllib3.exceptions.TimeoutError, "timeout", "timed out"),
    (socket.gaierror, "network", "name not found (DNS)"),
    (ConnectionRefusedError, "network", "connection refused"),
    (ConnectionError, "network", "the server closed the connection"),
    (http.client.IncompleteRead, "network", _BROKEN_OFF),
    (http.client.LineTooLong, "too-large", "a header line is too long"),
    (http.client.HTTPException, "http", _protocol),
    (requests.exceptions.InvalidURL, "address", "not a usable address"),
    (urllib3.exceptions.LocationValueError, "address", "not a usable address"),
    (UnicodeError, "address", "not a usable address"),
    (OSError, "network", _system),
    (urllib3.exceptions.HTTPError, "http", _protocol),
)


def classify(error: BaseException) -> Trouble:
    """The fault behind an error of the HTTP libraries."""
    # The innermost error says most: the libraries wrap each other.
    chain = list(_causes(error))[::-1]
    for wrapped in chain:
        if isinstance(wrapped, Trouble):
            return wrapped
    for kind, reason, message in _TABLE:
        for wrapped in chain:
            if isinstance(wrapped, kind):
                return Trouble(reason, message if isinstance(message, str) else message(wrapped))
    return Trouble("network", f"could not be fetched ({type(error).__name__})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps, outermost first."""
    queue, seen = [error], set()
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        queue.extend(value for value in inner if isinstance(value, BaseException))


def as_fetch_error(locator: str, trouble: Trouble) -> FetchError:
    """The error for the source at `locator`, without secrets or anything a terminal would obey."""
    return FetchError(
        printable(redact(locator)),
        printable(trouble.message),
        reason=trouble.reason,
        status=trouble.status,
        retry_after_s=trouble.retry_after_s,
    )


def status_message(status: int) -> str:
    """`HTTP 503 Service Unavailable`; the phrase is the registered one, never the server's."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
