from __future__ import annotations

import logging
import time
from threading import Event

import pytest

from feedwatch.scheduler import Ticker


def test_ticks_come_at_once_and_again() -> None:
    count, enough = 0, Event()

    def tick() -> None:
        nonlocal count
        count += 1
        if count == 3:
            enough.set()

    ticker = Ticker()
    ticker.every(0.05, "count", tick)
    ticker.start()
    assert enough.wait(5)
    ticker.stop()
    seen = count
    time.sleep(0.15)
    assert count == seen


def test_a_tick_that_fails_is_logged_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    again = Event()
    calls = 0

    def tick() -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            again.set()
        raise RuntimeError("broken tick")

    ticker = Ticker()
    with caplog.at_level(logging.ERROR):
        ticker.every(0.05, "bad", tick)
        ticker.start()
        assert again.wait(5)
        ticker.stop()
    assert "tick bad failed" in caplog.text


def test_a_slow_tick_never_runs_twice_at_once() -> None:
    running, overlap, done = 0, False, Event()

    def tick() -> None:
        nonlocal running, overlap
        running += 1
        overlap = overlap or running > 1
        time.sleep(0.1)
        running -= 1
        done.set()

    ticker = Ticker()
    ticker.every(0.03, "slow", tick)
    ticker.start()
    assert done.wait(5)
    time.sleep(0.2)
    ticker.stop()
    assert not overlap
