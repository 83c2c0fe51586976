"""Feeds as files: what the story calls to publish."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from feedwatch.formats import FORMAT_NAMES, INDEX, MOST_BYTES
from feedwatch.model import FeedSpec
from feedwatch.ports import Load
from feedwatch.publish.files import FeedFiles
from feedwatch.publish.listing import render_index
from feedwatch.publish.rendering import OnSkip, Renderer
from feedwatch.text import printable
from feedwatch.views import FeedView, Limits, Place, Rendered

_log = logging.getLogger(__name__)


class FilePublisher:
    """Renders views and keeps them as files in one directory; see `ports.Publisher`.

    Files of the feeds in `private` are for their owner only. `limits` say which sources allow less of their texts to
    be shown than feeds would. `on_skip` hears of each entry that could not be
    written; the log does when there is none.
    """

    def __init__(
        self,
        directory: Path,
        *,
        formats: Sequence[str] = ("atom",),
        private: Collection[str] = (),
        limits: Limits | None = None,
        on_skip: OnSkip | None = None,
    ) -> None:
        self._files = FeedFiles(directory, private=private)
        self._formats = tuple(formats)
        self._renderer = Renderer(limits=limits, on_skip=on_skip or _log_skipped, on_cut=self._tell_cut)
        self._cut: dict[str, str] = {}

    def close_private(self) -> None:
        """Take private files out of everybody's sight that were written while their feed was public."""
        self._files.close_private()

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats written, by file name ending."""
        return self._formats

    def render(self, view: FeedView) -> dict[str, bytes]:
        """The bytes of each format by file name ending.

        Raises:
            PublishError: the feed could not be rendered.

        """
        return self._renderer.render(view, self._formats)

    def render_places(self, view: FeedView, places: Sequence[Place], load: Load) -> Rendered:
        """As `render`; `load` is asked for those places that are not kept from before.

        Raises:
            PublishError: the feed could not be rendered.

        """
        return self._renderer.render_places(view, places, load, self._formats)

    def render_archive(self, view: FeedView, places: Sequence[Place], load: Load) -> bytes:
        """An archive document: Atom alone has them.

        Raises:
            PublishError: the document could not be rendered.

        """
        return self._renderer.render_places(view, places, load, ("atom",)).files["atom"]

    def measure(self, spec: FeedSpec, places: Sequence[Place], load: Load, *, archived: bool) -> list[int]:
        """How many bytes each of the places takes in an Atom document; see `ports.Publisher`."""
        others = () if archived else (each for each in self._formats if each != "atom")
        return self._renderer.measure(spec, places, load, ("atom", *others))

    def write(self, feed_id: str, ending: str, data: bytes) -> bool:
        """Put the bytes in place atomically and durably; False when they were there already.

        Raises:
            PublishError: the disk refused.

        """
        return self._files.write(feed_id, ending, data)

    def stamp_of(self, feed_id: str, ending: str, data: bytes) -> str:
        """What tells the file that was just written with these bytes from any other."""
        return self._files.stamp_of(feed_id, ending, data)

    def in_place(self, feed_id: str, ending: str, stamp: str) -> bool:
        """Whether the file in place is the one that had the stamp."""
        return self._files.in_place(feed_id, ending, stamp)

    def names(self) -> frozenset[str]:
        """Names of the files in place."""
        return self._files.names()

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens when it is not there or cannot be removed."""
        self._files.remove(name)

    def write_index(self, specs: Sequence[FeedSpec], base_url: str) -> bool:
        """Put the list of all public feeds in place; False when it was there already.

        Raises:
            PublishError: the disk refused.

        """
        public = [spec for spec in specs if not spec.private]
        return self._files.write(INDEX, "opml", render_index(public, base_url, self._formats))

    def _tell_cut(self, view: FeedView, entries: int, shown: Mapping[str, int]) -> None:
        """Say once that a feed does not fit, and again when something else fits."""
        less = ", ".join(f"{FORMAT_NAMES[name]} {count}" for name, count in shown.items() if count < entries)
        if self._cut.get(view.spec.id) != less:
            self._cut[view.spec.id] = less
            _log.warning(
                'feed %s: of %d entries these fit into %d MB: %s; content = "summary" or a lower limit avoids it',
                view.spec.id,
                entries,
                MOST_BYTES // 10**6,
                less,
            )


def _log_skipped(feed_id: str, entry_id: str, message: str) -> None:
    _log.warning("feed %s: entry %s left out: %s", feed_id, printable(entry_id), printable(message))
