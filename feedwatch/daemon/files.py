"""The files that a configuration was read from, looked at cheaply."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_State = tuple[int, int, int]


class WatchedFiles:
    """Tells when one of the files holds something else than when it was last read.

    A look costs one `stat` a file. A file that changed is read only when it has stood still from one look
    to the next, so that nothing half written is taken for whole.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(dict.fromkeys(paths))
        self._read: dict[Path, _State | None] = {}
        self._hash = ""
        self._moving: dict[Path, _State | None] | None = None
        self.taken()

    def taken(self) -> None:
        """The files are read now."""
        self._read, self._hash, self._moving = self._states(), self._digest(), None

    def follow(self, paths: Iterable[Path]) -> None:
        """From now on these are the files."""
        wanted = tuple(dict.fromkeys(paths))
        if wanted != self._paths:
            self._paths = wanted
            self.taken()

    def changed(self) -> bool:
        """Whether to read them again."""
        states = self._states()
        if states == self._read:
            self._moving = None
            return False
        if states != self._moving:
            self._moving = states
            return False
        if self._digest() == self._hash:
            # Only touched.
            self._read = states
            return False
        return True

    def _states(self) -> dict[Path, _State | None]:
        return {file: _state(file) for path in self._paths for file in _files(path)}

    def _digest(self) -> str:
        sum_ = hashlib.sha256()
        for path in self._paths:
            for file in _files(path):
                try:
                    content = file.read_bytes()
                except OSError:
                    content = b""
                sum_.update(f"{file}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
        return sum_.hexdigest()


def _files(path: Path) -> list[Path]:
    """The file, or the rule files of a folder."""
    return [path, *sorted(path.glob("*.toml"))] if path.is_dir() else [path]


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
