"""The exclusive lock of a store that is a file; without the database's library, which takes long to load."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedwatch.errors import StoreBusy, StoreError
from feedwatch.store.refusals import refused

_PLAIN = ("sqlite:///", "sqlite+pysqlite:///")


def plain_file(url: str, base_dir: Path) -> Path | None:
    """The file of a store whose URL is `sqlite:///PATH` and no more; None for one that takes a closer look."""
    for start in _PLAIN:
        path = url.removeprefix(start)
        if path not in ("", url, ":memory:") and not path.startswith("file:") and not set("?%#") & set(path):
            return base_dir.absolute() / path
    return None


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold the store alone while the block runs; freed by the end of the process, however it ends.

    Raises:
        StoreBusy: another process holds it; said at once.
        StoreError: there is no place for the lock.
    """
    if not path.parent.is_dir():
        raise StoreError(f"store {path}: the folder {path.parent} does not exist: create it")
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise refused(str(path), error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise StoreBusy(f"store {path}: {who} is working on it: wait for it, or stop it") from error
        _sign(descriptor, b"%d\n" % os.getpid())
        yield
        # The file stays: removing it would let two processes lock two different files.
        _sign(descriptor, b"")
    finally:
        os.close(descriptor)


def _sign(descriptor: int, who: bytes) -> None:
    """Write down who holds the lock; a full disk, which must not stop anybody from starting, leaves it unsaid."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, who, 0)
    except OSError:
        return
