"""A request as handlers see it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from feedwatch.web.negotiate import joined
from feedwatch.web.representation import BARE_POLICY, SAFETY, Headers, Representation

#: More parameters than anybody needs.
_MAX_PARAMETERS = 20


@dataclass(frozen=True)
class Request:
    """What came, as far as a handler may care."""

    method: str
    #: Percent escapes are undone.
    path: str
    query: bytes
    #: Names in lower case, in the order in which they came.
    headers: Headers
    #: Address of the client, or of the proxy before us that is not configured.
    client: str
    #: From this very machine, and not through a proxy.
    is_local: bool = False
    body: bytes = b""

    def header(self, name: str) -> str:
        """All values of a header as one; "" without any."""
        return joined(self.headers, name.encode("latin-1"))

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters; of several with one name the first.

        Raises:
            ValueError: there are too many, or they are not UTF-8.
        """
        pairs = parse_qsl(
            self.query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
        found: dict[str, str] = {}
        for name, value in pairs:
            found.setdefault(name, value)
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is made for one request."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=list)


#: Called in a thread of its own, so it may wait for the disk or the store.
Handler = Callable[[Request], Reply | Representation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What answers under a path."""

    handler: Handler
    #: HEAD comes with GET.
    methods: tuple[str, ...] = ("GET", "HEAD")
    #: Larger bodies are refused (413).
    max_body_bytes: int = 0
    #: Whether a path of ours is worth reading a body for; asked in a thread, before.
    admits: Callable[[str], bool] = lambda _path: True


Routes = Mapping[str, Route]


def text(status: int, message: str, *more: tuple[bytes, bytes], cache: str = "no-store") -> Reply:
    """A message for people: plain text, whatever it quotes, so that nothing in it can run."""
    body = message.encode("utf-8", "replace")
    headers: Headers = [
        *SAFETY,
        (b"content-security-policy", BARE_POLICY),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", cache.encode()),
        *more,
    ]
    return Reply(status, body, headers)


#: The same for what is not there and what may not be seen.
NOT_FOUND = text(404, "There is nothing here. The list of feeds is at /\n")
#: To readers in a browser that ask whether they may ask conditionally.
PREFLIGHT = Reply(
    204,
    b"",
    [
        *SAFETY,
        (b"allow", b"GET, HEAD, OPTIONS"),
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-allow-headers", b"Accept, If-Modified-Since, If-None-Match"),
        (b"access-control-max-age", b"86400"),
        (b"content-length", b"0"),
    ],
)
