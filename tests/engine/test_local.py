from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from threading import Event, Lock

from feedwatch.engine.local import Line, LocalEngine
from feedwatch.ledger import Job, Outcome


def job(name: str) -> Job:
    return Job(kind="ingest", source_id=name, token=1, until="2026-01-01T00:00:00+00:00")


def test_every_job_runs_once_and_tells_its_outcome() -> None:
    outcomes: list[Outcome] = []
    engine = LocalEngine(lambda j: Outcome(source_id=j.source_id, result="read"), outcomes.append, workers=4)
    for number in range(50):
        engine.submit(job(str(number)))
    assert engine.drain(5)
    assert sorted(int(outcome.source_id) for outcome in outcomes) == list(range(50))
    assert engine.stop(1)


def test_no_more_jobs_run_at_once_than_there_are_workers() -> None:
    lock, running, most = Lock(), 0, 0

    def handle(j: Job) -> Outcome:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return Outcome(source_id=j.source_id, result="read")

    engine = LocalEngine(handle, lambda _outcome: None, workers=3)
    for number in range(12):
        engine.submit(job(str(number)))
    assert engine.drain(5)
    assert most == 3
    assert engine.free() == 3
    engine.stop(1)


def test_a_job_that_breaks_is_an_outcome_and_the_others_go_on() -> None:
    def handle(j: Job) -> Outcome:
        if j.source_id == "bad":
            raise RuntimeError("boom")
        return Outcome(source_id=j.source_id, result="read")

    outcomes: list[Outcome] = []
    engine = LocalEngine(handle, outcomes.append, workers=1)
    engine.submit(job("bad"))
    engine.submit(job("good"))
    assert engine.drain(5)
    engine.stop(1)
    assert [(o.source_id, o.result) for o in outcomes] == [("bad", "failed"), ("good", "read")]
    assert "boom" in outcomes[0].error


def test_stopping_starts_nothing_more_and_says_whether_all_ended() -> None:
    go, outcomes = Event(), list[str]()

    def handle(j: Job) -> Outcome:
        go.wait(5)
        return Outcome(source_id=j.source_id, result="read")

    engine = LocalEngine(handle, lambda outcome: outcomes.append(outcome.source_id), workers=1)
    engine.submit(job("first"))
    engine.submit(job("never"))
    time.sleep(0.05)
    assert not engine.stop(0.05)
    go.set()
    assert engine.drain(5)
    assert outcomes == ["first"]


def test_jobs_of_one_server_run_one_after_the_other_with_a_pause_and_hold_no_thread() -> None:
    lock, running, most, times = Lock(), 0, 0, list[float]()

    def handle(j: Job) -> Outcome:
        nonlocal running, most
        if j.source_id == "other":
            return Outcome(source_id=j.source_id, result="read")
        with lock:
            running += 1
            most = max(most, running)
            times.append(time.monotonic())
        time.sleep(0.01)
        with lock:
            running -= 1
        return Outcome(source_id=j.source_id, result="read")

    order: list[str] = []
    engine = LocalEngine(
        handle,
        lambda outcome: order.append(outcome.source_id),
        workers=2,
        line_of=lambda j: Line(server="" if j.source_id == "other" else "x", pause_s=0.05),
    )
    for name in ("a", "b", "c", "other"):
        engine.submit(job(name))
    assert engine.drain(5)
    assert most == 1
    assert order.index("other") < 2
    assert sorted(order) == ["a", "b", "c", "other"]
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.06
    assert engine.stop(1)


def test_stopping_forgets_jobs_that_stand_in_line() -> None:
    go, outcomes = Event(), list[str]()

    def handle(j: Job) -> Outcome:
        go.wait(5)
        return Outcome(source_id=j.source_id, result="read")

    engine = LocalEngine(
        handle, lambda outcome: outcomes.append(outcome.source_id), workers=4, line_of=lambda _job: Line(server="x")
    )
    for name in ("first", "never"):
        engine.submit(job(name))
    time.sleep(0.05)
    assert not engine.stop(0.01)
    go.set()
    assert engine.drain(5)
    assert outcomes == ["first"]


_DEAF = """
import signal, threading, time
from feedwatch.engine.local import LocalEngine
from feedwatch.ledger import Job

def interrupt(job):
    time.sleep(0.3)
    # Taken by this thread, the signal does not wake the main one: as when it comes just before that falls asleep.
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(60)

signal.signal(signal.SIGINT, signal.default_int_handler)
engine = LocalEngine(interrupt, lambda outcome: None, workers=1)
engine.submit(Job(kind="ingest", source_id="a", token=1, until="2026-01-01T00:00:00+00:00"))
try:
    engine.drain()
except KeyboardInterrupt:
    print("heard", flush=True)
    import os
    os._exit(0)
"""


def test_an_interrupt_is_heard_though_it_does_not_wake_the_thread_that_waits() -> None:
    done = subprocess.run([sys.executable, "-c", _DEAF], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == "heard\n", done.stderr
