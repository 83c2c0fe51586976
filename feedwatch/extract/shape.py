"""What the shape of each unit of a scraped page is, in figures: its own, its neighbours', its place on the page.

No figure knows what a word means: function words (articles, prepositions, pronouns) are counted because prose of
every language is full of them and lists of headlines are not. Each figure is a column, one value a unit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import log1p

from feedwatch.extract.cohesion import cohesion_of
from feedwatch.extract.evidence import marks_of
from feedwatch.extract.furniture import Kind
from feedwatch.extract.runs import heaviest, score
from feedwatch.extract.units import Unit
from feedwatch.extract.windows import within

Columns = dict[str, list[float]]

#: Names in a row are no prose.
_MANY_CAPITALS = 0.45
#: Where so many words of prose came before, a heading of comments is believed.
_ENOUGH_WORDS = 25
_SHORT = 4
#: Of a unit so many characters are looked at.
_MAX_CHARS = 3_000
_KINDS: tuple[Kind | None, ...] = (None, "comments", "related", "linked", "caption", "byline", "noise")
_NEIGHBOURS = (-2, -1, 1, 2)
_WINDOWS = ((-4, 0), (1, 5), (-10, 0), (1, 11), (-30, 0), (1, 31))
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_FIGURE = re.compile(r"[0-9]")
_QUOTES = '"“„«'
_CLOSING = "»”\"’') "
_STOPS = (".", "!", "?", "…", "؟", "۔", "。")
_ASKS = ("?", "!", "؟")
_FUNCTION_WORDS = frozenset(
    """
    le la les l un une des du de d et en à au aux dans par pour sur avec sans sous que qu qui quoi dont où ce cet cette
    ces son sa ses leur leurs il elle ils elles on nous vous je se s ne n pas plus est sont a ont été était être avoir
    mais ou donc car comme si y même aussi
    the of and to in an is are was were be been it its that this these those for with as by at from or not but he she
    they we you his her their our has have had will would can could which who what when there than then also if so into
    der die das den dem ein eine einen einem einer eines und oder aber im am auf aus bei mit nach von vom zu zum zur für
    über unter um durch gegen ist sind war waren wird werden wurde hat haben nicht auch sich er sie es wir ihr ich dass
    als wie wenn noch nur kann man mehr sein seine diese dieser
    el los las una unos unas o del al con para sin sobre su sus es son fue era ha han no lo más como pero este esta
    entre cuando muy ya
    os um uma e do da dos das na nos nas em com não mais mas ao pelo pela ele ela também seu sua são foi é às
    il lo gli della dei delle che di dal non è ho più come ma anche nel nella alla
    i w z nie że jest po od dla przez jak ale który która które są był
    في من على إلى عن مع أن إن التي الذي هذا هذه كان كانت قد لا ما بعد قبل كما بين حتى أو ثم خلال هو هي
    ya ta ne ce wa sun cewa don domin kuma shi ita ko daga zuwa kan inda wanda wannan sai
    het een van op te dat met voor niet aan er ook
    """.split()  # noqa: SIM905 - a list of two hundred would fill pages
)


def looks_of(units: Sequence[Unit]) -> tuple[Columns, list[set[str]]]:
    """Each figure by its name, one value a unit; and the words of each unit as `extract/evidence.py` knows them."""
    words = _words_of(units)
    small = [list(map(str.lower, own)) for own in words]
    return _columns(units, words, small), list(map(marks_of, small))


def _columns(units: Sequence[Unit], words: Sequence[Sequence[str]], small: Sequence[Sequence[str]]) -> Columns:
    if not units:
        return {}
    found = dict(_own(units, words))
    found |= dict(_beside(units, found))
    found |= dict(_around(units, found))
    found |= dict(_places(units))
    run = heaviest(list(map(score, units)), 0, len(units))
    found |= dict(cohesion_of(units, small, list(map(_prose_words, units)), run))
    return found


def _words_of(units: Sequence[Unit]) -> list[list[str]]:
    return [_WORD.findall(unit.text[:_MAX_CHARS]) for unit in units]


def _own(units: Sequence[Unit], words: Sequence[Sequence[str]]) -> Iterator[tuple[str, list[float]]]:
    """What each unit of these words looks like by itself."""
    texts = [unit.text[:_MAX_CHARS] for unit in units]
    counts = [len(own) or 1 for own in words]
    function = [sum(map(_FUNCTION_WORDS.__contains__, map(str.lower, own))) for own in words]
    capitals = [sum([word[0].isupper() for word in own]) for own in words]
    ends = [text.rstrip(_CLOSING) for text in texts]
    yield "words", [log1p(unit.words) for unit in units]
    yield "capitals", [unit.capitals if unit.words > 1 else 0.5 for unit in units]
    yield "sentence", [float(unit.is_sentence) for unit in units]
    yield (
        "function share",
        [few / count if len(own) > 2 else 0.15 for few, count, own in zip(function, counts, words, strict=True)],
    )
    yield "function words", list(map(log1p, function))
    yield "small letters", [(len(own) - many) / count for own, many, count in zip(words, capitals, counts, strict=True)]
    yield "full stop", [float(end.endswith(_STOPS)) for end in ends]
    yield "asks", [float(end.endswith(_ASKS)) for end in ends]
    yield "colon", [float(end.endswith(":")) for end in ends]
    yield "cut off", [float(end.endswith(("…", "..."))) for end in ends]
    yield "begins small", [float(text[:1].islower()) for text in texts]
    yield "listed", [float(unit.is_listed) for unit in units]
    yield "goes on", [float(unit.continues) for unit in units]
    yield "kind", [float(_KINDS.index(unit.kind)) for unit in units]
    yield "word length", [sum(map(len, own)) / count for own, count in zip(words, counts, strict=True)]
    yield from _signs(texts, counts)


def _signs(texts: Sequence[str], counts: Sequence[int]) -> Iterator[tuple[str, list[float]]]:
    """What signs and figures stand in each unit of so many words."""
    pairs = list(zip(texts, counts, strict=True))
    yield "commas", [(text.count(",") + text.count("،")) / count for text, count in pairs]
    yield "figures", [_figures(text) / max(1, len(text)) for text in texts]
    yield "signs", [sum(map(text.count, "|›»>•·/")) / count for text, count in pairs]
    yield "address", [float("@" in text or "http" in text or "www." in text) for text in texts]
    yield "capital letters", [float(text.isupper()) for text in texts]
    yield "quotes", [float(text[:1] in _QUOTES) for text in texts]
    yield "inner stops", [float(text.count(". ") + text.count("? ") + text.count("! ")) for text in texts]


def _figures(text: str) -> int:
    return len(_ASCII_FIGURE.findall(text)) if text.isascii() else sum(map(str.isdigit, text))


def _beside(units: Sequence[Unit], own: Columns) -> Iterator[tuple[str, list[float]]]:
    """What the units directly before and behind look like; -1 beyond the page's ends."""
    count = len(units)
    for name in ("words", "function share", "sentence", "capitals", "kind"):
        column = own[name]
        for step in _NEIGHBOURS:
            edge = [-1.0] * min(abs(step), count)
            moved = [*edge, *column[: count - len(edge)]] if step < 0 else [*column[len(edge) :], *edge]
            yield f"{name} at {step:+}", moved


def _around(units: Sequence[Unit], own: Columns) -> Iterator[tuple[str, list[float]]]:
    """How much prose and how many short units and furniture stand within some units before and behind."""
    words = [0, *accumulate(unit.words for unit in units)]
    prose = [0, *accumulate(_prose_words(unit) for unit in units)]
    function = [0.0, *accumulate(share * unit.words for share, unit in zip(own["function share"], units, strict=True))]
    short = [0, *accumulate(unit.words <= _SHORT for unit in units)]
    kinds = [0, *accumulate(unit.kind is not None for unit in units)]
    for low, high in _WINDOWS:
        name = f"{low:+}{high:+}"
        width = high - low
        of_words = within(words, low, high)
        yield f"prose {name}", list(map(log1p, within(prose, low, high)))
        yield (
            f"function {name}",
            [own / (all_ + 1) for own, all_ in zip(within(function, low, high), of_words, strict=True)],
        )
        yield f"short {name}", [number / width for number in within(short, low, high)]
        yield f"kinds {name}", [number / width for number in within(kinds, low, high)]


def _prose_words(unit: Unit) -> int:
    return unit.words if unit.is_sentence and unit.kind is None and unit.capitals < _MANY_CAPITALS else 0


def _places(units: Sequence[Unit]) -> Iterator[tuple[str, list[float]]]:
    """Where on the page each unit stands: of all units and words, of all prose, below headings of other things."""
    count = len(units)
    words = [0, *accumulate(unit.words for unit in units)]
    prose = [0, *accumulate(_prose_words(unit) for unit in units)]
    all_words, all_prose = words[-1] or 1, prose[-1] or 1
    places = range(count)
    densest = max(places, key=lambda at: prose[min(count, at + 6)] - prose[max(0, at - 5)], default=0)
    repeats = Counter(unit.text.casefold() for unit in units)
    yield "prose before", [log1p(prose[at]) for at in places]
    yield "prose behind", [log1p(prose[-1] - prose[at + 1]) for at in places]
    yield "share of prose before", [prose[at] / all_prose for at in places]
    yield "place", [at / count for at in places]
    yield "share of words before", [words[at] / all_words for at in places]
    yield "units", [log1p(count)] * count
    yield "prose of all", [prose[-1] / all_words] * count
    yield "repeated", [float(repeats[unit.text.casefold()] > 1) for unit in units]
    yield "from the densest", [log1p(abs(at - densest)) * (1 if at >= densest else -1) for at in places]
    yield "below comments", _below(units, prose, "comments", _ENOUGH_WORDS)
    yield "below related", _below(units, prose, "related", 0)


def _below(units: Sequence[Unit], prose: Sequence[int], kind: Kind, least: int) -> list[float]:
    """How far above the heading of that kind stands: the first of comments, the last of related articles; -1: none."""
    found: list[float] = []
    heading = -1
    for place, unit in enumerate(units):
        if unit.kind == kind and prose[place] >= least and (heading < 0 or kind != "comments"):
            heading = place
        found.append(log1p(place - heading) if heading >= 0 else -1.0)
    return found
