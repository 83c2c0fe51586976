from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.trends import Baseline, at_least, baseline, departure

WEEK = (20, 22, 21, 20, 19, 6, 5)


def past(weeks: int, *, week: tuple[int, ...] = WEEK, today: int = 0) -> list[int]:
    """So many weeks of the same days up to yesterday, newest first; `today` is the place of today in the week."""
    days = [*week] * weeks + [*week[:today]]
    return days[::-1]


def test_too_short_a_past_expects_nothing() -> None:
    assert baseline([]) is None
    assert baseline([5] * 15) is None
    assert baseline([5] * 16) is not None


@pytest.mark.parametrize("day", range(7))
def test_each_day_of_the_week_is_expected_as_it_usually_is(day: int) -> None:
    found = baseline(past(8, today=day))
    assert found is not None
    assert found.usual == pytest.approx(WEEK[day], rel=0.25, abs=1)


def test_a_spike_on_a_weekend_is_seen_that_would_be_usual_in_the_week() -> None:
    expected = baseline(past(8, today=6))
    assert expected is not None
    assert departure(5, expected) is None
    found = departure(22, expected)
    assert found is not None
    assert (found.kind, found.count) == ("spike", 22)


def test_silence_on_a_working_day_is_a_drop_and_on_a_weekend_none() -> None:
    monday, sunday = baseline(past(8)), baseline(past(8, today=6))
    assert monday is not None
    assert sunday is not None
    found = departure(2, monday)
    assert found is not None
    assert found.kind == "drop"
    assert departure(2, sunday) is None


def test_a_few_more_than_none_are_no_spike() -> None:
    expected = baseline([0] * 60)
    assert expected is not None
    assert departure(4, expected) is None
    assert departure(5, expected) is not None


def test_an_earlier_spike_does_not_hide_the_next() -> None:
    days = past(8)
    days[9] = days[10] = 400
    expected = baseline(days)
    assert expected is not None
    assert expected.usual < 30
    assert departure(90, expected) is not None


def test_a_slow_rise_does_not_hide_itself_at_once() -> None:
    quiet = baseline([10] * 60)
    rising = baseline([40, 35] + [10] * 58)
    assert quiet == rising


def test_news_that_come_in_bunches_need_more_to_be_a_spike() -> None:
    even = departure(20, Baseline(usual=10, spread=1))
    bunched = departure(20, Baseline(usual=10, spread=4))
    assert even is not None
    assert bunched is None


@given(st.integers(0, 200), st.floats(0.01, 100), st.floats(1, 10))
def test_a_chance_is_a_chance_and_falls_with_the_count(count: int, mean: float, spread: float) -> None:
    one, more = at_least(count, mean, spread), at_least(count + 1, mean, spread)
    assert 0 <= more <= one <= 1


def test_the_chance_is_that_of_the_textbook() -> None:
    assert at_least(3, 2, 1) == pytest.approx(1 - math.exp(-2) * 5)
    assert at_least(0, 0, 1) == 1
    assert at_least(1, 0, 1) == 0


@given(st.lists(st.integers(0, 10_000), max_size=80))
def test_any_past_gives_a_sane_expectation(days: list[int]) -> None:
    found = baseline(days)
    if found is not None:
        assert 0 <= found.usual < 1e6
        assert 1 <= found.spread < 1e9


def test_ordinary_years_are_quiet() -> None:
    rng, alarms = random.Random(7), 0  # noqa: S311 - a simulation
    for level in (3, 10, 40):
        days = [sum(rng.random() < level / 200 for _ in range(200)) for _ in range(365)]
        for day in range(60, 365):
            expected = baseline(days[:day][::-1])
            assert expected is not None
            alarms += departure(days[day], expected) is not None
    # Three feeds for ten months: one a month and feed is the bar.
    assert alarms <= 20
