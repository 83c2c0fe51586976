"""A scripted web server on 127.0.0.1: each path answers what a test wrote down, lies included.

    with WebServer() as server:
        server.script("/feed", Answer(body=b"<rss/>", headers={"ETag": '"1"'}), Answer(status=304))
        ... fetch server.url("/feed") twice ...
        assert server.requests[1].header("If-None-Match") == '"1"'

The last answer of a script is repeated. An answer may also be made from the request by a function. No
header is invented: no Date, no Server; Content-Length is sent unless the answer says otherwise.
"""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server sends, and how badly it behaves while doing so."""

    status: int = 200
    #: Sent in this order; a header given twice needs pairs instead of a mapping.
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = field(default_factory=dict)
    body: bytes = b""
    #: "true" sends the body's length, a number sends that instead (a lie), None sends no length.
    content_length: Literal["true"] | int | None = "true"
    #: The body as chunks (Transfer-Encoding: chunked) of this many bytes.
    chunk_bytes: int | None = None
    #: Whether the chunked body ends with its last, empty chunk.
    chunks_end: bool = True
    #: Wait before anything is sent.
    delay_s: float = 0.0
    #: Send everything after the request (`head`) or only the body (`body`) in single bytes.
    drip: Literal["head", "body"] | None = None
    #: Pause between two bytes.
    drip_pause_s: float = 0.1
    #: Close the connection after this answer.
    close: bool = False
    #: Close it without saying so beforehand, as a server does with idle connections.
    close_silently: bool = False
    #: Sent as they are in place of everything above that is sent.
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the server received."""

    method: str
    #: With the query, as it stood on the request line.
    path: str
    #: In the order in which they came.
    headers: tuple[tuple[str, str], ...]
    #: As sent with a Content-Length.
    body: bytes
    #: Monotonic seconds.
    at_s: float
    #: Which connection it came over: equal for requests that shared one.
    connection: tuple[str, int]

    def header(self, name: str) -> str | None:
        """The first header of that name; None without one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


Script = Answer | Callable[[Request], Answer]


class WebServer:
    """The server; a context manager. `certificate` (certificate file, key file) makes it speak TLS."""

    def __init__(self, *, certificate: tuple[str, str] | None = None) -> None:
        self.requests: list[Request] = []
        #: Set when the server stops: ends every wait.
        self.stopping = threading.Event()
        self._scripts: dict[str, list[Script]] = {}
        self._lock = threading.Lock()
        self._scheme = "https" if certificate else "http"
        self._http = _Server(self)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._http.tls = context
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return self._http.server_port

    def url(self, path: str = "/", *, host: str = "127.0.0.1", login: str = "") -> str:
        """The address of a path; `login` is written before the host ("user:password@")."""
        return f"{self._scheme}://{login}{host}:{self.port}{path}"

    def script(self, path: str, *answers: Script) -> str:
        """Say what a path (with its query) answers, in order; returns its address."""
        with self._lock:
            self._scripts[path] = list(answers)
        return self.url(path)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.requests]

    def next_answer(self, request: Request) -> Answer:
        """Note the request and take the next answer of its script; 404 where nothing is scripted."""
        with self._lock:
            self.requests.append(request)
            script = self._scripts.get(request.path)
            if not script:
                return Answer(status=404)
            answer = script.pop(0) if len(script) > 1 else script[0]
        return answer if isinstance(answer, Answer) else answer(request)


def conditional(body: bytes, *, etag: str, headers: Mapping[str, str] | None = None) -> Callable[[Request], Answer]:
    """A well-behaved server: 304 for its ETag, else 200 with the body."""

    def answer(request: Request) -> Answer:
        if request.header("If-None-Match") == etag:
            return Answer(status=304, headers={"ETag": etag}, content_length=None)
        return Answer(headers={"ETag": etag, **(headers or {})}, body=body)

    return answer


def compressed(encoding: Literal["gzip", "deflate", "raw-deflate", "br", "zstd"], body: bytes) -> bytes:
    """The body in one of the encodings of HTTP (deflate means zlib's form, as the RFC says)."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=5))
    if encoding == "zstd":
        return zstd.compress(body)
    if encoding == "raw-deflate":
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return packer.compress(body) + packer.flush()
    return gzip.compress(body, mtime=0) if encoding == "gzip" else zlib.compress(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    tls: ssl.SSLContext | None = None

    def __init__(self, owner: WebServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the name server who 127.0.0.1 is.
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        if self.tls:
            # The handshake is left to the first read, in the connection's own thread.
            connection.settimeout(10)
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes; waiting for the acknowledgement of the first would take 40 ms.
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `requests` instead."""

    def do_GET(self) -> None:
        request = Request(
            method=self.command,
            path=self.path,
            headers=tuple(self.headers.items()),
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            at_s=time.monotonic(),
            connection=self.client_address,
        )
        answer = self.server.owner.next_answer(request)
        stopping = self.server.owner.stopping
        stopping.wait(answer.delay_s)
        head, body = (answer.raw, b"") if answer.raw is not None else (self._head(answer), _framed(answer))
        self.close_connection = answer.close or answer.close_silently or answer.raw is not None
        self._send(head, slowly=answer.drip == "head", pause_s=answer.drip_pause_s)
        self._send(body, slowly=answer.drip is not None, pause_s=answer.drip_pause_s)

    do_POST = do_GET  # noqa: N815 - the library's name

    def _head(self, answer: Answer) -> bytes:
        pairs = answer.headers.items() if isinstance(answer.headers, Mapping) else answer.headers
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Odd',))[0]}"]
        lines += [f"{name}: {value}" for name, value in pairs]
        if answer.chunk_bytes is not None:
            lines.append("Transfer-Encoding: chunked")
        elif answer.content_length == "true":
            lines.append(f"Content-Length: {len(answer.body)}")
        elif answer.content_length is not None:
            lines.append(f"Content-Length: {answer.content_length}")
        if answer.close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send(self, data: bytes, *, slowly: bool, pause_s: float) -> None:
        if not slowly:
            self.wfile.write(data)
            return
        for place in range(len(data)):
            if self.server.owner.stopping.wait(pause_s):
                return
            self.wfile.write(data[place : place + 1])


def _framed(answer: Answer) -> bytes:
    """The body as it goes over the wire."""
    if answer.chunk_bytes is None:
        return answer.body
    parts = [
        answer.body[start : start + answer.chunk_bytes] for start in range(0, len(answer.body), answer.chunk_bytes)
    ]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return framed + (b"0\r\n\r\n" if answer.chunks_end else b"")
