"""The article in the plain text of a page that was copied with its furniture.

The text is cut into units (lines; sentences where a page came as one line), each unit gets points for
being prose and loses points for being furniture, and the body is the run of units with the greatest sum
below the title: the shape of prose decides, known words only help. Pure; works on any script.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from feedwatch.extract.headline import Headline, find_headline
from feedwatch.extract.prose import prose_points
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.runs import heaviest, score
from feedwatch.extract.units import Unit, units_of
from feedwatch.model import Teaser
from feedwatch.text import one_line

MAX_TEASERS = 200
#: A run of that many short lines within the text is a box, not a list of subheadings.
_BOX = 4
#: Readers' comments may be longer than the article; after this many words of text they end it for good.
_ENOUGH_WORDS = 25
#: What may stand between a text and its last words.
_BETWEEN = frozenset({"noise", "linked", "caption"})
#: A unit whose odds (their logarithm) are lower is furniture: what is lost costs more than what is left.
_LEAST_ODDS = -0.6
#: Where the run of most points holds this share of the page's prose, and few units are left beside it, units leave it
#: and sentences join it at these odds only.
_PLAIN = 0.98
_FEW_UNITS = 40
_OUT_SENTENCE = -2.5
_OUT_FRAGMENT = -1.5
_IN_SENTENCE = 0.0
_FULL_STOPS = (".", "!", "?", ".»", ". »", ".”", '."', "؟", "۔")
_SHORT_WORDS = 30
#: A page of more lines without any prose is a list of headlines, where most of its lines are as long as headlines are;
#: verses, ingredients and results are shorter, and labels and menus shorter still.
_FEW_LINES = 3
_HEADLINE_WORDS = 7
_VERSE_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """What a scraped page holds."""

    #: "" when none was found.
    title: str
    #: The last part of the breadcrumb that is neither the home page nor "News".
    section: str | None
    #: Each on one line.
    paragraphs: tuple[str, ...]
    teasers: tuple[Teaser, ...]
    #: Every other line, in the page's order.
    tail: str
    #: Lines of these that are furniture because other documents of the source have it.
    repeated: tuple[str, ...] = ()


def read_scrape(text: str, title: str = "", repeats: Repeats = NO_REPEATS) -> Scrape:
    """Part the text of a page into title, section, body, headlines of other articles, and the rest.

    `title` is a title known from elsewhere; it is looked for in the text. What `repeats` knows from other documents
    of the source is no text, unless nothing else is left.
    """
    units = units_of(text, title)
    scrape = _read(units, title, repeats)
    return scrape if scrape.paragraphs or not repeats else _read(units, title, NO_REPEATS)


def _read(all_units: Sequence[Unit], title: str, repeats: Repeats) -> Scrape:
    units = _without(all_units, repeats.everywhere(all_units))
    scores = [score(unit) for unit in units]
    headline = find_headline(units, heaviest(scores, 0, len(units)), title)
    if repeats and not headline.title:
        headline = find_headline(all_units, heaviest(scores, 0, len(units)), title)
    if repeats:
        # A headline stands beside many other articles; in its own it is the title.
        units = _without(units, repeats.often(units) - headline.places)
        scores = [score(unit) for unit in units]
    start, end = _body_range(units, scores, headline)
    run = _kept(units, start, end, headline.title)
    kept = _kept_by_shape(units, run, headline) or run
    if not run and not any(units[place].is_sentence for place in kept):
        # A list of headlines.
        kept = []
    end = kept[-1] + 1 if kept else end
    if not kept:
        return _without_prose(all_units, headline.title)
    taken = {*kept, *headline.places}
    rest = [place for place in range(len(units)) if place not in taken]
    teasers, used = _teasers(all_units, [place for place in rest if place >= end])
    return Scrape(
        title=headline.title,
        section=headline.section,
        paragraphs=tuple(_joined(units, kept)),
        teasers=teasers,
        tail="\n".join(units[place].text for place in rest if place not in used),
        repeated=tuple(units[place].text for place in rest if units[place].kind != all_units[place].kind),
    )


def _without(units: Sequence[Unit], places: Set[int]) -> Sequence[Unit]:
    """The units, those at the places as furniture."""
    if not places:
        return units
    return [
        replace(unit, kind="noise") if place in places and unit.kind is None else unit
        for place, unit in enumerate(units)
    ]


def _without_prose(units: Sequence[Unit], title: str) -> Scrape:
    """A page without a sentence: a headline and a word or two, a list of headlines, or verses and the like."""
    lines = [place for place, unit in enumerate(units) if unit.kind is None and any(map(str.isalnum, unit.text))]
    first = next((place for place in lines if units[place].words >= _VERSE_WORDS), next(iter(lines), None))
    title = title or ("" if first is None else units[first].text)
    below = [place for place in lines if units[place].text != title]
    is_list = len(lines) > _FEW_LINES and _are_headlines(units, below)
    kept = [] if is_list else _verses(units, below) if len(lines) > _FEW_LINES else below
    teasers, used = _teasers(units, below) if is_list else ((), set(kept))
    return Scrape(
        title=title,
        section=None,
        paragraphs=tuple(units[place].text for place in kept),
        teasers=teasers,
        tail="\n".join(unit.text for place, unit in enumerate(units) if unit.text != title and place not in used),
    )


def _are_headlines(units: Sequence[Unit], places: Sequence[int]) -> bool:
    """Whether the lines at these places are mostly as long as headlines; labels do not count."""
    words = [units[place].words for place in places if units[place].words >= _VERSE_WORDS]
    return not words or median(words) >= _HEADLINE_WORDS


def _verses(units: Sequence[Unit], places: Sequence[int]) -> Sequence[int]:
    """Of the places, the stretch with the most lines that are longer than labels."""
    start, end = heaviest([1.0 if units[place].words >= _VERSE_WORDS else -1.0 for place in places], 0, len(places))
    return places[start:end]


def _kept_by_shape(units: Sequence[Unit], run: Sequence[int], headline: Headline) -> list[int]:
    """The units that are text by their shape and by all that stands around them.

    Where the run of most points holds nearly all of a small page's prose, the page is plain: only clear odds move units
    in or out.
    """
    last = _above_comments(units)
    is_plain = len(units) - len(run) <= _FEW_UNITS and _share(units[:last], run) >= _PLAIN
    within = set(run) if is_plain else None
    kept: list[int] = []
    for place, (unit, odds) in enumerate(zip(units, prose_points(units), strict=True)):
        if within is None:
            least = _LEAST_ODDS
        elif place in within:
            least = _OUT_SENTENCE if unit.is_sentence or unit.is_listed else _OUT_FRAGMENT
        else:
            least = _IN_SENTENCE if unit.is_sentence and place < last else inf
        if (
            odds > least
            and unit.kind is None
            and unit.words
            and unit.text != headline.title
            and place not in headline.places
        ):
            kept.append(place)
    return kept


def _share(units: Sequence[Unit], kept: Sequence[int]) -> float:
    """Of the units' words in sentences, the share that was kept."""
    total = sum(unit.words for unit in units if unit.kind is None and unit.is_sentence)
    own = sum(units[place].words for place in kept if place < len(units) and units[place].is_sentence)
    return own / total if total else 1.0


def _above_comments(units: Sequence[Unit]) -> int:
    """Where the first heading of comments with enough prose above stands; the page's end without one."""
    words = 0
    for place, unit in enumerate(units):
        if unit.kind == "comments" and words >= _ENOUGH_WORDS:
            return place
        words += unit.words if unit.kind is None and unit.is_sentence else 0
    return len(units)


def _body_range(units: Sequence[Unit], scores: Sequence[float], headline: Headline) -> tuple[int, int]:
    """Where the body starts and ends: below the title, above what readers write."""
    low = 0 if headline.place is None else headline.place + 1
    high = len(units)
    words = 0
    for place in range(low, len(units)):
        if units[place].kind == "comments" and words >= _ENOUGH_WORDS:
            high = place
            break
        if scores[place] > 0:
            words += units[place].words
    start, end = heaviest(scores, low, high)
    if start == end:
        start, end = heaviest(scores, 0, len(units))
    return start, _last_words(units, end, high) if start < end else end


def _last_words(units: Sequence[Unit], end: int, high: int) -> int:
    """The end of the text moved down over short last sentences, which gain too few points by themselves.

    Only furniture may stand between; one line without a full stop is taken if furniture follows at once.
    """
    while True:
        place = end
        while place < high and units[place].kind in _BETWEEN:
            place += 1
        if place == high or units[place].kind is not None:
            return end
        unit = units[place]
        if not _is_short_sentence(unit):
            break
        end = place + 1
    follows = units[place + 1].kind if place + 1 < len(units) else "comments"
    return place + 1 if place == end and unit.words >= 4 and follows in {"comments", "noise", "related"} else end


def _is_short_sentence(unit: Unit) -> bool:
    is_short = len(unit.text) > 3 and unit.words <= _SHORT_WORDS
    return is_short and unit.text.endswith(_FULL_STOPS) and unit.capitals < 0.45


def _kept(units: Sequence[Unit], start: int, end: int, title: str) -> list[int]:
    """The units of [start, end) that are text: no furniture, no boxes, not the title again."""
    kept: list[int] = []
    run: list[int] = []
    linked = False
    for place in range(start, end):
        unit = units[place]
        if unit.kind is not None or unit.text == title:
            linked = unit.kind == "linked" and (unit.words <= 3 or unit.text.rstrip().endswith(":"))
            continue
        if unit.is_sentence or unit.words > 25 or unit.is_listed:
            kept += run if len(run) < _BOX else []
            run = []
            kept.append(place)
        elif not linked:
            run.append(place)
        linked = False
    return kept + run if len(run) < _BOX else kept


def _joined(units: Sequence[Unit], kept: Sequence[int]) -> list[str]:
    """The kept units as paragraphs; units that follow each other within one stay together."""
    result: list[str] = []
    last = -2
    for place in kept:
        unit = units[place]
        if result and unit.continues and last == place - 1:
            result[-1] += " " + unit.text
        else:
            result.append(unit.text)
        last = place
    return [line for part in result if (line := one_line(part))]


def _teasers(units: Sequence[Unit], places: Sequence[int]) -> tuple[tuple[Teaser, ...], set[int]]:
    """Headlines of other articles among the units, each with the short line above it as label."""
    teasers: list[Teaser] = []
    used: set[int] = set()
    for index, place in enumerate(places):
        unit = units[place]
        if not unit.is_headline or len(teasers) >= MAX_TEASERS:
            continue
        above = places[index - 1] if index and places[index - 1] == place - 1 else None
        label = units[above].text if above is not None and above not in used and units[above].is_label else None
        if label is not None and above is not None:
            used.add(above)
        used.add(place)
        teasers.append(Teaser(title=one_line(unit.text), label=label))
    return tuple(teasers), used
