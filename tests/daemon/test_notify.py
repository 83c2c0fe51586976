from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.daemon.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A service manager's end of the line, and how it is named to services."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@feedwatch-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        end.settimeout(5)
        yield name, end


def test_the_manager_is_told_of_each_state(manager: tuple[str, socket.socket]) -> None:
    name, end = manager
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.ready("watching\n3 sources")
    assert end.recv(4096) == b"READY=1\nSTATUS=watching 3 sources"
    notifier.reloading("a file changed")
    lines = end.recv(4096).decode().split("\n")
    assert lines[0] == "RELOADING=1"
    assert lines[1].removeprefix("MONOTONIC_USEC=").isdigit()
    assert lines[2] == "STATUS=a file changed"
    notifier.alive()
    assert end.recv(4096) == b"WATCHDOG=1"
    notifier.hangs()
    notifier.stopping()
    assert end.recv(4096).startswith(b"STOPPING=1\n")


def test_a_manager_that_waits_for_signs_of_life_hears_that_there_will_be_none(
    manager: tuple[str, socket.socket],
) -> None:
    name, end = manager
    Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000"}).hangs()
    assert end.recv(4096) == b"WATCHDOG=trigger"


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "41"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, 30.0),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_ours_only_when_it_names_us(env: dict[str, str], seconds: float | None) -> None:
    assert Notifier(env, pid=42).watchdog_s == seconds


def test_a_manager_that_is_gone_disturbs_nobody(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("x")
    Notifier({}).ready("x")
