"""What the units of a scraped page have in common: words, lengths, first words, dates; and the run that holds the text.

An article speaks of one thing, so its sentences share their longer words; a teaser of another article shares none of
them. Headlines of others come in rows of one make. No figure knows what a word means. Each figure is a column, one
value a unit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from math import log1p

from feedwatch.extract.units import Unit
from feedwatch.extract.windows import within

#: A shorter word is of the language rather than of the theme.
_LONG_WORD = 5
#: A sentence of fewer words may be furniture, whose words say nothing of the theme.
_PROSE_WORDS = 6
_NEAR = ((-5, 0), (1, 6), (-3, 4))
_LENGTHS = ((-6, 0), (1, 7), (-20, 0), (1, 21))
_DATES = ((-3, 0), (1, 4), (-12, 0), (1, 13))
#: So many units up and down another may begin like this one.
_BESIDE = 8
_FEW_WORDS = 3
_SIGN = re.compile(r"[©#→←★☆▶►✓✔✉☰×↑↓»›|\U0001f300-\U0001faff]")
_INNER_STOP = re.compile(r"[.!?] ")

Words = Sequence[Sequence[str]]


def cohesion_of(
    units: Sequence[Unit], words: Words, prose: Sequence[int], run: tuple[int, int]
) -> Iterator[tuple[str, list[float]]]:
    """Each figure by its name: `words` are those of each unit in small letters, `prose` how many of them are prose.

    `run` is where the units that most likely are the text start and end.
    """
    count = len(units)
    long_words = [{word for word in own if len(word) >= _LONG_WORD} for own in words]
    sizes = list(map(len, long_words))
    start, end = run
    in_prose = [many >= _PROSE_WORDS for many in prose]
    in_run = [start <= place < end for place in range(count)]
    for name, chosen in (("prose", in_prose), ("run", in_run)):
        shares = _shares(long_words, chosen)
        yield f"words of {name}", shares
        known = [max(share, 0.0) * size for share, size in zip(shares, sizes, strict=True)]
        for low, high in _NEAR:
            pairs = zip(_sums(known, low, high), _sums(sizes, low, high), strict=True)
            yield f"words of {name} {low:+}{high:+}", [some / (all_ + _FEW_WORDS) for some, all_ in pairs]
    yield "words of page", _shares(long_words, list(repeat(True, count)))
    yield "long words", list(map(float, sizes))
    yield (
        "from the run",
        [-log1p(start - at) if at < start else log1p(at - end + 1) if at >= end else 0.0 for at in range(count)],
    )
    yield from _makes(units, words)


def _shares(words: Sequence[set[str]], chosen: Sequence[bool]) -> list[float]:
    """Of each unit's words, the share that the other chosen units have; -1 without any."""
    counts = Counter(word for own, is_chosen in zip(words, chosen, strict=True) if is_chosen for word in own)
    return [
        sum([counts[word] > is_chosen for word in own]) / len(own) if own else -1.0
        for own, is_chosen in zip(words, chosen, strict=True)
    ]


def _makes(units: Sequence[Unit], words: Words) -> Iterator[tuple[str, list[float]]]:
    """How alike the units beside are made."""
    count = len(units)
    yield "odd signs", [len(_SIGN.findall(unit.text, 0, 3_000)) / max(1, unit.words) for unit in units]
    yield (
        "words a sentence",
        [unit.words / (1 + len(_INNER_STOP.findall(unit.text, 0, 3_000))) for unit in units],
    )
    yield "begins alike", list(map(float, _alike([own[0] if own else "" for own in words])))
    lengths, dates = [log1p(unit.words) for unit in units], [float(unit.kind == "byline") for unit in units]
    for low, high in _LENGTHS:
        pairs = zip(_sums(lengths, low, high), _sums([1.0] * count, low, high), strict=True)
        yield f"lengths {low:+}{high:+}", [total / max(1.0, number) for total, number in pairs]
    for low, high in _DATES:
        yield f"dates {low:+}{high:+}", _sums(dates, low, high)


def _alike(firsts: Sequence[str]) -> Iterator[int]:
    """How many of the units beside begin with the same word."""
    counts = Counter(firsts)
    for at, first in enumerate(firsts):
        is_single = not first or counts[first] == 1
        yield 0 if is_single else firsts[max(0, at - _BESIDE) : at + _BESIDE + 1].count(first) - 1


def _sums(values: Sequence[float], low: int, high: int) -> list[float]:
    """For each unit the sum of the values from `low` up to `high` units beside it."""
    return within([0.0, *accumulate(values)], low, high)
