"""How much each unit of a scraped page looks like the text of its article, by its shape and by what stands around it.

The features are shapes that every language has (sentences, lengths, capitals, figures, the prose before and behind);
the weights are those of a logistic regression on every second of 467 development pages in four styles, with what is
found in their markup as the truth (`benchmarks/scrapes.py` judges on the other pages). A sum above 0 speaks for text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import log1p, sqrt

from feedwatch.extract.furniture import Kind
from feedwatch.extract.units import Unit

#: Of a unit's words, so many count.
_MAX_WORDS = 40
_MAX_POINTS = 3.0
_SHORT = 4
#: Names in a row are no prose.
_MANY_CAPITALS = 0.45
#: Where so many words of prose came before, a heading of comments is believed.
_ENOUGH_WORDS = 25
#: So many units below a heading of related articles are doubtful.
_RELATED_REACH = 12

_BIAS = -0.257
_SENTENCE = 1.309
#: For each unit of the logarithm of the number of words.
_SENTENCE_WORDS = 0.298
_OTHER_WORDS = 0.335
#: For the share of words with a capital.
_CAPITALS = -0.686
_SENTENCE_CAPITALS = -0.594
_KINDS: dict[Kind, float] = {
    "comments": 0.391,
    "related": -0.342,
    "linked": -1.960,
    "caption": -0.875,
    "byline": 0.094,
    "noise": -0.416,
}
_LOWER = 0.377
_LISTED = -0.349
_COMMA = 0.369
#: For the share of figures.
_FIGURES = 1.931
_ASKS = -0.986
_REPEATED = 0.194
#: (from, to, weight): for the logarithm of the words of prose between these places around the unit.
_PROSE_AROUND = (
    (-1, 0, 0.100),
    (1, 2, 0.101),
    (-4, 0, 0.097),
    (1, 5, 0.077),
    (-15, 0, 0.063),
    (1, 16, 0.162),
)
#: The same for the share of short units.
_SHORT_AROUND = ((-3, 0, -0.499), (1, 4, -0.437), (-10, 11, 0.863))
_BELOW_COMMENTS = -1.848
_BELOW_RELATED = -0.928
_CLOSE_BELOW_RELATED = -0.797
#: For the logarithm of all prose before and behind, the share of it before, and the share of the units before.
_BEFORE = 0.165
_BEHIND = -0.226
_SHARE_BEFORE = -2.231
_PLACE = -0.677


def prose_points(units: Sequence[Unit]) -> list[float]:
    """Points for each unit: above 0 for text, below for furniture, more the longer it is."""
    return [
        max(-_MAX_POINTS, min(_MAX_POINTS, odds)) * sqrt(min(max(unit.words, 1), _MAX_WORDS))
        for unit, odds in zip(units, _odds(units), strict=True)
    ]


def _odds(units: Sequence[Unit]) -> Iterator[float]:
    words = [unit.words if _is_prose(unit) else 0 for unit in units]
    prose = [0, *accumulate(words)]
    short = [0, *accumulate(unit.words <= _SHORT for unit in units)]
    repeats = Counter(unit.text for unit in units)
    has_comments, related = False, -1
    for place, unit in enumerate(units):
        has_comments = has_comments or (unit.kind == "comments" and prose[place] >= _ENOUGH_WORDS)
        related = place if unit.kind == "related" else related
        odds = _own(unit) + _REPEATED * (repeats[unit.text] > 1) + _around(place, prose, short)
        odds += _BEFORE * log1p(prose[place]) + _BEHIND * log1p(prose[-1] - prose[place + 1])
        odds += _SHARE_BEFORE * prose[place] / (prose[-1] or 1) + _PLACE * place / len(units)
        odds += _BELOW_COMMENTS * has_comments + _BELOW_RELATED * (related >= 0)
        yield odds + _CLOSE_BELOW_RELATED * (related >= 0 and place - related < _RELATED_REACH)


def _is_prose(unit: Unit) -> bool:
    return unit.is_sentence and unit.kind is None and unit.capitals < _MANY_CAPITALS


def _own(unit: Unit) -> float:
    """What the unit itself says."""
    length = log1p(min(unit.words, 150))
    capitals = min(unit.capitals, 1.0) if unit.words > 1 else 0.0
    odds = _BIAS + _CAPITALS * capitals
    if unit.kind is not None:
        odds += _KINDS[unit.kind]
    elif unit.is_sentence:
        odds += _SENTENCE + (_SENTENCE_WORDS + _SENTENCE_CAPITALS * min(unit.capitals, 1.0)) * length
    else:
        odds += _OTHER_WORDS * length
    text = unit.text
    odds += _LOWER * text[:1].islower() + _LISTED * unit.is_listed + _COMMA * ("," in text or "،" in text)
    return odds + _FIGURES * sum(map(str.isdigit, text)) / max(1, len(text)) + _ASKS * text.endswith(("?", "!"))


def _around(place: int, prose: Sequence[int], short: Sequence[int]) -> float:
    total = sum(weight * log1p(_between(prose, place + low, place + high)) for low, high, weight in _PROSE_AROUND)
    shares = (weight * _between(short, place + low, place + high) / (high - low) for low, high, weight in _SHORT_AROUND)
    return total + sum(shares)


def _between(sums: Sequence[int], low: int, high: int) -> int:
    last = len(sums) - 1
    low, high = max(0, low), min(last, high)
    return sums[high] - sums[low] if high > low else 0
