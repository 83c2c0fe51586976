"""Pages without feeds and sitemaps from end to end: a real server, a real store, the command line."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from feedwatch.store.opening import open_store
from tests.desk import Desk
from tests.webserver import Answer, WebServer, conditional

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[polling]
host_spacing = "0s"
[[sources]]
id = "paper"
kind = "{kind}"
url = "{url}"
allow_private = true
interval = "1h"
{more}
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
"""
RULES = '[regions.ne]\nname = "Niger"\nstrong = ["Niamey"]\n'
HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLES = (
    "Les stations-service rouvrent après deux semaines",
    "Une mission de l’Union africaine attendue jeudi",
    "Trois villages privés d’eau potable depuis dimanche",
    "Le prix de l’oignon chute sur le marché de Galmi",
    "La raffinerie reprend la livraison de gasoil",
    "Les déplacés demandent des abris avant les pluies",
)


def listing(*numbers: int, more: str = "", cut: str = "") -> bytes:
    cards = "".join(
        f"<article><h2><a href='/a/{n}-un-article'>{escape(TITLES[n % 6])} ({n})</a></h2>"
        f"<time datetime='2026-02-{n + 1:02}'></time>"
        f"<p>Un résumé de l’article numéro {n}, en une phrase ou deux.{cut}</p></article>"
        for n in numbers
    )
    menu = "".join(f"<li><a href='/r/{n}'>Une rubrique du journal {n}</a></li>" for n in range(8))
    return (
        f"<!DOCTYPE html><html lang='fr'><head><title>Le Fleuve</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<main>{cards}</main>{more}</body></html>"
    ).encode()


def article(n: int) -> bytes:
    text = "".join(
        f"<p>À Niamey, l’article numéro {n} raconte au paragraphe {part} ce qui s’est passé dans la rue {n + part} "
        f"de la capitale, avec {part + 3} témoins et {n + 2} sources officielles.</p>"
        for part in range(5)
    )
    title = f"{escape(TITLES[n % 6])} ({n})"
    head = f"<!DOCTYPE html><html lang='fr'><head><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>{text}</body></html>".encode()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        for n in range(30):
            running.script(f"/a/{n}-un-article", Answer(body=article(n), headers=HTML))
        yield running


def make_desk(folder: Path, server: WebServer, *, kind: str = "page", path: str = "/actu/", more: str = "") -> Desk:
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    return Desk(folder, CONFIG.format(kind=kind, url=server.url(path), more=more))


def stored(desk: Desk) -> list[Any]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return list(store.entries())
    finally:
        store.close()


def kinds(desk: Desk) -> list[str]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return [event.kind for event in store.events()]
    finally:
        store.close()


def test_a_page_gives_its_headlines_and_the_articles_behind_them(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2, 3, 4), headers=HTML))
    desk = make_desk(tmp_path, server)
    result = desk.run("once", "--json").json()
    assert (result["sources"][0]["new"], len(result["pages"]["outcomes"])) == (5, 5)
    assert sorted(desk.titles("all")) == sorted(f"{TITLES[n]} ({n})" for n in range(5))
    # The place is named in the articles only.
    assert len(desk.titles("niger")) == 5
    assert "paragraphe 4" in stored(desk)[0].article.body
    assert server.paths()[:2] == ["/robots.txt", "/actu/"]
    before = desk.published()
    desk.now = "2026-03-01T14:00:00Z"
    desk.run("once")
    assert desk.published() == before


def test_a_new_headline_is_one_more_entry(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML), Answer(body=listing(3, 0, 1), headers=HTML))
    desk = make_desk(tmp_path, server)
    desk.run("once")
    desk.now = "2026-03-01T14:00:00Z"
    assert desk.run("once", "--json").json()["sources"][0]["new"] == 1
    assert desk.titles("all")[0] == f"{TITLES[3]} (3)"
    assert len(desk.titles("all")) == 4


def test_without_full_text_only_the_list_is_asked_for(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML))
    desk = make_desk(tmp_path, server, more="full_text = false")
    desk.run("once")
    assert server.paths() == ["/robots.txt", "/actu/"]
    assert stored(desk)[0].article.body.startswith("Un résumé")


def test_fetched_pages_learn_the_furniture_of_their_source(tmp_path: Path, server: WebServer) -> None:
    box = "Nos reporters marchent là où d’autres roulent, et vos dons usent leurs semelles."
    for n in range(8):
        page = article(n).replace(b"<p>", f"<p>{box}</p><p>".encode(), 1)
        server.script(f"/a/{n}-un-article", Answer(body=page, headers=HTML))
    server.script("/actu/", Answer(body=listing(*range(8)), headers=HTML))
    desk = make_desk(tmp_path, server)
    desk.run("once")
    articles = [entry.article for entry in stored(desk)]
    assert all("paragraphe 4" in article.body for article in articles)
    kept = [article for article in articles if box in article.body]
    # Two pages that are read at the same time may not know of each other.
    assert 4 <= len(kept) <= 6
    told = [dict(article.provenance).get("repeated") for article in articles if article not in kept]
    assert told == [box] * (8 - len(kept))


def test_as_many_pages_are_read_as_wanted(tmp_path: Path, server: WebServer) -> None:
    for number in range(1, 5):
        path = "/actu/" if number == 1 else f"/actu/page/{number}/"
        pager = f"<div><a href='/actu/page/{number + 1}/'>Suivant »</a></div>"
        body = listing(*range(4 * number, 4 * number + 4), more=pager)
        server.script(path, conditional(body, etag=f'"{number}"', headers=HTML))
    desk = make_desk(tmp_path, server, more="pages = 3\nfull_text = false")
    desk.run("once")
    assert server.paths() == ["/robots.txt", "/actu/", "/actu/page/2/", "/actu/page/3/"]
    assert len(desk.titles("all")) == 12
    desk.now = "2026-03-01T14:00:00Z"
    desk.run("once")
    # Nothing new on the first page: those behind it are not asked for.
    assert server.paths()[4:] == ["/robots.txt", "/actu/"]


def test_undated_headlines_of_several_pages_keep_their_order(tmp_path: Path, server: WebServer) -> None:
    def bare(*numbers: int, more: str = "") -> Answer:
        rows = "".join(f"<li><a href='/a/{n}-un-article'>Une nouvelle importante du jour {n}</a></li>" for n in numbers)
        return Answer(body=f"<html><body><ul>{rows}</ul>{more}</body></html>".encode(), headers=HTML)

    server.script("/actu/", bare(1, 2, 3, 4, more="<a rel=next href='/actu/2'>2</a>"))
    server.script("/actu/2", bare(5, 6, 7, 8))
    desk = make_desk(tmp_path, server, more="pages = 2\nfull_text = false")
    desk.run("once")
    assert [title[-1] for title in desk.titles("all")] == list("12345678")


def test_a_second_page_that_fails_does_not_take_the_first_with_it(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2, more="<a rel=next href='/actu/2'>2</a>"), headers=HTML))
    server.script("/actu/2", Answer(status=500))
    desk = make_desk(tmp_path, server, more="pages = 2\nfull_text = false")
    result = desk.run("once", "--json").json()["sources"][0]
    assert (result["result"], result["new"]) == ("read", 3)
    assert "HTTP 500" in result["problems"][0]


def test_a_page_whose_list_is_gone_fails_and_keeps_its_entries(tmp_path: Path, server: WebServer) -> None:
    empty = b"<html><body><div id='app'></div></body></html>"
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML), Answer(body=empty, headers=HTML))
    desk = make_desk(tmp_path, server, more="full_text = false")
    desk.run("once")
    for hour in (14, 20):
        desk.now = f"2026-03-01T{hour}:00:00Z"
        result = desk.run("once")
        assert result.exit_code == 3
        assert "no list of articles" in result.stdout
    assert len(desk.titles("all")) == 3
    assert desk.run("status", "--json").json()["sources"][0]["failures"] == 2
    assert "document-failed" in kinds(desk)


def test_a_notice_in_place_of_the_list_never_becomes_an_entry(tmp_path: Path, server: WebServer) -> None:
    notice = "<p>" + "Le site est en maintenance, revenez demain matin s’il vous plaît. " * 30 + "</p>"
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML), Answer(body=notice.encode(), headers=HTML))
    desk = make_desk(tmp_path, server, more="full_text = false")
    desk.run("once")
    desk.now = "2026-03-01T14:00:00Z"
    assert desk.run("once").exit_code == 3
    assert len(desk.titles("all")) == 3


def test_half_of_a_list_is_read_and_told_as_drift(tmp_path: Path, server: WebServer) -> None:
    server.script(
        "/actu/", Answer(body=listing(*range(10)), headers=HTML), Answer(body=listing(*range(5)), headers=HTML)
    )
    desk = make_desk(tmp_path, server, more="full_text = false")
    desk.run("once")
    assert "drift" not in kinds(desk)
    desk.now = "2026-03-01T14:00:00Z"
    assert desk.run("once").exit_code == 0
    assert kinds(desk).count("drift") == 1
    assert len(desk.titles("all")) == 10


def test_selectors_find_what_a_person_means(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML))
    desk = make_desk(
        tmp_path, server, more='full_text = false\nselectors = { item = "nav li", title = "a", link = "a" }'
    )
    desk.run("once")
    assert desk.titles("all")[0] == "Une rubrique du journal 0"


def test_a_selector_that_is_none_is_a_fault_with_its_line(tmp_path: Path, server: WebServer) -> None:
    desk = make_desk(tmp_path, server, more='selectors = { item = "div[" }')
    result = desk.run("check")
    assert result.exit_code == 2
    assert "is no CSS selector" in result.stderr
    assert "config.toml:12" in result.stderr


@pytest.mark.parametrize("more", ["selectors = {}", 'selectors = { item = "" }', "pages = 0", "pages = 99"])
def test_other_faults_of_a_page_are_told(tmp_path: Path, server: WebServer, more: str) -> None:
    assert make_desk(tmp_path, server, more=more).run("check").exit_code == 2


@pytest.mark.parametrize("more", ['selectors = { item = "a" }', "pages = 2"])
def test_a_feed_has_neither_selectors_nor_pages(tmp_path: Path, server: WebServer, more: str) -> None:
    result = make_desk(tmp_path, server, kind="feed", more=more).run("check")
    assert "only pages have" in result.stderr


# --- sitemaps ---------------------------------------------------------------------------------------


def urlset(*numbers: int, server: WebServer) -> bytes:
    urls = "".join(
        f"<url><loc>{server.url(f'/a/{n}-un-article')}</loc><lastmod>2026-02-{n + 1:02}</lastmod></url>"
        for n in numbers
    )
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()


def test_a_sitemap_gives_what_is_new_and_the_titles_of_its_pages(tmp_path: Path, server: WebServer) -> None:
    server.script(
        "/sitemap.xml",
        Answer(body=urlset(0, 1, 2, server=server)),
        Answer(body=urlset(0, 1, 2, 3, server=server)),
    )
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml")
    desk.run("once")
    assert sorted(desk.titles("all")) == sorted(f"{TITLES[n]} ({n})" for n in range(3))
    assert len(desk.titles("niger")) == 3
    desk.now = "2026-03-01T14:00:00Z"
    result = desk.run("once", "--json").json()
    assert (result["sources"][0]["new"], len(result["pages"]["outcomes"])) == (1, 1)


def test_a_changed_lastmod_alone_lets_the_article_be_fetched_again(tmp_path: Path, server: WebServer) -> None:
    old = urlset(1, 2, server=server)
    server.script("/sitemap.xml", Answer(body=old), Answer(body=old.replace(b"2026-02-02", b"2026-02-20")))
    longer = article(1).replace(b"</body>", "<p>Correction : la rue est fermée depuis lundi.</p></body>".encode())
    server.script("/a/1-un-article", Answer(body=article(1), headers=HTML), Answer(body=longer, headers=HTML))
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml")
    desk.run("once")
    before = {entry.article.title: entry for entry in stored(desk)}
    desk.now = "2026-03-01T14:00:00Z"
    result = desk.run("once", "--strict", "--json").json()
    assert (result["sources"][0]["new"], len(result["pages"]["outcomes"])) == (0, 1)
    assert server.paths().count("/a/1-un-article") == 2
    assert server.paths().count("/a/2-un-article") == 1
    after = {entry.article.title: entry for entry in stored(desk)}
    title = f"{TITLES[1]} (1)"
    assert "Correction" in after[title].article.body
    # Sites change the time of every page when they are rebuilt: that alone moves no entry.
    assert (after[title].article.id, after[title].updated_at) == (before[title].article.id, before[title].updated_at)
    desk.now = "2026-03-01T16:00:00Z"
    assert desk.run("once", "--strict", "--json").json()["pages"]["outcomes"] == []


def test_a_lastmod_that_moves_back_lets_the_article_be_fetched_again_and_nothing_old_comes_along(
    tmp_path: Path, server: WebServer
) -> None:
    old = urlset(1, 2, 8, server=server)
    moved = urlset(0, 1, 2, 8, server=server).replace(b"2026-02-03", b"2026-01-20")
    server.script("/sitemap.xml", Answer(body=old), Answer(body=moved))
    longer = article(2).replace(b"</body>", "<p>Correction : la rue est fermée depuis lundi.</p></body>".encode())
    server.script("/a/2-un-article", Answer(body=article(2), headers=HTML), Answer(body=longer, headers=HTML))
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml")
    desk.run("once")
    desk.now = "2026-03-01T14:00:00Z"
    result = desk.run("once", "--strict", "--json").json()
    # What stands there for the first time with an old date is the archive, which nobody asked for.
    assert (result["sources"][0]["new"], len(result["pages"]["outcomes"])) == (0, 1)
    after = {entry.article.title: entry.article.body for entry in stored(desk)}
    assert len(after) == 3
    assert "Correction" in after[f"{TITLES[2]} (2)"]
    desk.now = "2026-03-01T16:00:00Z"
    assert desk.run("once", "--strict", "--json").json()["pages"]["outcomes"] == []


def test_a_sitemap_without_anything_new_is_no_trouble(tmp_path: Path, server: WebServer) -> None:
    old = urlset(5, server=server)
    server.script("/sitemap.xml", Answer(body=old), Answer(body=old.replace(b"<urlset", b"<urlset  ")))
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml", more="full_text = false")
    desk.run("once")
    desk.now = "2026-03-01T14:00:00Z"
    result = desk.run("once", "--strict", "--json")
    assert result.exit_code == 0
    assert result.json()["sources"][0]["problems"] == []


def test_the_parts_of_an_index_are_read_and_only_those_that_changed(tmp_path: Path, server: WebServer) -> None:
    def index(second: str) -> bytes:
        return (
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>/old.xml</loc>"
            f"<lastmod>2026-02-02</lastmod></sitemap><sitemap><loc>/new.xml</loc><lastmod>{second}</lastmod></sitemap></sitemapindex>"
        ).encode()

    server.script("/sitemap.xml", Answer(body=index("2026-02-05")), Answer(body=index("2026-02-09")))
    server.script("/old.xml", Answer(body=urlset(0, 1, server=server)))
    server.script("/new.xml", Answer(body=urlset(4, server=server)), Answer(body=urlset(4, 8, server=server)))
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml", more="full_text = false")
    assert desk.run("once", "--strict", "--json").json()["sources"][0]["new"] == 3
    desk.now = "2026-03-01T14:00:00Z"
    assert desk.run("once", "--strict", "--json").json()["sources"][0]["new"] == 1
    assert server.paths() == ["/sitemap.xml", "/new.xml", "/old.xml", "/sitemap.xml", "/new.xml"]


def test_a_page_in_place_of_the_sitemap_fails(tmp_path: Path, server: WebServer) -> None:
    server.script("/sitemap.xml", Answer(body=listing(0, 1, 2), headers=HTML))
    desk = make_desk(tmp_path, server, kind="sitemap", path="/sitemap.xml")
    result = desk.run("once")
    assert result.exit_code == 3
    assert "is no sitemap" in result.stdout


# --- trying and adding ------------------------------------------------------------------------------


def test_a_page_source_is_tried_with_the_first_page_behind_it(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML))
    desk = make_desk(tmp_path, server)
    result = desk.run("sources", "test", "paper")
    assert result.exit_code == 0
    assert f"{TITLES[1]} (1)" in result.stdout
    assert "fetched for their text" in result.stdout
    assert "words" in result.stdout
    assert server.paths().count("/a/0-un-article") == 1
    assert not (tmp_path / "feedwatch.db").exists()
    told = desk.run("sources", "test", "paper", "--pages", "2", "--json").json()
    assert [each["page"]["article"]["title"] for each in told[1:]] == [f"{TITLES[0]} (0)", f"{TITLES[1]} (1)"]


def test_why_a_page_behind_would_not_be_taken_is_shown(tmp_path: Path, server: WebServer) -> None:
    server.script("/actu/", Answer(body=listing(0, 1, 2), headers=HTML))
    server.script("/a/0-un-article", Answer(body=b"<title>404</title><p>Page introuvable</p>", headers=HTML))
    result = make_desk(tmp_path, server).run("sources", "test", "paper")
    assert "not taken" in result.stdout


def test_a_site_without_a_feed_is_offered_as_a_page_with_what_it_would_give(tmp_path: Path, server: WebServer) -> None:
    url = server.script("/sans-flux/", Answer(body=listing(0, 1, 2), headers=HTML))
    desk = make_desk(tmp_path, server)
    result = desk.run("sources", "add", url, "--allow-private")
    assert result.exit_code == 3
    assert "What the page would give" in result.stdout
    assert f"{TITLES[2]} (2)" in result.stdout
    assert "--kind page" in result.stderr
    assert desk.run("sources", "add", url, "--kind", "page", "--allow-private").exit_code == 0
    assert 'kind = "page"' in desk.config.read_text(encoding="utf-8")


def test_a_sitemap_can_be_added(tmp_path: Path, server: WebServer) -> None:
    url = server.script("/sitemap.xml", Answer(body=urlset(0, 1, server=server)))
    desk = make_desk(tmp_path, server)
    assert desk.run("sources", "add", url, "--kind", "sitemap", "--allow-private", "--id", "map").exit_code == 0
    assert 'kind = "sitemap"' in desk.config.read_text(encoding="utf-8")
