"""Let every single write to the disk be the program's last, or fail: strace kills it there, or the call is refused.

    python benchmarks/syscalls.py [--step 1] [--fault kill EIO ENOSPC] [--call fdatasync ...]

Two things are done: `once` reads feeds into an empty store and publishes them (with one worker, so that calls can be
counted), and `regenerate` publishes anew what has other titles. First both are watched, undisturbed, and their calls
counted. Then each is done again for every call of every kind: killed (SIGKILL) at the first, the second, the third, or
the call is refused with EIO or ENOSPC and the program goes on as it likes. Then the store must pass SQLite's integrity
check and every published file be whole; done again undisturbed, all entries and files must be those of the
undisturbed run. strace counts the calls of each thread for itself. Exits with 1 on the first fault. Takes strace.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crash import published
from benchmarks.trialkit import Sources, configure, entries, finish, integrity, leftovers, start, whole

NOW = "2026-03-01T12:00:00Z"
CALLS = ("pwrite64", "write", "ftruncate", "fdatasync", "fsync", "renameat", "rename", "unlinkat", "unlink", "fchmod")
#: Calls that others than the store and the feeds make, too: killed there, but not refused.
SHARED = {"write"}


def traced(config: Path, words: tuple[str, ...], log: Path, *options: str) -> int | None:
    """Run a command under strace from its first step on; its exit code, negative for a signal."""
    ours, theirs = multiprocessing.get_context("forkserver").Pipe()
    process = start(config, *words, gate=theirs, FEEDWATCH_NOW=NOW)
    theirs.close()
    strace = shutil.which("strace") or "strace"
    with subprocess.Popen(  # noqa: S603 - no outside text
        [strace, "-f", "-o", str(log), "-p", str(process.pid), *options], stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            process.kill()
            raise SystemExit(f"strace cannot watch: {said}")
        ours.send("go")
        ours.close()
        code = finish(process, 300)
        tracer.terminate()
    return code


def count(log: Path) -> dict[str, int]:
    """The most calls of each kind that one thread made."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in log.read_text(errors="replace").splitlines():
        if call := re.match(r"(\d+)\s+(\w+)\(", line):
            found[call[2]][call[1]] += 1
    return {name: max(threads.values()) for name, threads in found.items()}


@dataclass(frozen=True)
class Task:
    """Something the program does: from which folder it starts, by which command, and what must come of it."""

    name: str
    words: tuple[str, ...]
    #: A folder as it is before.
    before: Path
    entries: dict[tuple[str, str], tuple[str, ...]]
    files: dict[str, bytes]
    calls: dict[str, int]


def watch(name: str, words: tuple[str, ...], before: Path, root: Path) -> Task:
    """Do it undisturbed."""
    folder = root / f"{name}-calm"
    shutil.copytree(before, folder)
    log = root / f"{name}.trace"
    code = traced(folder / "config.toml", words, log, "-e", f"trace={','.join(CALLS)}")
    assert code == 0, f"{name}: {code}: {(folder / 'log').read_text()[-1500:]}"
    return Task(
        name=name,
        words=words,
        before=before,
        entries=entries(folder / "feedwatch.db"),
        files=published(folder / "feeds"),
        calls=count(log),
    )


def trial(task: Task, root: Path, call: str, number: int, fault: str) -> str:
    """Disturb one call, look, do it again undisturbed, compare; how the disturbed run ended."""
    folder = root / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(task.before, folder)
    config, store, feeds = folder / "config.toml", folder / "feedwatch.db", folder / "feeds"
    where = f"{task.name}: {fault} at {call} {number}"
    how = "signal=SIGKILL" if fault == "kill" else f"error={fault}"
    options = ("-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}")
    code = traced(config, task.words, root / "trial.trace", *options)
    said = (folder / "log").read_text() if (folder / "log").exists() else ""
    assert "Traceback" not in said, f"{where}: {said[-3000:]}"
    if fault == "kill":
        assert code in (-9, 0), f"{where}: ended with {code}"
    else:
        assert code in (0, 1, 3), f"{where}: ended with {code}: {said[-1500:]}"
        assert leftovers(folder) == [], f"{where}: left {leftovers(folder)}"
    whole(feeds)
    if store.exists():
        integrity(store)
    again = finish(start(config, *task.words, *["--force"] * (task.words == ("once",)), FEEDWATCH_NOW=NOW))
    assert again == 0, f"{where}: run again: {again}"
    assert entries(store) == task.entries, f"{where}: other entries"
    now = published(feeds)
    different = sorted(name for name in now.keys() | task.files.keys() if now.get(name) != task.files.get(name))
    assert not different, f"{where}: other files: {different}"
    assert leftovers(folder) == [], f"{where}: left {leftovers(folder)}"
    return {-9: "killed", 0: "went on"}.get(code or 0, "stopped")


def tasks(root: Path, sources: Sources) -> Iterator[Task]:
    """What is disturbed."""
    (root / "empty").mkdir()
    config = configure(root / "empty", sources, workers=1)
    config.write_text(config.read_text().replace("[server]", '[output]\nformats = ["atom", "html"]\n[server]'))
    yield watch("read", ("once",), root / "empty", root)
    shutil.copytree(root / "read-calm", root / "filled")
    for name in ("log", "feedwatch.db.lock"):
        (root / "filled" / name).unlink(missing_ok=True)
    config = root / "filled" / "config.toml"
    config.write_text(config.read_text().replace('title = "', 'title = "New '))
    yield watch("publish", ("regenerate",), root / "filled", root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=int, default=1, help="disturb every call so far from the last")
    parser.add_argument("--fault", nargs="*", default=["kill", "EIO", "ENOSPC"])
    parser.add_argument("--call", nargs="*", default=list(CALLS))
    parser.add_argument("--feeds", type=int, default=4)
    options = parser.parse_args()
    if not shutil.which("strace"):
        raise SystemExit("strace is missing: apt install strace")
    with tempfile.TemporaryDirectory() as temporary, Sources(options.feeds).served() as sources:
        sources.frozen = True
        try:
            for task in tasks(Path(temporary), sources):
                print(f"{task.name}: calls of one thread: {task.calls}", flush=True)
                for fault in options.fault:
                    for call, most in task.calls.items():
                        if call not in options.call or (fault != "kill" and call in SHARED):
                            continue
                        ends = Counter(
                            trial(task, Path(temporary), call, number, fault)
                            for number in range(1, most + 1, options.step)
                        )
                        print(f"{task.name}: {fault} at each {call}: {dict(ends)}", flush=True)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
