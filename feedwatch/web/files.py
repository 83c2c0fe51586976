"""Feed files as HTTP representations: bytes, validators and a compressed form, kept in memory."""

from __future__ import annotations

import gzip
import hashlib
import stat
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from threading import Lock

from feedwatch.formats import FILE_NAME, content_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """One file as it is sent; both forms have a strong entity tag of their own (RFC 9110 section 8.8.3)."""

    body: bytes
    compressed: bytes
    etag: str
    compressed_etag: str
    #: HTTP date of the file's last change.
    last_modified: str
    modified_s: int
    media_type: str


class FeedFolder:
    """Reads feed files once for each change; safe to use from several threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = Lock()
        self._kept: dict[str, tuple[tuple[int, int, int], Representation]] = {}

    def get(self, name: str) -> Representation | None:
        """The file `name` ("niger-security.atom"), or None when there is none such."""
        found = FILE_NAME.fullmatch(name)
        if found is None:
            return None
        path = self._directory / name
        try:
            status = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or kept[0] != state:
            try:
                body = path.read_bytes()
            except OSError:
                return None
            kept = (state, _represent(body, status.st_mtime, content_type(found["ending"])))
            with self._lock:
                self._kept[name] = kept
        return kept[1]


def _represent(body: bytes, modified: float, media_type: str) -> Representation:
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Representation(
        body=body,
        # The time in a gzip header would make equal bodies differ.
        compressed=gzip.compress(body, compresslevel=6, mtime=0),
        etag=f'"{digest}"',
        compressed_etag=f'"{digest}-gzip"',
        last_modified=formatdate(int(modified), usegmt=True),
        modified_s=int(modified),
        media_type=media_type,
    )
