from __future__ import annotations

import pytest

from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Document, Source
from tests.webserver import Answer, WebServer


def ask(fetcher: HttpFetcher, url: str) -> Document:
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=True)
    (fetched,) = fetcher.fetch(source, {})
    assert isinstance(fetched, Document)
    return fetched


def to(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_final_address_told(
    server: WebServer, fetcher: HttpFetcher, status: int
) -> None:
    server.script("/old", to("/new?x=1#frag", status))
    server.script("/new?x=1", Answer(body=b"here"))
    found = ask(fetcher, server.url("/old"))
    assert (found.locator, found.url, found.body) == (server.url("/old"), server.url("/new?x=1"), b"here")


def test_the_conditions_go_along_with_a_redirect(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/old", to("new"))
    server.script("/new", Answer(body=b"here"))
    ask(fetcher, server.url("/old"))
    assert [request.header("Referer") for request in server.requests] == [None, None]


def test_an_utf8_location_is_understood(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/old", to("/s\u00e9curit\u00e9".encode().decode("latin-1")))
    server.script("/s%C3%A9curit%C3%A9", Answer(body=b"here"))
    assert ask(fetcher, server.url("/old")).body == b"here"


def test_five_requests_are_the_most(server: WebServer, fetcher: HttpFetcher) -> None:
    for n in range(20):
        server.script(f"/{n}", to(f"/{n + 1}"))
    with pytest.raises(FetchError) as caught:
        ask(fetcher, server.url("/0"))
    assert (caught.value.reason, caught.value.message) == ("redirect", "redirects more than 4 times")
    assert len(server.requests) == 5


def test_four_redirects_are_followed(server: WebServer, fetcher: HttpFetcher) -> None:
    for n in range(4):
        server.script(f"/{n}", to(f"/{n + 1}"))
    server.script("/4", Answer(body=b"here"))
    assert ask(fetcher, server.url("/0")).body == b"here"


def test_a_circle_is_noticed_at_once(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/a", to("/b"))
    server.script("/b", to("/a"))
    with pytest.raises(FetchError, match="circle") as caught:
        ask(fetcher, server.url("/a"))
    assert caught.value.reason == "redirect"
    assert server.paths() == ["/a", "/b"]


@pytest.mark.parametrize(
    "location",
    [
        "",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "http://",
        "http://[",
    ],
)
def test_a_redirect_to_anything_but_the_web_is_refused(server: WebServer, fetcher: HttpFetcher, location: str) -> None:
    server.script("/a", to(location))
    with pytest.raises(FetchError) as caught:
        ask(fetcher, server.url("/a"))
    assert caught.value.reason == "redirect"
    assert len(server.requests) == 1


def test_a_redirect_without_a_location_is_refused(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/a", Answer(status=301))
    with pytest.raises(FetchError) as caught:
        ask(fetcher, server.url("/a"))
    assert caught.value.reason == "redirect"


def test_a_login_stays_with_its_scheme_host_and_port(server: WebServer, fetcher: HttpFetcher) -> None:
    with WebServer() as other:
        server.script("/a", to("/b"))
        server.script("/b", to(other.url("/c")))
        other.script("/c", to(server.url("/d", host="localhost")))
        server.script("/d", Answer(body=b"here"))
        assert ask(fetcher, server.url("/a", login="me:secret@")).body == b"here"
        sent = {request.path: request.header("Authorization") for request in server.requests + other.requests}
    assert sent == {"/a": "Basic bWU6c2VjcmV0", "/b": "Basic bWU6c2VjcmV0", "/c": None, "/d": None}


def test_a_login_in_a_redirect_is_not_used(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/a", to(server.url("/b", login="evil:pw@")))
    server.script("/b", Answer(body=b"here"))
    found = ask(fetcher, server.url("/a"))
    assert server.requests[1].header("Authorization") is None
    assert found.url == server.url("/b")


def test_a_cookie_set_on_a_redirect_is_not_sent_along(server: WebServer, fetcher: HttpFetcher) -> None:
    server.script("/a", Answer(status=302, headers={"Location": "/b", "Set-Cookie": "id=1"}))
    server.script("/b", Answer(body=b"here"))
    ask(fetcher, server.url("/a"))
    assert server.requests[1].header("Cookie") is None
