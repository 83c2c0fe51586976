"""The hub and topic that a feed names in itself (WebSub section 4), in every form."""

from __future__ import annotations

import pytest

from tests.parse.conftest import Read

ATOM = "<link rel='hub' href='https://hub.example/'/><link rel='self' href='https://journal.example/feed'/>"
SPACE = "xmlns:atom='http://www.w3.org/2005/Atom'"
RSS_LINKS = ATOM.replace("<link", "<atom:link")
ITEM = "<item><title>t</title><link>https://journal.example/1</link></item>"
RSS = f"<rss version='2.0' {SPACE}><channel><title>T</title>{RSS_LINKS}{ITEM}</channel></rss>"
FORMS = {
    "atom": f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{ATOM}<entry><id>e</id><title>t</title></entry></feed>",
    "rss": RSS,
    "damaged": RSS.replace("<title>T</title>", "<title>T & <b></title>"),
    "json": '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": "https://journal.example/feed",'
    '"hubs": [{"type": "x"}, {"type": "WebSub", "url": "https://hub.example/"}], "items": [{"id": "1", "title": "t"}]}',
}


@pytest.mark.parametrize("form", FORMS)
def test_the_hub_of_a_feed_is_found(read: Read, form: str) -> None:
    hints = read(FORMS[form]).hints
    assert (hints.hub, hints.topic) == ("https://hub.example/", "https://journal.example/feed")


def test_without_one_there_is_none(read: Read) -> None:
    assert read(RSS.replace("rel='hub'", "rel='hub2'")).hints.hub is None


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example", "ftp://x/"])
def test_a_hub_is_an_http_address(read: Read, address: str) -> None:
    assert read(RSS.replace("https://hub.example/", address)).hints.hub is None
