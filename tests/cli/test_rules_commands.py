from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.desk import ROOT, Desk
from tests.rules.labelkit import RULES, sport_and_health, write_labelled

COMMANDS = ("check", "test", "lint", "diff", "show", "suggest", "calibrate", "score")
CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
[[feeds]]
id = "sport"
title = "Sport"
where = "topic:sport"
[[tests]]
name = "a match"
text = "Le match a lieu à Niamey."
lang = "fr"
expect = ["topic:sport", "region:ne", "feed:niger", "feed:sport"]
reject = ["topic:health", "mentions:ng"]
[[tests]]
name = "a file"
file = "files/a.md"
expect = ["region:ne", "main:ne", "feed:niger"]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Un match à Niamey\n\nLe match a lieu au stade de la ville.\n")
    (tmp_path / "files" / "b.md").write_text("# La victoire à Abuja\n\nUne victoire de plus pour la ville, dit-on.\n")
    return Desk(tmp_path, CONFIG)


def edit(desk: Desk, old: str, new: str, name: str = "rules.toml") -> None:
    path = desk.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(desk: Desk, command: str) -> None:
    result = desk.run("rules", command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"rules {command}" in result.stdout.partition("Examples:")[2]


# --- check and test


def test_check_finds_nothing_wrong(desk: Desk) -> None:
    result = desk.run("rules", "check")
    assert result.exit_code == 0
    assert "no faults" in result.stdout
    assert desk.run("rules", "check", "--json").json()["faults"] == []


def test_check_names_the_faults_of_all_files_at_once(desk: Desk) -> None:
    edit(desk, 'weak = ["course"]', 'weka = ["course"]\nterm = ["x*"]')
    desk.edit('where = "topic:sport"', 'where = "topic:sprt and"')
    desk.edit('where = "region:ne"', 'where = "region:nee"')
    desk.edit('kind = "folder"', 'kind = "folder"\nintervall = "1h"\ntopic = "helth"')
    result = desk.run("rules", "check")
    assert result.exit_code == 2
    for words in (
        "rules.toml:6 topics.sport.weka",
        "did you mean 'weak'?",
        "did you mean 'interval'?",
        "did you mean 'ne'?",
        "did you mean 'health'?",
        "ends too early",
        "      ^",
    ):
        assert words in result.stderr
    faults = desk.run("rules", "check", "--json").json()["faults"]
    assert {Path(fault["file"]).name for fault in faults} == {"config.toml", "rules.toml"}
    assert all(fault["line"] for fault in faults)


def test_other_commands_name_all_faults_too(desk: Desk) -> None:
    edit(desk, 'weak = ["course"]', 'weka = ["course"]')
    desk.edit('where = "region:ne"', 'where = "region:nee"')
    for words in (("rules", "test"), ("check",)):
        result = desk.run(*words)
        assert result.exit_code == 2
        assert "did you mean 'weak'?" in result.stderr
        assert "did you mean 'ne'?" in result.stderr


def test_check_sees_tests_on_files_and_feeds_that_are_not_there(desk: Desk) -> None:
    desk.edit("files/a.md", "files/none.md")
    desk.edit('"feed:sport"', '"feed:sprot"')
    result = desk.run("rules", "check")
    assert result.exit_code == 2
    assert "files/none.md" in result.stderr
    assert "did you mean 'sport'?" in result.stderr


def test_a_missing_or_broken_configuration_is_named(desk: Desk) -> None:
    desk.config.write_text("[feedwatch\n", encoding="utf-8")
    assert "is not valid TOML" in desk.run("rules", "check").stderr
    desk.config.unlink()
    assert desk.run("rules", "check").exit_code == 2


def test_tests_that_hold_are_counted(desk: Desk) -> None:
    result = desk.run("rules", "test")
    assert (result.exit_code, result.stdout) == (0, "2 tests, 0 failed\n")
    assert desk.run("rules", "test", "--only", "MATCH").stdout == "1 tests, 0 failed\n"
    assert desk.run("rules", "test", "--only", "nothing").exit_code == 1


def test_a_failing_test_shows_what_fired_instead(desk: Desk) -> None:
    edit(desk, '"match", "stade"', '"tournoi"')
    result = desk.run("rules", "test")
    assert result.exit_code == 1
    assert "FAILED a match (" in result.stdout
    assert "expected topic:sport: none of its terms is in the text (read as fr)" in result.stdout
    assert "region:ne about main" in result.stdout
    assert '"Niamey" in lead' in result.stdout
    answer = desk.run("rules", "test", "--json").json()
    assert (answer["tests"], answer["failed"]) == (2, 1)


def test_a_file_that_is_gone_fails_its_test_only(desk: Desk) -> None:
    (desk.folder / "files" / "a.md").unlink()
    result = desk.run("rules", "test")
    assert result.exit_code == 1
    assert "no such file" in result.stdout
    assert "2 tests, 1 failed" in result.stdout


def test_a_pack_in_a_folder_tests_files_beside_it(desk: Desk) -> None:
    (desk.folder / "packs").mkdir()
    (desk.folder / "packs" / "near.md").write_text("# Abuja\n\nUn texte sur Abuja, la capitale du Nigeria.\n")
    (desk.folder / "packs" / "more.toml").write_text(
        '[regions.ng]\nextend = true\n[[tests]]\nname = "beside"\nfile = "near.md"\nexpect = ["region:ng"]\n',
        encoding="utf-8",
    )
    desk.edit('["rules.toml"]', '["rules.toml", "packs/more.toml"]')
    assert desk.run("rules", "test", "--only", "beside").stdout == "1 tests, 0 failed\n"


def test_the_projects_own_rules_pass(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    desk.config.unlink()
    own = Desk.__new__(Desk)
    own.folder, own.config, own.now = ROOT, ROOT / "config.toml", desk.now
    checked = own.run("rules", "check")
    assert (checked.exit_code, checked.stderr) == (0, "")
    tested = own.run("rules", "test")
    assert (tested.exit_code, tested.stderr) == (0, ""), tested.stdout
    assert tested.stdout != "0 tests, 0 failed\n"


# --- lint and show


def test_lint_shows_places_and_is_strict_on_demand(desk: Desk) -> None:
    edit(desk, '"Nigeria", "Abuja"', '"Nigeria", "Abuja", "ECOMOG"')
    result = desk.run("rules", "lint")
    assert result.exit_code == 0
    assert "rules.toml:" in result.stdout
    assert 'write "=ECOMOG"' in result.stdout
    assert "without stored articles" in result.stderr
    assert desk.run("rules", "lint", "--strict", "--no-archive").exit_code == 1
    kinds = {each["kind"] for each in desk.run("rules", "lint", "--json", "--no-archive").json()}
    assert kinds == {"capitals"}


def test_lint_leaves_out_the_packs_that_come_with_the_program_unless_asked(desk: Desk) -> None:
    (desk.folder / "rules.toml").unlink()
    desk.config.write_text(
        '[feedwatch]\npacks = ["topics"]\n[[sources]]\nid = "s"\nkind = "folder"\npath = "seeds"\n'
        '[[feeds]]\nid = "all"\ntitle = "All"\n',
        encoding="utf-8",
    )
    assert "(--all)" in desk.run("rules", "lint", "--no-archive").stdout
    found = desk.run("rules", "lint", "--all", "--no-archive", "--json").json()
    assert any(each["file"].startswith("pack topics") for each in found)


def test_lint_reads_the_archive_when_there_is_one(desk: Desk) -> None:
    desk.run("once")
    assert desk.run("rules", "lint").stderr == ""


def test_show_prints_a_rule_with_its_terms(desk: Desk) -> None:
    (desk.folder / "more.toml").write_text(
        '[topics.sport]\nextend = true\nlang = "ha"\nstrong = ["wasa ^6"]\n[topics.all]\nmembers = ["sport"]\n',
        encoding="utf-8",
    )
    desk.edit('["rules.toml"]', '["rules.toml", "more.toml"]')
    shown = desk.run("rules", "show", "topic:sport")
    assert shown.exit_code == 0
    assert "groups: all" in shown.stdout
    answer = desk.run("rules", "show", "sport", "--json").json()
    assert {"list": "strong", "points": "6", "term": "wasa", "language": "ha", "place": "more.toml:4"} in answer[
        "terms"
    ]
    assert answer["tests"] == ["a match"]


def test_an_unknown_rule_gets_a_suggestion(desk: Desk) -> None:
    result = desk.run("rules", "show", "topic:sprot")
    assert result.exit_code == 2
    assert "did you mean 'sport'" in result.stderr


# --- diff


def test_diff_of_unchanged_rules_is_empty(desk: Desk) -> None:
    desk.run("once")
    result = desk.run("rules", "diff", "--exit-code")
    assert (result.exit_code, result.stdout) == (0, "0 of 2 articles change\n")


def test_diff_with_what_is_stored_lists_feeds_and_labels(desk: Desk) -> None:
    desk.run("once")
    edit(desk, '"Niger", "Niamey"', '"Niger", "Abuja"')
    desk.edit('where = "topic:sport"', 'where = "not topic:sport"')
    result = desk.run("rules", "diff", "--exit-code")
    assert result.exit_code == 1
    assert "niger: 1 enter, 1 leave" in result.stdout
    answer = desk.run("rules", "diff", "--json").json()
    titles = {change["title"]: change for change in answer["changes"]}
    assert (answer["articles"], answer["changed"]) == (2, 2)
    assert titles["Un match à Niamey"]["leaves"] == ["niger", "sport"]
    assert titles["La victoire à Abuja"]["enters"] == ["niger"]
    assert {"facet": "region", "rule": "ne", "changes": {"about > no": 1, "no > about": 1}} in answer["rules"]
    # Nothing was written: the stored state is still the old one.
    assert desk.run("rules", "diff", "--json").json() == answer


def test_diff_of_two_packs_and_of_two_configurations(desk: Desk) -> None:
    desk.run("once")
    (desk.folder / "edited").mkdir()
    new = desk.folder / "edited" / "rules.toml"
    new.write_text(RULES.replace('"Niger", "Niamey"', '"Niger"'), encoding="utf-8")
    old = desk.folder / "rules.toml"
    answer = desk.run("rules", "diff", str(old), str(new), "--json").json()
    assert {feed: len(moves["leaves"]) for feed, moves in answer["feeds"].items()} == {"niger": 1}
    back = desk.run("rules", "diff", str(new), str(old), "--json").json()
    assert {feed: len(moves["enters"]) for feed, moves in back["feeds"].items()} == {"niger": 1}
    other = desk.folder / "other.toml"
    other.write_text(CONFIG.replace('id = "niger"', 'id = "sahel"').replace("feed:niger", "feed:sahel"), "utf-8")
    moves = desk.run("rules", "diff", str(desk.config), str(other), "--json").json()["feeds"]
    assert {feed: (len(m["enters"]), len(m["leaves"])) for feed, m in moves.items()} == {
        "sahel": (1, 0),
        "niger": (0, 1),
    }


def test_diff_names_what_it_cannot_use(desk: Desk) -> None:
    assert "feedwatch once" in desk.run("rules", "diff").stderr
    desk.run("once")
    assert desk.run("rules", "diff", "none.toml").exit_code == 2
    assert desk.run("rules", "diff", "a", "b", "c").exit_code == 2
    (desk.folder / "bad.toml").write_text('[topics.x]\nstrnog = ["y"]\n', encoding="utf-8")
    result = desk.run("rules", "diff", str(desk.folder / "bad.toml"))
    assert result.exit_code == 2
    assert "did you mean 'strong'?" in result.stderr


# --- labelled documents


@pytest.fixture
def labelled(desk: Desk) -> str:
    return str(write_labelled(desk.folder / "labelled.jsonl", sport_and_health()))


def test_score_prints_figures_and_keeps_a_floor(desk: Desk, labelled: str) -> None:
    result = desk.run("rules", "score", labelled, "--floor", "0.5")
    assert result.exit_code == 0
    assert "mean F1" in result.stdout
    assert desk.run("rules", "score", labelled, "--floor", "0.99").exit_code == 1
    (facet,) = desk.run("rules", "score", labelled, "--json").json()["facets"]
    assert (facet["facet"], facet["documents"]) == ("topic", 24)
    assert {label["label"]: label["recall"] for label in facet["labels"]} == {"sport": 1.0, "health": 1.0}


def test_score_of_one_rule_and_what_was_wrong(desk: Desk, labelled: str) -> None:
    answer = desk.run("rules", "score", labelled, "--only", "topic:health", "--examples", "1", "--json").json()
    assert [label["label"] for label in answer["facets"][0]["labels"]] == ["health"]
    assert [(one["label"], one["kind"]) for one in answer["wrong"]] == [("health", "wrong")]
    assert '"équipe"' in answer["wrong"][0]["fired"]
    assert desk.run("rules", "score", labelled, "--only", "topic:x").exit_code == 2


def test_labels_with_other_names_are_mapped(desk: Desk) -> None:
    items = [{"lang": "fr", "text": "Le match a lieu.", "topics": ["sports"]}]
    path = str(write_labelled(desk.folder / "a.jsonl", items))
    assert "sports (did you mean 'sport'?)" in desk.run("rules", "score", path).stderr
    answer = desk.run("rules", "score", path, "--map", "sports=sport,health", "--json").json()
    assert answer["facets"][0]["macro_f1"] == 1.0
    assert desk.run("rules", "score", path, "--map", "sports=sprot").exit_code == 2
    assert desk.run("rules", "score", path, "--map", "sports").exit_code == 2


def test_faults_of_labelled_files_are_listed(desk: Desk) -> None:
    (desk.folder / "a.jsonl").write_text("{\n[]\n", encoding="utf-8")
    result = desk.run("rules", "score", str(desk.folder / "a.jsonl"))
    assert result.exit_code == 2
    assert "a.jsonl:1" in result.stderr
    assert "a.jsonl:2" in result.stderr


def test_suggest_reads_labelled_documents_or_the_archive(desk: Desk, labelled: str) -> None:
    answer = desk.run("rules", "suggest", "--topic", "sport", "--labelled", labelled, "--json").json()
    assert (answer["inside"], answer["outside"]) == (12, 12)
    assert any("gardien" in one["phrase"] for one in answer["suggestions"])
    assert "gardien" in desk.run("rules", "suggest", "--topic", "sport", "--labelled", labelled).stdout
    desk.run("once")
    stored = desk.run("rules", "suggest", "--region", "ne", "--json").json()
    assert (stored["inside"], stored["outside"], stored["suggestions"]) == (1, 1, [])
    assert desk.run("rules", "suggest").exit_code == 2


def test_calibrate_prints_a_pack_that_can_be_used(desk: Desk, labelled: str) -> None:
    before = (desk.folder / "rules.toml").read_bytes()
    out = desk.folder / "points.toml"
    result = desk.run("rules", "calibrate", labelled, "--out", str(out))
    assert result.exit_code == 0
    assert "not fitted to" in result.stderr
    assert "extend = true" in out.read_text(encoding="utf-8")
    assert (desk.folder / "rules.toml").read_bytes() == before
    desk.edit('["rules.toml"]', '["rules.toml", "points.toml"]')
    assert desk.run("rules", "check").exit_code == 0
    points = {term["term"]: term["points"] for term in desk.run("rules", "show", "sport", "--json").json()["terms"]}
    assert float(points["victoire"]) > 2


def test_a_language_is_named_with_two_letters_or_three(desk: Desk, labelled: str) -> None:
    answers = [desk.run("rules", "score", labelled, "--lang", lang, "--json").json() for lang in ("fr", "fra", "fr-FR")]
    assert answers[0] == answers[1] == answers[2]
    assert desk.run("rules", "score", labelled, "--lang", "en").exit_code == 2


def test_calibrate_never_writes_over_a_file(desk: Desk, labelled: str) -> None:
    result = desk.run("rules", "calibrate", labelled, "--out", str(desk.folder / "rules.toml"))
    assert result.exit_code == 2
    assert (desk.folder / "rules.toml").read_text(encoding="utf-8") == RULES
    answer = desk.run("rules", "calibrate", labelled, "--json").json()
    assert answer["documents"] == 24
    assert answer["written"] == []


def test_hostile_words_cannot_steer_the_terminal(desk: Desk) -> None:
    evil = "Match \x1b[2J\u202e à Niamey"
    items = [{"lang": "fr", "title": evil, "text": "Une équipe.", "topics": ["health\x1b[2J"]} for _ in range(3)]
    path = str(write_labelled(desk.folder / "a.jsonl", items))
    edit(desk, 'name = "Sport"', 'name = "Sport\\u001b[2J"')
    desk.edit('name = "a match"', 'name = "a match\\u001b[2J"')
    desk.edit('"topic:sport", "region:ne"', '"topic:health"')
    (desk.folder / "files" / "c.md").write_text(f"# {evil}\n\nTexte.\n")
    desk.run("once")
    edit(desk, '"Niger", "Niamey"', '"Niger"')
    for words in (
        ("test",),
        ("show", "sport"),
        ("diff",),
        ("score", path, "--examples", "2"),
        ("suggest", "--topic", "sport"),
    ):
        result = desk.run("rules", *words)
        assert "\x1b" not in result.stdout + result.stderr
        assert "\u202e" not in result.stdout + result.stderr


def test_json_is_one_document_whichever_way_it_is_asked_for(desk: Desk, labelled: str) -> None:
    desk.run("once")
    for words in (("check",), ("test",), ("lint",), ("diff",), ("show", "sport"), ("score", labelled)):
        assert json.dumps(desk.run("--json", "rules", *words).json()) == json.dumps(
            desk.run("rules", *words, "--json").json()
        )
