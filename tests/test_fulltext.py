"""Pages behind thin entries, from end to end: a real server, a real store, the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedwatch.fulltext import FIRST_RETRY_S, MAX_ATTEMPTS, page_source, retry_wait_s
from feedwatch.model import Source
from feedwatch.setup import load_setup
from feedwatch.store.opening import open_store
from tests.daemon.daemonkit import eventually, parts
from tests.desk import Desk
from tests.webserver import Answer, WebServer, conditional

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[polling]
host_spacing = "0s"
[[sources]]
id = "paper"
url = "{url}"
allow_private = true
full_text = {full_text}
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
"""
RULES = '[regions.ne]\nname = "Niger"\nstrong = ["Niamey"]\n'
SENTENCES = (
    "Les stations-service de Niamey ont rouvert mardi matin après deux semaines de pénurie.",
    "Dès l’aube, de longues files de motos se sont formées devant les pompes du boulevard Mali Béro.",
    "Selon la société nationale, douze camions-citernes sont arrivés dans la nuit sous escorte.",
    "Les prix restent inchangés, assure le ministère du Commerce, qui promet des contrôles.",
    "Des habitants disent pourtant avoir payé le litre au double de son prix au marché noir.",
    "Une réunion est prévue jeudi avec les importateurs et le syndicat des transporteurs.",
)
BODY = "".join(f"<p>{sentence} {sentence[::-1].capitalize()}</p>" for sentence in SENTENCES)
HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLE = "Carburant : fin de la pénurie dans la capitale"


def article(title: str = TITLE, body: str = BODY) -> bytes:
    head = f'<title>{title}</title><meta name="author" content="Awa Diop">'
    return f"<!DOCTYPE html><html lang='fr'><head>{head}</head><body><h1>{title}</h1>{body}</body></html>".encode()


def rss(server: WebServer, *paths: str, summary: str = "Les pompes ont rouvert.") -> bytes:
    items = "".join(
        f"<item><title>{TITLE}</title><link>{server.url(path)}</link><description>{summary}</description></item>"
        for path in paths
    )
    return f"<rss version='2.0'><channel><title>Le Journal</title>{items}</channel></rss>".encode()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, server: WebServer) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    server.script("/feed", Answer(body=rss(server, "/a")))
    server.script("/a", conditional(article(), etag='"1"', headers=HTML))
    return Desk(tmp_path, CONFIG.format(url=server.url("/feed"), full_text='"auto"'))


def entries(desk: Desk) -> list[Any]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return list(store.entries())
    finally:
        store.close()


def events(desk: Desk, kind: str) -> list[Any]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return [event for event in store.events() if event.kind == kind]
    finally:
        store.close()


def test_the_text_of_the_page_is_judged_and_published_and_nothing_else_changes(desk: Desk, server: WebServer) -> None:
    result = desk.run("once", "--json").json()
    assert [outcome["result"] for outcome in result["pages"]["outcomes"]] == ["read"]
    (entry,) = entries(desk)
    assert SENTENCES[0] in entry.article.body
    assert SENTENCES[5] in entry.article.body
    assert (entry.article.title, entry.article.summary) == (TITLE, "Les pompes ont rouvert.")
    assert [author.name for author in entry.article.authors] == ["Awa Diop"]
    # The place stands in the page alone.
    (published,) = desk.feed("niger").entries
    assert SENTENCES[1] in published.content[0].value
    assert entry.first_seen_at == entry.updated_at.replace(microsecond=0) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert entry.changes == 0
    assert server.paths() == ["/feed", "/robots.txt", "/a"]


def test_the_id_and_dates_are_those_of_a_run_without_the_page(desk: Desk, tmp_path: Path, server: WebServer) -> None:
    desk.run("once")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "rules.toml").write_text(RULES, encoding="utf-8")
    bare = Desk(tmp_path / "other", CONFIG.format(url=server.url("/feed"), full_text="false"))
    bare.run("once")
    (full,), (own,) = entries(desk), entries(bare)
    assert own.article.body == "Les pompes ont rouvert."
    keys = ("id", "guid", "item_hash", "url", "canonical_url", "title")
    assert [getattr(full.article, key) for key in keys] == [getattr(own.article, key) for key in keys]
    assert (full.first_seen_at, full.updated_at) == (own.first_seen_at, own.updated_at)


def test_without_the_setting_no_page_is_asked_for(desk: Desk, server: WebServer) -> None:
    desk.edit('full_text = "auto"', "full_text = false")
    desk.run("once")
    assert server.paths() == ["/feed"]


def test_an_item_in_full_is_left_alone_unless_all_pages_are_wanted(desk: Desk, server: WebServer) -> None:
    long = "&lt;p&gt;" + " ".join(SENTENCES * 3) + "&lt;/p&gt;"
    item = f"<item><title>{TITLE}</title><link>{server.url('/a')}</link><description>{long * 2}</description></item>"
    server.script("/feed", Answer(body=f"<rss version='2.0'><channel>{item}</channel></rss>".encode()))
    desk.run("once")
    assert server.paths() == ["/feed"]


def test_a_changed_item_keeps_the_page_s_text_and_the_page_is_asked_conditionally(
    desk: Desk, server: WebServer
) -> None:
    desk.run("once")
    server.script("/feed", Answer(body=rss(server, "/a", summary="Les pompes ont rouvert mardi.")))
    desk.now = "2026-03-01T15:00:00Z"
    result = desk.run("once", "--json").json()
    assert server.requests[-1].header("If-None-Match") == '"1"'
    assert [outcome["result"] for outcome in result["pages"]["outcomes"]] == ["unchanged"]
    (entry,) = entries(desk)
    assert SENTENCES[5] in entry.article.body
    assert entry.article.summary == "Les pompes ont rouvert mardi."
    assert (entry.changes, entry.updated_at.replace(microsecond=0)) == (1, datetime(2026, 3, 1, 15, tzinfo=UTC))
    assert len(desk.titles("niger")) == 1


def test_a_wall_in_place_of_the_page_leaves_the_feed_s_own_text_and_an_event(desk: Desk, server: WebServer) -> None:
    stub = f"<p>{SENTENCES[0]}</p><p>Cet article est réservé aux abonnés. Abonnez-vous pour lire la suite.</p>"
    server.script("/a", Answer(body=article(body=stub), headers=HTML))
    result = desk.run("once")
    assert "subscribers" in result.stdout
    (entry,) = entries(desk)
    assert entry.article.body == "Les pompes ont rouvert."
    assert desk.titles("all") == [TITLE]
    (event,) = events(desk, "fulltext-failed")
    assert event.locator == server.url("/a")
    assert "subscribers" in event.message
    asked = len(server.requests)
    desk.now = "2026-03-03T12:00:00Z"
    desk.run("once")
    assert server.paths()[asked:] == ["/feed"]


def test_a_server_in_trouble_is_asked_again_with_growing_waits_and_given_up(desk: Desk, server: WebServer) -> None:
    server.script("/a", Answer(status=500))
    wait, times = 0.0, []
    for attempt in range(1, MAX_ATTEMPTS + 2):
        desk.now = datetime.fromtimestamp(1772366400 + wait, UTC).isoformat()
        before = server.paths().count("/a")
        desk.run("once")
        times.append(server.paths().count("/a") - before)
        assert entries(desk)[0].article.body == "Les pompes ont rouvert."
        wait += retry_wait_s(1, attempt) + 2
    assert times == [1] * MAX_ATTEMPTS + [0]
    (event,) = events(desk, "fulltext-failed")
    assert f"{MAX_ATTEMPTS} times" in event.message
    assert "HTTP 500" in event.message


def test_a_page_that_is_gone_is_asked_once(desk: Desk, server: WebServer) -> None:
    server.script("/a", Answer(status=404))
    desk.run("once")
    assert len(events(desk, "fulltext-failed")) == 1


def test_a_temporary_trouble_is_overcome(desk: Desk, server: WebServer) -> None:
    server.script("/a", Answer(status=503, headers={"Retry-After": "1200"}), Answer(body=article(), headers=HTML))
    status = desk.run("once", "--json").json()["pages"]
    assert status["waiting"] == 1
    desk.now = "2026-03-01T12:19:00Z"
    desk.run("once")
    assert server.paths().count("/a") == 1
    desk.now = "2026-03-01T12:20:01Z"
    desk.run("once")
    assert SENTENCES[5] in entries(desk)[0].article.body
    assert events(desk, "fulltext-failed") == []


def test_robots_txt_holds_for_pages_behind_a_feed(desk: Desk, server: WebServer) -> None:
    server.script("/robots.txt", Answer(body=b"User-agent: *\nDisallow: /a"))
    desk.run("once")
    assert "/a" not in server.paths()
    (event,) = events(desk, "fulltext-failed")
    assert "robots.txt" in event.message


def test_a_file_that_is_no_page_is_not_taken(desk: Desk, server: WebServer) -> None:
    server.script("/a", Answer(body=b"%PDF-1.7", headers={"Content-Type": "application/pdf"}))
    desk.run("once")
    (event,) = events(desk, "fulltext-failed")
    assert "application/pdf" in event.message


def test_one_run_fetches_a_bounded_number_of_pages_and_the_next_one_goes_on(desk: Desk, server: WebServer) -> None:
    paths = [f"/p{number}" for number in range(25)]
    for path in paths:
        server.script(path, Answer(body=article(), headers=HTML))
    server.script("/feed", Answer(body=rss(server, *paths)))
    result = desk.run("once", "--json").json()
    assert (len(result["pages"]["outcomes"]), result["pages"]["waiting"]) == (20, 5)
    status = desk.run("status", "--json").json()
    assert status["sources"][0]["waiting"] == 5
    assert "5" in desk.run("status").stdout
    result = desk.run("once", "--json").json()
    assert (len(result["pages"]["outcomes"]), result["pages"]["waiting"]) == (5, 0)


def test_an_article_on_another_private_host_is_not_fetched(desk: Desk, server: WebServer) -> None:
    item = f"<item><title>{TITLE}</title><link>http://127.0.0.2:{server.port}/a</link></item>"
    server.script("/feed", Answer(body=f"<rss version='2.0'><channel>{item}</channel></rss>".encode()))
    desk.run("once")
    assert server.paths() == ["/feed"]
    (event,) = events(desk, "fulltext-failed")
    assert event.locator.endswith("/a")


def test_login_and_headers_stay_at_the_source_s_own_server() -> None:
    source = Source(
        id="s",
        kind="feed",
        locator="https://paper.example/feed",
        title="S",
        interval_s=60,
        login="a:b",
        headers=(("X-Key", "1"),),
        allow_private=True,
        moved_to="https://new.example/",
    )
    home = page_source(source, "https://paper.example/a")
    assert (home.login, home.headers, home.allow_private) == ("a:b", (("X-Key", "1"),), True)
    assert (home.kind, home.locator, home.moved_to) == ("page", "https://paper.example/a", None)
    for url in ("https://other.example/a", "http://paper.example/a", "https://paper.example:8443/a"):
        away = page_source(source, url)
        assert (away.login, away.headers, away.allow_private) == (None, (), False)
    assert page_source(replace(source, spacing_s=3), "https://other.example/").spacing_s == 3


def test_waits_grow_and_differ_between_articles() -> None:
    waits = [retry_wait_s(7, attempt) for attempt in range(1, 6)]
    assert waits == sorted(waits)
    assert FIRST_RETRY_S <= waits[0] <= 1.5 * FIRST_RETRY_S
    assert len({retry_wait_s(key, 1) for key in range(50)}) == 50
    assert retry_wait_s(1, 50) <= 36 * 3600


@pytest.mark.parametrize("value", ['"sometimes"', "1"])
def test_another_value_of_full_text_is_a_fault_with_its_line(desk: Desk, value: str) -> None:
    desk.edit('full_text = "auto"', f"full_text = {value}")
    result = desk.run("check")
    assert result.exit_code == 2
    assert 'write it as "auto", true or false' in result.stderr
    assert "config.toml:10" in result.stderr


def test_the_daemon_fetches_pages_too(desk: Desk, server: WebServer) -> None:
    with parts(desk.folder, load_setup(desk.config)) as daemon:
        watch, app = daemon.watch, daemon.watch.app
        watch.claim()
        assert eventually(lambda: server.paths() == ["/feed"] and app.store.next_later_at("fulltext") is not None)
        assert watch.engine.drain(20)
        watch.fetch_pages()
        # What is under way is not given out twice.
        watch.fetch_pages()
        assert eventually(lambda: app.store.next_later_at("fulltext") is None)
        assert watch.engine.drain(20)
        watch.publish_changes()
    assert server.paths().count("/a") == 1
    assert desk.titles("niger") == [TITLE]
