"""End a daemon whose polls hang on slow servers: within twelve seconds, with 0; by a second signal at once.

    python benchmarks/ending.py [--servers 50] [--times 5]

Each server is a feed on a loopback address of its own that answers after a minute. Printed is the time from the signal
to the end of the process. Exits with 1 when it takes more than twelve seconds, ends with another code, or leaves a
lease.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.trialkit import Sources, address, configure, finish, integrity, start, wait_for

WITHIN_S = 12.0


def end(folder: Path, sources: Sources, signals: Sequence[int]) -> tuple[float, int | None]:
    """Start, wait until every server is asked, send the signals half a second apart; seconds and exit code."""
    config, log = configure(folder, sources, workers=sources.feeds + 2), folder / "log"
    log.unlink(missing_ok=True)
    before = list(sources.asked)
    process = start(config, "run", log=log)
    address(log)
    asked = wait_for(lambda: all(now > then for now, then in zip(sources.asked, before, strict=True)))
    assert asked, f"only {sum(sources.asked) - sum(before)} servers were asked: {log.read_text()[-500:]}"
    began = time.monotonic()
    for place, number in enumerate(signals):
        if place:
            time.sleep(0.5)
            began = time.monotonic()
        os.kill(process.pid or 0, number)
    code = finish(process, 60)
    return time.monotonic() - began, code


def leases(store: Path) -> int:
    """How many sources are still claimed."""
    with closing(sqlite3.connect(store)) as db:
        (count,) = db.execute("SELECT count(*) FROM sources WHERE lease_until IS NOT NULL").fetchone()
    return int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    held = True
    with tempfile.TemporaryDirectory() as temporary, Sources(options.servers).served() as sources:
        folder = Path(temporary)
        sources.delay_s = 60
        for name, signals, wanted in (
            ("SIGTERM", [signal.SIGTERM], 0),
            ("SIGTERM, then SIGINT", [signal.SIGTERM, signal.SIGINT], -signal.SIGINT),
        ):
            found = [end(folder, sources, signals) for _ in range(options.times)]
            integrity(folder / "feedwatch.db")
            left = leases(folder / "feedwatch.db") if wanted == 0 else 0
            times = sorted(seconds for seconds, _ in found)
            codes = {code for _, code in found}
            print(
                f"{name}: {len(found)} times with {options.servers} servers: {times[0]:.2f} to {times[-1]:.2f} s, ",
                end="",
            )
            print(f"exit codes {codes}; {left} leases left", flush=True)
            held &= times[-1] <= (WITHIN_S if wanted == 0 else 1.0) and codes == {wanted} and not left
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
