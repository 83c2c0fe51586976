"""The owner of uvicorn: an HTTP server on a thread."""

from __future__ import annotations

import resource
import socket
from contextlib import suppress
from threading import Thread

import uvicorn

from feedwatch.web.protocol import Connection, sweep
from feedwatch.web.site import Asgi

#: More than that many clients at a time are let in only in the place of idle ones.
MAX_CONNECTIONS = 4000
#: A connection on which nothing more is asked is kept for so long.
KEEP_ALIVE_S = 60
_SWEEP_EVERY_TICKS = 10
#: Left for files, the store and fetches when connections are counted.
_OTHER_DESCRIPTORS = 256


class WebServer:
    """Serves a site until stopped; the address is bound when the object is made."""

    def __init__(self, site: Asgi, host: str, port: int) -> None:
        """Bind the address.

        Raises:
            OSError: the address is taken or may not be used.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=1024)
        self.host, self.port = self._socket.getsockname()[:2]
        config = uvicorn.Config(
            site,
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            # A request that is no HTTP is the client's trouble and no line in our log.
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config, limit=_connections())
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True)

    @property
    def url(self) -> str:
        """Where the site is, as reachable on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests that run and close the address."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=8)
        self._socket.close()


class _Server(uvicorn.Server):
    """A server that looks after its connections."""

    def __init__(self, config: uvicorn.Config, *, limit: int) -> None:
        super().__init__(config)
        self._limit = limit

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if counter % _SWEEP_EVERY_TICKS == 0:
            sweep(list(self.server_state.connections), limit=self._limit)
        return await super().on_tick(counter)


def _connections() -> int:
    """How many connections this process may hold; the soft limit of descriptors is raised for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + _OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        new = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # Where that is forbidden, fewer clients are served at a time.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, new), hard))
            soft = max(soft, new)
        return max(min(MAX_CONNECTIONS, soft - _OTHER_DESCRIPTORS), 64)
    return MAX_CONNECTIONS
