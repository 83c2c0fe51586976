"""One file or standard input as a document, outside of any folder."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.folder import MEDIA_TYPES
from feedwatch.model import Document, Validators

STANDARD_INPUT = "-"


def read_document(locator: str, source_id: str, clock: Clock, *, max_bytes: int = 10 * 1024 * 1024) -> Document:
    """The file at a path, or all of standard input for "-".

    Raises:
        FetchError: it cannot be read, or is larger than `max_bytes`.

    """
    try:
        if locator == STANDARD_INPUT:
            body = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(locator).open("rb") as file:
                body = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise FetchError(locator, "no such file", reason="missing") from error
    except (OSError, ValueError) as error:
        message = getattr(error, "strerror", None) or str(error)
        raise FetchError(locator, f"cannot be read: {message}", reason="unreadable") from error
    if len(body) > max_bytes:
        raise FetchError(locator, f"is larger than {max_bytes / 1024 / 1024:g} MiB", reason="too-large")
    return Document(
        source_id=source_id,
        locator=locator,
        url=None,
        body=body,
        media_type="text/plain" if locator == STANDARD_INPUT else MEDIA_TYPES.get(Path(locator).suffix.lower(), ""),
        charset=None,
        fetched_at=clock.now(),
        validators=Validators(body_hash=hashlib.sha256(body).hexdigest()),
    )
