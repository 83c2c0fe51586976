"""When a feed is suddenly loud or silent, told from its own days of the week (pure).

The method is that of outbreak detection: a moving baseline that keeps clear of the newest days, so that a slow
rise does not hide itself (EARS C2/W2: Hutwagner et al., J. Urban Health 80, 2003; Tokars et al., Emerg. Infect.
Dis. 15, 2009), with a factor for each day of the week, an exponentially weighted level, past outliers cut, and the
negative binomial as the tail, since news come in bunches (as in Noufaily et al., Stat. Med. 32, 2013).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

#: The newest days before today that the baseline leaves out.
GUARD_DAYS = 2
#: Days that the baseline looks at, and needs at least.
BASELINE_DAYS, LEAST_DAYS = 56, 14
#: Weight of a newer day against all older ones.
SMOOTHING = 0.08
#: How rare a count must be on ordinary days: looked at once a day, and at any moment besides (a window of 24 hours
#: that moves on by the hour gets many more chances to be extreme).
DAILY, HOURLY = 0.01, 0.001
#: What is rarer than this is too little to be loud; a feed that brings less is too quiet to fall silent.
LEAST_SPIKE, LEAST_USUAL = 5, 6.0
#: A spike is at least so many times the usual, a drop at most so much of it.
SPIKE_TIMES, DROP_TIMES = 1.5, 0.5
#: The factor of a day of the week counts as if so many average weeks had been seen besides, and is at least this.
WEEKS_OF_DOUBT, LEAST_FACTOR = 1.0, 0.05
#: Of the square of a normal variable.
MEDIAN_OF_SQUARES = 0.455
#: An outlier counts as so many standard deviations above the usual.
OUTLIER = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is usual today."""

    #: Entries that are expected today.
    usual: float
    #: Variance over mean; at least 1.
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A count that is not what is usual."""

    kind: Literal["spike", "drop"]
    count: int
    usual: float
    #: Chance of such a count, or a more extreme one, on an ordinary day.
    chance: float


def baseline(days: Sequence[int]) -> Baseline | None:
    """What to expect today of a feed that brought `days[0]` entries yesterday, `days[1]` the day before, and so on.

    None while fewer than LEAST_DAYS days lie behind the guard.
    """
    # Oldest first, as the level moves through them.
    counts: list[float] = [float(count) for count in reversed(days[GUARD_DAYS : GUARD_DAYS + BASELINE_DAYS])]
    if len(counts) < LEAST_DAYS:
        return None
    # How many days before today each is, which tells its day of the week.
    ages = range(len(counts) + GUARD_DAYS, GUARD_DAYS, -1)
    for _ in range(2):  # the first pass shows which days were outliers
        factors = _factors(counts, ages)
        expected, level = _levels(counts, [factors[age % 7] for age in ages])
        spread = _middle_spread(counts, expected)
        counts = [min(count, _limit(mean, spread)) for count, mean in zip(counts, expected, strict=True)]
    return Baseline(usual=level * factors[0], spread=_spread(counts, expected))


def _limit(mean: float, spread: float) -> float:
    return mean + OUTLIER * math.sqrt(spread * max(mean, 1))


def _factors(counts: Sequence[float], ages: Sequence[int]) -> list[float]:
    """How much each day of the week brings of an average day; today's is the first. Few weeks count less."""
    average = sum(counts) / len(counts)
    factors = []
    for day in range(7):
        same = [count for count, age in zip(counts, ages, strict=True) if age % 7 == day]
        factors.append(
            (sum(same) + WEEKS_OF_DOUBT * average) / ((len(same) + WEEKS_OF_DOUBT) * average) if average else 1
        )
    return [max(factor, LEAST_FACTOR) for factor in factors]


def _levels(counts: Sequence[float], factors: Sequence[float]) -> tuple[list[float], float]:
    """What each day was expected to bring by the days before it, and the level after the last one."""
    level = sum(counts[:7]) / sum(factors[:7])
    expected = []
    for count, factor in zip(counts, factors, strict=True):
        expected.append(level * factor)
        level += SMOOTHING * (count / factor - level)
    return expected, level


def _middle_spread(counts: Sequence[float], expected: Sequence[float]) -> float:
    """Variance over mean as the middle of the days has it: outliers, which it is to find, do not count."""
    return max(1.0, median(_squares(counts, expected)) / MEDIAN_OF_SQUARES)


def _spread(counts: Sequence[float], expected: Sequence[float]) -> float:
    """Variance over mean; not less than that of events that have nothing to do with each other."""
    return max(1.0, sum(_squares(counts, expected)) / len(counts))


def _squares(counts: Sequence[float], expected: Sequence[float]) -> list[float]:
    return [(count - mean) ** 2 / max(mean, 0.5) for count, mean in zip(counts, expected, strict=True)]


def departure(count: int, expected: Baseline, chance: float = DAILY) -> Departure | None:
    """What is unusual about today's count; None when nothing is that an ordinary day brings with `chance`."""
    usual = expected.usual
    if count >= max(LEAST_SPIKE, SPIKE_TIMES * usual):
        found = at_least(count, usual, expected.spread)
        if found < chance:
            return Departure(kind="spike", count=count, usual=usual, chance=found)
    if usual >= LEAST_USUAL and count <= DROP_TIMES * usual:
        found = 1 - at_least(count + 1, usual, expected.spread)
        if found < chance:
            return Departure(kind="drop", count=count, usual=usual, chance=found)
    return None


def at_least(count: int, mean: float, spread: float) -> float:
    """The chance that a day brings at least `count` entries: negative binomial with variance `spread` × `mean`."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    return max(0.0, 1.0 - sum(math.exp(_log_chance(k, mean, spread)) for k in range(count)))


def _log_chance(count: int, mean: float, spread: float) -> float:
    if spread <= 1.001:  # Poisson
        return count * math.log(mean) - mean - math.lgamma(count + 1)
    size, success = mean / (spread - 1), 1 / spread
    return (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1)
        + size * math.log(success)
        + count * math.log(1 - success)
    )
