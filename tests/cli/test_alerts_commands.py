from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.webserver import Answer, WebServer

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
id = "mali"
title = "Mali"
where = "region:ml"
[alerts]
"""
RULES = """
[sets]
armed_groups = ["JNIM"]
[regions.ne]
name = "Niger"
strong = ["Niger"]
[regions.ml]
name = "Mali"
strong = ["Mali"]
"""


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Attaque au Niger\n\nUne attaque a eu lieu au Niger hier soir.\n")
    desk = Desk(tmp_path, CONFIG)
    assert desk.run("once").exit_code == 0
    return desk


def with_channel(desk: Desk, server: WebServer) -> None:
    address = server.url("/notify").replace("http://", "json://user:secret@")
    desk.edit("[alerts]", f'[alerts]\nchannels = ["{address}"]')


def test_once_writes_the_feeds_of_the_program_itself(desk: Desk) -> None:
    assert {"health.atom", "alerts.atom"} <= desk.published().keys()
    assert desk.titles("alerts") == []
    before = desk.published()
    desk.run("once")
    assert desk.published() == before


def test_the_list_and_the_check_say_when_there_is_nothing(desk: Desk) -> None:
    assert desk.run("alerts", "list", "--json").json() == []
    assert "nothing new" in desk.run("alerts", "check").stdout
    assert desk.run("alerts", "check", "--json").json() == {"errors": [], "new": []}


def test_a_test_letter_reaches_the_channel(desk: Desk, server: WebServer) -> None:
    server.script("/notify", Answer(body=b"{}"))
    with_channel(desk, server)
    result = desk.run("alerts", "test")
    assert result.exit_code == 0, result.stderr
    assert "json://user:****@127.0.0.1" in result.stdout
    assert "secret" not in result.stdout
    (request,) = server.requests
    assert request.method == "POST"


def test_a_channel_that_refuses_is_an_error_without_its_secret(desk: Desk, server: WebServer) -> None:
    server.script("/notify", Answer(status=403))
    with_channel(desk, server)
    result = desk.run("alerts", "test")
    assert result.exit_code == 1
    assert "was not accepted" in result.stderr
    assert "secret" not in result.stderr


def test_without_channels_the_test_says_how_to_name_one(desk: Desk) -> None:
    result = desk.run("alerts", "test")
    assert result.exit_code == 2
    assert "[alerts] channels" in result.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('channels = ["${NO_SUCH_VARIABLE}"]', "the environment has no variable NO_SUCH_VARIABLE"),
        ('quiet = "late"', 'write them as "22:00-06:00"'),
        ('timezone = "Africa/Niamy"', 'write it as "Africa/Niamey"'),
        ('watch = ["@armed_group"]', "did you mean 'armed_groups'"),
        ("sources_at_once = 1", "alerts.sources_at_once"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(desk: Desk, line: str, message: str) -> None:
    desk.edit("[alerts]", f"[alerts]\n{line}")
    result = desk.run("check")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "config.toml:17 alerts." in result.stderr


def test_an_address_that_is_none_is_named_without_its_secret(desk: Desk) -> None:
    desk.edit("[alerts]", '[alerts]\nchannels = ["nonsense://user:secret@host"]')
    result = desk.run("alerts", "test")
    assert result.exit_code == 1
    assert "the 1. address (nonsense:…) is none that Apprise knows" in result.stderr
    assert "secret" not in result.stderr


def test_the_digest_says_what_came_and_where_nothing_did(desk: Desk) -> None:
    text = desk.run("digest").stdout
    assert "NIGER (1)" in text
    assert "· Attaque au Niger" in text
    assert "Nothing new: Mali." in text
    answer = desk.run("digest", "niger", "--json").json()
    (feed,) = answer["feeds"]
    assert [entry["title"] for entry in feed["entries"]] == ["Attaque au Niger"]
    desk.now = "2026-03-05T12:00:00Z"
    assert "Nothing new: Niger, Mali." in desk.run("digest").stdout
    assert "NIGER (1)" in desk.run("digest", "--since", "7d").stdout


def test_the_digest_can_be_sent(desk: Desk, server: WebServer) -> None:
    server.script("/notify", Answer(body=b"{}"))
    with_channel(desk, server)
    assert desk.run("digest", "--send").exit_code == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [(("digest", "nigr"), "did you mean 'niger'"), (("digest", "--since", "soon"), "is no length of time")],
)
def test_a_wrong_word_is_explained(desk: Desk, words: tuple[str, ...], message: str) -> None:
    result = desk.run(*words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_letter_is_json_that_the_service_understands(desk: Desk, server: WebServer) -> None:
    server.script("/notify", Answer(body=b"{}"))
    with_channel(desk, server)
    desk.run("alerts", "test")
    letter = json.loads(server.requests[0].body)
    assert letter["title"] == "feedwatch: this is a test"
    assert "alerts will reach you here" in letter["message"]
