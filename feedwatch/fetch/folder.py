"""A folder of saved documents: what is new, changed or gone since the last look."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.archive import (
    ENDINGS,
    ArchiveError,
    Record,
    can_read_archives,
    records,
    starts_record,
)
from feedwatch.model import Document, Failed, Fetched, Gone, NotModified, Source, Validators
from feedwatch.text import printable

#: What is read, by the ending of the file's name in lower case.
MEDIA_TYPES: Mapping[str, str] = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".mhtml": "multipart/related",
    ".mht": "multipart/related",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".atom": "application/xml",
    ".rdf": "application/xml",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/x-ndjson",
    ".eml": "message/rfc822",
}
# Browsers put these beside a saved page: nobody expects an entry of them, or a word about them.
_COMPANIONS = frozenset(
    {".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".otf", ".eot"}
    | {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".ico", ".bmp"}
    | {".mp3", ".mp4", ".m4a", ".ogg", ".oga", ".ogv", ".opus", ".wav", ".webm"}
)
_ATTEMPTS = 3
#: Of an archive, by which it is told from another of the same name.
_HEAD_BYTES = 64 * 1024


class FolderFetcher:
    """Reads folders; one object serves any number of threads.

    Hidden files and folders are passed over. Symbolic links are not followed: one that leads out of the
    folder is reported, one that stays inside is skipped, since its target is read under its own name.
    Files of kinds that are not read are counted and reported once, except those that browsers save with
    a page (images, styles, scripts, media). `max_bytes` bounds a file.
    """

    def __init__(self, clock: Clock, *, max_bytes: int = 10 * 1024 * 1024) -> None:
        self._clock = clock
        self._max_bytes = max_bytes

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield new and changed files in the order of their paths, then what is gone.

        A file whose size and time of change are as known yields nothing; one that was touched without a
        change yields NotModified. A document's locator is its path relative to the folder.

        Raises:
            FetchError: the folder is missing or may not be read.

        """
        root = _root(source)
        wanted = _wanted(source.patterns)
        present: set[str] = set()
        unread: list[str] = []
        unsupported: Counter[str] = Counter()
        for relative, entry in _walk(root):
            if isinstance(entry, OSError):
                unread.append(f"{relative}/")
                yield _failed(f"{relative}/", _why(entry), "unreadable")
            elif not wanted(relative):
                continue
            elif entry.is_symlink():
                yield from _link(root, relative, entry)
            elif entry.is_file():
                ending = _ending(relative)
                if ending in ENDINGS or ending in MEDIA_TYPES:
                    present.add(relative)
                    yield from self._changed(source, entry, relative, ending, known.get(relative))
                elif ending not in _COMPANIONS:
                    unsupported[ending] += 1
        if unsupported:
            yield _failed(".", _not_read(unsupported), "unsupported")
        for locator in sorted(known.keys() - present):
            # What is in a folder that could not be opened is not known to be gone.
            if not locator.startswith(tuple(unread)):
                yield Gone(locator=locator)

    def _changed(
        self, source: Source, entry: os.DirEntry[str], relative: str, ending: str, known: Validators | None
    ) -> Iterator[Fetched]:
        """What a file brings that was not read yet; nothing when it is as it was."""
        if ending in ENDINGS:
            yield from self._archive(source, entry, relative, known)
            return
        fetched = self._file(source, entry, relative, MEDIA_TYPES[ending], known)
        if fetched is not None:
            yield fetched

    def _file(
        self, source: Source, entry: os.DirEntry[str], relative: str, media_type: str, known: Validators | None
    ) -> Fetched | None:
        """What became of one file; None when it is as it was."""
        try:
            relative.encode()
            status = entry.stat(follow_symlinks=False)
            if known and (status.st_size, status.st_mtime_ns) == (known.size_bytes, known.modified_ns):
                return None
            body, status = self._read(entry.path, status.st_size)
        except UnicodeError:
            return _failed(printable(relative), "the file's name is not UTF-8; rename it", "unreadable")
        except OSError as error:
            return _failed(relative, _why(error), "unreadable")
        except _UnfitError as error:
            return _failed(relative, str(error), error.reason)
        validators = Validators(
            body_hash=hashlib.sha256(body).hexdigest(), size_bytes=status.st_size, modified_ns=status.st_mtime_ns
        )
        if known and known.body_hash == validators.body_hash:
            return NotModified(locator=relative, validators=validators)
        return Document(
            source_id=source.id,
            locator=relative,
            url=None,
            body=body,
            media_type=media_type,
            charset=None,
            fetched_at=self._clock.now(),
            validators=validators,
        )

    def _archive(
        self, source: Source, entry: os.DirEntry[str], relative: str, known: Validators | None
    ) -> Iterator[Fetched]:
        """The pages in a web archive that were not read yet, each with the archive's state as far as it is read then.

        A file that grew is read on where it ended; one that changed otherwise is read anew.
        """
        if not can_read_archives():
            message = "is a web archive: install feedwatch[warc] to read it"
            yield _failed(relative, message, "unsupported")
            return
        try:
            relative.encode()
            status = entry.stat(follow_symlinks=False)
            if known and _is_read(known, status):
                return
            with open(entry.path, "rb", opener=_open) as file:
                yield from self._records(source, file, relative, status, known)
        except UnicodeError:
            yield _failed(printable(relative), "the file's name is not UTF-8; rename it", "unreadable")
        except OSError as error:
            yield _failed(relative, _why(error), "unreadable")
        except ArchiveError as error:
            yield _failed(relative, f"{error}; what came before is kept", "unreadable")

    def _records(
        self, source: Source, file: BinaryIO, relative: str, status: os.stat_result, known: Validators | None
    ) -> Iterator[Fetched]:
        head = file.read(_HEAD_BYTES)
        whole = Validators(
            body_hash=hashlib.sha256(head).hexdigest(), size_bytes=status.st_size, modified_ns=status.st_mtime_ns
        )
        start = 0
        if known and known.body_hash == hashlib.sha256(head[: known.size_bytes]).hexdigest():
            reached = known.size_bytes if known.read_bytes is None else known.read_bytes
            start = reached if reached and starts_record(file, reached) else 0
        pending: Record | None = None
        for record in records(file, start, max_bytes=self._max_bytes):
            if pending is not None:
                yield self._document(source, relative, pending, replace(whole, read_bytes=record.place))
            pending = record
        if pending is not None:
            yield self._document(source, relative, pending, whole)
        else:
            yield NotModified(locator=relative, validators=whole)

    def _document(self, source: Source, relative: str, record: Record, validators: Validators) -> Document:
        return Document(
            source_id=source.id,
            locator=f"{relative}#{record.url}",
            url=record.url,
            body=record.body,
            media_type=record.media_type,
            charset=record.charset,
            fetched_at=self._clock.now(),
            validators=validators,
            container=relative,
        )

    def _read(self, path: str, size_bytes: int) -> tuple[bytes, os.stat_result]:
        """The file's bytes and the status that belongs to them.

        Raises:
            OSError: it cannot be read.
            _UnfitError: it is too large, or somebody is writing it.

        """
        if size_bytes > self._max_bytes:
            raise _UnfitError(f"is larger than {self._max_bytes / 1024 / 1024:g} MiB", "too-large")
        for _ in range(_ATTEMPTS):
            # Path.open has no opener.
            with open(path, "rb", opener=_open) as file:
                before = os.fstat(file.fileno())
                body = file.read(self._max_bytes + 1) if stat.S_ISREG(before.st_mode) else b""
                after = os.fstat(file.fileno())
            unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
            if unchanged and len(body) == after.st_size:
                return body, after
        raise _UnfitError("is being written; it is read when it is complete", "unreadable")


class _UnfitError(Exception):
    """A file that is there but is not read; `reason` as in FetchError."""

    def __init__(self, message: str, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


def _is_read(known: Validators, status: os.stat_result) -> bool:
    """Whether a file is as it was when the whole of it was read."""
    same = (status.st_size, status.st_mtime_ns) == (known.size_bytes, known.modified_ns)
    return same and known.read_bytes is None


def _open(path: str, flags: int) -> int:
    """Open for reading: a link put in the file's place meanwhile is refused, a pipe does not block."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _root(source: Source) -> Path:
    """The folder, its own links resolved."""
    shown = printable(source.locator)
    try:
        root = Path(source.locator).resolve(strict=True)
        if not root.is_dir():
            raise FetchError(shown, "is a file, not a folder; name the folder it is in", reason="missing")
        with os.scandir(root):
            return root
    except FileNotFoundError:
        cure = "create it, or correct the source's path in the configuration"
        raise FetchError(shown, f"no such folder; {cure}", reason="missing") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise FetchError(shown, _why(error), reason="unreadable") from None


def _walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str] | OSError]]:
    """All but hidden entries that are not folders, by relative path, in the order of their names.

    A folder that cannot be listed comes with its error.
    """
    stack: list[tuple[str, os.DirEntry[str]]] = []
    _push(stack, "", root)
    while stack:
        relative, entry = stack.pop()
        if not entry.is_dir(follow_symlinks=False):
            yield relative, entry
            continue
        try:
            _push(stack, f"{relative}/", entry)
        except OSError as error:
            yield relative, error


def _push(stack: list[tuple[str, os.DirEntry[str]]], prefix: str, folder: os.PathLike[str]) -> None:
    with os.scandir(folder) as entries:
        visible = [entry for entry in entries if not entry.name.startswith(".")]
    visible.sort(key=lambda entry: entry.name, reverse=True)
    stack.extend((prefix + entry.name, entry) for entry in visible)


def _wanted(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path matches one of the globs."""
    if "**/*" in patterns:
        return lambda _path: True
    split = [pattern.split("/") for pattern in patterns]
    return lambda path: any(_matches(path.split("/"), pattern) for pattern in split)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path match a glob; `**` stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return len(pattern) == 1 or any(_matches(parts[start:], pattern[1:]) for start in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _ending(relative: str) -> str:
    """The end of a file's name by which it is told what it holds, in lower case; "" without one."""
    name = relative.rpartition("/")[2].lower()
    for ending in ENDINGS:
        if name.endswith(ending):
            return ending
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix}" if dot and stem else ""


def _link(root: Path, relative: str, entry: os.DirEntry[str]) -> Iterator[Failed]:
    """What is said of a link; nothing of one that stays inside, since its target is read under its own name."""
    if not _is_inside(root, entry):
        yield _failed(relative, "is a link out of the folder and not followed; put the file itself there", "unreadable")


def _is_inside(root: Path, entry: os.DirEntry[str]) -> bool:
    """Whether a link leads to a place within the folder."""
    return Path(os.path.realpath(entry.path)).is_relative_to(root)


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "may not be read; give the user that runs feedwatch the right to read it"
    reason = getattr(error, "strerror", None) or str(error)
    return f"cannot be read: {printable(reason.lower())}"


def _failed(locator: str, message: str, reason: str) -> Failed:
    return Failed(locator=locator, message=message, reason=reason)


def _not_read(counts: Counter[str]) -> str:
    """One message for all files of kinds that are not read."""
    endings = sorted(counts.items())[:20]
    kinds = ", ".join(f"{printable(suffix, 20) or 'no ending'}: {count}" for suffix, count in endings)
    total = counts.total()
    readable = ", ".join((*MEDIA_TYPES, *ENDINGS))
    return f"{total} file{'s' if total > 1 else ''} not read ({kinds}); files ending in {readable} are"
