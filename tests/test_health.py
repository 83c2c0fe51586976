from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedwatch.errors import FetchError
from feedwatch.health import assess, learn, learn_failure
from feedwatch.ledger import Habits, Pulse, Reading
from feedwatch.model import Answer, Source
from feedwatch.polling import conclude
from feedwatch.vitals import Diagnosis, Fresh, Vitals

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
FEED = Source(id="s", kind="feed", locator="https://example.org/feed", title="s", interval_s=3600)
PAGE = replace(FEED, kind="page")


class Life:
    """A source that is polled every hour."""

    def __init__(self, source: Source = FEED) -> None:
        self.source, self.now, self.vitals, self.habits = source, START, Vitals(), Habits()
        self.failures, self.error, self.retired = 0, "", False
        self.last_ok_at: datetime | None = None

    def read(self, new: int = 1, items: int = 20, **of_each: Any) -> Life:
        """A document with so many items, of which some are new."""
        usual: dict[str, Any] = {"length": 1500, "language": "fr", "dated_at": self.now - HOUR / 2}
        of_each = usual | of_each
        return self._ok(Reading(body="read", items=items, known=items - new, fresh=(Fresh(**of_each),) * new))

    def same(self) -> Life:
        return self._ok(Reading(body="unchanged"))

    def fail(self, error: FetchError) -> Life:
        end = conclude(self.source, self.habits, self.now, failures=self.failures, reading=Reading(), error=error)
        self.vitals = learn_failure(self.vitals, error.reason)
        self.failures, self.error, self.retired = end.state.failures, end.state.error, end.state.retired
        return self._pass()

    def settled(self, days: int = 3) -> Life:
        """So many days with something new every two hours."""
        for _ in range(days * 12):
            self.read().same()
        assert self.state == "ok"
        return self

    def _ok(self, reading: Reading) -> Life:
        end = conclude(self.source, self.habits, self.now, failures=0, reading=reading, error=None)
        self.vitals = learn(self.vitals, reading, self.now)
        self.habits = end.state.habits or self.habits
        self.failures, self.error, self.last_ok_at = 0, "", self.now
        return self._pass()

    def _pass(self) -> Life:
        self.now += HOUR
        return self

    @property
    def told(self) -> Diagnosis:
        pulse = Pulse(
            source_id="s",
            last_polled_at=self.now,
            last_ok_at=self.last_ok_at,
            next_due_at=self.now,
            failures=self.failures,
            error=self.error,
            retired=self.retired,
            habits=self.habits,
            vitals=self.vitals,
            health=None,
        )
        return assess(self.source, pulse, self.now, poll_s=3600)

    @property
    def state(self) -> str:
        return self.told.state

    @property
    def cause(self) -> str:
        return self.told.cause


# --- well


def test_a_source_that_was_never_read_is_new() -> None:
    assert Life().state == "new"


def test_a_source_that_brings_something_now_and_then_is_ok() -> None:
    assert Life().settled().state == "ok"


def test_a_night_and_a_weekend_are_no_alarm_once_they_were_seen() -> None:
    life = Life()
    states = []
    for hour in range(24 * 28):
        moment = START + timedelta(hours=hour)
        is_office_time = moment.weekday() < 5 and 7 <= moment.hour < 19
        life.read() if is_office_time else life.same()
        if hour > 24 * 14:
            states.append(life.state)
    assert set(states) == {"ok"}


def test_a_first_weekend_is_quiet_and_no_alarm() -> None:
    life = Life().settled(5)
    for _ in range(60):
        life.same()
    assert life.state == "quiet"


def test_rare_and_irregular_news_are_no_alarm() -> None:
    life = Life()
    for days in (3, 9, 1, 14, 6, 2, 11, 8, 4, 12):
        life.read(new=1, items=10)
        for _ in range(days * 24):
            life.same()
            assert life.state == "ok"


def test_a_feed_of_the_day_is_no_alarm_once_its_midnight_was_seen() -> None:
    life = Life()
    for hour in range(24 * 6):
        life.read(new=1, items=1 + hour % 24)
        if hour > 24 + 8:
            assert life.state == "ok", hour


# --- silence


def test_silence_beyond_its_rhythm_is_quiet_then_stale() -> None:
    life = Life().settled(10)
    for _ in range(8):
        life.same()
    assert (life.state, life.cause) == ("quiet", "silent")
    assert "its longest pause before was 2 hours" in life.told.message
    for _ in range(24 * 3):
        life.same()
    assert (life.state, life.cause) == ("stale", "silent")
    assert life.read().state == "ok"


def test_time_in_which_nobody_polled_is_no_silence() -> None:
    life = Life().settled(10)
    life.now += timedelta(days=30)
    assert life.state == "ok"


def test_a_folder_is_never_silent() -> None:
    life = Life(replace(FEED, kind="folder", locator="/tmp/x")).settled(10)  # noqa: S108 - a name only
    for _ in range(24 * 10):
        life.same()
    assert life.state == "ok"


# --- failures


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FetchError("x", "its certificate expired", reason="tls"), "tls"),
        (FetchError("x", "nothing answered", reason="network"), "network"),
        (FetchError("x", "HTTP 429", reason="http", status=429), "rate-limit"),
        (FetchError("x", "HTTP 500", reason="http", status=500), "http"),
        (FetchError("x", "took longer than 20 s", reason="timeout"), "timeout"),
    ],
)
def test_a_failure_shows_at_once_and_ends_with_the_next_success(error: FetchError, cause: str) -> None:
    life = Life().settled().fail(error)
    assert (life.state, life.cause) == ("failing", cause)
    assert life.read().state == "ok"


def test_what_fails_for_days_is_broken() -> None:
    life = Life().settled()
    for _ in range(24 * 4):
        life.fail(FetchError("x", "HTTP 404", reason="http", status=404))
    assert life.state == "broken"
    assert "last read 2026-01-07" in life.told.message
    assert "feedwatch sources test s" in life.told.message


def test_what_never_answered_is_broken_after_some_polls() -> None:
    life = Life()
    for _ in range(5):
        life.fail(FetchError("x", "nothing answered", reason="network"))
    assert life.state == "broken"
    assert "never read" in life.told.message


def test_what_its_server_calls_gone_is_retired() -> None:
    life = Life().settled().fail(FetchError("x", "HTTP 410", reason="http", status=410))
    assert (life.state, life.cause) == ("retired", "gone")
    assert "--revive s" in life.told.message


def test_a_permanent_redirect_shows_at_once() -> None:
    life = Life().settled()
    life._ok(Reading(body="unchanged", answer=Answer(moved_to="https://u:p@example.net/feed?key=1")))
    assert (life.state, life.cause) == ("moved", "redirect")
    assert "u:p" not in life.told.message
    assert "key=1" not in life.told.message
    assert life.same().state == "ok"


# --- what it brings


def test_a_document_that_cannot_be_read_stays_an_alarm_until_one_can() -> None:
    life = Life().settled()
    life._ok(Reading(body="unreadable"))
    assert (life.state, life.cause) == ("failing", "unreadable")
    assert life.same().state == "failing"
    assert life.read().state == "ok"


def test_zero_items_show_at_once() -> None:
    life = Life().settled().read(new=0, items=0)
    assert (life.state, life.cause) == ("failing", "zero-items")
    assert "where 20 were usual" in life.told.message
    assert life.read().state == "ok"


def test_a_new_feed_without_entries_is_no_alarm_but_a_page_is() -> None:
    assert Life().read(new=0, items=0).state == "ok"
    assert Life(PAGE).read(new=0, items=0).cause == "zero-items"


@pytest.mark.parametrize(("source", "cause"), [(FEED, "entries-vanished"), (PAGE, "selector-drift")])
def test_half_of_the_usual_shows_at_once(source: Source, cause: str) -> None:
    life = Life(source).settled().read(new=0, items=9)
    assert (life.state, life.cause) == ("failing", cause)
    assert "only 9 entries where 20 were usual" in life.told.message


def test_half_of_a_page_that_never_changed_shows_at_once() -> None:
    life = Life(PAGE).read()
    for _ in range(6):
        life.same()
    assert life.read(new=0, items=4).cause == "selector-drift"


def test_what_lasts_becomes_usual() -> None:
    life = Life().settled()
    for _ in range(45):
        life.read(items=5)
    assert life.state == "ok"


def test_shrunken_texts_show_with_the_second_entry() -> None:
    life = Life().settled().read(length=1400).read(length=80)
    assert life.state == "ok"
    assert life.read(length=90).cause == "text-shrank"
    assert life.read(length=1500).state == "ok"


def test_another_language_shows_with_the_third_entry() -> None:
    life = Life().settled().read(new=2, language="ru")
    assert life.state == "ok"
    assert life.read(language="ru").cause == "language-changed"
    assert "not in 'fr' but 'ru'" in life.told.message
    assert life.read().state == "ok"


def test_a_source_of_two_languages_is_no_alarm() -> None:
    life = Life()
    for turn in range(40):
        life.read(new=3, language="fr" if turn % 3 else "ar")
        assert life.state == "ok"


def test_dates_in_the_future_show_at_once() -> None:
    life = Life().settled()
    assert life.read(dated_at=life.now + timedelta(days=3)).cause == "dates-in-future"
    assert life.read().state == "ok"


def test_frozen_dates_show_with_the_second_poll() -> None:
    life, stuck = Life().settled(), START
    assert life.read(dated_at=stuck).state == "ok"
    assert life.read(dated_at=stuck).cause == "dates-frozen"


def test_undated_entries_are_no_alarm() -> None:
    life = Life()
    for _ in range(10):
        assert life.read(dated_at=None).state == "ok"


def test_a_delta_says_nothing_about_the_number_of_entries() -> None:
    life = Life().settled()
    life._ok(Reading(body="read", items=1, answer=Answer(is_delta=True)))
    assert life.state == "ok"


def test_a_quiet_poll_leaves_what_is_known_as_it_is() -> None:
    vitals = Life().settled().vitals
    assert learn(vitals, Reading(body="unchanged"), START) == vitals
    assert learn_failure(vitals, "waiting") == vitals
