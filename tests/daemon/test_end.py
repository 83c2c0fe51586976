"""The end of a daemon whose polls hang on slow servers."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.daemon.daemonkit import eventually
from tests.desk import Desk
from tests.test_daemon import address, start
from tests.webserver import Answer, WebServer

SERVERS = 6


@pytest.fixture
def servers() -> Iterator[list[WebServer]]:
    """Servers that let everybody wait for a minute."""
    with ExitStack() as stack:
        found = [stack.enter_context(WebServer()) for _ in range(SERVERS)]
        for server in found:
            server.script("/feed", Answer(body=b"<rss/>", delay_s=60))
        yield found


@pytest.fixture
def daemon(tmp_path: Path, servers: list[WebServer]) -> Iterator[subprocess.Popen[str]]:
    """A daemon that waits for all of them."""
    sources = "".join(
        f'[[sources]]\nid = "s{n}"\nurl = "{server.url("/feed")}"\nallow_private = true\n'
        for n, server in enumerate(servers)
    )
    text = f'[feedwatch]\npacks = []\n[server]\nlisten = "127.0.0.1:0"\n[polling]\ntimeout = "50s"\n{sources}'
    process = start(Desk(tmp_path, f'{text}[[feeds]]\nid = "all"\ntitle = "All"\n'), "run")
    try:
        address(process)
        assert eventually(lambda: all("/feed" in server.paths() for server in servers))
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_ends_in_time_and_hands_back_what_it_waited_for(
    daemon: subprocess.Popen[str], tmp_path: Path, servers: list[WebServer]
) -> None:
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=20) == 0
    assert not servers[0].stopping.is_set()
    with closing(sqlite3.connect(tmp_path / "feedwatch.db")) as db:
        rows = db.execute("SELECT lease_until, last_polled_at FROM sources").fetchall()
    assert rows == [(None, None)] * SERVERS


def test_a_second_signal_ends_it_at_once(daemon: subprocess.Popen[str]) -> None:
    daemon.send_signal(signal.SIGTERM)
    assert daemon.stderr is not None
    assert any("stopping" in line for line in daemon.stderr)
    daemon.send_signal(signal.SIGINT)
    # By the signal itself: the orderly end would be 0.
    assert daemon.wait(timeout=20) == -signal.SIGINT
