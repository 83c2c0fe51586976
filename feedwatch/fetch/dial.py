"""Opening sockets: names resolved under a deadline, every address checked, every read on time."""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from feedwatch.fetch.faults import Trouble, classify
from feedwatch.fetch.guard import refusal

#: (host, port) -> numeric addresses, best first; blocks as long as it likes, raises OSError.
Resolver = Callable[[str, int], Sequence[str]]

# In no other form: anything else that the system takes for an address is left to it.
_NUMERIC = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
# Trying more addresses than this would leave each of them too little time.
_MAX_ADDRESSES = 8


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host, each once, in the system's order (RFC 6724)."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Deadline:
    """The moment at which a whole transfer must be over: shared by all of its sockets."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._end = 0.0

    def start(self) -> None:
        """A new transfer begins now."""
        self._end = time.monotonic() + self.timeout_s

    def extend(self, seconds: float) -> None:
        """The transfer had to wait for something of ours."""
        self._end += seconds

    def remaining_s(self) -> float:
        """Seconds left, always more than 0.

        Raises:
            Trouble: the time is up.

        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> Trouble:
        """The error of a transfer that took too long."""
        return Trouble("timeout", f"timed out after {self.timeout_s:g} s")


class TimedSocket(socket.socket):
    """A socket whose every operation ends at the deadline.

    A timeout of the libraries counts anew for each read, so a server that sends a byte a second would
    hold them for ever.
    """

    deadline: Deadline

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive in time."""
        self.settimeout(self.deadline.remaining_s())
        try:
            return super().recv_into(buffer, nbytes, flags)
        except TimeoutError:
            raise self.deadline.missed() from None

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send in time."""
        self.settimeout(self.deadline.remaining_s())
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise self.deadline.missed() from None


class TimedTLSSocket(ssl.SSLSocket):
    """As `TimedSocket`, for `SSLContext.sslsocket_class`.

    `deadline` is set after the handshake, which Python runs as one operation with one time-out.
    """

    deadline: Deadline

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Receive in time."""
        self.settimeout(self.deadline.remaining_s())
        try:
            return super().recv_into(buffer, nbytes, flags)
        except TimeoutError:
            raise self.deadline.missed() from None

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send in time."""
        self.settimeout(self.deadline.remaining_s())
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise self.deadline.missed() from None


class Dialer:
    """Connects to hosts by name, but only to addresses that passed the guard.

    The name is resolved once and the socket is connected to an answer that was checked, so a name
    server that gives another answer the second time (DNS rebinding) gains nothing. One dialer serves
    one thread.
    """

    def __init__(self, *, deadline: Deadline, connect_timeout_s: float, allow_private: bool, resolve: Resolver) -> None:
        self.deadline = deadline
        #: How many connections were opened so far.
        self.opened = 0
        self._connect_timeout_s = connect_timeout_s
        self._allow_private = allow_private
        self._resolve = resolve

    def open(self, host: str, port: int) -> TimedSocket:
        """A connected socket; resolving and all attempts share one connect time-out.

        Raises:
            Trouble: the name is unknown, an address is refused, or nobody answers.

        """
        end = time.monotonic() + min(self._connect_timeout_s, self.deadline.remaining_s())
        addresses = self._checked(host, port, end)[:_MAX_ADDRESSES]
        trouble = Trouble("network", "name not found (DNS)")
        for place, address in enumerate(addresses):
            share = (end - time.monotonic()) / (len(addresses) - place)
            try:
                return self._connect(address, port, max(share, 0.01))
            except TimeoutError:
                trouble = Trouble("timeout", f"no connection within {self._connect_timeout_s:g} s")
            except OSError as error:
                trouble = classify(error)
        raise trouble

    def _connect(self, address: str, port: int, timeout_s: float) -> TimedSocket:
        sock = TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.deadline = self.deadline
        try:
            sock.settimeout(timeout_s)
            sock.connect((address, port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Holds for a TLS handshake, which Python runs as one operation.
            sock.settimeout(self.deadline.remaining_s())
        except BaseException:
            sock.close()
            raise
        self.opened += 1
        return sock

    def _checked(self, host: str, port: int, end: float) -> list[str]:
        """All addresses of the host, after each of them passed the guard."""
        addresses = self._look_up(host, port, end)
        for address in addresses:
            if kind := refusal(address, allow_private=self._allow_private):
                cure = "" if self._allow_private else "; set allow_private = true for this source if that is wanted"
                raise Trouble("address", f"{host} leads to {address}, a {kind} address, which is refused{cure}")
        return addresses

    def _look_up(self, host: str, port: int, end: float) -> list[str]:
        """Ask the resolver in a thread of its own, because nothing can interrupt it."""
        if _NUMERIC.fullmatch(host):
            return [host]
        answer: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(list(self._resolve(host, port)))
            except Exception as error:  # noqa: BLE001 - handed to the asking thread, which raises it
                answer.put(error)

        # A daemon: a hanging name server must not keep the process alive.
        threading.Thread(target=ask, name="feedwatch-resolve", daemon=True).start()
        try:
            found = answer.get(timeout=max(end - time.monotonic(), 0.001))
        except queue.Empty:
            raise Trouble("timeout", f"no answer from DNS within {self._connect_timeout_s:g} s") from None
        if isinstance(found, Exception):
            raise found if isinstance(found, Trouble) else classify(found)
        return found
