"""requests and urllib3, made to use our sockets and to do nothing behind our back."""

from __future__ import annotations

import functools
import http.client
import io
import ssl
from functools import partial
from typing import Any, cast

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from feedwatch.fetch.dial import Dialer, TimedTLSSocket
from feedwatch.fetch.faults import Trouble

#: Status line and headers together; http.client bounds only their number (100) and each line (64 KiB).
MAX_HEAD_BYTES = 64 * 1024


def new_tls_context() -> ssl.SSLContext:
    """A context that verifies certificate and host name against the certificate authorities of requests."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


@functools.cache
def shared_tls_context() -> ssl.SSLContext:
    """The context of this process: reading the authorities costs 20 ms, and nothing changes them."""
    return new_tls_context()


class _Head:
    """The reading end of a connection while status line and headers are read: it counts."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._left = MAX_HEAD_BYTES

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise Trouble("too-large", f"the headers are larger than {MAX_HEAD_BYTES // 1024} KiB")
        return line

    def close(self) -> None:
        self._stream.close()


class _Response(http.client.HTTPResponse):
    """An answer whose head is bounded as a whole."""

    def begin(self) -> None:
        stream = self.fp
        self.fp = cast(io.BufferedReader, _Head(stream))
        try:
            super().begin()
        finally:
            # None when http.client closed the connection itself.
            if isinstance(self.fp, _Head):
                self.fp = stream


class _Connection(HTTPConnection):
    """Plain HTTP over a dialled socket."""

    response_class = _Response

    def __init__(self, *args: Any, dialer: Dialer, **kwargs: Any) -> None:
        self._dialer = dialer
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> Any:
        return self._dialer.open(self._dns_host, self.port)


class _SecureConnection(HTTPSConnection):
    """HTTPS over a dialled socket; server name and certificate check are those of the host's name."""

    response_class = _Response

    def __init__(self, *args: Any, dialer: Dialer, **kwargs: Any) -> None:
        self._dialer = dialer
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> Any:
        return self._dialer.open(self._dns_host, self.port)

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, TimedTLSSocket):
            self.sock.deadline = self._dialer.deadline


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """Routes requests to our pools; TLS settings come from one shared context."""

    def __init__(self, dialer: Dialer, tls: ssl.SSLContext) -> None:
        self._dialer = dialer
        self._tls = tls
        # A poll an hour has no use for many idle connections; a redirect on the same host has one.
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=self._tls, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_Pool, dialer=self._dialer),
            "https": partial(_SecurePool, dialer=self._dialer),
        }

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """A manager for the proxy whose pools are ours, too."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls, **proxy_kwargs)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Only the host decides which connection is used; the context already verifies."""
        host, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to set: the shared context verifies, and loading its authorities anew for each connection is slow."""


def open_adapter(dialer: Dialer, tls: ssl.SSLContext) -> HTTPAdapter:
    """The connections of one thread.

    Used without a `requests.Session`, so there are no cookies, no settings of the environment, no default
    headers, and no redirect is followed (a session would read its body first, whatever its size).
    """
    return _Adapter(dialer, tls)
