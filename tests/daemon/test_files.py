from __future__ import annotations

import os
from pathlib import Path

import pytest

from feedwatch.daemon.files import WatchedFiles


@pytest.fixture
def files(tmp_path: Path) -> WatchedFiles:
    (tmp_path / "config.toml").write_text("a = 1\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one.toml").write_text("b = 1\n")
    return WatchedFiles([tmp_path / "config.toml", tmp_path / "rules", tmp_path / "later.toml"])


def changed(files: WatchedFiles) -> bool:
    """Looked at until it stands still."""
    return files.changed() or files.changed()


def test_what_stays_is_not_read_again(files: WatchedFiles, tmp_path: Path) -> None:
    assert not changed(files)
    os.utime(tmp_path / "config.toml", (1, 1))
    assert not changed(files)
    assert not changed(files)


@pytest.mark.parametrize("name", ["config.toml", "rules/one.toml", "rules/two.toml", "later.toml"])
def test_a_change_is_seen_once(files: WatchedFiles, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("c = 3\n")
    assert changed(files)
    files.taken()
    assert not changed(files)


def test_a_file_that_goes_is_a_change(files: WatchedFiles, tmp_path: Path) -> None:
    (tmp_path / "rules" / "one.toml").unlink()
    assert changed(files)


def test_what_is_being_written_is_not_taken_for_whole(files: WatchedFiles, tmp_path: Path) -> None:
    for size in range(1, 5):
        (tmp_path / "config.toml").write_text("x" * 10 * size)
        assert not files.changed()
    assert files.changed()


def test_other_files_may_be_followed_later(files: WatchedFiles, tmp_path: Path) -> None:
    files.follow([tmp_path / "other.toml"])
    (tmp_path / "config.toml").write_text("gone from the list")
    assert not changed(files)
    (tmp_path / "other.toml").write_text("here")
    assert changed(files)
