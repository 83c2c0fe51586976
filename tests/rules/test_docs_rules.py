"""What docs/rules.md prints works as printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from feedwatch.rules.load import load_rules
from feedwatch.rules.parts import RULE_KEYS
from tests.desk import ROOT, Desk

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
CONFIG = """
[feedwatch]
packs = ["own.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "."
[[feeds]]
id = "all"
title = "All"
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def desk(folder: Path) -> Desk:
    (pack,) = blocks("toml")
    (folder / "own.toml").write_text(pack, encoding="utf-8")
    return Desk(folder, CONFIG)


def test_the_pack_is_complete_and_its_tests_hold(tmp_path: Path) -> None:
    result = desk(tmp_path).run("rules", "test")
    assert result.stdout == "2 tests, 0 failed\n"
    assert desk(tmp_path).run("rules", "check").exit_code == 0


def test_the_labelled_document_is_read(tmp_path: Path) -> None:
    (line,) = blocks("json")
    assert json.loads(line)["countries"] == ["NE"]
    (tmp_path / "labelled.jsonl").write_text(line, encoding="utf-8")
    answer = desk(tmp_path).run("rules", "score", str(tmp_path / "labelled.jsonl"), "--json").json()
    assert {facet["facet"] for facet in answer["facets"]} == {"region", "topic"}
    assert answer["facets"][0]["labels"][0]["label"] == "ne"


def test_every_command_of_the_page_exists(tmp_path: Path) -> None:
    words = set(re.findall(r"`feedwatch rules (\w+)", PAGE))
    assert words == {"check", "test", "lint", "show", "diff", "suggest", "score", "calibrate"}
    for word in words:
        assert desk(tmp_path).run("rules", word, "--help").exit_code == 0


def test_every_option_of_the_page_exists(tmp_path: Path) -> None:
    helps = "".join(desk(tmp_path).run("rules", word, "--help").stdout for word in ("lint", "diff", "score", "suggest"))
    helps += desk(tmp_path).run("rules", "calibrate", "--help").stdout
    missing = [option for option in re.findall(r"(--[a-z][a-z-]+)", PAGE) if option not in helps and option != "--help"]
    assert missing == []


def test_every_key_of_the_example_is_one(tmp_path: Path) -> None:
    desk(tmp_path)
    rules = load_rules(["own.toml"], inline=None, base_dir=tmp_path)
    assert set(rules.rules["region"]) == {"niger", "georgia", "liptako"}
    assert {"parent", "need", "regex", "replace", "off"} <= set(RULE_KEYS)
