"""What each thread keeps open: connections for each way out (directly, to private addresses, through a proxy)."""

from __future__ import annotations

import ssl
import threading
import weakref

import requests
from requests.adapters import HTTPAdapter

from feedwatch.fetch.dial import Deadline, Dialer, Resolver, TimedTLSSocket
from feedwatch.fetch.transport import open_adapter, shared_tls_context
from feedwatch.model import Source


class Lane:
    """One thread's connections for one way out, and the deadline of its sockets."""

    def __init__(self, dialer: Dialer, tls: ssl.SSLContext, proxy: str | None) -> None:
        self._dialer = dialer
        self.deadline = dialer.deadline
        self.adapter = open_adapter(dialer, tls)
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}

    def send(self, request: requests.Request) -> requests.Response:
        """Send one request; once more when an idle connection turns out to be closed by the server."""
        prepared = request.prepare()
        opened = self._dialer.opened
        try:
            return self._send_once(prepared)
        except requests.ConnectionError:
            if self._dialer.opened != opened:
                raise
            return self._send_once(prepared)

    def _send_once(self, prepared: requests.PreparedRequest) -> requests.Response:
        left = self.deadline.remaining_s()
        return self.adapter.send(prepared, stream=True, timeout=left, proxies=self._proxies)


class Lanes:
    """The lanes of all threads."""

    def __init__(
        self, *, timeout_s: float, connect_timeout_s: float, resolve: Resolver, tls: ssl.SSLContext | None
    ) -> None:
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._resolve = resolve
        self._tls = tls
        self._lock = threading.Lock()
        self._local = threading.local()
        # Weak: a thread that ends takes its connections along.
        self._adapters: weakref.WeakSet[HTTPAdapter] = weakref.WeakSet()

    def of(self, source: Source) -> Lane:
        """The calling thread's lane for the source; connections of different ways out are never mixed."""
        lanes: dict[tuple[bool, str | None], Lane] = self._local.__dict__.setdefault("lanes", {})
        # Through a proxy, the only socket is the one to the proxy, which a person named.
        key = (source.allow_private or source.proxy is not None, source.proxy)
        if key not in lanes:
            dialer = Dialer(
                deadline=Deadline(self._timeout_s),
                connect_timeout_s=self._connect_timeout_s,
                allow_private=key[0],
                resolve=self._resolve,
            )
            with self._lock:
                # Reading the authorities takes a while: once, and only when something is fetched.
                self._tls = self._tls or shared_tls_context()
                self._tls.sslsocket_class = TimedTLSSocket
                lanes[key] = Lane(dialer, self._tls, source.proxy)
                self._adapters.add(lanes[key].adapter)
        return lanes[key]

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            adapters = list(self._adapters)
            self._adapters.clear()
            self._local = threading.local()
        for adapter in adapters:
            adapter.close()
