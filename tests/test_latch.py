"""The store's lock is taken before anything heavy is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedwatch.errors import StoreBusy
from feedwatch.latch import early_lock
from feedwatch.store.connecting import read_address
from feedwatch.store.locking import lock_file, plain_file
from feedwatch.store.opening import lock_store
from tests.desk import ROOT

CONFIG = """
[feedwatch]
packs = []
[[sources]]
id = "files"
kind = "folder"
path = "."
[[feeds]]
id = "all"
title = "All"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path / "config.toml"


def test_a_second_daemon_is_refused_before_it_loads_anything_heavy(config: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "feedwatch", "--config", str(config), "run"]
    with early_lock(config, {}):
        second = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=os.environ
        )
    assert second.returncode == 75
    assert f"process {os.getpid()} is working on it" in second.stderr
    loaded = {line.rpartition("|")[2].strip() for line in second.stderr.splitlines() if line.startswith("import time:")}
    assert "feedwatch.latch" in loaded
    assert loaded.isdisjoint({"sqlalchemy", "feedwatch.app", "feedwatch.rules.load", "trafilatura", "uvicorn"})


def test_whoever_holds_the_lock_already_goes_on_and_others_do_not(config: Path) -> None:
    with early_lock(config, {}) as locked:
        assert locked == config.with_name("feedwatch.db")
        with lock_store("sqlite:///feedwatch.db", base_dir=config.parent, held=locked):
            pass
        with (
            pytest.raises(StoreBusy, match=f"process {os.getpid()}"),
            lock_store("sqlite:///feedwatch.db", base_dir=config.parent),
        ):
            pass
        with lock_store("sqlite:///other.db", base_dir=config.parent, held=locked), pytest.raises(StoreBusy):
            lock_file(config.with_name("other.db")).__enter__()
    with lock_file(config.with_name("feedwatch.db")):
        pass


@pytest.mark.parametrize("text", ["", "[feedwatch", CONFIG + '[store]\nurl = "postgresql://127.0.0.1/x"\n'])
def test_what_needs_a_closer_look_is_left_to_whoever_looks(config: Path, text: str) -> None:
    config.write_text(text)
    with early_lock(config, {}) as locked:
        assert locked is None
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    "url", ["sqlite:///feedwatch.db", "sqlite:///a/b c.db", "sqlite:////tmp/x.db", "sqlite+pysqlite:///x.db"]
)
def test_a_plain_file_is_understood_as_the_store_does(tmp_path: Path, url: str) -> None:
    assert plain_file(url, tmp_path) == read_address(url, tmp_path).path


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///x%3Fy.db", "sqlite:///file:x", "sqlite:///x.db?a=b"],
)
def test_an_address_with_more_to_it_is_no_plain_file(tmp_path: Path, url: str) -> None:
    assert plain_file(url, tmp_path) is None
