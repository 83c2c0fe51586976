from __future__ import annotations

from feedwatch.model import FeedSpec
from feedwatch.opml import read_opml
from feedwatch.publish.listing import render_index
from feedwatch.xmltree import read_xml

FEEDS = [
    FeedSpec(id="niger", title="Niger & Mali <b>", subtitle="All \x00of it", lang="fr"),
    FeedSpec(id="all", title="All"),
]


def test_list_names_every_feed_in_order() -> None:
    data = render_index(FEEDS, "https://feeds.example/sub", ["atom", "html"])
    outlines = read_opml(data, locator="index")
    assert [(each.url, each.title, each.language) for each in outlines] == [
        ("https://feeds.example/sub/niger.atom", "Niger & Mali <b>", "fr"),
        ("https://feeds.example/sub/all.atom", "All", ""),
    ]
    first = next(read_xml(data).iter("outline"))
    assert first.get("htmlUrl") == "https://feeds.example/sub/niger.html"
    assert first.get("description") == "All of it"
    assert first.get("type") == "rss"


def test_list_names_no_page_that_is_not_written() -> None:
    data = render_index(FEEDS, "https://feeds.example/", ["atom"])
    assert b"htmlUrl" not in data
    assert data == render_index(FEEDS, "https://feeds.example/", ["atom"])
