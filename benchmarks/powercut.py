"""Cut the power at random moments, and see whether anything that was acknowledged is lost, or anything torn.

    sudo python benchmarks/powercut.py [--cuts 200] [--feeds 20] [--megabytes 96] [--seed 1]

The daemon works on an ext4 file system in an image file, on feeds that grow while they are read every second. At a
random moment it is stopped (SIGSTOP), the blocks that have reached the image are copied, and it goes on. What the file
system still held in memory is not in the copy, as after a power cut. The copy is mounted, which replays its journal:
every entry that a reader of the store saw at that moment must be in it with its id and dates, SQLite's integrity check
must pass, and every published file must be whole. After every tenth cut `once` is run on the copy: store and feeds must
then show each item exactly once. Linux, as root: mount, mkfs.ext4. Exits with 1 on the first fault.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.trialkit import (
    Sources,
    address,
    chain,
    configure,
    entries,
    finish,
    integrity,
    kill,
    start,
    whole,
)

#: After so many cuts the copy is worked on.
EVERY = 10


def cut(folder: Path, image: Path, copy: Path, pid: int) -> dict[tuple[str, str], tuple[str, ...]]:
    """Copy what has reached the image while the daemon stands still; the entries that were acknowledged by then."""
    os.kill(pid, signal.SIGSTOP)
    try:
        known = entries(folder / "feedwatch.db")
        while True:
            before = written(image)
            run("cp", "--sparse=always", str(image), str(copy))
            # A copy during which the file system wrote is of no moment that there was.
            if written(image) == before:
                return known
    finally:
        os.kill(pid, signal.SIGCONT)


def written(image: Path) -> str:
    """How much the device of an image has written so far."""
    device = run("losetup", "--noheadings", "--output", "NAME", "--associated", str(image)).split()[0]
    return " ".join(Path("/sys/block", Path(device).name, "stat").read_text().split()[4:7])


def look(folder: Path, known: dict[tuple[str, str], tuple[str, ...]], sources: Sources, *, go_on: bool) -> int:
    """What the power cut has left; returns how many published files there are.

    Raises:
        AssertionError: something is lost, doubled or torn.
    """
    integrity(folder / "feedwatch.db")
    now = entries(folder / "feedwatch.db")
    lost = [key for key, facts in known.items() if now.get(key) != facts]
    assert not lost, f"{len(lost)} of {len(known)} entries are lost or have other ids or dates: {lost[:3]}"
    files = whole(folder / "feeds")
    if go_on:
        before = sources.titles()
        assert finish(start(folder / "config.toml", "once", "--force")) == 0, (folder / "log").read_text()[-2000:]
        titles = [facts[-1] for facts in entries(folder / "feedwatch.db").values()]
        shown = list(chain(folder / "feeds", "all").values())
        for what, found in (("store", titles), ("feed", shown)):
            assert len(found) == len(set(found)), f"the {what} shows an entry twice"
            assert before <= set(found), f"the {what} lacks {sorted(before - set(found))[:3]}"
    return files


@contextmanager
def mounted(image: Path, place: Path, options: str) -> Iterator[Path]:
    """An image's file system while the block runs."""
    place.mkdir(exist_ok=True)
    run("mount", "-o", options, str(image), str(place))
    try:
        yield place
    finally:
        run("umount", str(place))


def run(*words: str) -> str:
    """What a command of the system says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout  # noqa: S603 - fixed words


def trial(root: Path, sources: Sources, options: argparse.Namespace) -> None:
    """Cut the power so often, and look."""
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    image, copy = root / "live.img", root / "cut.img"
    run("truncate", "--size", f"{options.megabytes}M", str(image))
    run("mkfs.ext4", "-q", "-F", str(image))
    began, stored, longest = time.monotonic(), 0, 0
    # Only what is flushed on purpose gets to the disk: the journal's own clock would do it every five seconds.
    with mounted(image, root / "live", "loop,commit=300") as folder:
        log = root / "log"
        config = configure(folder, sources)
        os.sync()
        process = start(config, "run", log=log)
        try:
            address(log)
            for number in range(1, options.cuts + 1):
                time.sleep(chance.uniform(0.02, 0.6))
                assert process.pid is not None, "the daemon has a process"
                assert process.exitcode is None, f"the daemon ended by itself: {log.read_text()[-2000:]}"
                known = cut(folder, image, copy, process.pid)
                with mounted(copy, root / "cut", "loop") as left:
                    files = look(left, known, sources, go_on=number % EVERY == 0)
                stored, longest = len(known), max(longest, files)
                if number % 20 == 0:
                    print(f"  {number} cuts, {stored} entries, {time.monotonic() - began:.0f} s", flush=True)
        finally:
            kill(process)
    print(f"{options.cuts} power cuts: {stored} entries and up to {longest} files, nothing lost, doubled or torn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--feeds", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=96, help="size of the file system")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        raise SystemExit("this mounts file systems: it needs root, and mkfs.ext4 (apt-get install e2fsprogs)")
    with tempfile.TemporaryDirectory() as temporary, Sources(options.feeds).served() as sources:
        try:
            trial(Path(temporary), sources, options)
        except AssertionError as fault:
            print(f"NOT HELD: {fault}")
            sys.exit(1)


if __name__ == "__main__":
    main()
