from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "niger-security"
title = "Niger – security"
where = "region:ne and topic:security"
[[feeds]]
id = "all"
title = "All"
"""
RULES = """
[regions.ne]
name = "Niger"
strong = ["Niger", "Niamey"]
except = ["Niger Delta"]
[topics.security]
name = "Security"
strong = ["attaque"]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Attaque au Niger\n\nUne attaque a eu lieu à Niamey hier soir.\n")
    (tmp_path / "files" / "b.md").write_text("# Niger Delta\n\nRien sur la région voisine aujourd’hui, dit-on.\n")
    return Desk(tmp_path, CONFIG)


def test_once_prints_sources_and_the_paths_of_the_feeds(desk: Desk) -> None:
    result = desk.run("once")
    assert result.exit_code == 0
    assert "niger-security.atom" in result.stdout
    assert "1 of 1 sources read, 2 new entries" in result.stdout
    assert result.stderr == ""


def test_once_for_machines(desk: Desk) -> None:
    answer = desk.run("once", "--json").json()
    assert answer["sources"][0]["new"] == 2
    assert {feed["feed_id"]: feed["entries"] for feed in answer["feeds"]} == {"niger-security": 1, "all": 2}
    assert desk.run("--json", "once").json()["sources"][0]["result"] == "unchanged"


def test_once_says_which_feed_it_could_not_write_and_ends_with_a_failure(desk: Desk) -> None:
    (desk.folder / "feeds" / "all.atom").mkdir(parents=True)
    result = desk.run("once")
    assert result.exit_code == 1
    assert "all.atom is a directory, not a file" in result.stderr
    assert len(desk.titles("niger-security")) == 1
    (desk.folder / "feeds" / "all.atom").rmdir()
    assert desk.run("once").exit_code == 0
    assert len(desk.titles("all")) == 2


def test_explain_shows_why_and_what_was_suppressed(desk: Desk) -> None:
    shown = desk.run("explain", str(desk.folder / "files" / "a.md"))
    assert shown.exit_code == 0
    assert "feeds: niger-security, all" in shown.stdout
    assert '"Niamey"' in shown.stdout
    other = desk.run("explain", str(desk.folder / "files" / "b.md")).stdout
    assert "suppressed" in other
    assert "feeds: all" in other


def test_explain_reads_standard_input_and_speaks_json(desk: Desk) -> None:
    text = "Une attaque au Niger\n\nUne attaque a frappé un convoi près de Niamey, selon des habitants.\n"
    answer = desk.run("explain", "-", "--json", stdin=text.encode()).json()
    assert answer["items"][0]["feeds"] == ["niger-security", "all"]


def test_explain_stores_nothing(desk: Desk) -> None:
    desk.run("explain", str(desk.folder / "files" / "a.md"))
    assert not (desk.folder / "feedwatch.db").exists()


@pytest.mark.parametrize("locator", ["missing.txt", "http://127.0.0.1:9/x"])
def test_explain_names_what_cannot_be_read(desk: Desk, locator: str) -> None:
    result = desk.run("explain", locator)
    assert result.exit_code == 3
    assert locator in result.stderr


def test_show_lists_a_feed_with_reasons(desk: Desk) -> None:
    desk.run("once")
    result = desk.run("show", "niger-security")
    assert "Attaque au Niger" in result.stdout
    assert "Niger, Security" in result.stdout
    assert len(desk.run("show", "all", "--json").json()["entries"]) == 2


def test_an_unknown_feed_gets_a_suggestion(desk: Desk) -> None:
    desk.run("once")
    for command in ("show", "regenerate"):
        result = desk.run(command, "niger-securty")
        assert result.exit_code == 2
        assert "did you mean 'niger-security'?" in result.stderr


def test_ask_answers_questions_about_the_past(desk: Desk) -> None:
    desk.run("once")
    assert "Attaque au Niger" in desk.run("ask", "region:ne and topic:security").stdout
    assert [e["title"] for e in desk.run("ask", "not region:ne", "--json").json()] == ["Niger Delta"]
    desk.now = "2026-03-20T00:00:00Z"
    assert desk.run("ask", "region:ne", "--since", "7d", "--json").json() == []
    assert len(desk.run("ask", "region:ne", "--since", "30d", "--json").json()) == 1


@pytest.mark.parametrize(
    ("question", "message"),
    [("region:nee", "^"), ("region:ne and (", "^"), ("story:x", "story"), ("topic:security >", "^")],
)
def test_a_wrong_question_points_at_the_place(desk: Desk, question: str, message: str) -> None:
    desk.run("once")
    result = desk.run("ask", question)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_wrong_length_of_time_is_refused(desk: Desk) -> None:
    assert desk.run("ask", "region:ne", "--since", "soon").exit_code == 2


def test_check_counts_what_there_is(desk: Desk) -> None:
    result = desk.run("check")
    assert result.exit_code == 0
    assert "1 sources, 2 feeds, 1 regions, 1 topics: no faults" in result.stdout


def test_check_tells_of_a_missing_folder(desk: Desk) -> None:
    desk.edit('path = "files"', 'path = "elsewhere"')
    result = desk.run("check")
    assert result.exit_code == 1
    assert "elsewhere" in result.stderr


def test_status_shows_each_source(desk: Desk) -> None:
    desk.run("once")
    assert "files" in desk.run("status").stdout
    told = desk.run("status", "--json").json()
    assert told["daemon"] is None
    (status,) = told["sources"]
    assert (status["source_id"], status["entries"], status["failures"]) == ("files", 2, 0)


@pytest.mark.parametrize("words", [("show", "all"), ("ask", "region:ne"), ("status",)])
def test_looking_before_the_first_run_is_a_clear_error(desk: Desk, words: tuple[str, ...]) -> None:
    result = desk.run(*words)
    assert result.exit_code == 1
    assert "feedwatch once" in result.stderr
    assert not (desk.folder / "feedwatch.db").exists()


def test_who_asks_no_server_needs_no_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.edit(
        '[[feeds]]\nid = "all"', '[alerts]\nchannels = ["json://:${A_PASSWORD}@127.0.0.1"]\n[[feeds]]\nid = "all"'
    )
    refused = desk.run("once")
    assert refused.exit_code == 2
    assert "the environment has no variable A_PASSWORD" in refused.stderr
    monkeypatch.setenv("A_PASSWORD", "x")
    assert desk.run("once").exit_code == 0
    monkeypatch.delenv("A_PASSWORD")
    for words in ("status", "show all", "regenerate", "alerts list", "digest", f"backup {desk.folder / 'copy.db'}"):
        assert desk.run(*words.split()).exit_code == 0, words
    assert desk.run("digest", "--send").exit_code == 2


def test_a_missing_configuration_is_named(desk: Desk) -> None:
    desk.config.unlink()
    result = desk.run("once")
    assert result.exit_code == 2
    assert "no such file" in result.stderr


@pytest.mark.parametrize("command", ["once", "regenerate", "run", "serve", "explain", "show", "ask", "check", "status"])
def test_every_command_helps_with_an_example(desk: Desk, command: str) -> None:
    result = desk.run(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"feedwatch {command}" in result.stdout or "feedwatch --config" in result.stdout


def test_hostile_titles_cannot_steer_the_terminal(desk: Desk) -> None:
    (desk.folder / "files" / "c.md").write_text("# Attaque \x1b[2J au Niger\u202e\n\nTexte de l’attaque au Niger.\n")
    desk.run("once")
    for words in (("show", "all"), ("ask", "region:ne"), ("explain", str(desk.folder / "files" / "c.md"))):
        shown = desk.run(*words).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
