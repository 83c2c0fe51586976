"""The owner of uvicorn: an HTTP server on a thread."""

from __future__ import annotations

import socket
from threading import Thread

import uvicorn
from starlette.applications import Starlette


class WebServer:
    """Serves an application until stopped; the address is bound when the object is made."""

    def __init__(self, site: Starlette, host: str, port: int) -> None:
        """Bind the address.

        Raises:
            OSError: the address is taken or may not be used.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=512)
        self.host, self.port = self._socket.getsockname()[:2]
        config = uvicorn.Config(
            site, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5, lifespan="off"
        )
        self._server = uvicorn.Server(config)
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
