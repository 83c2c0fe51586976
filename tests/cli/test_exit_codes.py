"""How commands end: the table of docs/architecture.md, each row by commands that end so."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from feedwatch.app import writing
from feedwatch.setup import load_setup
from tests.daemon.daemonkit import CONFIG, RULES
from tests.desk import Desk
from tests.webserver import Answer, WebServer

BROKEN = '[[sources]]\nid = "broken"\nurl = "http://127.0.0.1:9/"\nallow_private = true\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Attaque\n\nUne attaque.\n")
    return Desk(tmp_path, CONFIG)


@pytest.mark.parametrize(
    ("code", "command"),
    [
        (0, "once"),
        (0, "once --strict"),
        (0, "regenerate all"),
        (0, "show all"),
        (0, "ask topic:security"),
        (0, "check"),
        (0, "status --strict"),
        (0, "hidden"),
        (0, "housekeeping"),
        (0, "digest"),
        (1, "backup {folder}/config.toml"),
        (1, "restore {folder}/nowhere.db"),
        (1, "reload"),
        (2, "nonsense"),
        (2, "once --nonsense"),
        (2, "regenerate nonsense"),
        (2, "show nonsense"),
        (2, "ask topic:("),
        (2, "ask topic:nonsense"),
        (2, "hide nonsense"),
        (2, "once --revive nonsense"),
        (2, "sources test nonsense"),
        (2, "alerts test"),
        (3, "explain {folder}/nowhere.md"),
    ],
)
def test_each_command_ends_as_the_table_says(desk: Desk, code: int, command: str) -> None:
    assert desk.run("once").exit_code == 0
    assert desk.run(*command.format(folder=desk.folder).split()).exit_code == code
    # A command has no state besides the store and what it publishes.
    left = {path.name for path in desk.folder.iterdir() if not path.name.startswith("feedwatch.db")}
    assert left == {"config.toml", "rules.toml", "files", "feeds"}


@pytest.mark.parametrize("command", ["once", "run", "check", "status", "regenerate"])
def test_a_faulty_configuration_ends_every_command_with_2(desk: Desk, command: str) -> None:
    desk.edit('title = "All"', "title = 3")
    assert desk.run(command).exit_code == 2
    assert not (desk.folder / "feedwatch.db").exists()


@pytest.mark.parametrize("command", ["once", "run", "regenerate", "hide x", "housekeeping", "restore --new"])
def test_a_store_that_another_process_holds_ends_writing_commands_with_75(desk: Desk, command: str) -> None:
    with writing(load_setup(desk.config, {})):
        assert desk.run(*command.split()).exit_code == 75
        assert desk.run("status").exit_code == 0


def test_what_fails_is_1_under_strict_only_and_3_when_nothing_could_be_read(desk: Desk) -> None:
    desk.edit('[[feeds]]\nid = "all"', f'{BROKEN}[[feeds]]\nid = "all"')
    assert desk.run("once").exit_code == 0
    assert desk.run("once", "--force", "--strict").exit_code == 1
    assert desk.run("status", "--strict").exit_code == 1
    desk.edit('[[sources]]\nid = "files"\nkind = "folder"\npath = "files"\ninterval = "1h"\n', "")
    assert desk.run("once", "--force").exit_code == 3


def test_an_interrupt_ends_with_130_and_waits_for_no_server(desk: Desk) -> None:
    with WebServer() as server:
        server.script("/slow", Answer(delay_s=300))
        url = f'[[sources]]\nid = "slow"\nurl = "{server.url("/slow")}"\nallow_private = true\n'
        desk.edit('[[feeds]]\nid = "all"', f'{url}[[feeds]]\nid = "all"')
        command = [sys.executable, "-m", "feedwatch", "--config", str(desk.config), "once"]
        # A shell's job in the background ignores the signal, and so would the process.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            signal.signal(signal.SIGINT, before)
            end = time.monotonic() + 60
            while not server.requests and time.monotonic() < end:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
            assert process.stderr is not None
            assert b"what was read so far is stored" in process.stderr.read()
