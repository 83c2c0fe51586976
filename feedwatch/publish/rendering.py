"""Feeds as bytes: entries rendered one by one, and joined in the frame of their feed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

from feedwatch.errors import PublishError
from feedwatch.formats import FORMAT_NAMES, MOST_BYTES
from feedwatch.model import FeedSpec
from feedwatch.ports import Load
from feedwatch.publish import atom, jsonfeed, page, rss
from feedwatch.publish.fragments import KEPT_BYTES, Fragments
from feedwatch.publish.links import Links
from feedwatch.views import FeedView, Limits, Place, Rendered, ViewEntry, limited, microseconds

#: Called for each entry that could not be written with feed id, entry id and what was wrong.
OnSkip = Callable[[str, str, str], None]


#: Called for each feed that does not fit into one document, with the feed, the number of its entries, and how many of
#: them are shown by format.
OnCut = Callable[[FeedView, int, Mapping[str, int]], None]


class _Row(NamedTuple):
    """One entry in each of the formats, and when it was first seen, in microseconds since 1970."""

    first_seen_us: int
    forms: Sequence[bytes]


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
        self,
        *,
        limits: Limits | None = None,
        keep_bytes: int = KEPT_BYTES,
        on_skip: OnSkip | None = None,
        on_cut: OnCut | None = None,
    ) -> None:
        self._limits = limits or {}
        self._kept = Fragments(keep_bytes)
        self._on_skip = on_skip
        self._on_cut = on_cut

    def render(self, view: FeedView, formats: Sequence[str]) -> dict[str, bytes]:
        """The view in each of the formats, in UTF-8; equal views give equal bytes.

        An entry that cannot be written in one of the formats is left out of all and reported; the others are
        published. So is, format by format, what would make a document too large: the newest entries are shown.

        Raises:
            PublishError: the feed itself cannot be written.

        """
        rows = [
            _Row(microseconds(each.entry.first_seen_at), row)
            for each in view.entries
            if (row := self._row(view.spec, each, formats)) is not None
        ]
        return self._joined(view, formats, rows).files

    def render_places(self, view: FeedView, places: Sequence[Place], load: Load, formats: Sequence[str]) -> Rendered:
        """As `render`; `load` is asked for those places that are not kept.

        Raises:
            PublishError: the feed itself cannot be written.

        """
        found = zip(places, self._rows(view.spec, places, load, formats), strict=True)
        return self._joined(view, formats, [_Row(place.first_seen_us, row) for place, row in found if row is not None])

    def measure(self, spec: FeedSpec, places: Sequence[Place], load: Load, formats: Sequence[str]) -> list[int]:
        """How many bytes each of the places takes in the first of the formats; 0 where it cannot be written."""
        return [0 if row is None else len(row[0]) for row in self._rows(spec, places, load, formats)]

    def _rows(
        self, spec: FeedSpec, places: Sequence[Place], load: Load, formats: Sequence[str]
    ) -> list[list[bytes] | None]:
        """Each place in each of the formats."""
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
        return rows

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

    def _joined(self, view: FeedView, formats: Sequence[str], rows: Sequence[_Row]) -> Rendered:
        bare = replace(view, entries=())
        files: dict[str, bytes] = {}
        counts: dict[str, int] = {}
        for place, name in enumerate(formats):
            writer = _WRITERS[name]
            try:
                head, foot = _frame(name, bare, tuple(formats), empty=not rows)
            except ValueError as error:
                raise PublishError(view.spec.id, f"cannot be written as {FORMAT_NAMES[name]}: {error}") from error
            room = MOST_BYTES - len(head) - len(foot) - len(writer.joint) * len(rows)
            fragments = _fitting(rows, [row.forms[place] for row in rows], room, as_ordered=view.spec.order == "score")
            counts[name] = len(fragments)
            body = (writer.joint.join(fragments),) if writer.joint else fragments
            files[name] = b"".join((head, *body, foot))
        if self._on_cut and min(counts.values(), default=0) < len(rows):
            self._on_cut(view, len(rows), counts)
        return Rendered(files, counts.get("atom", len(rows)))


def _shape(spec: FeedSpec) -> tuple[Hashable, ...]:
    """All of a definition that the bytes of an entry depend on."""
    return spec.content, spec.reasons, spec.footer, spec.lang


def render(view: FeedView, formats: Sequence[str] = ("atom",), *, on_skip: OnSkip | None = None) -> dict[str, bytes]:
    """As `Renderer.render`, once."""
    return Renderer(on_skip=on_skip).render(view, formats)


def _fitting(rows: Sequence[_Row], fragments: Sequence[bytes], room: int, *, as_ordered: bool) -> Sequence[bytes]:
    """As many of the fragments as there is room for, the newest or, `as_ordered`, the first; one at least."""
    if sum(map(len, fragments)) <= room:
        return fragments
    order = range(len(rows)) if as_ordered else sorted(range(len(rows)), key=lambda number: -rows[number].first_seen_us)
    kept: set[int] = set()
    for number in order:
        room -= len(fragments[number])
        if room < 0 and kept:
            break
        kept.add(number)
    return [fragment for number, fragment in enumerate(fragments) if number in kept]


@lru_cache(maxsize=1_000)
def _frame(name: str, bare: FeedView, formats: tuple[str, ...], *, empty: bool) -> tuple[bytes, bytes]:
    """What stands around the entries of a view: it costs as much as some twenty kept entries."""
    return _WRITERS[name].frame(bare, Links(view=bare, formats=formats), empty=empty)
