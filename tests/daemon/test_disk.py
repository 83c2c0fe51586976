"""A disk that is really full, or takes no writes: said clearly, survived, and forgotten when it is over."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedwatch.daemon import halts
from feedwatch.errors import StoreError
from feedwatch.setup import load_setup
from feedwatch.store.sql import SqlStore
from tests.daemon.daemonkit import CONFIG, RULES, HandClock, Parts, parts, write_desk
from tests.desk import Desk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk (tmpfs) takes root and the commands mount and umount")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk (tmpfs) may be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run([umount, "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all room; returns the file that has it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*") if path.is_file()]


def bring(daemon: Parts, clock: HandClock, number: int) -> str:
    """Two hours later there is another long document; returns its title."""
    clock.move(hours=2)
    title = f"Nouvelle attaque {number}"
    (daemon.folder / "files" / f"new-{number}.md").write_text(f"# {title}\n\n{'Une attaque de plus. ' * 9000}\n")
    return title


@pytest.mark.parametrize(("share", "words"), [(halts.RESERVE_SHARE, "nearly full"), (0, "the disk is full")])
def test_a_full_disk_is_said_and_survived_again_and_again(
    disk: Path, monkeypatch: pytest.MonkeyPatch, share: float, words: str
) -> None:
    monkeypatch.setattr(halts, "RESERVE_SHARE", share)
    monkeypatch.setattr(halts, "FIRST_WAIT_S", 0.0)
    write_desk(disk)
    clock = HandClock()
    setup = replace(load_setup(disk / "config.toml", {}), clock=clock)
    with parts(disk, setup) as daemon:
        daemon.settle()
        for number in range(3):
            before = daemon.feed("attacks")
            title = bring(daemon, clock, number)
            filler = fill(disk)
            daemon.settle()
            assert words in daemon.board.get().halted
            assert not daemon.board.get().well
            assert daemon.feed("attacks") == before
            assert leftovers(disk) == []
            filler.unlink()
            daemon.settle()
            daemon.settle()
            assert daemon.board.get().well
            assert title in daemon.feed("attacks")


def test_feeds_that_find_no_room_are_said_and_written_when_there_is_some(tmp_path: Path, disk: Path) -> None:
    write_desk(tmp_path)
    text = CONFIG + f'[output]\ndir = "{disk}"\n'
    (tmp_path / "config.toml").write_text(text)
    clock = HandClock()
    with parts(tmp_path, replace(load_setup(tmp_path / "config.toml", {}), clock=clock)) as daemon:
        daemon.settle()
        before = (disk / "all.atom").read_bytes()
        title = bring(daemon, clock, 0)
        filler = fill(disk)
        daemon.settle()
        daemon.watch.go_round()
        standing = daemon.board.get()
        assert "all.atom cannot be written: No space left" in standing.unwritten
        assert (standing.halted, standing.well) == ("", False)
        assert (disk / "all.atom").read_bytes() == before
        assert leftovers(disk) == []
        filler.unlink()
        daemon.watch.publish()
        daemon.watch.go_round()
        assert daemon.board.get().well
        assert title in (disk / "all.atom").read_text()


def test_a_single_run_on_a_full_disk_says_so_and_asks_nobody_further(disk: Path) -> None:
    (disk / "rules.toml").write_text(RULES)
    (disk / "files").mkdir()
    desk = Desk(disk, CONFIG)
    assert desk.run("once").exit_code == 0
    (disk / "files" / "a.md").write_text(f"# Une attaque\n\n{'Une attaque de plus. ' * 9000}\n")
    filler = fill(disk)
    ran = desk.run("once")
    assert ran.exit_code == 1
    assert "the disk is full: free some space" in ran.stderr
    assert "Traceback" not in ran.stderr + ran.stdout
    filler.unlink()
    assert desk.run("once").exit_code == 0
    assert desk.titles("attacks") == ["Une attaque"]


def test_a_file_system_that_takes_no_writes_is_named(disk: Path) -> None:
    (disk / "rules.toml").write_text(RULES)
    (disk / "files").mkdir()
    desk = Desk(disk, CONFIG)
    assert desk.run("once").exit_code == 0
    before = sorted(path.name for path in disk.iterdir())
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        for command in ("once", "run"):
            ran = desk.run(command)
            assert ran.exit_code == 1
            assert "takes no writes" in ran.stderr
        assert "cannot be written" in desk.run("doctor", "--offline").stdout.replace("\n", " ")
        assert sorted(path.name for path in disk.iterdir()) == before
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert desk.run("once").exit_code == 0


def refuse(store: SqlStore, state: str) -> None:
    """Let the store's one connection for writing take no writes."""
    with store._database._writer.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA query_only = {state}")


def test_a_store_that_refuses_is_asked_with_real_writes_before_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halts, "FIRST_WAIT_S", 0.0)
    write_desk(tmp_path)
    clock = HandClock()
    with parts(tmp_path, replace(load_setup(tmp_path / "config.toml", {}), clock=clock)) as daemon:
        daemon.settle()
        clock.move(hours=2)
        store = daemon.watch.app.store
        assert isinstance(store, SqlStore)
        refuse(store, "ON")
        with pytest.raises(StoreError, match="cannot be written"):
            store.tick(clock.now())
        for _ in range(3):
            daemon.watch.claim()
            assert daemon.watch.engine.drain(20)
            assert "cannot be written" in daemon.board.get().halted
        refuse(store, "OFF")
        daemon.settle()
        assert daemon.board.get().well
