from __future__ import annotations

from feedwatch.model import FeedSpec
from feedwatch.opml import read_opml
from feedwatch.publish.listing import render_index
from feedwatch.xmltree import read_xml
from tests.publish.feed_rules import validate_opml

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


def test_list_keeps_the_rules_whatever_feeds_are_called() -> None:
    hostile = [
        "SÃ©curitÃ©",
        "a\x85b\ufffd",
        "</b> <script>x</script> &amp;lt; &copy;",
        "\x00",
        "أخبار \u202eالساحل",
        "🇳🇪",
    ]
    feeds = [FeedSpec(id=f"f{n}", title=text, subtitle=text, lang="en") for n, text in enumerate(hostile)]
    # Codes that the configuration takes and lists of languages do not know, or under another name.
    feeds += [FeedSpec(id=lang, title=lang, lang=lang) for lang in ("fuv", "zz", "arb", "iw", "und")]
    validate_opml(render_index(feeds, "https://feeds.example/", ["atom", "html"], title="A </b> & B"))


def test_list_without_any_feed_names_the_site() -> None:
    data = render_index([], "https://feeds.example", ["atom"])
    validate_opml(data)
    (only,) = read_opml(data, locator="index")
    assert (only.url, only.title, only.is_page) == ("https://feeds.example/", "feedwatch", True)
