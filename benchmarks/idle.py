"""What a daemon costs that has nothing to do: processor time and memory with many sources, none of them due.

    python benchmarks/idle.py [--sources 1000] [--seconds 60] [--packs regions topics]

The sources are feeds on loopback that were all read just before. Prints the share of one core over the time,
and the memory of the process (resident, and what is its own alone). Linux only.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path


def configure(folder: Path, sources: int, packs: list[str]) -> Path:
    """Write a configuration with so many sources."""
    tables = "".join(
        f'[[sources]]\nid = "s-{n}"\nurl = "http://127.0.0.1:9/{n}"\nallow_private = true\n' for n in range(sources)
    )
    path = folder / "config.toml"
    path.write_text(
        f"[feedwatch]\npacks = {packs}\n".replace("'", '"')
        + f'[server]\nlisten = "127.0.0.1:0"\n{tables}'
        + '[[feeds]]\nid = "all"\ntitle = "All"\n'
        + ('[[feeds]]\nid = "niger"\ntitle = "Niger"\nwhere = "region:ne"\n' if "regions" in packs else ""),
        encoding="utf-8",
    )
    return path


def start(path: Path) -> subprocess.Popen[str]:
    """Start the daemon and wait until it serves."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "feedwatch", "--config", str(path), "run"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "feeds at" in line:
            return process
    raise SystemExit("the daemon did not start")


def postpone(folder: Path) -> None:
    """Let every source have been read a moment ago."""
    now, hour = time.time_ns() // 1000, 3_600_000_000
    with closing(sqlite3.connect(folder / "feedwatch.db")) as db, db:
        db.execute("UPDATE sources SET next_due_at = ?, last_polled_at = ?, lease_until = NULL", (now + 24 * hour, now))


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> dict[str, float]:
    """Resident memory, and what no other process shares."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {name.rstrip(":"): int(value) for name, value, *_ in (row.split() for row in rows)}
    return {"resident": kib["Rss"] / 1024, "own": (kib["Private_Clean"] + kib["Private_Dirty"]) / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--packs", nargs="*", default=["regions", "topics"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = configure(folder, options.sources, options.packs)
        # The first start makes the store; nothing may be due at the second.
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "feedwatch", "--config", str(path), "regenerate"], check=True, capture_output=True
        )
        postpone(folder)
        process = start(path)
        try:
            time.sleep(15)
            before, began = cpu_s(process.pid), time.monotonic()
            time.sleep(options.seconds)
            share = (cpu_s(process.pid) - before) / (time.monotonic() - began)
            memory = memory_mb(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
    print(f"{options.sources} sources, nothing due: {100 * share:.2f} % of a core, "
          f"{memory['resident']:.0f} MB resident, {memory['own']:.0f} MB its own")  # fmt: skip


if __name__ == "__main__":
    main()
