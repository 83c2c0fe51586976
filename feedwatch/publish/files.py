"""The directory of feeds: every file is whole, old or new, whatever happens while it is written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from feedwatch.errors import PublishError
from feedwatch.formats import FILE_NAME, MEDIA_TYPES

FILE_MODE = 0o644
#: Of feeds that are not for everybody.
PRIVATE_MODE = 0o600

#: Of a feed, or of one of its archives.
_STEM = re.compile(r"[a-z0-9-]{1,64}(_archive-[0-9]{1,7}-[0-9a-f]{8,32})?")
_TEMPORARY = re.compile(rf"\.{_STEM.pattern}\.[a-z]+\.[0-9a-f]{{16}}\.tmp")
_CURES = {
    errno.ENOSPC: "free some space there; the file in place stays as it is",
    errno.EDQUOT: "raise the quota or free some space; the file in place stays as it is",
    errno.EACCES: "let the user who runs feedwatch write there",
    errno.EPERM: "let the user who runs feedwatch write there",
    errno.EROFS: "mount it writable or name another output.dir",
    errno.ENOTDIR: "name a directory in output.dir",
    errno.EEXIST: "name a directory in output.dir",
    errno.EIO: "check the disk; the file in place stays as it is",
}


class FeedFiles:
    """The files of one directory, made if it is missing; safe to use from several threads.

    Temporary files that a killed run left are removed at start.
    """

    def __init__(self, directory: Path, *, private: Collection[str] = ()) -> None:
        self._directory = directory
        self._private = frozenset(private)
        # A directory that is missing or may not be changed has nothing for us to clear away.
        with contextlib.suppress(OSError), _opened(directory) as folder:
            _clear(folder)

    def write(self, feed_id: str, ending: str, data: bytes) -> bool:
        """Put the bytes in place atomically and durably; False when they were there already.

        A temporary file beside the target is written and synced, renamed over the target, and the
        directory is synced: after a kill or a power cut the file is the old one or the new one.

        Raises:
            PublishError: the name is not one of a feed, something else than a file stands in its place,
                or the disk refused. The file in place is untouched and no temporary file is left.

        """
        name = _name(feed_id, ending)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with _opened(self._directory) as folder:
                mode = PRIVATE_MODE if _feed_of(name) in self._private else FILE_MODE
                if _read(folder, name, size=len(data)) == data:
                    return _set_mode(folder, name, mode)
                _replace(folder, name, data, mode)
        except _NotAFileError as error:
            cure = f"remove {self._directory / name}, it will be written anew"
            raise PublishError(feed_id, f"{self._directory / name} is {error}, not a file: {cure}") from error
        except OSError as error:
            cure = _CURES.get(error.errno or 0, "the file in place stays as it is")
            reason = error.strerror or str(error)
            message = f"{self._directory / name} cannot be written: {reason} ({cure})"
            raise PublishError(feed_id, message) from error
        return True

    def read_hash(self, feed_id: str, ending: str) -> str | None:
        """The sha256 of the file in place (hexadecimal); None when there is none to be read.

        Raises:
            PublishError: the name is not one of a feed.

        """
        name = _name(feed_id, ending)
        try:
            with _opened(self._directory) as folder:
                data = _read(folder, name)
        except (OSError, _NotAFileError):
            return None
        return None if data is None else hashlib.sha256(data).hexdigest()

    def stamp_of(self, feed_id: str, ending: str, data: bytes) -> str:
        """The hash of the bytes, which were just written, with what the file system says of their file.

        Raises:
            PublishError: the name is not one of a feed.

        """
        return f"{hashlib.sha256(data).hexdigest()} {self._facts(_name(feed_id, ending))}"

    def in_place(self, feed_id: str, ending: str, stamp: str) -> bool:
        """Whether the file in place is the one that had the stamp.

        It is not read while the file system says that nobody touched it: size, number, and times of change to the
        nanosecond, of which the last cannot be set by hand.

        Raises:
            PublishError: the name is not one of a feed.

        """
        digest, _, facts = stamp.partition(" ")
        return bool(stamp) and (
            (facts != "" and self._facts(_name(feed_id, ending)) == facts)
            or (self.read_hash(feed_id, ending) == digest)
        )

    def close_private(self) -> None:
        """Take private files out of everybody's sight that were written while their feed was public."""
        if not self._private:
            return
        with contextlib.suppress(OSError), _opened(self._directory) as folder:
            for name in _listed(folder):
                if _feed_of(name) in self._private:
                    with contextlib.suppress(OSError):
                        _set_mode(folder, name, PRIVATE_MODE)

    def names(self) -> frozenset[str]:
        """The names in the directory that published files may have."""
        try:
            with _opened(self._directory) as folder:
                return frozenset(filter(FILE_NAME.fullmatch, _listed(folder)))
        except OSError:
            return frozenset()

    def remove(self, name: str) -> None:
        """Take a published file away; nothing happens when it is not there or cannot be removed."""
        if FILE_NAME.fullmatch(name):
            with contextlib.suppress(OSError), _opened(self._directory) as folder:
                if stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    os.unlink(name, dir_fd=folder)

    def _facts(self, name: str) -> str:
        try:
            found = (self._directory / name).lstat()
        except OSError:
            return ""
        return f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}"


class _NotAFileError(Exception):
    """Something else stands where a feed belongs; the message says what."""


def _name(feed_id: str, ending: str) -> str:
    """The file's name; only what the configuration may name, so that no outside text is ever a path."""
    if not _STEM.fullmatch(feed_id):
        raise PublishError(feed_id, "is no file name: use 1 to 64 of a-z, 0-9 and -")
    if ending not in MEDIA_TYPES:
        raise PublishError(feed_id, f"has no format {ending!r}: use one of {', '.join(sorted(MEDIA_TYPES))}")
    return f"{feed_id}.{ending}"


@contextlib.contextmanager
def _opened(directory: Path) -> Iterator[int]:
    """The directory held open, so that all names below mean the same place."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _read(folder: int, name: str, *, size: int | None = None) -> bytes | None:
    """The file's bytes; None when it is missing, unreadable, or (with `size`) of another size.

    Raises:
        _NotAFileError: a link, directory, pipe or device stands there.

    """
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a directory"}
        raise _NotAFileError(kinds.get(stat.S_IFMT(found.st_mode), "a special file"))
    if size is not None and found.st_size != size:
        return None
    try:
        # O_NOFOLLOW and O_NONBLOCK: whoever swaps the file for a link or a pipe now gets an error.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(file, "rb") as stream:
        return stream.read()


def _replace(folder: int, name: str, data: bytes, mode: int) -> None:
    """Write, sync, rename, sync the directory (what a power cut needs, in this order)."""
    with _temporary(folder, name) as (file, temporary):
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        # Not left to the umask: a web server under another user reads these.
        os.fchmod(file, mode)
        os.fsync(file)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _feed_of(name: str) -> str:
    """The id of the feed whose file, or whose archive's, has the name."""
    found = FILE_NAME.fullmatch(name)
    return found["id"] if found else ""


def _set_mode(folder: int, name: str, mode: int) -> bool:
    """Give a file the mode that it should have; whether it had another."""
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        if stat.S_IMODE(os.fstat(file).st_mode) == mode:
            return False
        os.fchmod(file, mode)
        return True
    finally:
        os.close(file)


@contextlib.contextmanager
def _temporary(folder: int, name: str) -> Iterator[tuple[int, str]]:
    """A new locked file; removed at the end unless it was renamed.

    The lock tells a file that is being written from one that a kill left (see `_clear`). Whoever clears
    may come between making and locking: the file has no name any more then and another is made.
    """
    while True:
        temporary = f".{name}.{secrets.token_hex(8)}.tmp"
        file = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder
        )
        try:
            # A file system without locks costs only the clearing away of leftovers.
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_nlink == 0:
                continue
            yield file, temporary
            return
        finally:
            # Gone already where it was renamed; a disk that refuses even this must not hide the first error.
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            os.close(file)


def _listed(folder: int) -> list[str]:
    return sorted(os.listdir(folder))


def _clear(folder: int) -> None:
    """Remove the temporary files that nobody holds."""
    for name in _listed(folder):
        if not _TEMPORARY.fullmatch(name):
            continue
        with contextlib.suppress(OSError):
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(name, dir_fd=folder)
            finally:
                os.close(file)
