from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import time_machine

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


class Clocks:
    """A wall clock that can be set, and one that cannot."""

    def __init__(self) -> None:
        self.moved = 0.0

    def wall(self) -> float:
        return time.monotonic() + self.moved


@pytest.mark.parametrize("by", [-6 * 3600, 6 * 3600, -365 * 86_400, 365 * 86_400])
def test_ticks_go_on_when_the_wall_clock_jumps(by: float) -> None:
    jumps: list[float] = []
    ticks: list[float] = []
    ticker = Ticker(on_jump=jumps.append, look_every_s=0.1)
    ticker.every(0.1, "count", lambda: ticks.append(time.monotonic()))
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        ticker.start()
        time.sleep(0.25)
        traveller.shift(timedelta(seconds=by))
        before = len(ticks)
        time.sleep(0.8)
        ticker.stop()
    assert [round(jump / 60) for jump in jumps] == [round(by / 60)]
    # Neither a stall nor a burst of what was missed.
    assert 3 <= len(ticks) - before <= 10


def test_a_slow_drift_is_no_jump() -> None:
    clocks, jumps = Clocks(), list[float]()
    ticker = Ticker(on_jump=jumps.append, wall=clocks.wall)
    for _ in range(100):
        clocks.moved += 1
        ticker.look()
    assert jumps == []
    clocks.moved -= 6
    ticker.look()
    assert [round(jump) for jump in jumps] == [-6]


def test_a_jump_handler_that_fails_does_not_stop_the_ticks(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_seconds: float) -> None:
        raise RuntimeError("broken handler")

    clocks = Clocks()
    ticker = Ticker(on_jump=fail, wall=clocks.wall)
    clocks.moved = 60
    with caplog.at_level(logging.ERROR):
        ticker.look()
    assert "clock jump failed" in caplog.text
