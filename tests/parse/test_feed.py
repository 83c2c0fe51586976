from __future__ import annotations

import calendar
import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.balance import MAX_OPEN
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.markup import title_text
from feedwatch.model import Item
from feedwatch.parse import lenient
from feedwatch.parse.feed import MAX_ITEMS, read_feed

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Journal</title><link>https://journal.example/</link><language>fr</language>
<item><title>Pluies &amp;amp; crues</title><link>https://journal.example/1?a=1&amp;b=2</link><guid>g1</guid>
<dc:creator>Awa</dc:creator><pubDate>Tue, 05 Mar 2024 10:00:00 +0000</pubDate><category>eau</category>
<description>&lt;p&gt;Il a plu&lt;/p&gt;</description></item>
<item><title><![CDATA[<b>Sel</b> & poivre]]></title><link>https://journal.example/2</link>
<guid isPermaLink="false">g2</guid><dc:creator>Moussa</dc:creator><pubDate>Wed, 06 Mar 2024 10:00:00 GMT</pubDate>
<description>court</description><content:encoded><![CDATA[<p>long &eacute;</p>]]></content:encoded>
<enclosure url="https://journal.example/a.mp3" type="audio/mpeg" length="12"/></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><id>tag:j,2024:f</id><title>Journal</title>
<updated>2024-03-05T10:00:00Z</updated><link href="https://journal.example/"/>
<entry><id>tag:j,2024:1</id><title type="html">L'&lt;b&gt;eau&lt;/b&gt;</title><link href="https://journal.example/1"/>
<published>2024-03-04T10:00:00Z</published><updated>2024-03-05T10:00:00+01:00</updated>
<author><name>Awa</name><email>a@j.example</email></author><author><name>Moussa</name></author>
<category term="eau"/><summary>Résumé</summary><content type="html">&lt;p&gt;Texte&lt;/p&gt;</content>
<link rel="enclosure" href="https://journal.example/a.mp3" type="audio/mpeg" length="12"/></entry>
<entry><id>tag:j,2024:2</id><title>AT&amp;T</title><link href="https://journal.example/2"/>
<updated>2024-03-06T10:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un <i>mot</i></p></div></content></entry>
</feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://j.example/r"><title>J</title>
<link>https://j.example/</link></channel><item rdf:about="https://j.example/1"><title>Un</title>
<link>https://j.example/1</link><description>Court</description><dc:creator>Awa</dc:creator>
<dc:subject>eau</dc:subject></item></rdf:RDF>"""


def cpu_s() -> float:
    """Processor time of this process and of its children that ended; waiting for others does not count."""
    return sum(os.times()[:4])


def quickly(work: Callable[[], Parsed]) -> Parsed:
    start = cpu_s()
    try:
        return work()
    finally:
        assert cpu_s() - start < 2


# --- beside feedparser ------------------------------------------------------------------------------


def as_feedparser_sees(entry: dict[str, Any]) -> dict[str, Any]:
    def instant(name: str) -> datetime | None:
        value = dict.get(entry, name)
        return datetime.fromtimestamp(calendar.timegm(value), UTC) if value else None

    return {
        "guid": entry.get("id"),
        "link": entry.get("link"),
        "title": title_text(entry["title"].replace("AT&T", "AT&amp;T")),
        "published": instant("published_parsed"),
        "updated": instant("updated_parsed"),
        "authors": [author.get("name") for author in entry.get("authors", [])],
        "tags": [tag["term"] for tag in entry.get("tags", [])],
        "enclosures": [link["href"] for link in entry.get("links", []) if link["rel"] == "enclosure"],
        "content": entry["content"][0]["value"] if entry.get("content") else "",
    }


def as_we_see(item: Item) -> dict[str, Any]:
    return {
        "guid": item.guid,
        "link": item.link,
        "title": title_text(item.title),
        "published": item.published_at,
        "updated": item.updated_at,
        "authors": [author.name for author in item.authors],
        "tags": [category.term for category in item.categories],
        "enclosures": [enclosure.url for enclosure in item.enclosures],
        "content": item.content,
    }


@pytest.mark.parametrize("document", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
def test_well_formed_feeds_read_as_feedparser_reads_them(document: str) -> None:
    theirs = feedparser.parse(io.BytesIO(document.encode()), sanitize_html=False, resolve_relative_uris=False)
    ours = read_feed(document, url=None, locator="x")
    assert theirs["bozo"] is False
    assert [as_we_see(item) for item in ours.items] == [as_feedparser_sees(entry) for entry in theirs["entries"]]


@pytest.mark.parametrize("document", [RSS, ATOM], ids=["rss", "atom"])
def test_the_lenient_reader_gives_the_same_items_as_the_strict_one(document: str) -> None:
    strict = read_feed(document, url="https://journal.example/feed", locator="x")
    damaged = document.replace("</channel></rss>", "").replace("</feed>", "")
    found = read_feed(damaged, url="https://journal.example/feed", locator="x")
    assert [as_we_see(item) for item in found.items] == [as_we_see(item) for item in strict.items]
    assert found.items[0].origin.title == strict.items[0].origin.title
    assert found.problems[0].startswith("read leniently: line ")


# --- damage -----------------------------------------------------------------------------------------


def test_small_damage_is_mended_without_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenient, "_ask", None)
    damaged = "\n \x00" + RSS.replace("?a=1&amp;b=2", "?a=1&b=2").replace("xmlns:dc=", "xmlns:unused=")
    parsed = read_feed(damaged, url=None, locator="x")
    assert parsed.items[0].link == "https://journal.example/1?a=1&b=2"
    assert [item.authors[0].name for item in parsed.items] == ["Awa", "Moussa"]
    assert parsed.problems[0].startswith("read leniently: line ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("&lt;p&gt;Il a plu&lt;/p&gt;", "<p>Il a<br>plu<p>encore"),
        ("</guid>\n<dc:creator>Awa", "</guid><dc:creator>Awa < Ali"),
        ("<category>eau</category>", "<category>eau"),
        ("</channel></rss>", "</channel></rss><script>x</script><b>"),
        ('url="https://journal.example/a.mp3"', "url=https://journal.example/a.mp3"),
    ],
)
def test_damage_of_the_markup_loses_no_item(old: str, new: str) -> None:
    assert old in RSS
    parsed = read_feed(RSS.replace(old, new), url=None, locator="x")
    assert [item.guid for item in parsed.items] == ["g1", "g2"]
    assert len(parsed.problems) == 1


def test_a_truncated_feed_gives_the_items_that_had_arrived_whole() -> None:
    for end in ("g2", "<enclosure", "</item>\n</channel>"):
        parsed = read_feed(RSS[: RSS.index(end)], url=None, locator="x")
        assert [item.guid for item in parsed.items] == ["g1"]
        assert parsed.problems[1] == "the last item, in which the document breaks off, was left out"


@pytest.mark.parametrize("document", ["<rss><channel><title>x", "<rss version='2.0'><channel><item></b>", "<feed><b"])
def test_damage_without_any_item_is_an_error_naming_the_line(document: str) -> None:
    with pytest.raises(ParseError, match=r"^x: is damaged and has no item .*line 1"):
        read_feed(document, url=None, locator="x")


TOO_DEEP_TO_BE_ORDERED = "<rss><channel><item><title>a</title>" + "<i>" * (MAX_OPEN + 1) + "</item>"


def test_what_is_too_deep_to_be_put_in_order_is_read_by_the_tolerant_reader() -> None:
    (item,) = read_feed(TOO_DEEP_TO_BE_ORDERED, url=None, locator="x").items
    assert item.title == "a"


def test_a_lenient_reader_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenient, "TIMEOUT_S", 0.001)
    with pytest.raises(ParseError, match="limits of time or memory"):
        read_feed(TOO_DEEP_TO_BE_ORDERED, url=None, locator="x")


def test_a_lenient_reader_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    child = tmp_path / "child.py"
    child.write_text("raise SystemExit(3)")
    monkeypatch.setattr(lenient, "_CHILD", child)
    with pytest.raises(ParseError, match="limits of time or memory"):
        read_feed(TOO_DEEP_TO_BE_ORDERED, url=None, locator="x")


@pytest.mark.parametrize("document", ["<a/>", "<html><body/></html>", "<opml><body/></opml>"])
def test_xml_that_is_no_feed_is_an_error_naming_its_root(document: str) -> None:
    with pytest.raises(ParseError, match="root element"):
        read_feed(document, url=None, locator="x")


def test_a_feed_without_items_is_no_error() -> None:
    assert read_feed("<rss><channel><title>x</title></channel></rss>", url=None, locator="x") == Parsed(items=())


# --- hostile ----------------------------------------------------------------------------------------

LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><item " + " ".join(f'a{i}="1"' for i in range(200_000)) + "/></channel></rss>",
        "<rss><channel>" + "<item>" * 200_000,
        "<rss><channel><item>" + "<a>" * 250 + "</a>" * 250 + "</item></channel></rss>" + "<x " + "a='1' " * 50_000,
        "<rss><channel><item><title>" + "x" * 10_100_000 + "</title></item></channel></rss>",
        "<rss><channel><item></b>" + "<a>" * 200_000,
        "<rss><channel><item><title>" + "&" * 1_000_000,
        "<!DOCTYPE rss [" + "<!ENTITY a 'b'>" * 50_000 + "]><rss/>",
    ],
    ids=["attributes", "depth", "damaged attributes", "text", "damaged depth", "references", "dtd"],
)
def test_monsters_are_refused_quickly(document: str) -> None:
    with pytest.raises(ParseError):
        quickly(lambda: read_feed(document, url=None, locator="x"))


def test_entities_are_neither_expanded_nor_fetched() -> None:
    dtd = (
        f"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd' [<!ENTITY l0 'ha'>{LAUGHS}"
        "<!ENTITY file SYSTEM 'file:///etc/passwd'><!ENTITY % p SYSTEM 'http://127.0.0.1:9/p'>%p;]>"
    )
    document = dtd + "<rss><channel><item><title>a&l9;&file;b</title></item></channel></rss>"
    assert quickly(lambda: read_feed(document, url=None, locator="x")).items[0].title == "ab"


@pytest.mark.parametrize("end", ["</channel></rss>", ""], ids=["well-formed", "damaged"])
def test_of_very_many_items_the_first_are_read_and_the_rest_reported(end: str) -> None:
    document = "<rss><channel>" + "<item><title>t</title></item>" * (MAX_ITEMS + 7) + end
    parsed = quickly(lambda: read_feed(document, url=None, locator="x"))
    assert len(parsed.items) == MAX_ITEMS
    assert any(f"of {MAX_ITEMS + 7}" in problem for problem in parsed.problems)


def test_of_a_million_items_the_first_are_read_at_the_cost_of_the_first() -> None:
    for feed in (RSS.replace("<item>", "<item/>" * 1_000_000 + "<item>", 1), "<rss><channel>" + "<item/>" * 1_000_000):
        parsed = quickly(lambda feed=feed: read_feed(feed, url=None, locator="x"))  # type: ignore[misc]  # bound now
        assert any("of 100000" in problem for problem in parsed.problems)


def test_a_bare_bracket_is_mended_without_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenient, "_ask", None)
    damaged = RSS.replace("Pluies &amp;amp; crues", "Pluies < 5 mm <- Niamey")
    assert read_feed(damaged, url=None, locator="x").items[0].title == "Pluies &lt; 5 mm &lt;- Niamey"


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_a_mutated_feed_gives_items_or_a_parse_error(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from([RSS, ATOM, RDF]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(document)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 5, 80]))
        piece = data.draw(
            st.sampled_from(["", "<", ">", "&", "]]>", "<![CDATA[", "\x00", "\ud800", "&#0;", '"', "<a>", "é"])
        )
        document = document[:start] + piece + document[end:]
    try:
        parsed = read_feed(document, url="https://journal.example/feed", locator="x")
    except ParseError:
        return
    for item in parsed.items:
        assert item.link is None or item.link.startswith("http")
