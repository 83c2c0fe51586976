from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.daemonkit import CONFIG, RULES
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "files").mkdir()
    for number in range(2):
        (tmp_path / "files" / f"{number}.md").write_text(f"# Attaque {number}\n\nUne attaque, {number}.\n")
    desk = Desk(tmp_path, CONFIG)
    assert desk.run("once").exit_code == 0
    return desk


def test_an_entry_is_taken_down_and_stays_down(desk: Desk) -> None:
    entry = next(entry for entry in desk.feed("all").entries if entry.title == "Attaque 0")
    done = desk.run("hide", entry.id, "--note", "asked by its author")
    assert done.exit_code == 0
    assert "2 feeds written" in done.stdout
    assert desk.titles("all") == desk.titles("attacks") == ["Attaque 1"]
    (desk.folder / "files" / "0.md").write_text("# Attaque 0\n\nUne attaque, corrigée.\n")
    assert desk.run("once", "--force").exit_code == 0
    assert desk.run("regenerate").exit_code == 0
    assert desk.titles("all") == ["Attaque 1"]
    (listed,) = desk.run("hidden", "--json").json()["hidden"]
    assert (listed["id"], listed["note"]) == (entry.id, "asked by its author")
    assert "asked by its author" in desk.run("hidden").stdout
    assert desk.run("unhide", entry.id).exit_code == 0
    assert sorted(desk.titles("all")) == ["Attaque 0", "Attaque 1"]
    assert "nothing is hidden" in desk.run("hidden").stdout


@pytest.mark.parametrize("command", ["hide", "unhide"])
def test_what_is_not_there_cannot_be_taken_down(desk: Desk, command: str) -> None:
    refused = desk.run(command, "urn:nothing\x1b[31m")
    assert refused.exit_code == 2
    assert "\x1b" not in refused.stderr


def test_a_backup_is_restored(desk: Desk) -> None:
    copy = desk.folder / "copy.db"
    assert desk.run("backup", str(copy)).stdout.startswith(f"{copy}: 2 entries of 1 sources")
    assert desk.run("backup", str(copy)).exit_code == 1
    assert desk.run("restore", "--new").exit_code == 0
    assert desk.run("show", "all").exit_code == 1
    done = desk.run("restore", str(copy), "--json").json()
    assert (done["restored"]["entries"], done["aside"]) == (2, None)
    assert sorted(entry.title for entry in desk.feed("all").entries) == ["Attaque 0", "Attaque 1"]
    assert desk.run("restore").exit_code == 2
    assert desk.run("restore", str(copy), "--new").exit_code == 2
    assert desk.run("restore", str(desk.config)).exit_code == 1


def test_old_entries_are_let_go_and_never_come_back_as_new(desk: Desk) -> None:
    desk.edit("[server]", '[store]\nkeep = "30d"\n[server]')
    desk.now = "2026-04-15T12:00:00Z"
    (desk.folder / "files" / "2.md").write_text("# Attaque 2\n\nUne attaque de plus.\n")
    assert desk.run("once").exit_code == 0
    assert "2 entries were let go" in desk.run("housekeeping").stdout
    for number in range(2):
        (desk.folder / "files" / f"{number}.md").write_text(f"# Attaque {number}\n\nUne attaque, corrigée, {number}.\n")
    assert desk.run("once").exit_code == 0
    assert desk.titles("all") == ["Attaque 2"]


def test_a_feed_may_keep_longer(desk: Desk) -> None:
    desk.edit("[server]", '[store]\nkeep = "30d"\n[server]')
    desk.edit('title = "Attacks"', 'title = "Attacks"\nkeep = "1000d"')
    desk.now = "2026-04-15T12:00:00Z"
    assert desk.run("housekeeping", "--json").json() == {"gone": 0}
