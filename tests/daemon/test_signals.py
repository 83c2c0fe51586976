"""Signals of the daemon."""

from __future__ import annotations

import subprocess
import sys

_DEAF = """
import signal, threading, time
from feedwatch.daemon import run

wishes = run._on_signals()

def ask():
    time.sleep(0.3)
    # Taken by this thread, the signal does not wake the main one: as when it comes just before that falls asleep.
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(60)

threading.Thread(target=ask, daemon=True).start()
print(run._next(wishes), flush=True)
"""


def test_a_signal_is_heard_though_it_does_not_wake_the_thread_that_waits() -> None:
    done = subprocess.run([sys.executable, "-c", _DEAF], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == "stop\n", done.stderr
