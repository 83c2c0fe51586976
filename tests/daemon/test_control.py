from __future__ import annotations

import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedwatch.daemon.control import ControlServer, ask
from feedwatch.errors import ConfigError, Fault, OrderRefused, StoreBusy, UsageError
from feedwatch.work import Progress, Values


class Bars:
    """Progress as it was shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    @contextmanager
    def __call__(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count

        yield advance
        self.seen.append((label, total, done))


def count(values: Values, progress: Progress) -> Values:
    with progress("counting", values["to"]) as advance:
        for _ in range(values["to"]):
            advance(1)
    with progress("resting", 1):
        pass
    return {"counted": values["to"], "name": "مرحبا"}


def refuse(values: Values, _progress: Progress) -> Values:
    raise {
        "usage": UsageError("no such feed"),
        "config": ConfigError([Fault(file="c", message="wrong")]),
        "busy": StoreBusy("held"),
        "bug": ZeroDivisionError("oops"),
    }[values["how"]]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "store.db.sock"
    path.write_text("left by a kill")
    server = ControlServer(path, {"count": count, "refuse": refuse})
    server.start()
    yield path
    server.stop()
    assert not path.exists()


def test_an_order_is_carried_out_and_its_progress_shown(path: Path) -> None:
    bars = Bars()
    assert ask(path, "count", {"to": 3}, bars) == {"counted": 3, "name": "مرحبا"}
    assert bars.seen == [("counting", 3, 3), ("resting", 1, 0)]


@pytest.mark.parametrize(
    ("how", "code", "words"), [("usage", 2, "feed"), ("config", 2, "wrong"), ("busy", 75, "held"), ("bug", 1, "oops")]
)
def test_a_refusal_comes_back_with_its_exit_code(path: Path, how: str, code: int, words: str) -> None:
    with pytest.raises(OrderRefused, match=words) as refused:
        ask(path, "refuse", {"how": how}, Bars())
    assert refused.value.code == code


def test_an_unknown_order_is_refused(path: Path) -> None:
    with pytest.raises(OrderRefused, match="does not know the order 'dance'"):
        ask(path, "dance", {}, Bars())


def test_only_the_user_may_speak_to_it(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("rubbish", [b"\n", b"[]\n", b"\xff\n", b"{"])
def test_rubbish_is_not_answered_and_harms_nobody(path: Path, rubbish: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(rubbish)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    assert ask(path, "count", {"to": 1}, Bars()) is not None


def test_an_order_ends_though_its_command_left(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b'{"order": "count", "values": {"to": 2000}}\n')
    assert ask(path, "count", {"to": 1}, Bars()) is not None


def test_without_a_daemon_there_is_no_answer(tmp_path: Path) -> None:
    assert ask(tmp_path / "none.sock", "count", {}, Bars()) is None
    (tmp_path / "dead.sock").write_text("")
    assert ask(tmp_path / "dead.sock", "count", {}, Bars()) is None


def test_a_socket_may_lie_deep_in_the_tree(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "store.db.sock"
    deep.parent.mkdir()
    server = ControlServer(deep, {"count": count})
    server.start()
    assert ask(deep, "count", {"to": 0}, Bars()) is not None
    server.stop()
