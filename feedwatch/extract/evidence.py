"""What the words of a scraped page's units say: those that many sites have in their texts, or in their furniture.

`extract/prose.json` names the words and their points; a word may count only where it begins or ends a unit, or in a
short one. What the words of the units beside say counts as well. Each figure is a column, one value a unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import fsum

from feedwatch.extract.windows import within

#: Of a unit so many words are looked at.
_MAX_WORDS = 60
_SHORT = 4
#: No words say more than that.
_MOST = 6.0
_NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
_WINDOWS = ((-5, 0), (1, 6), (-15, 0), (1, 16))
#: Beyond the page's ends.
_NOTHING = -9.0


def marks_of(words: Sequence[str]) -> set[str]:
    """A unit's words (small letters) as the points know them: `^` begins it, `$` ends it, `.` is in a short one."""
    if not words:
        return set()
    short = ["." + word for word in words] if len(words) <= _SHORT else []
    return {*words[:_MAX_WORDS], "^" + words[0], words[-1] + "$", *short}


def evidence_of(marks: Sequence[set[str]], points: Mapping[str, float], bias: float) -> dict[str, list[float]]:
    """What the words say (the logarithm of the odds for text) of each unit and of those beside it, by name."""
    # The same sum in whatever order a set names its marks.
    known = points.keys()
    own = [max(-_MOST, min(_MOST, bias + fsum([points[mark] for mark in found & known]))) for found in marks]
    return dict(_beside(own))


def _beside(own: list[float]) -> Iterator[tuple[str, list[float]]]:
    count = len(own)
    yield "words say", own
    for step in _NEIGHBOURS:
        edge = [_NOTHING] * min(abs(step), count)
        moved = [*edge, *own[: count - len(edge)]] if step < 0 else [*own[len(edge) :], *edge]
        yield f"words say at {step:+}", moved
    sums = [0.0, *accumulate(own)]
    numbers = range(count + 1)
    for low, high in _WINDOWS:
        pairs = zip(within(sums, low, high), within(numbers, low, high), strict=True)
        yield f"words say {low:+}{high:+}", [total / max(1, number) for total, number in pairs]
