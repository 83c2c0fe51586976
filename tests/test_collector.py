"""The collector of garbage rests where it would look in vain, and only there."""

from __future__ import annotations

import gc
import threading

import pytest

from feedwatch.collector import undisturbed


def test_the_collector_rests_meanwhile() -> None:
    with undisturbed():
        assert not gc.isenabled()
        with undisturbed():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_lets_it_look_again() -> None:
    with pytest.raises(ZeroDivisionError), undisturbed():
        _ = 1 / 0
    assert gc.isenabled()


def test_who_switched_it_off_finds_it_so() -> None:
    gc.disable()
    try:
        with undisturbed():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_threads_that_overlap_never_leave_it_off() -> None:
    def work() -> None:
        for _ in range(2000):
            with undisturbed():
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gc.isenabled()
