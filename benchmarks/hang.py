"""A daemon that hangs says so, soon enough to be restarted within a minute.

    python benchmarks/hang.py [--watchdog 60]

The daemon runs under a manager of signs of life (sd_notify, WatchdogSec) that is played here. A while after it is
ready one thing is stopped: its scheduler (every tick of claims waits for ever), the store's writer (somebody holds its
turn for ever), the loop of its server (a request that never lets go of it), or the whole process (SIGSTOP). Printed is
after how many seconds the manager would restart it: told to, or because no sign of life came for so long. A daemon that
nothing is done to must not be restarted. Exits with 1 when one takes longer than a minute. Linux only.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

from feedwatch.daemon import run as life
from feedwatch.daemon.serving import DaemonSite
from feedwatch.daemon.watch import Watch
from feedwatch.setup import load_setup
from feedwatch.store.connecting import Database

BAR_S = 60.0
CONFIG = """
[feedwatch]
packs = []
[server]
listen = "127.0.0.1:0"
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "all"
title = "All"
"""
HANGS = ("nothing", "scheduler", "writer", "server", "process")


def live(path: Path, what: str, after_s: float) -> None:
    """The daemon, of which something stops."""
    logging.basicConfig(filename=path.parent / "log", level=logging.INFO)
    begun, never = time.monotonic(), Event()
    claim, serve, databases = Watch.claim, DaemonSite.__call__, list[Database]()
    made = Database.__init__

    def hangs(part: str) -> bool:
        return what == part and time.monotonic() - begun > after_s

    def claims(watch: Watch) -> None:
        if hangs("scheduler"):
            never.wait()
        claim(watch)

    async def answer(site: DaemonSite, scope: Any, receive: Any, send: Any) -> None:
        if hangs("server"):
            never.wait()
        await serve(site, scope, receive, send)

    def make(database: Database, *values: Any, **named: Any) -> None:
        made(database, *values, **named)
        databases.append(database)

    def hold() -> None:
        never.wait(after_s)
        if what == "writer":
            databases[0]._turn.__enter__()  # noqa: SLF001 - held by whoever would hang

    for owner, name, value in (
        (Watch, "claim", claims),
        (DaemonSite, "__call__", answer),
        (Database, "__init__", make),
    ):
        setattr(owner, name, value)
    Thread(target=hold, daemon=True).start()

    def ready(url: str) -> None:
        (path.parent / "url").write_text(url)

    life.run(load_setup(path), path, on_ready=ready)


def seconds_until_restart(what: str, watchdog_s: float, after_s: float = 15) -> float | None:
    """How long after the stop the manager would act; None when it had no reason in twice its patience."""
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        folder = Path(name)
        (folder / "files").mkdir()
        (folder / "config.toml").write_text(CONFIG)
        manager.bind(str(folder / "notify"))
        manager.settimeout(0.5)
        os.environ |= {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(round(watchdog_s * 1e6))}
        process = multiprocessing.get_context("spawn").Process(
            target=live, args=(folder / "config.toml", what, after_s)
        )
        process.start()
        try:
            while b"READY=1" not in _heard(manager):
                time.sleep(0.05)
            urlopen((folder / "url").read_text(), timeout=20).close()  # noqa: S310 - our own server
            stopped = alive = time.monotonic() + after_s
            stood = False
            while time.monotonic() < stopped + 2 * watchdog_s:
                now, said = time.monotonic(), _heard(manager)
                if what == "process" and now > stopped and not stood:
                    os.kill(process.pid or 0, signal.SIGSTOP)
                    stood = True
                if b"WATCHDOG=1" in said:
                    alive = max(alive, now)
                if b"WATCHDOG=trigger" in said or now - alive > watchdog_s:
                    return now - stopped
            return None
        finally:
            process.kill()
            process.join()


def _heard(manager: socket.socket) -> bytes:
    try:
        return manager.recv(4096)
    except TimeoutError:
        return b""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchdog", type=float, default=60, help="WatchdogSec of the unit")
    options = parser.parse_args()
    late = 0
    for what in HANGS:
        took = seconds_until_restart(what, options.watchdog)
        print(f"{what:10} " + ("no restart" if took is None else f"restart after {took:.0f} s"), flush=True)
        late += took is not None if what == "nothing" else took is None or took > BAR_S + 2
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
