"""When a source whose hub tells us is polled (WebSub)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedwatch.errors import FetchError
from feedwatch.ledger import Habits, Push, Reading
from feedwatch.model import Source
from feedwatch.polling import Conclusion, conclude

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source(id="s", kind="feed", locator="https://example.org/", title="s", interval_s=3600)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEWS = Reading(body="read", items=10, known=9)
NO_NEWS = Reading(body="read", items=10, known=10)
TOLD = Push(lease_until=NOW + DAY, announced=True)
SILENT = replace(TOLD, announced=False)
WORKS = Habits(items=10, push_works=True)


def end(habits: Habits, reading: Reading, push: Push | None, source: Source = SOURCE) -> Conclusion:
    return conclude(source, habits, NOW, failures=0, reading=reading, error=None, push=push)


def wait(habits: Habits, reading: Reading, push: Push | None, source: Source = SOURCE) -> timedelta:
    return end(habits, reading, push, source).state.next_due_at - NOW


def test_news_that_a_push_announced_make_a_poll_a_day_enough() -> None:
    end_ = end(Habits(items=10), NEWS, TOLD)
    assert end_.state.habits is not None
    assert end_.state.habits.push_works
    assert end_.state.next_due_at - NOW == DAY


@pytest.mark.parametrize("reading", [NO_NEWS, Reading(body="unchanged"), Reading(body="same")])
@pytest.mark.parametrize("push", [TOLD, SILENT])
def test_it_stays_so_while_there_are_no_news(reading: Reading, push: Push) -> None:
    assert wait(WORKS, reading, push) == DAY


def test_a_subscription_alone_proves_nothing() -> None:
    assert wait(Habits(items=10), NO_NEWS, SILENT) == HOUR
    assert wait(Habits(items=10), NO_NEWS, TOLD) == HOUR


def test_news_that_nobody_announced_bring_the_usual_rhythm_back() -> None:
    assert wait(WORKS, NEWS, SILENT) == HOUR


@pytest.mark.parametrize("push", [None, replace(SILENT, lease_until=NOW), replace(SILENT, lease_until=None)])
def test_without_a_lease_the_usual_rhythm_holds(push: Push | None) -> None:
    assert wait(WORKS, NO_NEWS, push) == HOUR


def test_an_interval_that_a_person_set_is_kept() -> None:
    own = replace(SOURCE, own_interval=True, interval_s=600)
    assert wait(WORKS, NO_NEWS, TOLD, own) == timedelta(minutes=10)


def test_a_failure_is_tried_again_as_ever() -> None:
    error = FetchError("x", "HTTP 500", reason="http", status=500)
    ended = conclude(SOURCE, WORKS, NOW, failures=0, reading=Reading(), error=error, push=TOLD)
    assert ended.state.next_due_at - NOW < 2 * HOUR
