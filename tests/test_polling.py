from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from feedwatch.errors import FetchError
from feedwatch.ledger import Habits, Hints, Reading
from feedwatch.model import Answer, Item, Source
from feedwatch.polling import (
    Conclusion,
    conclude,
    failure_wait_s,
    median_gap_s,
    outside_skipped,
    spread_overdue,
    usual_wait_s,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday
SOURCE = Source(id="s", kind="feed", locator="https://example.org/", title="s", interval_s=3600)
OWN = replace(SOURCE, interval_s=300, own_interval=True)
HOUR = timedelta(hours=1)


def end(
    reading: Reading | None = None, source: Source = SOURCE, habits: Habits | None = None, now: datetime = NOW
) -> Conclusion:
    return conclude(source, habits or Habits(), now, failures=0, reading=reading or Reading(), error=None)


def wait(source: Source = SOURCE, habits: Habits | None = None, **reading: Any) -> timedelta:
    return end(Reading(**reading), source, habits).state.next_due_at - NOW


def failed(error: FetchError, failures: int = 0, source: Source = SOURCE, habits: Habits | None = None) -> Conclusion:
    return conclude(source, habits or Habits(), NOW, failures=failures, reading=Reading(), error=error)


def status(code: int, **more: Any) -> FetchError:
    return FetchError("x", f"HTTP {code}", reason="http", status=code, **more)


# --- after success


def test_after_success_the_interval_passes() -> None:
    assert wait() == HOUR


@pytest.mark.parametrize(
    ("source", "least"),
    [
        (replace(SOURCE, interval_s=60), timedelta(minutes=30)),
        (replace(SOURCE, interval_s=60, kind="page"), HOUR),
        (replace(SOURCE, interval_s=300, own_interval=True), timedelta(minutes=5)),
        (replace(SOURCE, interval_s=1, own_interval=True), timedelta(minutes=1)),
        (replace(SOURCE, interval_s=1, kind="folder"), timedelta(seconds=1)),
    ],
)
def test_no_source_is_asked_more_often_than_its_floor(source: Source, least: timedelta) -> None:
    assert wait(source) == least
    assert wait(source, answer=Answer(fresh_s=0)) == least


@pytest.mark.parametrize("body", ["read", "same", "unchanged"])
def test_freshness_makes_the_wait_longer_up_to_a_day_whatever_came(body: Any) -> None:
    assert wait(body=body, answer=Answer(fresh_s=7200)) == 2 * HOUR
    assert wait(OWN, body=body, answer=Answer(fresh_s=7200)) == 2 * HOUR
    assert wait(body=body, answer=Answer(fresh_s=1e15)) == 24 * HOUR


def test_what_the_feed_asks_for_holds_now_and_after_a_304() -> None:
    learned = end(Reading(body="read", hints=Hints(every_s=3 * 3600)))
    assert learned.state.next_due_at == NOW + 3 * HOUR
    assert learned.state.habits is not None
    assert wait(habits=learned.state.habits) == 3 * HOUR
    assert wait(habits=learned.state.habits, body="read") == HOUR


def test_the_interval_follows_the_source_unless_it_has_its_own() -> None:
    assert usual_wait_s(SOURCE, Habits(gap_s=10)) == 1800
    assert usual_wait_s(SOURCE, Habits(gap_s=5 * 3600)) == 5 * 3600
    assert usual_wait_s(SOURCE, Habits(gap_s=10**9)) == 24 * 3600
    assert usual_wait_s(OWN, Habits(gap_s=10**9)) == 300


def test_the_gap_is_the_median_of_the_newest_ten_entries() -> None:
    def items(hours: list[float]) -> list[Item]:
        return [
            Item(shape="entry", locator="x", position=n, published_at=NOW - timedelta(hours=hour))
            for n, hour in enumerate(hours)
        ]

    assert median_gap_s(items([0, 2, 4, 100])) == 7200
    assert median_gap_s(items([*range(10), 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000])) == 3600
    assert median_gap_s(items([0, 5])) is None
    assert median_gap_s([Item(shape="entry", locator="x", position=0)] * 20) is None


def test_skipped_hours_and_days_are_left_out() -> None:
    due = NOW.replace(hour=22, minute=40)
    assert outside_skipped(due, Hints(skip_hours=frozenset({22, 23, 0}))) == NOW + 25 * HOUR
    assert outside_skipped(due, Hints(skip_days=frozenset({3, 4}))) == NOW + 48 * HOUR
    assert outside_skipped(due, Hints(skip_hours=frozenset({5}))) == due


def test_a_feed_that_forbids_every_hour_or_day_is_read_all_the_same() -> None:
    assert outside_skipped(NOW, Hints(skip_hours=frozenset(range(24)))) == NOW
    assert outside_skipped(NOW, Hints(skip_days=frozenset(range(7)))) == NOW


def test_the_same_body_in_full_again_and_again_is_asked_for_once_a_day() -> None:
    habits, waits = Habits(), []
    for _ in range(5):
        done = end(Reading(body="same"), habits=habits)
        habits = done.state.habits or habits
        waits.append(done.state.next_due_at - NOW)
    assert waits == [HOUR, HOUR, HOUR, 24 * HOUR, 24 * HOUR]
    assert wait(habits=habits, body="read") == HOUR
    assert wait(habits=habits, body="unchanged") == HOUR
    assert wait(OWN, habits=habits, body="same") == timedelta(minutes=5)


def test_a_window_overrun_is_an_event_and_halves_the_wait() -> None:
    slow = replace(SOURCE, interval_s=4 * 3600)
    done = end(Reading(body="read", items=10, known=0), slow, Habits(items=10))
    assert [event.kind for event in done.events] == ["window-overrun"]
    assert done.state.next_due_at == NOW + 2 * HOUR
    assert end(Reading(body="read", items=10), SOURCE, Habits(items=10)).state.next_due_at == NOW + HOUR / 2


@pytest.mark.parametrize(
    "reading",
    [
        Reading(body="read", items=10, known=1),
        Reading(body="read", items=0),
        Reading(body="read", items=10, answer=Answer(is_delta=True)),
        Reading(body="unreadable"),
        Reading(body="unchanged"),
    ],
)
def test_what_is_no_overrun(reading: Reading) -> None:
    assert end(reading, habits=Habits(items=10)).events == ()
    assert end(replace(reading, known=0), habits=Habits(items=0)).events == ()


# --- addresses that moved


def moves(*steps: tuple[float, str | None]) -> tuple[Habits, list[str]]:
    """Polls at the given hours, with where a permanent redirect led."""
    habits, kinds = Habits(items=1), list[str]()
    for hours, target in steps:
        done = end(Reading(answer=Answer(moved_to=target)), habits=habits, now=NOW + timedelta(hours=hours))
        habits = done.state.habits or habits
        kinds += [event.kind for event in done.events]
    return habits, kinds


NEW = "https://new.example/"


@pytest.mark.parametrize(
    ("steps", "moved"),
    [
        ([(0, NEW), (12, NEW), (24, NEW)], True),
        ([(0, NEW), (1, NEW), (2, NEW), (3, NEW)], False),
        ([(0, NEW), (48, NEW)], False),
        ([(0, NEW), (12, None), (24, NEW), (30, NEW)], False),
        ([(0, NEW), (12, "https://other.example/"), (24, NEW), (36, NEW)], False),
    ],
)
def test_a_move_counts_after_three_sightings_over_a_day(steps: list[tuple[float, str | None]], moved: bool) -> None:
    habits, kinds = moves(*steps)
    assert habits.moved is moved
    assert kinds == ["moved"] * moved


def test_a_move_to_something_unreadable_does_not_count() -> None:
    reading = Reading(body="unreadable", answer=Answer(moved_to=NEW))
    assert end(reading).state.habits is None
    assert end(replace(reading, body="same")).state.habits == Habits(repeats=1)


def test_a_settled_move_stays_until_the_new_address_is_gone() -> None:
    habits, _ = moves((0, NEW), (12, NEW), (24, NEW))
    assert end(habits=habits).state.habits is None
    assert failed(status(503), habits=habits).state.habits is None
    for error in (status(404), status(410), FetchError("x", "no name", reason="network")):
        state = failed(error, habits=habits).state
        assert state.habits == Habits(items=1)
        assert (state.retired, state.server) == (False, "example.org:443")


# --- after failure


def failure_wait(error: FetchError, failures: int = 1) -> timedelta:
    return timedelta(seconds=round(failure_wait_s(SOURCE, Habits(), failures, error)))


def test_a_server_that_was_not_reached_is_tried_again_soon() -> None:
    assert timedelta(seconds=60) <= failure_wait(FetchError("x", "no", reason="network")) <= timedelta(seconds=66)


@pytest.mark.parametrize("error", [status(500), status(404), status(403), FetchError("x", "slow", reason="timeout")])
def test_a_server_that_was_reached_gets_its_interval_at_least(error: FetchError) -> None:
    assert HOUR <= failure_wait(error) <= HOUR * 1.1


@pytest.mark.parametrize(("code", "longest"), [(500, 24 * HOUR), (404, 168 * HOUR)])
def test_waits_double_up_to_their_limit(code: int, longest: timedelta) -> None:
    waits = [failure_wait(status(code), failures) for failures in range(1, 40)]
    assert all(
        later == longest or later == pytest.approx(2 * sooner, abs=HOUR / 60) for sooner, later in pairwise(waits)
    )
    assert waits[-1] == longest


def test_waits_differ_between_sources_and_never_by_chance() -> None:
    others = {failure_wait_s(replace(SOURCE, id=str(n)), Habits(), 1, status(500)) for n in range(20)}
    assert len(others) == 20
    assert failure_wait_s(SOURCE, Habits(), 1, status(500)) == failure_wait_s(SOURCE, Habits(), 1, status(500))


def test_what_the_server_asks_for_is_obeyed_up_to_a_month() -> None:
    assert failure_wait(status(429, retry_after_s=5 * 86400)) == timedelta(days=5)
    assert failure_wait(status(503, retry_after_s=1e12)) == timedelta(days=31)
    assert HOUR <= failure_wait(status(503, retry_after_s=0)) <= 1.1 * HOUR


def test_too_many_requests_silence_the_whole_server_and_503_only_the_source() -> None:
    assert failed(status(429)).state.for_server
    state = failed(status(503, retry_after_s=9000)).state
    assert (state.for_server, state.not_before) == (False, NOW + timedelta(seconds=9000))


def test_a_missing_document_is_flagged_once_and_never_given_up() -> None:
    kinds = [[event.kind for event in failed(status(404), failures).events] for failures in range(30)]
    assert kinds.count(["fetch-failed", "flagged"]) == 1
    assert kinds.count(["fetch-failed"]) == 29


def test_gone_retires_the_source() -> None:
    done = failed(status(410))
    assert done.state.retired
    assert [event.kind for event in done.events] == ["fetch-failed", "retired"]


def test_not_having_been_asked_is_no_failure() -> None:
    done = failed(FetchError("x", "rests", reason="waiting", retry_after_s=90), 3)
    assert (done.state.failures, done.events) == (3, ())
    assert done.state.next_due_at == NOW + timedelta(seconds=90)


def test_a_robots_txt_that_forbids_is_asked_again_a_day_later() -> None:
    assert failure_wait(FetchError("x", "no", reason="robots")) == 24 * HOUR


# --- after a restart


def test_overdue_sources_are_spread_evenly_and_the_longest_overdue_comes_at_once() -> None:
    sources = [replace(SOURCE, id=str(n)) for n in range(10)]
    due = [moment - NOW for moment in spread_overdue(sources, NOW).values()]
    assert due == [timedelta(minutes=n) for n in range(10)]
    assert spread_overdue([OWN, OWN], NOW)[OWN.id] <= NOW + timedelta(seconds=150)
    assert spread_overdue([], NOW) == {}
