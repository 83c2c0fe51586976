"""Sums over the units beside each unit of a page."""

from __future__ import annotations

from collections.abc import Sequence
from operator import sub


def within(sums: Sequence[float], low: int, high: int) -> list[float]:
    """For each unit the sum from `low` to `high` units beside it, of the running sums of all."""
    return list(map(sub, _moved(sums, high), _moved(sums, low)))


def _moved(sums: Sequence[float], step: int) -> list[float]:
    """The running sum so many units on from each, the first or last beyond the page's ends."""
    count = len(sums) - 1
    if step < 0:
        return [*[sums[0]] * min(-step, count), *sums[: max(0, count + step)]]
    return [*sums[step : step + count], *[sums[-1]] * min(step - 1, count)][:count]
