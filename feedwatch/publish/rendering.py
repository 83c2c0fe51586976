"""Feeds as bytes: entries rendered one by one, and joined in the frame of their feed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from feedwatch.errors import PublishError
from feedwatch.formats import FORMAT_NAMES
from feedwatch.model import FeedSpec
from feedwatch.ports import Load
from feedwatch.publish import atom, jsonfeed, page, rss
from feedwatch.publish.fragments import KEPT_BYTES, Fragments
from feedwatch.publish.links import Links
from feedwatch.views import FeedView, Limits, Place, ViewEntry, limited

#: Called for each entry that could not be written with feed id, entry id and what was wrong.
OnSkip = Callable[[str, str, str], None]


class _Frame(Protocol):
    def __call__(self, view: FeedView, links: Links, *, empty: bool) -> tuple[bytes, bytes]: ...


@dataclass(frozen=True, slots=True)
class _Writer:
    """How one format is written; what stands between two entries is `joint`."""

    frame: _Frame
    fragment: Callable[[FeedSpec, ViewEntry], bytes]
    joint: bytes = b""


_WRITERS = {
    "atom": _Writer(atom.frame, atom.fragment),
    "rss": _Writer(rss.frame, rss.fragment),
    "json": _Writer(jsonfeed.frame, jsonfeed.fragment, b",\n"),
    "html": _Writer(page.frame, page.fragment),
}


class Renderer:
    """Renders feeds, and keeps what it rendered of entries up to a number of bytes; safe in several threads."""

    def __init__(
        self, *, limits: Limits | None = None, keep_bytes: int = KEPT_BYTES, on_skip: OnSkip | None = None
    ) -> None:
        self._limits = limits or {}
        self._kept = Fragments(keep_bytes)
        self._on_skip = on_skip

    def render(self, view: FeedView, formats: Sequence[str]) -> dict[str, bytes]:
        """The view in each of the formats, in UTF-8; equal views give equal bytes.

        An entry that cannot be written in one of the formats is left out of all and reported; the others are
        published.

        Raises:
            PublishError: the feed itself cannot be written.

        """
        return _join(view, formats, list(filter(None, (self._row(view.spec, each, formats) for each in view.entries))))

    def render_places(
        self, view: FeedView, places: Sequence[Place], load: Load, formats: Sequence[str]
    ) -> dict[str, bytes]:
        """As `render`; `load` is asked for those places that are not kept.

        Raises:
            PublishError: the feed itself cannot be written.

        """
        spec = view.spec
        shape = _shape(spec)
        keys: list[Hashable | None] = [None if (mark := place.mark) is None else (shape, mark) for place in places]
        if self._limits:
            for number, place in enumerate(places):
                here = limited(spec, self._limits, (each.source_id for each in place.sightings))
                if here is not spec and (mark := place.mark) is not None:
                    keys[number] = (_shape(here), mark)
        rows = self._kept.get(keys, formats)
        missing = [number for number, row in enumerate(rows) if row is None]
        if missing:
            loaded = load([places[number] for number in missing])
            for number, shown in zip(missing, loaded, strict=True):
                if shown is not None and (row := self._row(spec, shown, formats)) is not None:
                    rows[number] = row
                    self._kept.put(keys[number], formats, row)
        return _join(view, formats, list(filter(None, rows)))

    def _row(self, spec: FeedSpec, shown: ViewEntry, formats: Sequence[str]) -> list[bytes] | None:
        """One entry in each of the formats; None where it cannot be written."""
        if self._limits:
            spec = limited(spec, self._limits, (source_id for source_id, _ in shown.vias))
        try:
            return [_WRITERS[name].fragment(spec, shown) for name in formats]
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one entry, the others are published
            if self._on_skip:
                self._on_skip(spec.id, shown.id, f"{type(error).__name__}: {error}")
            return None


def _shape(spec: FeedSpec) -> tuple[Hashable, ...]:
    """All of a definition that the bytes of an entry depend on."""
    return spec.content, spec.reasons, spec.footer, spec.lang


def render(view: FeedView, formats: Sequence[str] = ("atom",), *, on_skip: OnSkip | None = None) -> dict[str, bytes]:
    """As `Renderer.render`, once."""
    return Renderer(on_skip=on_skip).render(view, formats)


def _join(view: FeedView, formats: Sequence[str], rows: Sequence[Sequence[bytes]]) -> dict[str, bytes]:
    bare = replace(view, entries=())
    found: dict[str, bytes] = {}
    for place, name in enumerate(formats):
        writer = _WRITERS[name]
        try:
            head, foot = _frame(name, bare, tuple(formats), empty=not rows)
        except ValueError as error:
            raise PublishError(view.spec.id, f"cannot be written as {FORMAT_NAMES[name]}: {error}") from error
        fragments = [row[place] for row in rows]
        body = (writer.joint.join(fragments),) if writer.joint else fragments
        found[name] = b"".join((head, *body, foot))
    return found


@lru_cache(maxsize=1_000)
def _frame(name: str, bare: FeedView, formats: tuple[str, ...], *, empty: bool) -> tuple[bytes, bytes]:
    """What stands around the entries of a view: it costs as much as some twenty kept entries."""
    return _WRITERS[name].frame(bare, Links(view=bare, formats=formats), empty=empty)
