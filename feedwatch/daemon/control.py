"""The local control socket: commands hand their orders to the daemon that holds the store.

A request is one line of JSON, `{"order": name, "values": {…}}`. Answers are lines of JSON: any number of
`{"begin": label, "total": n}`, `{"done": n}` and `{"end": true}` for progress, then one
`{"result": {…}}` or `{"error": text, "code": exit code}`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import Any

from feedwatch.errors import ConfigError, FeedwatchError, OrderRefused, StoreBusy, UsageError
from feedwatch.work import Progress, Values

log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 1024 * 1024
#: Orders that are carried out at a time; one more is refused.
MAX_ORDERS = 8
#: A client that says nothing for so long is left.
REQUEST_WITHIN_S = 10.0

Order = Callable[[Values, Progress], Values]


def exit_code(error: Exception) -> int:
    """What a command that fails so ends with."""
    if isinstance(error, OrderRefused):
        return error.code
    return 2 if isinstance(error, ConfigError | UsageError) else 75 if isinstance(error, StoreBusy) else 1


class ControlServer:
    """Listens on a socket that only its user (and root) may use, and carries out orders."""

    def __init__(self, path: Path, orders: Mapping[str, Order]) -> None:
        """Bind the socket; what a killed daemon left in its place is removed.

        Raises:
            OSError: there is no place for it.
        """
        self._path = path
        self._orders = orders
        self._slots = BoundedSemaphore(MAX_ORDERS)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        # Only who holds the store's lock comes here: nobody listens on what lies there.
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with _short(path) as address:
                self._socket.bind(address)
        finally:
            os.umask(before)
        self._socket.listen(MAX_ORDERS)
        self._thread = Thread(target=self._accept, name="control", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more orders; those that run end with the process."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(client,), name="control-order", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            if not _is_friend(client):
                return
            if not self._slots.acquire(blocking=False):
                _send(client, {"error": "the daemon is carrying out too many orders: try again", "code": 75})
                return
            try:
                self._carry_out(client)
            except OSError as error:
                # The order is carried out all the same; only nobody hears of it.
                log.debug("a command left: %s", error)
            finally:
                self._slots.release()

    def _carry_out(self, client: socket.socket) -> None:
        client.settimeout(REQUEST_WITHIN_S)
        request = _receive(client)
        name = request.get("order")
        order = self._orders.get(str(name))
        if order is None:
            _send(client, {"error": f"the daemon does not know the order {name!r}: is it older?", "code": 2})
            return
        log.info("order %s", name)
        try:
            result = order(request.get("values") or {}, _streamed(client))
        except FeedwatchError as error:
            _send(client, {"error": str(error), "code": exit_code(error)})
        except OSError:
            raise
        except Exception as error:  # the daemon outlives a bug in an order
            log.exception("order %s broke", name)
            _send(client, {"error": f"internal error: {type(error).__name__}: {error}", "code": 1})
        else:
            _send(client, {"result": result})


def ask(path: Path, order: str, values: Values, progress: Progress) -> Values | None:
    """Hand an order to the daemon that listens at `path`; None when none does.

    Raises:
        OrderRefused: with the daemon's message and the exit code of the command.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as server:
        try:
            with _short(path) as address:
                server.connect(address)
            _send(server, {"order": order, "values": values})
        except OSError:
            return None
        with server.makefile("rb") as lines, contextlib.ExitStack() as bars:
            advance: Callable[[int], None] = lambda _count: None  # noqa: E731 - replaced by each bar
            for line in lines:
                answer = json.loads(line)
                if "begin" in answer:
                    advance = bars.enter_context(progress(answer["begin"], answer["total"]))
                elif "done" in answer:
                    advance(answer["done"])
                elif "end" in answer:
                    bars.close()
                elif "error" in answer:
                    raise OrderRefused(answer["error"], code=int(answer["code"]))
                else:
                    result: dict[str, Any] = answer["result"]
                    return result
    raise OrderRefused(f"the daemon ended before the order {order} was done; run it again", code=1)


def _streamed(client: socket.socket) -> Progress:
    """Progress that is sent; an order goes on though its command was interrupted or stands still."""
    lost = False

    def tell(value: Values) -> None:
        nonlocal lost
        if not lost:
            try:
                _send(client, value)
            except OSError:
                lost = True

    @contextmanager
    def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
        tell({"begin": label, "total": total})
        yield lambda count: tell({"done": count})
        tell({"end": True})

    return progress


def _send(channel: socket.socket, value: Values) -> None:
    channel.sendall(json.dumps(value).encode() + b"\n")


def _receive(client: socket.socket) -> dict[str, Any]:
    """The request.

    Raises:
        OSError: none came, or none that can be read.
    """
    data = b""
    while not data.endswith(b"\n"):
        part = client.recv(65536)
        if not part or len(data) > MAX_REQUEST_BYTES:
            raise OSError("no request")
        data += part
    try:
        request = json.loads(data)
    except ValueError as error:
        raise OSError("the request is no JSON") from error
    if not isinstance(request, dict):
        raise OSError("the request is no object")
    return request


def _is_friend(client: socket.socket) -> bool:
    """Whether root or our own user asks."""
    if not hasattr(socket, "SO_PEERCRED"):
        # The mode of the socket has to do.
        return True
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    if uid in {0, os.geteuid()}:
        return True
    log.warning("user %d may not give orders", uid)
    return False


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of the socket that fits into an address: they end at some hundred bytes."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
