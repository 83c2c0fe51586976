"""Let the disk fill up under a daemon at work, again and again, or take no writes; then make room, and see it go on.

    sudo python benchmarks/diskfull.py [--cycles 50] [--size 32] [--refused 6] [--in-place 10]

Store and feeds are on a tmpfs of a few MiB (mounting it takes root). In each cycle all that is free is taken at a
random moment of polling. Then the daemon must say so (/healthz, its standing, its log; every tenth time also `status`
and `doctor`), stop asking sources, go on serving the feeds as they were, and leave no temporary file; when the room
is given back it must go on by itself. The time for both is printed. With strace every write to the store is then
refused, as on a file system that was mounted read-only (EROFS), on a broken disk (EIO) and on a full one (ENOSPC), with
the same demands. Then folders stand where feeds are to be written, which must be said and mended by itself as well. In
the end the store must be good and nothing lost or doubled. Exits with 1 on the first fault.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.crash import check_end
from benchmarks.trialkit import Sources, address, configure, finish, leftovers, start, wait_for, whole
from feedwatch.cli.output import progress
from feedwatch.daemon.control import ask

#: All ways in which SQLite and the program write.
WRITES = "pwrite64,write,ftruncate,fallocate,fsync,fdatasync"
ERRORS = ("EROFS", "EIO", "ENOSPC")


@contextmanager
def small_disk(size_mib: int) -> Iterator[Path]:
    """A tmpfs of that size."""
    folder = Path(tempfile.mkdtemp())
    mount = shutil.which("mount") or "mount"
    done = subprocess.run(  # noqa: S603 - no outside text
        [mount, "-t", "tmpfs", "-o", f"size={size_mib}m,mode=700", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        raise SystemExit(f"no small disk to be had: {done.stderr.strip()} (root can mount one)")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=False)  # noqa: S603 - as above
        folder.rmdir()


def fill(path: Path) -> None:
    """Take all room that is left."""
    chunk = b"\0" * 65536
    with path.open("ab", buffering=0) as file:
        while True:
            try:
                file.write(chunk)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                if len(chunk) == 1:
                    return
                chunk = chunk[: len(chunk) // 16 or 1]


def get(url: str) -> tuple[int, str]:
    """Status and text of an address."""
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own daemon
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@dataclass
class Trial:
    """A daemon on a disk that is refused to it, and how long it took to say so and to go on."""

    folder: Path
    config: Path
    sources: Sources
    daemon: BaseProcess
    url: str
    said_s: list[float] = field(default_factory=list)
    went_on_s: list[float] = field(default_factory=list)

    def standing(self) -> dict[str, object]:
        """How the daemon says it is."""
        told = ask(self.folder / "feedwatch.db.sock", "standing", {}, progress)
        assert told is not None
        return dict(told)

    def well(self) -> bool:
        """What a monitor is told."""
        return get(self.url + "healthz")[0] == 200

    def cycle(self, refuse: Callable[[], object], allow: Callable[[], object], *, words: str, full: bool) -> None:
        """Refuse the disk, look, allow it again, look."""
        before = get(self.url + "small.atom")
        assert before[0] == 200
        refuse()
        began = time.monotonic()
        assert wait_for(lambda: not self.well(), 60), "the daemon does not say that it cannot write"
        self.said_s.append(time.monotonic() - began)
        halted = str(self.standing()["halted"] or self.standing()["unwritten"])
        assert any(word in halted for word in words.split("|")), halted
        time.sleep(1.5)
        asked = sum(self.sources.asked)
        time.sleep(1.5)
        assert sum(self.sources.asked) - asked <= 2 * self.sources.feeds, "it goes on asking sources"
        status, feed = get(self.url + "small.atom")
        assert status == 200
        assert "</feed>" in feed
        whole(self.folder / "feeds")
        assert leftovers(self.folder) == []
        if full:
            self.told_by_commands(words)
        allow()
        began = time.monotonic()
        assert wait_for(self.well, 90), f"it does not go on: {self.standing()}"
        asked = sum(self.sources.asked)
        assert wait_for(lambda: sum(self.sources.asked) > asked, 30), "it says that it is well and asks no source"
        self.went_on_s.append(time.monotonic() - began)

    def unwritable(self) -> None:
        """Let a folder stand in the place of a feed, look, take it away, look."""
        feed = self.folder / "feeds" / "small.atom"
        feed.unlink()
        feed.mkdir()
        began = time.monotonic()
        assert wait_for(lambda: not self.well(), 60), "the daemon does not say that a feed cannot be written"
        self.said_s.append(time.monotonic() - began)
        assert "small" in str(self.standing()["unwritten"]), self.standing()
        assert get(self.url + "all.atom")[0] == 200
        feed.rmdir()
        began = time.monotonic()
        assert wait_for(self.well, 60), f"it does not go on: {self.standing()}"
        assert get(self.url + "small.atom")[0] == 200
        self.went_on_s.append(time.monotonic() - began)

    def told_by_commands(self, words: str) -> None:
        """What a person sees."""
        for command, code in (("doctor", 1), ("status", 0)):
            log = Path(tempfile.gettempdir()) / f"said-{os.getpid()}"
            ended = finish(start(self.config, command, *["--offline"] * (command == "doctor"), log=log))
            said = " ".join(log.read_text().split())
            log.unlink()
            assert any(word in said for word in words.split("|")), said
            assert ended == code, said


@contextmanager
def refused_by_strace(pid: int, folder: Path, error: str) -> Iterator[None]:
    """Every write of a process to the store fails with the error."""
    paths = [word for end in ("", "-wal", "-shm") for word in ("-P", str(folder / f"feedwatch.db{end}"))]
    tracer = subprocess.Popen(  # noqa: S603 - no outside text
        [
            *(shutil.which("strace") or "strace", "-f", "-qq", "-o", os.devnull, "-p", str(pid), *paths),
            *("-e", f"trace={WRITES}", "-e", f"inject={WRITES}:error={error}"),
        ]
    )
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def told(name: str, trial: Trial) -> None:
    """Print the times."""
    if not trial.said_s:
        return
    said, went_on = sorted(trial.said_s), sorted(trial.went_on_s)
    print(
        f"{name}: {len(said)} times; said after {said[len(said) // 2]:.1f} s (median), {said[-1]:.1f} s (longest); "
        f"went on {went_on[len(went_on) // 2]:.1f} s (median), {went_on[-1]:.1f} s (longest) after it could",
        flush=True,
    )
    trial.said_s, trial.went_on_s = [], []


def attempt(folder: Path, sources: Sources, options: argparse.Namespace) -> None:
    """All cycles on one store."""
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    config, log = configure(folder, sources), Path(tempfile.gettempdir()) / f"diskfull-{os.getpid()}.log"
    daemon = start(config, "run", log=log)
    trial = Trial(folder, config, sources, daemon, address(log))
    filler = folder / "filler"
    try:
        for number in range(options.cycles):
            time.sleep(chance.uniform(0.2, 1.5))
            trial.cycle(lambda: fill(filler), filler.unlink, words="full|No space", full=number % 10 == 0)
        told("disk full", trial)
        if shutil.which("strace") and options.refused:
            for number in range(options.refused):
                time.sleep(chance.uniform(0.2, 1.5))
                with ExitStack() as refusal:
                    trial.cycle(
                        partial(
                            refusal.enter_context,
                            refused_by_strace(daemon.pid or 0, folder, ERRORS[number % len(ERRORS)]),
                        ),
                        refusal.close,
                        words="cannot be written|disk reports|takes no writes|full",
                        full=number == 0,
                    )
            told("store takes no writes", trial)
        for _ in range(options.in_place):
            time.sleep(chance.uniform(0.2, 1.5))
            trial.unwritable()
        told("a folder in a feed's place", trial)
        assert "nothing is read until the store takes writes again" in log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()[log.read_text().index("Traceback") :][:3000]
        sources.frozen = True
        before = list(sources.known)
        assert wait_for(lambda: all(b >= a + 2 for a, b in zip(before, sources.known, strict=True)), 60)
        daemon.terminate()
        assert finish(daemon) == 0
        check_end(folder, config, sources)
    except OSError:
        print("exit code:", daemon.exitcode)
        if daemon.exitcode is None:
            os.kill(daemon.pid or 0, signal.SIGUSR1)
            time.sleep(1)
        raise
    finally:
        daemon.kill()
        with suppress(FileNotFoundError):
            shutil.copy(log, Path(tempfile.gettempdir()) / "diskfull.log")
            log.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--refused", type=int, default=6)
    parser.add_argument("--in-place", type=int, default=10)
    parser.add_argument("--size", type=int, default=32, help="MiB")
    parser.add_argument("--feeds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with small_disk(options.size) as folder, Sources(options.feeds).served() as sources:
        try:
            attempt(folder, sources, options)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
