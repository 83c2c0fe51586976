"""`run` and `serve` as processes of their own, stopped by real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from feedwatch import __version__
from tests.desk import ROOT, Desk

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
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Premier titre\n\nUn premier texte.\n")
    return Desk(tmp_path, CONFIG)


def start(desk: Desk, *words: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "feedwatch", "--config", str(desk.config), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
    )


def address(process: subprocess.Popen[str]) -> str:
    """Where a daemon says it serves."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"feeds at (http://\S+/)", line):
            return found[1]
    raise AssertionError(f"the daemon ended with {process.wait()}")


def eventually(url: str, text: str, seconds: float = 25) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = requests.get(url, timeout=5)
        if answer.status_code == 200 and text in answer.text:
            return True
        time.sleep(0.1)
    return False


def test_the_daemon_reads_publishes_serves_and_stops_gracefully(desk: Desk) -> None:
    daemon = start(desk, "run")
    try:
        url = address(daemon)
        assert eventually(url + "all.atom", "Premier titre")
        (desk.folder / "files" / "b.md").write_text("# Deuxième titre\n\nUn autre texte.\n")
        assert eventually(url + "all.atom", "Deuxième titre")
        assert eventually(url + "metrics", 'feedwatch_entries_total{kind="new"} 2.0')
        assert requests.get(url + "health.atom", timeout=5).status_code == 200
        second = desk.run("run")
        assert second.exit_code == 75
        assert str(daemon.pid) in second.stderr
        status = " ".join(desk.run("status").stdout.split())
        assert f"watched by process {daemon.pid} (feedwatch {__version__}) since 20" in status
        assert f"serving {url}" in status
        told = desk.run("status", "--json").json()["daemon"]
        assert (told["pid"], told["url"], told["halted"]) == (daemon.pid, url, "")
        assert told["started_at"].startswith("20")
        assert "Premier titre" in desk.run("show", "all").stdout
        desk.edit("127.0.0.1:0", url.removeprefix("http://").rstrip("/"))
        taken = desk.run("serve")
        assert taken.exit_code == 1
        assert f"cannot listen on {url.removeprefix('http://').rstrip('/')}" in taken.stderr
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=12) == 0
    finally:
        daemon.kill()
        daemon.communicate()
    assert desk.run("once").exit_code == 0
    assert "no daemon runs on this store" in " ".join(desk.run("status").stdout.split())


def test_commands_hand_their_work_to_the_daemon(desk: Desk) -> None:
    daemon = start(desk, "run")
    try:
        url = address(daemon)
        (desk.folder / "files" / "b.md").write_text("# Deuxième titre\n\nUn autre texte.\n")
        done = desk.run("once", "--json")
        assert done.exit_code == 0
        assert "done by the running daemon" in done.stderr
        assert [feed["feed_id"] for feed in json.loads(done.stdout)["feeds"]] == ["all"]
        assert eventually(url + "all.atom", "Deuxième titre")
        assert desk.run("once", "--revive", "files").exit_code == 2
        assert desk.run("regenerate", "all").exit_code == 0
        assert desk.run("regenerate", "al").exit_code == 2
        assert desk.run("alerts", "check", "--json").json() == {"errors": [], "new": []}
        desk.edit('title = "All"', 'title = "Everything"')
        assert desk.run("reload").exit_code == 0
        assert eventually(url + "all.atom", "<title>Everything")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=12) == 0
    finally:
        daemon.kill()
        daemon.communicate()
    assert not (desk.folder / "feedwatch.db.sock").exists()
    assert desk.run("reload").exit_code == 1


def test_sources_that_are_added_or_removed_count_in_the_running_daemon_at_once(desk: Desk) -> None:
    daemon = start(desk, "run")
    try:
        address(daemon)
        (desk.folder / "list.opml").write_text(
            '<opml version="2.0"><body><outline type="rss" text="N" xmlUrl="http://127.0.0.1:9/feed"/></body></opml>'
        )
        done = desk.run("sources", "import", str(desk.folder / "list.opml"), "--allow-private")
        assert "in force in the running daemon" in done.stderr
        sources = desk.run("status", "--json").json()["sources"]
        added = [each["source_id"] for each in sources if each["source_id"] != "files"]
        assert len(added) == 1
        assert "in force in the running daemon" in desk.run("sources", "remove", added[0]).stderr
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=12) == 0
    finally:
        daemon.kill()
        daemon.communicate()
    assert "daemon" not in desk.run("sources", "import", str(desk.folder / "list.opml"), "--allow-private").stderr


def test_the_service_manager_hears_of_start_reload_fault_and_end(desk: Desk, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        daemon = start(desk, "run", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="2000000")
        try:
            heard = ""

            def hear(words: str) -> None:
                nonlocal heard
                while words not in heard:
                    heard += manager.recv(4096).decode() + "\n"

            hear("READY=1")
            heard = ""
            hear("WATCHDOG=1")
            desk.edit('title = "All"', "title = 3")
            hear("RELOADING=1\nMONOTONIC_USEC=")
            hear("STATUS=watching; the newest configuration is faulty: ")
            heard = ""
            desk.edit("title = 3", 'title = "Everything"')
            daemon.send_signal(signal.SIGHUP)
            hear("RELOADING=1\nMONOTONIC_USEC=")
            hear("READY=1")
            hear("STATUS=watching\n")
            daemon.send_signal(signal.SIGINT)
            hear("STOPPING=1")
            assert daemon.wait(timeout=12) == 0
        finally:
            daemon.kill()
            daemon.communicate()


def test_a_killed_daemon_leaves_no_lock(desk: Desk) -> None:
    daemon = start(desk, "run")
    address(daemon)
    daemon.kill()
    daemon.communicate()
    assert desk.run("once").exit_code == 0


def test_serving_alone_needs_no_store(desk: Desk) -> None:
    (desk.folder / "feeds").mkdir()
    (desk.folder / "feeds" / "all.atom").write_text("<feed/>")
    process = start(desk, "serve")
    try:
        url = address(process)
        assert requests.get(url + "all.atom", timeout=5).text == "<feed/>"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.communicate()
    assert not (desk.folder / "feedwatch.db").exists()
