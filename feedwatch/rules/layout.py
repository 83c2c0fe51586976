"""An article as the rules see it: one text of fields, folded once, every place in it known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property

from feedwatch.model import Article, Evidence
from feedwatch.rules.automaton import Hit
from feedwatch.rules.fold import fold
from feedwatch.urls import path_words

#: Worth of a mention by field; `tail` is there for explanation only.
WEIGHTS: Mapping[str, float] = {"title": 3.0, "tags": 2.0, "lead": 1.5, "body": 1.0, "url": 1.0, "tail": 0.0}
LEAD_WORDS = 60
# Of the fields in the text; the lead is the beginning of the body.
_ORDER: Mapping[str, int] = {"title": 0, "tags": 1, "lead": 2, "body": 2, "url": 3, "tail": 4}

_GAP = "\n\n"
_BLANK_LINES = re.compile(r"(\n[^\S\n]*\n\s*)")
_LEAD = re.compile(rf"(?:(?:\. )*[^ .]+ ){{{LEAD_WORDS}}}")
# "NIAMEY, 3 mars (ANP) –"; whether it is one is decided by capitals or by the agency.
_DATELINE = re.compile(
    r"\s*(?P<place>[^\W\d_][^\n,;:()/–—]{1,40}?)(?:[,/][^\n()–—]{1,40}?)?\s*"
    r"(?:(?P<agency>\([^()\n]{2,40}\))\s*[–—:-]|[–—]|(?<=\s)--?(?=\s))"
)
_AGENCY = re.compile(r"[A-Z]{2}|[A-Z][a-z]+\)|[\u0600-\u06ff]")
_MAX_PLACE_WORDS = 5
_DATELINE_REACH = 160


class Layout:
    """The fields of one article as one text.

    `folded` is the folded form of `text`; fields are told by places in the former, evidence counts in
    the article's own fields, which `offset_of` finds in the latter.
    """

    def __init__(self, article: Article, *, with_tail: bool = False) -> None:
        # Tags are joined by a sign that ends a phrase and is as long as the newline that spans count with.
        fields = [
            ("title", article.title),
            ("tags", ";".join(article.tags)),
            ("body", without_repetitions(article.body, article.title)),
            ("url", path_words(article.url)),
        ]
        if with_tail:
            fields.append(("tail", article.tail))
        self._names: list[str] = []
        self._starts: list[int] = []
        place = 0
        for name, text in fields:
            self._names.append(name)
            self._starts.append(place)
            place += len(text) + len(_GAP)
        self.text = _GAP.join(text for _, text in fields)
        self.folded = fold(self.text)

        #: Made so far, by the identity of a list of hits (kept beside it, so that it stays the only one).
        self.evidence: dict[int, tuple[object, Evidence]] = {}
        place_of = self.folded.place
        bounds = [place_of(start) for start in self._starts]
        #: Where each field begins in the folded text, and its name.
        self._bounds = [*bounds[:3], self._lead_end(bounds[2], bounds[3]), *bounds[3:]]
        self._field_names = ["title", "tags", "lead", "body", *self._names[3:]]

    def _lead_end(self, start: int, end: int) -> int:
        """Where the body after the lead begins in the folded text."""
        match = _LEAD.match(self.folded.text, self.folded.text.find(" ", max(start - 1, 0)) + 1, end)
        return match.end() if match else end

    @property
    def url_start(self) -> int:
        """Where address and tail begin in the folded text."""
        return self._bounds[4]

    @cached_property
    def dateline_end(self) -> int:
        """Where the dateline ends in the folded text; 0 without one."""
        start = self._starts[2]
        match = _DATELINE.match(self.text, start, start + _DATELINE_REACH)
        if match is None:
            return 0
        place, agency = match["place"], match["agency"]
        is_place = place.isupper() or bool(agency and _AGENCY.search(agency) and len(place.split()) <= _MAX_PLACE_WORDS)
        return self.folded.place(match.end()) if is_place else 0

    def place(self, hits: Iterable[Hit]) -> None:
        """Write into each hit where it stands in `text`, and in which field.

        Neighbours in the text follow each other in `hits`, so the search goes on where the last one ended.
        """
        offsets, bounds, names = self.folded.offsets, self._bounds, self._field_names
        new, old = offsets.new, offsets.old
        # A text with ligatures or marks needs more than the pieces say.
        is_plain = self.folded.is_plain
        piece = number = 0
        edges = [*bounds, len(self.folded.text) + 1]
        for hit in hits:
            start, end = hit.start, hit.end
            while start >= edges[number + 1]:
                number += 1
            while start < edges[number] and number:
                number -= 1
            hit.field = names[number]
            if not is_plain:
                hit.first, hit.last = self.folded.span(start, end)
                continue
            while start >= new[piece + 1]:
                piece += 1
            while start < new[piece]:
                piece -= 1
            hit.first = old[piece] + start - new[piece] - 1
            last = piece
            while end > new[last + 1]:
                last += 1
            hit.last = old[last] + end - new[last] - 1

    def field_of(self, start: int) -> str:
        """The field that holds a place of the folded text."""
        return self._field_names[bisect_right(self._bounds, start) - 1]

    def offset_of(self, field: str) -> int:
        """Where a field begins in `text`."""
        return self._starts[_ORDER[field]]

    def slices(self) -> list[tuple[int, str]]:
        """The start and the text of each field."""
        return [(start, self.slice_of(name)) for name, start in zip(self._names, self._starts, strict=True)]

    def slice_of(self, field: str) -> str:
        """The text of a field (of the whole body for the lead)."""
        number = _ORDER[field]
        is_last = number + 1 == len(self._starts)
        return self.text[self._starts[number] : None if is_last else self._starts[number + 1] - len(_GAP)]

    @cached_property
    def title_words(self) -> str:
        """The folded title."""
        return self.folded.text[: self._bounds[1]] + " "


def without_repetitions(body: str, title: str) -> str:
    """The body with blanks in place of paragraphs that repeat the title or an earlier paragraph.

    It stays as long as it was, so places in it stay the same.
    """
    # Most bodies repeat nothing, as the lengths of their paragraphs show.
    lengths = [len(part.strip()) for part in (*body.split(_GAP), title)]
    if len(set(lengths)) == len(lengths) and "\n \n" not in body:
        return body
    seen = {_paragraph_key(title), ""}
    pieces = _BLANK_LINES.split(body)
    for n, piece in enumerate(pieces[::2]):
        key = _paragraph_key(piece)
        if key in seen:
            pieces[2 * n] = " " * len(piece)
        seen.add(key)
    return "".join(pieces)


def _paragraph_key(text: str) -> str:
    return text.strip().casefold()
