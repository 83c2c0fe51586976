"""Points for each unit of a scraped page, by its own look alone, and the run of units that has the most of them."""

from __future__ import annotations

from collections.abc import Sequence

from feedwatch.extract.units import Unit

#: A run of this share of the longest run's points is taken for the text when it comes first.
_LONG_ENOUGH = 0.3
#: An item behind a bullet or number of so many words goes on with the text above it.
_LISTED_WORDS = 6


def score(unit: Unit) -> float:
    """Points for one unit: about a point a word for prose, a few off for everything else."""
    if unit.kind == "comments":
        return -200.0
    if unit.kind == "related":
        return -25.0
    if unit.kind is not None:
        return -4.0
    if unit.is_sentence:
        # Names of sections in a row are no sentence although a full stop may end them.
        return min(unit.words, 120) * (1.0 if unit.capitals < 0.45 else -0.3)
    return _score_of_fragment(unit)


def _score_of_fragment(unit: Unit) -> float:
    if unit.words > 25 and unit.capitals < 0.35:
        return unit.words * 0.5
    if unit.is_listed and unit.words >= _LISTED_WORDS:
        return 1.0
    return -5.0 if unit.words > 4 else -3.0


def _runs(scores: Sequence[float], low: int, high: int) -> list[tuple[float, int, int]]:
    """The runs of [low, high) that gain points, each with its sum, start and end at its highest point."""
    runs: list[tuple[float, int, int]] = []
    total = 0.0
    for place in range(low, high):
        if total <= 0:
            total = 0.0
            runs.append((0.0, place, place))
        total += scores[place]
        if total > runs[-1][0]:
            runs[-1] = (total, runs[-1][1], place + 1)
    return [run for run in runs if run[0] > 0]


def heaviest(scores: Sequence[float], low: int, high: int) -> tuple[int, int]:
    """Start and end of the text within [low, high); (low, low) without any.

    That is the first run which is long enough: what readers write and legal notices may be longer than
    a short article, but they stand below it.
    """
    runs = _runs(scores, low, high)
    most = max((run[0] for run in runs), default=0.0)
    return next(((start, end) for total, start, end in runs if total >= _LONG_ENOUGH * most), (low, low))
