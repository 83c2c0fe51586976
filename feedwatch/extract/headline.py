"""Finds the title of a scraped page, and the section in the breadcrumb glued to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from feedwatch.extract.furniture import generic_length, home_length, home_place, is_generic, is_home, kind_of
from feedwatch.extract.units import Unit
from feedwatch.text import one_line

MAX_TITLE = 300
#: How far above the text its title may stand, in units.
_REACH = 25
#: A breadcrumb is shorter.
_CRUMB_CHARS = 80
#: A page has its title in few places.
_FEW_TITLES = 3
#: Words of a sentence that is prose.
_PROSE = 6

_SEPARATOR = re.compile(r"\s*[»›>|/•→⟩❯]\s*|\s[·–—-]\s(?=\S+$)")
_SITE_NAME = re.compile(r"\s*[»›>|/•·–—:-]\s*\S")
_GLUED = re.compile(r"(?<=[a-zß-öø-ÿ0-9)])(?=[A-ZÀ-ÖØ-Þ])|(?<=ة)(?=[^\W\d_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The title of a page and where it stands."""

    #: "" when there is none.
    title: str = ""
    #: The unit after which the text may begin.
    place: int | None = None
    #: All units that are the title or end with it; they are neither text nor tail.
    places: frozenset[int] = frozenset()
    section: str | None = None


def find_headline(units: Sequence[Unit], body: tuple[int, int], known: str = "") -> Headline:
    """The title above the text that spans units [start, end).

    A title known from elsewhere wins if the page has it. Else the last line above the text that the page
    repeats (in its title element, its breadcrumb); else the longest line just above the text.
    """
    wanted = one_line(known)
    if wanted:
        places = [place for place, unit in enumerate(units) if unit.text == wanted]
        if not places:
            return Headline(title=wanted)
        return _headline(units, _last_above(places, units, body), wanted)
    place = _of_page(units, body)
    if place is None:
        place = _repeated(units, body)
    if place is None:
        place = _nearest(units, body[0])
    if place is None or _is_most(units, units[place].text):
        return Headline()
    return _headline(units, place, units[place].text)


def _is_most(units: Sequence[Unit], title: str) -> bool:
    """Whether a line is most of the page: a text of one sentence again and again."""
    count = sum(unit.text == title for unit in units)
    return count > _FEW_TITLES and 2 * count * len(title) > sum(len(unit.text) for unit in units)


def _headline(units: Sequence[Unit], place: int, title: str) -> Headline:
    places = {p for p, unit in enumerate(units) if unit.text == title}
    section = None
    for p, unit in enumerate(units[:place]):
        if unit.text != title and unit.text.endswith(title):
            section = _section(unit.text.removesuffix(title)) or section
            places.add(p)
    if section is None and min(places) > 0:
        section = _section_within(units[min(places) - 1])
    crumbs = _crumbs(units, min(places)) if section is None else range(0)
    if crumbs:
        section = _section(" » ".join(units[crumb].text for crumb in crumbs))
        places.update(crumbs)
    return Headline(title=title, place=place, places=frozenset(places), section=section)


def _section_within(unit: Unit) -> str | None:
    """The section of a breadcrumb that ends a line of other furniture, directly above the title."""
    start = home_place(unit.text) if not unit.is_sentence else -1
    return _section(unit.text[start:]) if start > 0 and len(unit.text) - start <= _CRUMB_CHARS else None


def _may_be_title(unit: Unit) -> bool:
    return unit.kind is None and unit.words >= 2 and 8 <= len(unit.text) <= MAX_TITLE


def _of_page(units: Sequence[Unit], body: tuple[int, int]) -> int | None:
    """Where the page's own title, which stands in its first lines, is repeated above the text."""
    for first in range(min(3, len(units))):
        line = units[first].text
        texts = {unit.text for unit in units[first + 1 :] if _may_be_title(unit) and _starts(line, unit.text)}
        if texts:
            title = max(texts, key=len)
            again = next(place for place in range(first + 1, len(units)) if units[place].text == title)
            if _is_refrain(units, first, again):
                return None
            places = [place for place, unit in enumerate(units) if unit.text == title and place > first]
            return _last_above(places, units, body)
    return None


def _repeated(units: Sequence[Unit], body: tuple[int, int]) -> int | None:
    """The last line before the middle of the text that another line before it repeats."""
    start, end = body
    low, middle = max(0, start - _REACH), start + max((end - start) // 2, 1)
    found = [
        place
        for place in range(low, min(middle, low + 4 * _REACH, len(units)))
        if _may_be_title(units[place])
        and (units[place].words >= 3 or not units[place].text.isascii())
        and _is_announced(units, place)
    ]
    return _last_above(found, units, body) if found else None


def _is_announced(units: Sequence[Unit], place: int) -> bool:
    """Whether a line before is the same, with something in front or behind."""
    first = max(0, place - 400)
    return any(
        _holds(unit.text, units[place].text) and not _is_refrain(units, before, place)
        for before, unit in enumerate(units[first:place], first)
    )


def _is_refrain(units: Sequence[Unit], before: int, place: int) -> bool:
    """Whether a sentence and its repetition have prose between them: a text that repeats itself, no title."""
    if not units[place].text.endswith("."):
        return False
    return any(unit.is_sentence and unit.kind is None and unit.words >= _PROSE for unit in units[before + 1 : place])


def _holds(line: str, title: str) -> bool:
    """Whether a line is the title with something in front (breadcrumb) or behind (name of the site)."""
    return line.endswith(title) or _starts(line, title)


def _starts(line: str, title: str) -> bool:
    """Whether a line is the title, perhaps with the name of the site behind."""
    return line == title or (line.startswith(title) and _SITE_NAME.match(line, len(title)) is not None)


def _last_above(places: Sequence[int], units: Sequence[Unit], body: tuple[int, int]) -> int:
    """The last of the places that most of the text still follows."""
    start, end = body
    before = list(accumulate((unit.words for unit in units[start:end]), initial=0))
    best = places[0]
    for place in places:
        if before[min(max(place - start, 0), len(before) - 1)] * 2 <= before[-1]:
            best = place
    return best


def _nearest(units: Sequence[Unit], start: int) -> int | None:
    """The longest line that may be a title among the few above the text."""
    reach = range(max(0, start - 10), start)
    candidates = [p for p in reach if _may_be_title(units[p]) and units[p].words <= 30 and not units[p].is_sentence]
    return max(candidates, key=lambda p: (min(len(units[p].text), 120), p), default=None)


def _crumbs(units: Sequence[Unit], place: int) -> range:
    """The units shortly above the title that are a breadcrumb from the home page on: one line, or one a part."""
    for above in range(place - 1, max(-1, place - 5), -1):
        parts = _SEPARATOR.split(units[above].text)
        if len(parts) >= 2 and is_home(parts[0]):
            return range(above, above + 1)
        if is_home(units[above].text):
            return range(above, place)
        if (start := home_place(units[above].text)) > 0 and is_home(units[above].text[start:]):
            return range(above + 1, place)
        if not units[above].is_label and units[above].kind is None:
            break
    return range(0)


def _section(crumb: str) -> str | None:
    """The publisher's section in a breadcrumb: its last part that says something."""
    parts = [part for part in _SEPARATOR.split(one_line(crumb)) if part]
    sections = [one_line(piece).strip(" -–—:,") for part in parts for piece in _unglued(part)]
    named = [
        piece for piece in sections if piece and len(piece) <= 60 and not is_home(piece) and kind_of(piece) is None
    ]
    telling = [piece for piece in named if not is_generic(piece)]
    return telling[-1] if telling else named[-1] if named else None


def _unglued(text: str) -> list[str]:
    """The parts of a breadcrumb that lost its separators."""
    return [part for piece in _GLUED.split(text) for part in _parted(piece)]


def _parted(piece: str) -> list[str]:
    """A piece without capitals parted behind the home page and behind a word such as "news"."""
    for length in (home_length(piece), generic_length(piece)):
        if 0 < length < len(piece):
            return [piece[:length], *_parted(piece[length:])]
    return [piece]
