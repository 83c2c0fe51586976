"""`run` and `serve` as processes of their own, stopped by real signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.desk import ROOT

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[server]
listen = "127.0.0.1:0"
[[sources]]
id = "files"
kind = "folder"
path = "files"
interval = "1s"
[[feeds]]
id = "all"
title = "All"
"""
RULES = '[topics.security]\nname = "Security"\nterms = ["attaque"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Premier titre\n\nUn premier texte.\n")
    return tmp_path


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "feedwatch", "--config", str(folder / "config.toml"), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def address(process: subprocess.Popen[str]) -> str:
    """Where a daemon says it serves."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"feeds at (http://\S+/)", line):
            return found[1]
    raise AssertionError(f"the daemon ended with {process.wait()}")


@pytest.fixture
def daemon(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(folder, "run")
    yield process
    process.kill()
    process.communicate()


def eventually(url: str, text: str, seconds: float = 25) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = requests.get(url, timeout=5)
        if answer.status_code == 200 and text in answer.text:
            return True
        time.sleep(0.1)
    return False


def test_the_daemon_reads_publishes_serves_and_stops_gracefully(folder: Path, daemon: subprocess.Popen[str]) -> None:
    url = address(daemon)
    assert eventually(url + "all.atom", "Premier titre")
    (folder / "files" / "b.md").write_text("# Deuxième titre\n\nUn autre texte.\n")
    assert eventually(url + "all.atom", "Deuxième titre")
    second = start(folder, "run")
    _, complaint = second.communicate(timeout=20)
    assert second.returncode == 75
    assert str(daemon.pid) in complaint
    assert "Traceback" not in complaint
    once = start(folder, "once")
    once.communicate(timeout=20)
    assert once.returncode == 75
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=12) == 0
    after = start(folder, "once")
    after.communicate(timeout=20)
    assert after.returncode == 0


def test_a_killed_daemon_leaves_no_lock(folder: Path, daemon: subprocess.Popen[str]) -> None:
    address(daemon)
    daemon.kill()
    daemon.wait()
    after = start(folder, "once")
    after.communicate(timeout=20)
    assert after.returncode == 0


def test_serving_alone_needs_no_store(folder: Path) -> None:
    (folder / "feeds").mkdir()
    (folder / "feeds" / "all.atom").write_text("<feed/>")
    process = start(folder, "serve")
    try:
        url = address(process)
        assert requests.get(url + "all.atom", timeout=5).text == "<feed/>"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.communicate()
    assert not (folder / "feedwatch.db").exists()


def test_a_taken_address_is_a_clear_error(folder: Path, daemon: subprocess.Popen[str]) -> None:
    port = address(daemon).rsplit(":", 1)[1].rstrip("/")
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    process = start(folder, "serve")
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in complaint
