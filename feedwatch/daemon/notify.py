"""What a service manager is told: the protocol of sd_notify(3), a datagram for each message."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)

#: A status is one line in a table of the manager.
_MAX_STATUS = 200


class Notifier:
    """Tells the manager that started us how we are; silent when nobody listens.

    `env` holds NOTIFY_SOCKET (a path, or "@name" for an abstract socket) and, when the manager wants signs
    of life, WATCHDOG_USEC.
    """

    def __init__(self, env: Mapping[str, str] = os.environ, *, pid: int | None = None) -> None:
        self._address = env.get("NOTIFY_SOCKET", "")
        mine = env.get("WATCHDOG_PID", "") in {"", str(pid or os.getpid())}
        usec = env.get("WATCHDOG_USEC", "")
        #: Without a sign of life for so long we are killed; None when nobody waits for one.
        self.watchdog_s = int(usec) / 1e6 if mine and usec.isdigit() and int(usec) > 0 else None

    def ready(self, status: str = "") -> None:
        """Started, or done with a reload."""
        self._send("READY=1", *_status(status))

    def reloading(self, status: str = "") -> None:
        """A reload begins; `ready` ends it (a unit of Type=notify-reload wants the time beside it)."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={microseconds}", *_status(status))

    def stopping(self) -> None:
        """The end begins."""
        self._send("STOPPING=1", *_status("stopping"))

    def status(self, text: str) -> None:
        """One line for people."""
        self._send(*_status(text))

    def alive(self) -> None:
        """A sign of life."""
        self._send("WATCHDOG=1")

    def hangs(self) -> None:
        """We are not at work any more: a manager that waits for signs of life need not wait to the end."""
        if self.watchdog_s is not None:
            self._send("WATCHDOG=trigger")

    def _send(self, *lines: str) -> None:
        if not self._address or not lines:
            return
        address = self._address
        if address.startswith("@"):
            address = "\0" + address[1:]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(1)
                channel.connect(address)
                channel.sendall("\n".join(lines).encode())
        except OSError as error:
            log.debug("the service manager cannot be told: %s", error)


def _status(text: str) -> tuple[str, ...]:
    line = " ".join(text.split())[:_MAX_STATUS]
    return (f"STATUS={line}",) if line else ()
