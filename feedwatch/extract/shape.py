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

from feedwatch.extract.furniture import Kind
from feedwatch.extract.units import Unit

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


def columns_of(units: Sequence[Unit]) -> Columns:
    """Each figure by its name, with one value for each unit."""
    own = [_own(unit) for unit in units]
    found: Columns = {name: [figures[name] for figures in own] for name in own[0]} if own else {}
    found |= dict(_beside(units, found))
    found |= dict(_around(units, found))
    found |= dict(_places(units))
    return found


def _own(unit: Unit) -> dict[str, float]:
    text = unit.text[:_MAX_CHARS]
    words = _WORD.findall(text)
    count = len(words) or 1
    function = sum(word.lower() in _FUNCTION_WORDS for word in words)
    end = text.rstrip(_CLOSING)
    return {
        "words": log1p(unit.words),
        "capitals": unit.capitals if unit.words > 1 else 0.5,
        "sentence": float(unit.is_sentence),
        "function share": function / count if len(words) > 2 else 0.15,
        "function words": log1p(function),
        "small letters": sum(not word[0].isupper() for word in words) / count,
        "full stop": float(end.endswith(_STOPS)),
        "asks": float(end.endswith(_ASKS)),
        "colon": float(end.endswith(":")),
        "begins small": float(text[:1].islower()),
        "listed": float(unit.is_listed),
        "commas": (text.count(",") + text.count("،")) / count,
        "figures": sum(map(str.isdigit, text)) / max(1, len(text)),
        "goes on": float(unit.continues),
        "word length": sum(map(len, words)) / count,
        "signs": sum(text.count(sign) for sign in "|›»>•·/") / count,
        "cut off": float(end.endswith(("…", "..."))),
        "address": float("@" in text or "http" in text or "www." in text),
        "capital letters": float(text.isupper()),
        "quotes": float(text[:1] in '"“„«'),
        "inner stops": float(text.count(". ") + text.count("? ") + text.count("! ")),
        "kind": float(_KINDS.index(unit.kind)),
    }


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
    count = len(units)
    words = [0, *accumulate(unit.words for unit in units)]
    prose = [0, *accumulate(_prose_words(unit) for unit in units)]
    function = [0.0, *accumulate(share * unit.words for share, unit in zip(own["function share"], units, strict=True))]
    short = [0, *accumulate(unit.words <= _SHORT for unit in units)]
    kinds = [0, *accumulate(unit.kind is not None for unit in units)]
    for low, high in _WINDOWS:
        spans = [(max(0, min(count, at + low)), max(0, min(count, at + high))) for at in range(count)]
        name = f"{low:+}{high:+}"
        width = high - low
        yield f"prose {name}", [log1p(prose[end] - prose[start]) for start, end in spans]
        yield (
            f"function {name}",
            [(function[end] - function[start]) / (words[end] - words[start] + 1) for start, end in spans],
        )
        yield f"short {name}", [(short[end] - short[start]) / width for start, end in spans]
        yield f"kinds {name}", [(kinds[end] - kinds[start]) / width for start, end in spans]


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
