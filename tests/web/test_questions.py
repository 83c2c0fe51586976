"""Feeds for questions in the address, over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

import feedparser
import pytest

from feedwatch.app import reading
from feedwatch.setup import load_setup
from feedwatch.web.questions import BURST, MOST, Questions
from feedwatch.web.tokens import TokenFile
from tests.desk import Desk
from tests.fakes import NOW, rss, rss_item
from tests.web.sitekit import BROWSER, get, served

CONFIG = """
[feedwatch]
packs = []
[[sources]]
id = "open"
kind = "folder"
path = "open"
[[sources]]
id = "inner"
kind = "folder"
path = "inner"
private = true
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "desk"
title = "The desk's own"
private = true
[regions.ne]
name = "Niger"
strong = ["Niger"]
[topics.security]
name = "Security"
strong = ["attaque"]
"""


@dataclass
class Place:
    desk: Desk
    url: str
    token: str
    narrow: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("questions")
    desk = Desk(folder, CONFIG)
    (folder / "open").mkdir()
    (folder / "inner").mkdir()
    items = [rss_item(f"o{number}", f"Une attaque au Niger {number}") for number in range(60)]
    (folder / "open" / "a.xml").write_text(rss(*items, rss_item("x", "Un match au Niger"), rss_item("y", "Rien")))
    (folder / "inner" / "b.xml").write_text(rss(rss_item("s", "Une attaque secrète au Niger")))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FEEDWATCH_CONFIG", raising=False)
        assert desk.run("once").exit_code == 0
    setup = load_setup(desk.config, {"FEEDWATCH_NOW": desk.now})
    tokens = TokenFile(setup.config.server.tokens)
    token, narrow = tokens.add("maria", [], NOW), tokens.add("narrow", ["desk"], NOW)
    with reading(setup) as app, served(setup.config, {}, states=app.store.feed_states, asking=lambda: app) as server:
        yield Place(desk, server.url, token, narrow)


def question(place: Place, where: str, more: str = "", prefix: str = "") -> str:
    return f"{place.url}{prefix}feed.atom?where={quote_plus(where)}{more}"


def test_a_question_is_answered_with_a_feed(place: Place) -> None:
    answer = get(f"{place.url}feed.atom?where=region:ne+and+topic:security&limit=5")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Access-Control-Allow-Origin" not in answer.headers
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert len(feed.entries) == 5
    assert feed.feed.id.startswith("urn:uuid:")
    (own,) = [link.href for link in feed.feed.links if link.rel == "self"]
    assert own == "http://127.0.0.1:8080/feed.atom?where=region:ne+and+topic:security&limit=5"


def test_a_reader_can_subscribe_to_it(place: Place) -> None:
    first = get(question(place, "region:ne"))
    again = get(question(place, "region:ne"), **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = feedparser.parse(get(question(place, "topic:security")).content)
    feed = feedparser.parse(first.content)
    assert feed.feed.id != other.feed.id
    assert feed.feed.updated == max(entry.updated for entry in feed.entries)
    # Another way to write the same question is the same feed.
    assert get(question(place, " ( region:ne )")).content == first.content


def test_private_sources_answer_nobody(place: Place) -> None:
    for prefix in ("", f"t/{place.token}/"):
        answer = get(question(place, '"secrète"', prefix=prefix))
        assert answer.status_code == 200
        assert "secr" not in feedparser.parse(answer.content).entries.__repr__()
        assert feedparser.parse(answer.content).entries == []


def test_private_sources_are_in_private_feeds_only(place: Place) -> None:
    assert "Une attaque secrète au Niger" not in place.desk.titles("all")
    assert "Une attaque secrète au Niger" in place.desk.titles("desk")


def test_an_empty_answer_has_a_date_that_stays(place: Place) -> None:
    feed = feedparser.parse(get(question(place, '"nowhere"')).content)
    assert feed.entries == []
    assert feed.feed.updated.startswith("2026-03-01T12:00:00")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("where=region:xx", "^"),
        ("where=region:ne+and", "^"),
        ("where=%3Cscript%3Ealert(1)%3C/script%3E", "^"),
        ("", "A question is missing"),
        ("where=region:ne&limit=0", f"from 1 to {MOST}"),
        ("where=region:ne&limit=%C2%B2", f"from 1 to {MOST}"),
        ("where=region:ne&limit=99999999999999", f"from 1 to {MOST}"),
        ("where=region:ne&order=x", "'order' is no parameter"),
        ("where=%ff", "utf-8"),
        ("&".join(["where=region:ne"] * 40), "fields"),
        ("where=" + "(" * 60 + "region:ne", "^"),
        ("where=" + "a" * 5000, "long"),
    ],
)
def test_a_fault_is_shown_as_plain_text(place: Place, query: str, said: str) -> None:
    answer = get(f"{place.url}feed.atom?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert said in answer.text


def test_every_format_answers_and_a_browser_gets_what_it_can_read(place: Place) -> None:
    for ending in ("atom",):
        assert get(f"{place.url}feed.{ending}?where=region:ne").status_code == 200
    assert get(f"{place.url}feed.atom?where=region:ne", Accept=BROWSER).status_code == 200
    assert get(f"{place.url}feed.exe?where=region:ne").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "198.51.100.1"}, {"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Via": "1.1 x"}],
)
def test_only_this_machine_may_ask_without_a_token(place: Place, headers: dict[str, str]) -> None:
    assert get(question(place, "region:ne"), **headers).status_code == 404


def test_a_token_for_everything_may_ask_and_one_for_a_feed_may_not(place: Place) -> None:
    far = {"X-Forwarded-For": "198.51.100.1"}
    answer = get(question(place, "region:ne", prefix=f"t/{place.token}/"), **far)
    assert answer.status_code == 200
    assert f"/t/{place.token}/feed.atom?where=region:ne" in answer.text
    assert get(question(place, "region:ne", prefix=f"t/{place.narrow}/"), **far).status_code == 404
    assert get(question(place, "region:ne", prefix=f"t/{'x' * 43}/"), **far).status_code == 404


class Counting:
    """Answers at once, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def canonical(self, question: str) -> str:
        return question

    def answer(self, question: str, limit: int, self_url: str) -> dict[str, bytes]:
        self.asked += 1
        return {"atom": f"<feed>{question}{limit}{self_url}</feed>".encode()}


def test_many_new_questions_of_one_client_must_wait_and_old_ones_are_kept(tmp_path: Path) -> None:
    desk, answerer = Desk(tmp_path, CONFIG), Counting()
    config = load_setup(desk.config, {}).config
    with served(config, {}, asking=lambda: answerer) as server:
        statuses = [get(f"{server.url}feed.atom?where={number}").status_code for number in range(BURST + 2)]
        assert statuses == [200] * BURST + [429] * 2
        late = get(f"{server.url}feed.atom?where=new")
        assert int(late.headers["Retry-After"]) >= 1
        assert get(f"{server.url}feed.atom?where=1").status_code == 200
        assert answerer.asked == BURST


def test_a_server_that_others_reach_answers_no_question_without_a_token(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CONFIG)
    config = load_setup(desk.config, {"FEEDWATCH_SERVER_LISTEN": "0.0.0.0:8080"}).config
    with served(config, {}, asking=Counting) as server:
        assert get(f"{server.url}feed.atom?where=1").status_code == 404


def test_a_budget_fills_again(tmp_path: Path) -> None:
    now = [0.0]
    questions = Questions(Counting, "http://x/", monotonic=lambda: now[0])
    assert [questions._spend("a") for _ in range(BURST)] == [0.0] * BURST
    assert questions._spend("a") > 0
    assert questions._spend("b") == 0.0
    now[0] = 3.0
    assert questions._spend("a") == 0.0
