"""Small writes of several threads in one transaction: a flush to disk costs more than what it makes safe."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from feedwatch.errors import LeaseLost

#: One write; a lease that was lost is found out before anything is written.
Write = Callable[[Connection], None]


@dataclass(slots=True)
class _Waiting:
    write: Write
    is_done: bool = False
    error: Exception | None = None


class Sharing:
    """Whoever comes while a transaction runs waits for the next one, in which the first of them writes for all."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._turn = Lock()

    def run(self, write: Write) -> None:
        """Do the write; it is safe on disk afterwards.

        Raises:
            LeaseLost: the write said so; the others of its transaction are not concerned.
            StoreError: nothing of it was written.

        """
        mine = _Waiting(write)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                with self._lock:
                    together, self._waiting = self._waiting, []
                self._write_all(together)
        if mine.error is not None:
            raise mine.error

    def _write_all(self, together: list[_Waiting]) -> None:
        try:
            try:
                self._write(together)
            except Exception:  # noqa: BLE001 - one of them spoilt it for all: alone, each shows whether it was that one
                for each in together:
                    self._write_alone(each)
        finally:
            left = [each for each in together if not each.is_done]
            if left:
                # Interrupted: the others do it themselves.
                with self._lock:
                    self._waiting += left

    def _write(self, together: list[_Waiting]) -> None:
        with self._begin() as connection:
            for each in together:
                try:
                    each.write(connection)
                    each.error = None
                except LeaseLost as lost:
                    each.error = lost
        for each in together:
            each.is_done = True

    def _write_alone(self, one: _Waiting) -> None:
        try:
            self._write([one])
        except Exception as error:  # noqa: BLE001 - it is raised where the write was asked for
            one.error, one.is_done = error, True
