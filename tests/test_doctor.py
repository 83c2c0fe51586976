from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedwatch import doctor
from feedwatch.doctor import Check, examine_all
from feedwatch.setup import Setup
from tests.daemon.daemonkit import CONFIG, RULES
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(doctor, "ROOM_BYTES", 1)
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Attaque\n\nUne attaque.\n")
    return Desk(tmp_path, CONFIG)


def look(desk: Desk, told: Mapping[str, Any] | None = None, **options: Any) -> list[Check]:
    def standing(_setup: Setup) -> Mapping[str, Any] | None:
        return told

    return examine_all(desk.config, standing=standing, **options)


def wrong(checks: list[Check]) -> dict[str, Check]:
    """What needs a look; each has a cure."""
    found = {check.name: check for check in checks if check.state != "ok"}
    # The SQLite and expat of this machine may be old; that is for the machine's doctor.
    found = {name: check for name, check in found.items() if name not in {"SQLite", "expat"}}
    assert all(check.cure for check in found.values())
    return found


def test_a_good_place_is_found_good(desk: Desk) -> None:
    assert wrong(look(desk)) == {}
    assert desk.run("once").exit_code == 0
    checks = look(desk)
    assert wrong(checks) == {}
    assert any("1 entries" in check.found for check in checks)


def test_a_faulty_configuration_names_its_first_fault(desk: Desk) -> None:
    desk.edit('title = "All"', "title = 3")
    assert "title" in wrong(look(desk))["configuration"].found
    ran = desk.run("doctor", "--json", "--offline")
    assert (ran.exit_code, ran.json()["well"]) == (1, False)


def test_variables_that_only_the_service_has_are_a_warning(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    source = '[[sources]]\nid = "s"\nurl = "http://127.0.0.1:9/"\nlogin = "desk:${FW_PASSWORD}"\n'
    desk.edit('[[feeds]]\nid = "all"', f'{source}[[feeds]]\nid = "all"')
    desk.config.chmod(0o600)
    check = wrong(look(desk, offline=True))["environment"]
    assert (check.state, check.found) == ("warn", "not set here: FW_PASSWORD")
    assert "EnvironmentFile" in check.cure
    monkeypatch.setenv("FW_PASSWORD", "x")
    assert wrong(look(desk, offline=True)) == {}


def test_a_damaged_store_is_found(desk: Desk) -> None:
    desk.run("once")
    data = bytearray((desk.folder / "feedwatch.db").read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    (desk.folder / "feedwatch.db").write_bytes(data)
    check = wrong(look(desk))["store"]
    assert "restore" in check.cure
    (desk.folder / "feedwatch.db").write_text("not a database")
    assert wrong(look(desk))["store"].state == "fail"


def test_a_full_disk_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOM_BYTES", 10**18)
    assert wrong(look(desk))["disk"].state == "fail"


def test_a_clock_that_is_wrong_is_found(desk: Desk) -> None:
    assert wrong(look(desk, now=datetime(2001, 1, 1, tzinfo=UTC)))["clock"].state == "fail"
    desk.run("once")
    before = datetime.fromisoformat(desk.now).replace(month=2)
    assert "still to come" in wrong(look(desk, now=before))["clock"].found


def test_files_that_everybody_may_read_are_found(desk: Desk) -> None:
    desk.run("once")
    (desk.folder / "feedwatch.db").chmod(0o644)
    assert "everybody may read" in wrong(look(desk))["permissions"].found


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        ({"halted": "the disk is full"}, "fail", "full"),
        ({"unwritten": "feed all: no room"}, "fail", "no room"),
        ({"late": ["writer"]}, "fail", "writer"),
        ({"config_fault": "x"}, "warn", "not in force"),
    ],
)
def test_a_daemon_that_is_not_well_is_found(desk: Desk, told: dict[str, Any], state: str, words: str) -> None:
    well = {"pid": 7, "started_at": "2026", "halted": "", "unwritten": "", "late": [], "config_fault": ""}
    assert "daemon" not in wrong(look(desk, well))
    check = wrong(look(desk, well | told))["daemon"]
    assert check.state == state
    assert words in check.found


def test_an_address_in_use_is_found(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        desk.edit("127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}")
        assert "cannot be listened on" in wrong(look(desk))["address"].found


def test_servers_that_cannot_be_reached_are_found(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there, socket.create_server(("127.0.0.1", 0)) as gone:
        ports = [end.getsockname()[1] for end in (there, gone)]
        gone.close()
        feeds = "".join(f'[[sources]]\nid = "s{p}"\nurl = "http://127.0.0.1:{p}/"\n' for p in ports)
        desk.edit('[[feeds]]\nid = "all"', f'{feeds}[[feeds]]\nid = "all"')
        check = wrong(look(desk))["network"]
        assert check.state == "warn"
        assert f"127.0.0.1:{ports[1]}" in check.found
        assert "network" not in wrong(look(desk, offline=True))


def test_the_command_prints_a_table_and_ends_with_what_it_found(desk: Desk) -> None:
    ran = desk.run("doctor", "--offline")
    assert ran.exit_code == 0
    assert "configuration" in ran.stdout
