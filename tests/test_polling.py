from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedwatch.errors import FetchError
from feedwatch.model import Source
from feedwatch.polling import next_due

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source(id="s", kind="feed", locator="https://example.org/", title="s", interval_s=3600)


def wait(error: FetchError | None, failures: int = 1) -> timedelta:
    return next_due(SOURCE, NOW, failures=failures, error=error) - NOW


def test_after_success_the_interval_passes() -> None:
    assert wait(None, 0) == timedelta(hours=1)


def test_a_server_that_was_not_reached_is_tried_again_soon() -> None:
    assert timedelta(seconds=60) <= wait(FetchError("x", "no", reason="network")) <= timedelta(seconds=66)


def test_a_server_that_answered_with_an_error_gets_its_interval_at_least() -> None:
    assert wait(FetchError("x", "no", reason="http", status=500)) >= timedelta(hours=1)


def test_waits_double_up_to_a_day() -> None:
    error = FetchError("x", "no", reason="network")
    waits = [wait(error, failures) for failures in range(1, 100)]
    assert waits == sorted(waits)
    assert waits[1] == pytest.approx(waits[0] * 2, abs=timedelta(seconds=1))
    assert timedelta(hours=24) <= waits[-1] <= timedelta(hours=27)


def test_what_the_server_asks_for_is_obeyed_up_to_a_month() -> None:
    asked = FetchError("x", "busy", reason="http", status=429, retry_after_s=5 * 86400)
    absurd = FetchError("x", "busy", reason="http", status=503, retry_after_s=1e12)
    assert wait(asked) == timedelta(days=5)
    assert wait(absurd) == timedelta(days=31)
