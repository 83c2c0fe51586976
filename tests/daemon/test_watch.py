"""The daemon's work on a real store, with a clock that is set by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from feedwatch.app import App
from feedwatch.errors import StoreError
from feedwatch.ledger import Outcome
from feedwatch.setup import load_setup
from tests.daemon.daemonkit import NOON, HandClock, Parts, parts, write_desk


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def daemon(tmp_path: Path, clock: HandClock) -> Iterator[Parts]:
    write_desk(tmp_path)
    setup = replace(load_setup(tmp_path / "config.toml", {}), clock=clock)
    with parts(tmp_path, setup) as found:
        yield found


def polls(daemon: Parts) -> int:
    """How often the source was claimed so far."""
    (claim,) = daemon.watch.app.claim(1, ["files"], force=True)
    daemon.watch.app.store.release([claim])
    return claim.token - 1


@pytest.mark.parametrize("by", [{"hours": -6}, {"days": -365}, {"hours": -1}])
def test_a_clock_set_back_neither_stalls_nor_hurries_a_source(
    daemon: Parts, clock: HandClock, by: dict[str, float]
) -> None:
    daemon.settle()
    clock.move(minutes=30)
    before = clock.now()
    clock.move(**by)
    daemon.watch.clock_jumped((clock.now() - before).total_seconds())
    assert polls(daemon) == 1
    daemon.settle()
    clock.move(minutes=31)
    daemon.settle()
    assert polls(daemon) >= 3


@pytest.mark.parametrize("by", [{"hours": 6}, {"days": 365}])
def test_a_clock_set_forward_lets_overdue_sources_be_read_once(
    daemon: Parts, clock: HandClock, by: dict[str, float]
) -> None:
    daemon.settle()
    clock.move(**by)
    daemon.watch.clock_jumped(6 * 3600)
    daemon.settle()
    daemon.settle()
    assert polls(daemon) == 2


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
def test_a_day_on_which_clocks_are_changed_has_as_many_polls_as_any_other(
    daemon: Parts, clock: HandClock, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        clock.move(days=(day - NOON.date()).days, hours=-12)
        daemon.settle()
        before = polls(daemon)
        for _ in range(24 * 4):
            clock.move(minutes=15)
            daemon.watch.claim()
            assert daemon.watch.engine.drain(20)
        # Each look is a claim, too.
        assert polls(daemon) - before - 1 == 24
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_idle_daemon_asks_the_store_every_half_minute_only(daemon: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon.settle()
    daemon.watch.claim()
    asked: list[int] = []
    store = daemon.watch.app.store
    monkeypatch.setattr(store, "next_due_at", lambda: asked.append(1))
    for _ in range(50):
        daemon.watch.claim()
    assert asked == []
    daemon.watch.hurry()
    daemon.watch.claim()
    assert asked == [1]


def test_what_the_store_refuses_halts_reading_and_goes_on_by_itself(
    daemon: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 0.0
    monkeypatch.setattr(daemon.watch._halts, "_monotonic", lambda: moment)
    store = daemon.watch.app.store
    save = store.save

    def full(_batch: object) -> None:
        raise StoreError("store x: the disk is full")

    monkeypatch.setattr(store, "save", full)
    daemon.watch.claim()
    assert daemon.watch.engine.drain(20)
    assert "disk is full" in daemon.board.get().halted
    assert not daemon.board.get().well
    monkeypatch.setattr(store, "save", save)
    daemon.settle()
    assert "disk is full" in daemon.board.get().halted
    moment = 2.0
    daemon.settle()
    assert daemon.board.get().well
    assert "Attaque 0" in daemon.feed("all")


def test_a_disk_without_room_is_left_alone(daemon: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        total, free = 10**9, 10**6

    monkeypatch.setattr("feedwatch.daemon.halts.shutil.disk_usage", lambda _folder: Usage)
    daemon.settle()
    assert "nearly full" in daemon.board.get().halted
    assert "Attaque" not in daemon.feed("all")


def test_an_order_waits_for_its_sources_among_the_others(daemon: Parts) -> None:
    outcomes: list[Outcome] = []
    daemon.watch.poll(daemon.watch.app.claim_once(force=True), outcomes.append)
    assert [(outcome.source_id, outcome.new) for outcome in outcomes] == [("files", 3)]


def test_what_runs_at_the_end_is_handed_back(daemon: Parts) -> None:
    app: App = daemon.watch.app
    assert app.claim(1)
    assert daemon.watch.wind_up(0.1)
    assert app.claim(1)
