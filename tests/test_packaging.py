"""What is delivered besides the program: it names only what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from feedwatch.config.load import load_config
from tests.daemon.daemonkit import CONFIG
from tests.desk import ROOT, Desk

PACKAGING = ROOT / "packaging"
UNIT = (PACKAGING / "feedwatch.service").read_text(encoding="utf-8")


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing: install systemd")
    # The program is not installed where the unit expects it.
    unit = tmp_path / "feedwatch.service"
    unit.write_text(UNIT.replace("/usr/local/bin/feedwatch", shutil.which("true") or "/bin/true"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "feedwatch.service" in line] == []


@pytest.mark.parametrize("name", ["feedwatch.service", "Dockerfile"])
def test_every_variable_that_is_set_is_known(name: str, tmp_path: Path) -> None:
    text = (PACKAGING / name).read_text(encoding="utf-8")
    env = dict(re.findall(r"(FEEDWATCH_[A-Z_]+)=(\S+)", text))
    assert env
    (tmp_path / "config.toml").write_text(CONFIG)
    config = load_config(tmp_path / "config.toml", env)
    assert config.store_url == env["FEEDWATCH_STORE_URL"]
    assert str(config.output_dir) == env["FEEDWATCH_OUTPUT_DIR"]


def test_the_watchdog_waits_longer_than_the_daemon_may_need() -> None:
    assert "Type=notify\n" in UNIT
    (seconds,) = re.findall(r"WatchdogSec=(\d+)", UNIT)
    assert int(seconds) >= 60


def test_the_image_copies_what_is_there() -> None:
    text = (PACKAGING / "Dockerfile").read_text(encoding="utf-8")
    for words in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for word in words.split()[:-1]:
            assert (ROOT / word).exists(), word


def test_the_commands_of_the_operating_guide_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CONFIG)
    (tmp_path / "rules.toml").write_text('[topics.security]\nname = "Security"\nterms = ["attaque"]\n')
    (tmp_path / "files").mkdir()
    assert desk.run("once").exit_code == 0
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    commands = [line.split()[1:] for line in lines]
    assert {words[0] for words in commands} >= {"run", "reload", "doctor", "backup", "restore", "housekeeping", "hide"}
    for written in commands:
        words = [word.replace("copy.db", str(tmp_path / "copy.db")) for word in written]
        if words[0] in {"doctor", "backup", "restore", "housekeeping", "hidden"}:
            assert desk.run(*words).exit_code == 0, words
        else:
            # They need a daemon, or an entry.
            assert desk.run(words[0], "--help").exit_code == 0
