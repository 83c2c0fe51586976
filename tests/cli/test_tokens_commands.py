from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk

CONFIG = """
[[sources]]
id = "docs"
kind = "folder"
path = "docs"
[[feeds]]
id = "open"
title = "Open"
[[feeds]]
id = "desk"
title = "The desk's own"
private = true
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, CONFIG)


def test_a_token_is_made_shown_once_listed_and_revoked(desk: Desk) -> None:
    made = desk.run("tokens", "add", "radio desk", "--feed", "desk", "--json").json()
    assert made["feeds"] == {"desk": f"http://127.0.0.1:8080/t/{made['token']}/desk.atom"}
    shown = desk.run("tokens", "list")
    assert "radio desk" in shown.stdout
    assert made["token"] not in shown.stdout
    assert desk.run("tokens", "list", "--json").json()[0]["feeds"] == ["desk"]
    assert desk.run("tokens", "revoke", "radio desk").exit_code == 0
    assert desk.run("tokens", "list", "--json").json() == []


def test_the_addresses_are_printed_for_people(desk: Desk) -> None:
    result = desk.run("tokens", "add", "maria")
    assert result.exit_code == 0
    assert "/open.atom" in result.stdout
    assert "/desk.atom" in result.stdout
    assert "index.opml" in result.stdout
    assert "cannot be shown again" in result.stderr


def test_faults_name_the_thing_and_the_cure(desk: Desk) -> None:
    unknown = desk.run("tokens", "add", "maria", "--feed", "dsk")
    assert (unknown.exit_code, "did you mean 'desk'" in unknown.stderr) == (2, True)
    desk.run("tokens", "add", "maria")
    assert desk.run("tokens", "add", "maria").exit_code == 1
    missing = desk.run("tokens", "revoke", "mria")
    assert (missing.exit_code, "did you mean 'maria'" in missing.stderr) == (1, True)
