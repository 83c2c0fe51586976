"""An article as the rules see it: one text of fields, folded once, every place in it known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from feedwatch.model import Article
from feedwatch.rules.fold import fold
from feedwatch.urls import path_words

#: Worth of a mention by field; `tail` is there for explanation only.
WEIGHTS: Mapping[str, float] = {"title": 3.0, "tags": 2.0, "lead": 1.5, "body": 1.0, "url": 1.0, "tail": 0.0}
LEAD_WORDS = 60
#: By number, in the order of the text. The lead is the beginning of the body, the dateline that of the lead.
FIELDS = ("title", "tags", "lead", "body", "url", "tail", "lead")
TITLE, LEAD, BODY, TAIL, DATELINE = 0, 2, 3, 5, 6
# Which of the texts that are put together a field is in.
_PART = (0, 1, 2, 2, 3, 4, 2)

#: Starts of title, tags, body and address, and the end.
_WITHOUT_TAIL = 5
_GAP = "\n\n"
_BLANK_LINES = re.compile(r"(\n[^\S\n]*\n\s*)")
_LEAD = re.compile(rf"(?: *+[^ ]++){{{LEAD_WORDS}}}")
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

    `folded` is the folded form of `text`; hits are found by their places in the former, spans of evidence
    are those in the article's own fields.
    """

    def __init__(self, article: Article, *, with_tail: bool = False) -> None:
        # Tags are joined by a sign that ends a phrase and is as long as the newline that spans count with.
        parts = [
            article.title,
            ";".join(article.tags),
            without_repetitions(article.body, article.title),
            path_words(article.url),
        ]
        if with_tail:
            parts.append(article.tail)
        self._starts = [0]
        for part in parts:
            self._starts.append(self._starts[-1] + len(part) + len(_GAP))
        self.text = _GAP.join(parts)
        self.folded = fold(self.text)
        title, tags, body, *others = self._starts[:-1]
        #: Where each field begins in the text.
        self.bounds = [title, tags, body, self._lead_end(body, others[0]), *others]
        self._hide_repeated(others[0])

    def _lead_end(self, start: int, end: int) -> int:
        """Where the last word of the lead ends, or all that stands before the address."""
        folded = self.folded
        match = _LEAD.match(folded.text, folded.place(start))
        return min(folded.span(match.end() - 1, match.end())[1], end) if match else end

    def _hide_repeated(self, address: int) -> None:
        """Put blanks in place of the words of the address that the title has: said once, they count once."""
        folded = self.folded
        text, start = folded.text, folded.place(address)
        end = len(text) if len(self._starts) == _WITHOUT_TAIL else folded.place(self._starts[-2])
        words = text[start:end].split(" ")
        repeated = set(words).intersection(text[: folded.place(self._starts[1])].split())
        if repeated:
            hidden = " ".join([" " * len(word) if word in repeated else word for word in words])
            folded.text = text[:start] + hidden + text[end:]

    @cached_property
    def dateline_end(self) -> int:
        """Where the dateline ends in the text; 0 without one."""
        start = self._starts[2]
        match = _DATELINE.match(self.text, start, start + _DATELINE_REACH)
        if match is None:
            return 0
        place, agency = match["place"], match["agency"]
        is_place = place.isupper() or bool(agency and _AGENCY.search(agency) and len(place.split()) <= _MAX_PLACE_WORDS)
        return match.end() if is_place else 0

    def field_of(self, start: int) -> int:
        """The number of the field that holds a place of the text."""
        return bisect_right(self.bounds, start) - 1

    def offset_of(self, field: int) -> int:
        """Where the text that holds a field begins in `text`."""
        return self._starts[_PART[field]]

    def parts(self) -> list[tuple[int, str]]:
        """The start and the text of title, tags, body, address and tail."""
        return [
            (start, self.text[start : after - len(_GAP)])
            for start, after in zip(self._starts, self._starts[1:], strict=False)
        ]


def without_repetitions(body: str, title: str) -> str:
    """The body with blanks in place of paragraphs that repeat the title or an earlier paragraph.

    It stays as long as it was, so places in it stay the same.
    """
    # Most bodies repeat nothing, as the lengths of their paragraphs show.
    lengths = list(map(len, map(str.strip, (*body.split(_GAP), title))))
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
