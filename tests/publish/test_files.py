from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import random
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from feedwatch.errors import PublishError
from feedwatch.publish.files import FeedFiles

LEFTOVER = ".niger.atom.0123456789abcdef.tmp"


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_file_is_written_once_and_readable_by_all(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "feeds"
    umask = os.umask(0o077)
    try:
        assert FeedFiles(directory).write("niger", "atom", b"one") is True
    finally:
        os.umask(umask)
    path = directory / "niger.atom"
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(directory) == ["niger.atom"]


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    feeds = FeedFiles(tmp_path)
    feeds.write("niger", "atom", b"one")
    before = (tmp_path / "niger.atom").stat()
    assert feeds.write("niger", "atom", b"one") is False
    after = (tmp_path / "niger.atom").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert feeds.write("niger", "atom", b"two") is True
    assert feeds.write("niger", "atom", b"") is True
    assert (tmp_path / "niger.atom").read_bytes() == b""


def test_hash_is_of_the_file_in_place(tmp_path: Path) -> None:
    feeds = FeedFiles(tmp_path / "feeds")
    assert feeds.read_hash("niger", "atom") is None
    feeds.write("niger", "atom", b"one")
    assert feeds.read_hash("niger", "atom") == hashlib.sha256(b"one").hexdigest()
    assert feeds.read_hash("niger", "rss") is None


@pytest.mark.parametrize(
    "feed_id", ["", ".", "..", "../x", "a/b", "a\x00b", "A", "é", "a.b", "a b", "x" * 65, "a\n", "\u202e", "~", "%2e"]
)
def test_name_that_is_none_writes_nothing(tmp_path: Path, feed_id: str) -> None:
    feeds = FeedFiles(tmp_path / "feeds")
    with pytest.raises(PublishError, match="use 1 to 64 of"):
        feeds.write(feed_id, "atom", b"x")
    with pytest.raises(PublishError, match="use 1 to 64 of"):
        feeds.read_hash(feed_id, "atom")
    assert names(tmp_path) == []


@pytest.mark.parametrize("ending", ["", "exe", "atom/../x", "atom\n", "ATOM"])
def test_only_known_endings_are_written(tmp_path: Path, ending: str) -> None:
    with pytest.raises(PublishError, match="use one of atom, html, json, opml, rss"):
        FeedFiles(tmp_path).write("niger", ending, b"x")
    assert names(tmp_path) == []


def test_link_in_the_place_of_a_feed_is_refused_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    directory = tmp_path / "feeds"
    feeds = FeedFiles(directory)
    feeds.write("other", "atom", b"x")
    (directory / "niger.atom").symlink_to(secret)
    with pytest.raises(PublishError, match=r"niger\.atom is a symbolic link, not a file: remove .*niger\.atom"):
        feeds.write("niger", "atom", b"x")
    assert feeds.read_hash("niger", "atom") is None
    assert secret.read_bytes() == b"secret"
    assert names(directory) == ["niger.atom", "other.atom"]


def test_directory_or_pipe_in_the_place_of_a_feed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "niger.atom").mkdir()
    os.mkfifo(tmp_path / "niger.rss")
    feeds = FeedFiles(tmp_path)
    with pytest.raises(PublishError, match="is a directory, not a file: remove"):
        feeds.write("niger", "atom", b"x")
    with pytest.raises(PublishError, match="is a special file, not a file: remove"):
        feeds.write("niger", "rss", b"x")


def test_output_directory_that_is_a_file_is_an_error_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_bytes(b"")
    with pytest.raises(PublishError, match=r"name a directory in output\.dir"):
        FeedFiles(tmp_path / "feeds").write("niger", "atom", b"x")


def test_leftovers_of_a_kill_are_removed_at_start_and_nothing_else(tmp_path: Path) -> None:
    kept = ["niger.atom", ".hidden.tmp", "notes.tmp", ".niger.atom.swp"]
    for name in [LEFTOVER, *kept]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / LEFTOVER.replace("niger", "linked")).symlink_to(tmp_path / "niger.atom")
    FeedFiles(tmp_path)
    assert names(tmp_path) == sorted([*kept, LEFTOVER.replace("niger", "linked")])


def test_file_that_is_being_written_is_no_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = os.fsync

    def start_another(file: int) -> None:
        FeedFiles(tmp_path)
        synced(file)

    monkeypatch.setattr(os, "fsync", start_another)
    assert FeedFiles(tmp_path).write("niger", "atom", b"one") is True
    assert names(tmp_path) == ["niger.atom"]


def test_file_cleared_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = fcntl.flock
    made: list[str] = []

    def clear_first(file: int, how: int) -> None:
        if not made:
            made.extend(names(tmp_path))
            (tmp_path / made[0]).unlink()
        locked(file, how)

    monkeypatch.setattr(fcntl, "flock", clear_first)
    assert FeedFiles(tmp_path).write("niger", "atom", b"one") is True
    assert len(made) == 1
    assert names(tmp_path) == ["niger.atom"]


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "fchmod"])
@pytest.mark.parametrize(
    ("code", "cure"), [(errno.ENOSPC, "free some space"), (errno.EACCES, "let the user"), (errno.EIO, "check the disk")]
)
def test_refusing_disk_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, cure: str
) -> None:
    feeds = FeedFiles(tmp_path)
    feeds.write("niger", "atom", b"old")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(PublishError, match=f"niger.atom cannot be written: .*{cure}"):
            feeds.write("niger", "atom", b"new")
    assert names(tmp_path) == ["niger.atom"]
    assert (tmp_path / "niger.atom").read_bytes() == b"old"
    assert feeds.write("niger", "atom", b"new") is True


def test_bytes_are_synced_before_the_rename_and_the_directory_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real = {name: getattr(os, name) for name in ("write", "fsync", "rename")}

    def note_write(file: int, data: bytes) -> int:
        steps.append("write")
        # A short write, as a full pipe of a disk may give.
        written: int = real["write"](file, data[:4])
        return written

    def note_fsync(file: int) -> None:
        steps.append("sync directory" if stat.S_ISDIR(os.fstat(file).st_mode) else "sync file")
        real["fsync"](file)

    def note_rename(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        steps.append("rename")
        real["rename"](old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    feeds = FeedFiles(tmp_path)
    monkeypatch.setattr(os, "write", note_write)
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "rename", note_rename)
    feeds.write("niger", "atom", b"0123456789")
    assert steps == ["write", "write", "write", "sync file", "rename", "sync directory"]
    assert (tmp_path / "niger.atom").read_bytes() == b"0123456789"


def test_threads_writing_one_feed_leave_one_whole_file(tmp_path: Path) -> None:
    feeds = FeedFiles(tmp_path)
    versions = [bytes([65 + number]) * 50_000 for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: feeds.write("niger", "atom", data), versions))
    assert (tmp_path / "niger.atom").read_bytes() in versions
    assert names(tmp_path) == ["niger.atom"]


WRITER = """
import sys
from pathlib import Path
from feedwatch.publish.files import FeedFiles
feeds = FeedFiles(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    number += 1
    feeds.write("niger", "atom", b"%09d" % number * 100_000)
"""


KILLED_BEFORE = """
import fcntl, os, signal, sys
from pathlib import Path
from feedwatch.publish.files import FeedFiles
feeds = FeedFiles(Path(sys.argv[1]))
module = fcntl if sys.argv[2] == "flock" else os
real, calls = getattr(module, sys.argv[2]), 0
def call(*args, **kwargs):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    # A short write, so that one is killed half way.
    return real(args[0], args[1][:500]) if sys.argv[2] == "write" else real(*args, **kwargs)
setattr(module, sys.argv[2], call)
feeds.write("niger", "atom", b"n" * 1000)
"""


@pytest.mark.parametrize(
    ("call", "nth", "is_new"),
    [
        ("flock", 1, False),
        ("write", 1, False),
        ("write", 2, False),
        ("fchmod", 1, False),
        ("fsync", 1, False),
        ("rename", 1, False),
        ("fsync", 2, True),
    ],
)
def test_kill_before_each_step_leaves_the_old_or_the_new_file(
    tmp_path: Path, call: str, nth: int, is_new: bool
) -> None:
    FeedFiles(tmp_path).write("niger", "atom", b"o" * 1000)
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE, str(tmp_path), call, str(nth)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "niger.atom").read_bytes() == (b"n" if is_new else b"o") * 1000
    assert len(names(tmp_path)) == (1 if is_new else 2)
    FeedFiles(tmp_path)
    assert names(tmp_path) == ["niger.atom"]


def test_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    last = 0
    for _ in range(20):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.001, 0.02))
            writer.send_signal(signal.SIGKILL)
        if not (tmp_path / "niger.atom").exists():
            continue
        data = (tmp_path / "niger.atom").read_bytes()
        assert len(data) == 900_000
        assert data == data[:9] * 100_000
        last = max(last, int(data[:9]))
    assert last > 1
    FeedFiles(tmp_path)
    assert names(tmp_path) == ["niger.atom"]
