"""Several articles in one scraped file, told by their shape: a title with its byline or date, and prose below, again.

A single article must never be cut, so all has to agree: each part has a headline, lines of the same form below it,
and prose enough; what readers write below an article and lists of other articles have none of that. Long ruled
lines part articles without bylines. Pure; works on any script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from feedwatch.extract.furniture import kind_of
from feedwatch.extract.units import LINE_END, MAX_CHARS, MAX_UNITS, make_unit
from feedwatch.model import Item
from feedwatch.text import one_line, xml_legal

#: Articles of one file; what comes behind stays with the last.
MAX_PARTS = 500
#: Words in sentences that each part has at least.
_PROSE_WORDS = 40
_SENTENCE_WORDS = 8
_MAX_BYLINE = 120
_MAX_TITLE = 200
#: A title where only ruled lines part; what is shorter may be a subheading.
_LONG_TITLE_WORDS = 5
#: So many lines with text from a title down to the last of its bylines.
_REACH = 3
#: Of the heads that there seem to be, so many must have prose below them.
_SHARE = 0.6
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BY = re.compile(r"\W{0,3}(?:par|by|por|von|بقلم|كتب|كتبت|daga|rubutawa)\s", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+(?:[\s'’.-]+[^\W\d_]+)*")
_FIGURES = re.compile(r"\d+")
#: A ruled line of any kind; of those only the long ones part by themselves: a short one may part sections.
_RULE = re.compile(r"\s*(?:([-=_*~#–—─━═•·])\s?)(?:\1\s?){2,}$")
_LONG_RULE = re.compile(r"\s*([=─━═]{5,}|[-_*~#–—]{8,})\s*$")


@dataclass(frozen=True, slots=True)
class _Head:
    """Where an article begins."""

    #: Line of the title, or of the date above it.
    start: int
    title: str
    #: How its byline is written, and whether the title stands below it; a site writes all of its own alike.
    form: str
    #: Last line of the head.
    end: int


def parted(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, each file of several articles as one item for each, with its title.

    Items with an address stay whole: a page has one address.
    """
    found: list[Item] = []
    for item in items:
        parts = parts_of(item.content) if item.shape == "scrape" and item.link is None else []
        found += [replace(item, title=escape(title, quote=False), content=text) for title, text in parts] or [item]
    if len(found) == len(items):
        return tuple(items)
    return tuple(replace(item, position=position) for position, item in enumerate(found))


def parts_of(text: str) -> list[tuple[str, str]]:
    """Title and text of each article of a text that holds several; nothing for one article, or for very many lines."""
    lines = [one_line(line) for line in LINE_END.split(xml_legal(text[:MAX_CHARS]))]
    if len(lines) > MAX_UNITS:
        return []
    heads = _solid(lines, _heads(lines)) or _solid(lines, _ruled(lines))
    if len(heads) < 2:
        return []
    heads = heads[:MAX_PARTS]
    # What stands above the first article belongs to its page.
    starts = [0, *(head.start for head in heads[1:]), len(lines)]
    return [
        (head.title, "\n".join(line for line in lines[start:end] if not _RULE.match(line)).strip())
        for head, start, end in zip(heads, starts, starts[1:], strict=False)
    ]


def _heads(lines: Sequence[str]) -> list[_Head]:
    """Titles with a byline or date below or above them, all of one form."""
    bylines = [place for place, line in enumerate(lines) if _is_byline(line)]
    if len(bylines) < 2:
        return []
    found: list[_Head] = []
    filled = [place for place, line in enumerate(lines) if line]
    index = {place: number for number, place in enumerate(filled)}
    taken = -1
    for byline in bylines:
        if byline <= taken:
            continue
        head, taken = _head(lines, filled, index[byline], taken)
        if head is not None:
            found.append(head)
    return [head for head in found if head.form == found[0].form]


def _head(lines: Sequence[str], filled: Sequence[int], number: int, taken: int) -> tuple[_Head | None, int]:
    """The head that the byline belongs to, and its last line."""
    last = number
    while last + 1 < len(filled) and last - number < _REACH - 1 and _is_byline(lines[filled[last + 1]]):
        last += 1
    form = "/".join(_form(lines[place]) for place in filled[number : last + 1])
    above = filled[number - 1] if number and filled[number - 1] > taken else None
    if above is not None and _is_title(lines[above]):
        return _Head(above, lines[above], form, filled[last]), filled[last]
    if last + 1 < len(filled) and _is_title(lines[filled[last + 1]]):
        title = filled[last + 1]
        return _Head(filled[number], lines[title], f"{form}/title", title), title
    return None, filled[last]


def _form(byline: str) -> str:
    """The line with its words and figures made equal: "Par Awa Sow | 12 mars 2025" is "w|dwd"."""
    return _FIGURES.sub("d", _WORDS.sub("w", byline)).replace(" ", "")


def _ruled(lines: Sequence[str]) -> list[_Head]:
    """Titles directly below long ruled lines, and the first line with text, if each of them is one."""
    heads: list[_Head] = []
    begins = True
    for place, line in enumerate(lines):
        if _LONG_RULE.match(line):
            begins = True
        elif line and begins:
            begins = False
            # The first line of a file, too: else the rule parts a page's own head from its text.
            if _is_title(line) and make_unit(line).words >= _LONG_TITLE_WORDS:
                heads.append(_Head(place, line, "", place))
            elif not heads:
                return []
    return heads if len(heads) > 1 else []


def _solid(lines: Sequence[str], heads: Sequence[_Head]) -> list[_Head]:
    """The heads that prose follows; none when there is as much prose above the first of them."""
    if len(heads) < 2:
        return []
    closed = _closed(lines)
    open_heads = [head for head in heads if not closed[head.start]]
    starts = [head.start for head in open_heads] + [len(lines)]
    if not open_heads or _has_prose(lines[: starts[0]]):
        return []
    solid: dict[str, _Head] = {}
    for head, end in zip(open_heads, starts[1:], strict=True):
        below = [lines[place] for place in range(head.end + 1, end) if lines[place] and not closed[place]]
        if any(True for _ in _sentences(below[:_REACH])) and _has_prose(below):
            solid.setdefault(head.title.casefold(), head)
    # Cards of other articles have titles and dates, too, and a few of them a summary.
    return list(solid.values()) if len(solid) >= _SHARE * len(open_heads) else []


def _closed(lines: Sequence[str]) -> list[bool]:
    """For each line, whether readers' comments or other articles' headlines stand above, up to a ruled line."""
    closed: list[bool] = []
    is_closed = False
    for line in lines:
        if _RULE.match(line):
            is_closed = False
        elif line and len(line) <= _MAX_BYLINE and kind_of(line) in ("comments", "related"):
            is_closed = True
        closed.append(is_closed)
    return closed


def _has_prose(lines: Sequence[str]) -> bool:
    words = 0
    for count in _sentences(lines):
        words += count
        if words >= _PROSE_WORDS:
            return True
    return False


def _sentences(lines: Sequence[str]) -> Iterator[int]:
    for line in lines:
        if len(line) > _MAX_BYLINE // 3:
            unit = make_unit(line)
            if unit.is_sentence and unit.kind is None and unit.words >= _SENTENCE_WORDS:
                yield unit.words


def _is_byline(line: str) -> bool:
    if not line or len(line) > _MAX_BYLINE or not (_YEAR.search(line) or _BY.match(line)):
        return False
    return kind_of(line) == "byline"


def _is_title(line: str) -> bool:
    if len(line) > _MAX_TITLE or _RULE.match(line):
        return False
    if line.endswith((":", ",", ";", "،", "…")) or line[0].islower() or line[0] in "—–-@#":
        return False
    unit = make_unit(line)
    asks = line.endswith(("?", "!", "؟"))
    return unit.kind is None and 3 <= unit.words <= 30 and len(line) >= 15 and (asks or not unit.is_sentence)
