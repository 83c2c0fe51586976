"""Are spikes and drops found, and are ordinary days left alone? Simulated years with planted events.

    python benchmarks/alerts.py [--feeds 60] [--seed 1]

Each feed has a level (2 to 50 entries a day), news that come in bunches (variance 1 to 3 times the mean), quiet
weekends and a slow swing over the year. Planted are events of two to four days: three times the usual (and at least
ten entries), or a tenth of it where the usual is at least twelve. An event is found when any of its days is told.
Beside the detector stands a plain rule, "mean and three standard deviations of the last 28 days", on the same days.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

from feedwatch.trends import baseline, departure

YEAR, WARM = 365, 60
WEEK = (1.0, 1.1, 1.1, 1.0, 1.0, 0.5, 0.4)

Detector = Callable[[Sequence[int], int], str]


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson variable (Knuth's method; the normal approximation above 200)."""
    if mean > 200:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def bunched(rng: random.Random, mean: float, spread: float) -> int:
    """A negative binomial variable with variance `spread` x `mean`."""
    if mean <= 0 or spread <= 1:
        return poisson(rng, mean) if mean > 0 else 0
    return poisson(rng, rng.gammavariate(mean / (spread - 1), spread - 1))


def year(rng: random.Random) -> tuple[list[int], dict[int, tuple[int, str]]]:
    """A year's counts, and for each day of an event its number and kind."""
    level, spread = rng.choice((2, 5, 10, 20, 50)), rng.choice((1.0, 1.5, 2.0, 3.0))
    events: dict[int, tuple[int, str]] = {}
    for number in range(8):
        first, length = rng.randrange(WARM, YEAR - 5), rng.randrange(2, 5)
        if any(day in events for day in range(first - 7, first + length + 7)):
            continue
        kind = "drop" if level >= 12 and rng.random() < 0.4 else "spike"
        events |= dict.fromkeys(range(first, first + length), (number, kind))
    counts = []
    for day in range(YEAR):
        usual = level * WEEK[day % 7] * (1 + 0.2 * math.sin(day / 58))
        kind = events.get(day, (0, ""))[1]
        mean = max(3 * usual, 10) if kind == "spike" else usual / 10 if kind == "drop" else usual
        counts.append(bunched(rng, mean, spread))
    return counts, events


def ours(past: Sequence[int], today: int) -> str:
    """What the program says of the day."""
    expected = baseline(past)
    found = departure(today, expected) if expected else None
    return found.kind if found else ""


def plain(past: Sequence[int], today: int) -> str:
    """Mean and three standard deviations."""
    window = past[:28]
    mean, deviation = statistics.fmean(window), statistics.stdev(window)
    return "spike" if today > mean + 3 * deviation else "drop" if today < mean - 3 * deviation else ""


def measure(detect: Detector, years: Sequence[tuple[list[int], dict[int, tuple[int, str]]]]) -> str:
    """One line about a detector."""
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    false = 0
    started = time.process_time()
    for counts, events in years:
        hit = set()
        for day in range(WARM, YEAR):
            told = detect(counts[:day][::-1], counts[day])
            if told and events.get(day, (0, ""))[1] == told:
                hit.add(events[day])
            elif told and not any(near in events for near in range(day - 3, day + 1)):
                false += 1
        planted.update(kind for _, kind in set(events.values()))
        found.update(kind for _, kind in hit)
    months = len(years) * (YEAR - WARM) / 30
    took_us = (time.process_time() - started) * 1e6 / (len(years) * (YEAR - WARM))
    recall = {kind: found[kind] / planted[kind] for kind in sorted(planted)}
    total = sum(found.values()) / sum(planted.values())
    parts = ", ".join(f"{kind} {value:.2f}" for kind, value in recall.items())
    return f"recall {total:.2f} ({parts}), {false / months:.2f} false alarms a feed and month, {took_us:.0f} µs a day"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)  # noqa: S311 - a simulation
    years = [year(rng) for _ in range(chosen.feeds)]
    print(f"{chosen.feeds} feeds, one year each")
    print(f"feedwatch    {measure(ours, years)}")
    print(f"plain rule   {measure(plain, years)}")


if __name__ == "__main__":
    main()
