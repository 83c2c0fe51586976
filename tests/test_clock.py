from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import ConfigError


def test_the_real_clock_tells_whole_seconds_in_utc() -> None:
    now = Clock.from_env({}).now()
    assert now.microsecond == 0
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_environment_can_fix_the_clock() -> None:
    clock = Clock.from_env({"FEEDWATCH_NOW": "2026-01-31T13:00:00+01:00"})
    assert clock.now() == clock.now() == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "12:00"])
def test_a_wrong_instant_is_a_clear_fault(text: str) -> None:
    with pytest.raises(ConfigError, match="FEEDWATCH_NOW"):
        Clock.from_env({"FEEDWATCH_NOW": text})


def test_a_fixed_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive value is what is tested
    assert Clock(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))).now().hour == 23
