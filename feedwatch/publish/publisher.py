"""Feeds as files: what the story calls to publish."""

from __future__ import annotations

import logging
from pathlib import Path

from feedwatch.model import FeedView
from feedwatch.publish.atom import OnSkip, render_atom
from feedwatch.publish.files import FeedFiles
from feedwatch.text import printable

_log = logging.getLogger(__name__)


class FilePublisher:
    """Renders views and keeps them as files in one directory; see `ports.Publisher`.

    `on_skip` hears of each entry that could not be written; the log does when there is none.
    """

    def __init__(self, directory: Path, *, on_skip: OnSkip | None = None) -> None:
        self._files = FeedFiles(directory)
        self._on_skip = on_skip or _log_skipped

    def render(self, view: FeedView) -> dict[str, bytes]:
        """The bytes of each format by file name ending.

        Raises:
            PublishError: the feed could not be rendered.

        """
        return {"atom": render_atom(view, on_skip=self._on_skip)}

    def write(self, feed_id: str, ending: str, data: bytes) -> bool:
        """Put the bytes in place atomically and durably; False when they were there already.

        Raises:
            PublishError: the disk refused.

        """
        return self._files.write(feed_id, ending, data)

    def hash_of(self, feed_id: str, ending: str) -> str | None:
        """The sha256 of the file in place (hexadecimal); None when there is none to be read."""
        return self._files.read_hash(feed_id, ending)


def _log_skipped(feed_id: str, entry_id: str, message: str) -> None:
    _log.warning("feed %s: entry %s left out: %s", feed_id, printable(entry_id), printable(message))
