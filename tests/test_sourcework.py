from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError, ParseError
from feedwatch.extract.article import Extractor
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Source
from feedwatch.opml import Outline
from feedwatch.sourcework import (
    COMMON_PATHS,
    MAX_REQUESTS,
    Finder,
    is_private,
    list_of_sources,
    propose_id,
    same_source,
    sources_of_list,
    with_login,
    with_scheme,
)
from tests.webserver import Answer, WebServer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORIES = (
    "Le gouvernement annonce une nouvelle route entre les deux villes du nord",
    "Les éleveurs demandent davantage de puits avant la saison sèche",
    "Une école rouvre ses portes après deux années de fermeture",
)


def rss(title: str = "Le Journal du Fleuve", stories: tuple[str, ...] = STORIES) -> bytes:
    items = "".join(
        f"<item><title>{story}</title><link>https://paper.example/{place}</link>"
        f"<pubDate>Sun, 0{place + 1} Feb 2026 08:00:00 GMT</pubDate></item>"
        for place, story in enumerate(stories)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def page(*links: str) -> bytes:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    text = "<p>Un texte assez long pour être une page, avec des phrases entières et un peu de tout.</p>" * 12
    return f"<html><head><title>Accueil du journal</title>{named}</head><body>{text}</body></html>".encode()


HTML = {"Content-Type": "text/html"}


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def finder(pauses: list[float]) -> Iterator[Finder]:
    http = HttpFetcher(user_agent="test", clock=Clock(NOW), timeout_s=5)
    yield Finder(http, pause=pauses.append, extractor=Extractor(), allow_private=True)
    http.close()


def source(source_id: str, url: str, **more: str) -> Source:
    return Source(id=source_id, kind="feed", locator=url, title=more.get("title", source_id), interval_s=3600)


def test_an_address_that_is_a_feed_is_found_with_one_request(
    server: WebServer, finder: Finder, pauses: list[float]
) -> None:
    url = server.script("/rss.php", Answer(body=rss()))
    (found,) = finder.discover(url).candidates
    assert (found.url, found.kind, found.found) == (url, "feed", "address")
    assert (found.title, found.entries, found.language) == ("Le Journal du Fleuve", 3, "fr")
    assert found.newest_at == datetime(2026, 2, 3, 8, tzinfo=UTC)
    assert (server.paths(), pauses) == (["/rss.php"], [])


def test_the_feeds_that_a_page_names_come_first_those_of_comments_last_then_the_page(
    server: WebServer, finder: Finder, pauses: list[float]
) -> None:
    url = server.script("/", Answer(body=page("/comments/feed", "/main", "/gone"), headers=HTML))
    server.script("/comments/feed", Answer(body=rss("Comments")))
    server.script("/main", Answer(body=rss()))
    found = finder.discover(url)
    assert [(each.kind, each.found, each.title) for each in found.candidates] == [
        ("feed", "link", "Le Journal du Fleuve"),
        ("feed", "link", "Comments"),
        ("page", "page", "Accueil du journal"),
    ]
    assert len(found.tried) == 1
    assert found.tried[0].startswith(f"{server.url('/gone')}: ")
    assert server.paths() == ["/", "/main", "/gone", "/comments/feed"]
    assert pauses == [1.0] * 3


def test_common_paths_are_tried_in_order_until_one_is_a_feed(server: WebServer, finder: Finder) -> None:
    url = server.script("/section/news?x=1", Answer(body=page(), headers=HTML))
    server.script("/rss", Answer(body=page(), headers=HTML))
    server.script("/feed.xml", Answer(body=rss()))
    found = finder.discover(url)
    assert [(each.found, each.url) for each in found.candidates] == [("path", server.url("/feed.xml")), ("page", url)]
    assert server.paths() == ["/section/news?x=1", "/feed", "/rss", "/feed.xml"]


def test_a_search_in_vain_ends_after_the_common_paths_and_offers_the_page(server: WebServer, finder: Finder) -> None:
    url = server.script("/", Answer(body=page(), headers=HTML))
    found = finder.discover(url)
    assert [each.kind for each in found.candidates] == ["page"]
    assert server.paths() == ["/", *COMMON_PATHS]
    assert found.best(None) is None
    assert found.best("page") is found.candidates[0]


def test_a_server_that_asks_for_quiet_is_left_alone(server: WebServer, finder: Finder) -> None:
    url = server.script("/", Answer(body=page(), headers=HTML))
    server.script("/feed", Answer(status=429))
    finder.discover(url)
    assert server.paths() == ["/", "/feed"]


def test_a_page_is_looked_at_alone_when_that_is_asked_for(server: WebServer, finder: Finder) -> None:
    url = server.script("/", Answer(body=page("/feed"), headers=HTML))
    (found,) = finder.discover(url, "page").candidates
    assert found.kind == "page"
    assert server.paths() == ["/"]


def test_a_page_names_at_most_five_feeds_that_are_asked_for(server: WebServer, finder: Finder) -> None:
    url = server.script("/", Answer(body=page(*(f"/{number}.rss" for number in range(50))), headers=HTML))
    finder.discover(url)
    assert len(server.requests) <= 12


def test_a_private_page_does_not_open_other_hosts_of_its_network(server: WebServer, finder: Finder) -> None:
    with WebServer() as other:
        secret = other.script("/admin.rss", Answer(body=rss()))
        found = finder.discover(server.script("/", Answer(body=page(secret), headers=HTML)))
        assert other.requests == []
    assert [each.kind for each in found.candidates] == ["page"]
    assert "loopback" in found.tried[0]


def test_a_private_address_is_refused_unless_allowed(server: WebServer) -> None:
    http = HttpFetcher(user_agent="test", clock=Clock(NOW))
    with pytest.raises(FetchError) as caught:
        Finder(http, pause=lambda _s: None, extractor=Extractor(), allow_private=False).discover(server.url("/"))
    assert caught.value.reason == "address"
    assert server.requests == []


def test_a_login_goes_along_on_its_own_host_and_is_shown_nowhere(server: WebServer, finder: Finder) -> None:
    server.script("/", Answer(body=page("/feed", "/none"), headers=HTML))
    server.script("/feed", Answer(body=rss()))
    found = finder.discover(server.url("/", login="me:secret@"))
    assert found.candidates[0].url == server.url("/feed", login="me:secret@")
    assert {request.header("Authorization") for request in server.requests} == {"Basic bWU6c2VjcmV0"}
    assert "secret" not in "".join(found.tried)
    assert with_login("https://b.example/feed", "https://me:pw@a.example/") == "https://b.example/feed"


def test_what_is_neither_feed_nor_page_is_an_error_with_a_cure(server: WebServer, finder: Finder) -> None:
    url = server.script("/list", Answer(body=b"<?xml version='1.0'?><opml><body/></opml>"))
    with pytest.raises(ParseError, match="list of feeds"):
        finder.discover(url)
    with pytest.raises(FetchError, match="404"):
        finder.discover(server.url("/nothing"))
    for typed in ("ftp://a.example/", "", "http://", "javascript:alert(1)"):
        with pytest.raises(FetchError):
            finder.discover(typed)


def test_an_empty_feed_and_one_in_several_languages_are_feeds_without_a_guess(
    server: WebServer, finder: Finder
) -> None:
    (empty,) = finder.discover(server.script("/e", Answer(body=rss(stories=())))).candidates
    assert (empty.entries, empty.newest_at, empty.language, empty.kind) == (0, None, None, "feed")
    mixed = (*STORIES[:2], "The ministry opened a new clinic for the people of the valley on Monday morning")
    (found,) = finder.discover(server.script("/m", Answer(body=rss(stories=mixed)))).candidates
    assert found.language is None


def test_hostile_titles_are_cleaned(server: WebServer, finder: Finder) -> None:
    body = rss("Evil &#x9b;31m &#x202e;\n\n[[feeds]] &quot;" + "x" * 500)
    title = finder.discover(server.script("/h", Answer(body=body))).candidates[0].title
    assert title.startswith('Evil ›31m [[feeds]] "x')
    assert len(title) <= 120


@pytest.mark.parametrize(
    ("title", "url", "wanted"),
    [
        ("Le Journal de l'Économie", "https://x.example/", "le-journal-de-leconomie"),
        ("A title that goes on and on without an end in sight", "https://x.example/", "a-title-that-goes-on-and-on"),
        ("x" * 99, "https://x.example/", "x" * 32),
        ("النيجر", "https://www.news.paper.ne/rss", "news-paper"),
        ("", "https://feeds.bbc.co.uk/x", "feeds-bbc"),
        ("", "https://127.0.0.1:80/", "127-0-0-1"),
        ("", "https://[::1]/", "1"),
        ("Taken", "https://x.example/", "taken-3"),
    ],
)
def test_an_id_is_made_of_the_title_or_the_host_and_is_new(title: str, url: str, wanted: str) -> None:
    assert propose_id(title, url, {"taken", "taken-2"}) == wanted


def test_the_same_page_is_recognised_however_it_is_written(tmp_path: Path) -> None:
    folder = Source(id="f", kind="folder", locator=str(tmp_path), title="f", interval_s=60)
    known = [folder, source("a", "https://me:pw@www.a.example/feed/")]
    for url in ("http://a.example/feed", "https://a.example/feed?utm_source=x#top"):
        found = same_source(known, url)
        assert found is not None
        assert found.id == "a"
    assert same_source(known, "https://a.example/feed2") is None


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        (" Example.org/Feed ", "https://example.org/Feed"),
        ("http://me:p%40w@a.example/x", "http://me:p%40w@a.example/x"),
        ("a.example:8080/x\x1b[31m", "https://a.example:8080/x%5B31m"),
    ],
)
def test_what_a_person_types_becomes_an_address(typed: str, url: str) -> None:
    assert with_scheme(typed) == url


def test_a_list_becomes_sources_with_ids_of_their_own() -> None:
    outlines = [
        Outline(url="https://a.example/feed", title="Paper", language="fr-FR", folders=("News", "Sahel")),
        Outline(url="https://b.example/feed", title="Paper", folders=("News", "Sahel")),
        Outline(url="https://c.example/", title="Page", is_page=True),
        Outline(url="http://www.a.example/feed/", title="Again"),
        Outline(url="https://known.example/feed"),
        Outline(url="ftp://d.example/", title="\x1b[31mOld"),
        Outline(url="http://192.168.1.1/feed", title="Router"),
        Outline(url="", title="Site", page_url="https://site.example/"),
    ]
    found = sources_of_list(outlines, [source("paper", "https://known.example/feed")])
    assert [(each.id, each.kind, each.lang, each.comment) for each in found.sources] == [
        ("paper-2", "feed", "fr", "News / Sahel"),
        ("paper-3", "feed", None, ""),
        ("page", "page", None, ""),
    ]
    assert found.left_out == (
        ("Again", "is read already as paper-2"),
        ("https://known.example/feed", "is read already as paper"),
        ("[31mOld", "is no http(s) address"),
        ("Router", "is on a private network; allow it with --allow-private"),
        ("Site", "names a page and no feed; sources discover https://site.example/ looks for one"),
    )
    allowed = sources_of_list(outlines, [], allow_private=True)
    assert [each.id for each in allowed.sources if each.allow_private] == ["router"]


def test_hosts_of_ones_own_network_are_told_from_public_ones() -> None:
    private = ("http://localhost/", "http://x.local/", "http://10.0.0.1/", "http://[::1]/", "http://nas.internal./")
    assert all(map(is_private, private))
    assert not any(map(is_private, ("http://8.8.8.8/", "https://example.org/", "https://local.example/")))


def test_a_list_for_others_has_no_folders_and_no_logins() -> None:
    folder = Source(id="f", kind="folder", locator="/x", title="f", interval_s=60)
    listed = list_of_sources([folder, source("a", "https://me:pw@a.example/feed", title="Paper")])
    assert listed == [Outline(url="https://a.example/feed", title="Paper")]


def plain_page(body: str) -> Answer:
    text = "<p>Un texte assez long pour être une page, avec des phrases entières et un peu de tout.</p>" * 12
    return Answer(body=f"<html><title>Accueil</title><body>{text}{body}</body></html>".encode(), headers=HTML)


def test_a_feed_that_only_the_text_of_a_page_links_to_is_found(server: WebServer, finder: Finder) -> None:
    url = server.script("/", plain_page('<a href="/abo?id=3">Flux RSS</a>'))
    server.script("/abo?id=3", Answer(body=rss(), headers=HTML))
    feed, page_itself = finder.discover(url).candidates
    assert (feed.url, feed.found, page_itself.kind) == (server.url("/abo?id=3"), "link", "page")
    assert server.paths() == ["/", "/abo?id=3"]


def test_a_page_that_lists_the_feeds_of_a_paper_is_followed(server: WebServer, finder: Finder) -> None:
    url = server.script("/", plain_page('<a href="/nos-flux">Nos fils RSS</a>'))
    server.script("/nos-flux", plain_page('<a href="/une.rss">La une</a><a href="/sport.rss">Sport</a>'))
    server.script("/une.rss", Answer(body=rss("La une")))
    server.script("/sport.rss", Answer(body=rss("Sport")))
    found = finder.discover(url)
    assert [each.title for each in found.candidates if each.kind == "feed"] == ["La une", "Sport"]
    assert len(server.paths()) <= MAX_REQUESTS


def test_the_feed_of_a_section_is_looked_for_after_those_of_the_site(server: WebServer, finder: Finder) -> None:
    url = server.script("/rubrique/niger/", plain_page(""))
    server.script("/rubrique/niger/feed/", Answer(body=rss("Niger")))
    feed = finder.discover(url).best("feed")
    assert feed is not None
    assert (feed.title, feed.found) == ("Niger", "path")


def test_a_list_of_feeds_is_no_page_and_says_how_it_is_taken_in(server: WebServer, finder: Finder) -> None:
    url = server.script("/f.opml", Answer(body=b"<opml><body><outline/></body></opml>", headers=HTML))
    with pytest.raises(ParseError, match="sources import"):
        finder.discover(url)
    assert server.paths() == ["/f.opml"]


def test_a_page_that_sends_on_is_followed_before_anything_is_guessed(server: WebServer, finder: Finder) -> None:
    url = server.script(
        "/", Answer(body=b"<html><meta http-equiv='refresh' content='0;url=/fr/'></html>", headers=HTML)
    )
    server.script("/fr/", Answer(body=page("/fr/flux"), headers=HTML))
    server.script("/fr/flux", Answer(body=rss()))
    feed = finder.discover(url).best("feed")
    assert feed is not None
    assert feed.url == server.url("/fr/flux")
    assert server.paths() == ["/", "/fr/", "/fr/flux"]


def test_an_empty_page_on_the_way_ends_nothing(server: WebServer, finder: Finder) -> None:
    url = server.script("/", plain_page('<a href="/nos-flux">Nos fils RSS</a>'))
    server.script("/nos-flux", Answer(body=b" ", headers=HTML))
    server.script("/rss", Answer(body=rss()))
    feed = finder.discover(url).best("feed")
    assert feed is not None
    assert feed.url == server.url("/rss")
