"""Feeds whose tags do not match are read as their publishers meant them, by the reader of whole feeds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.balance import balanced
from feedwatch.errors import ParseError
from feedwatch.parse.feed import read_feed
from feedwatch.xmltree import XMLSyntaxError, mend_xml, read_xml

_FIRST = (
    '<item><title>Marché</title><link>https://j.example/1</link><guid isPermaLink="false">g1</guid>'
    "<description>Le prix du mil monte</description><category>prix</category>"
    '<enclosure url="https://j.example/1.mp3" type="audio/mpeg"/></item>'
)
_SECOND = (
    '<item><title>Pont</title><link>https://j.example/2</link><guid isPermaLink="false">g2</guid>'
    "<description>Un pont de plus</description></item>"
)
FEED = f"<rss version='2.0'><channel><title>J</title>{_FIRST}{_SECOND}</channel></rss>"


def read(document: str) -> list[tuple[str | None, str | None, str, str, int]]:
    items = read_feed(document, url="https://j.example/feed", locator="x").items
    return [(item.guid, item.link, item.title, item.summary, len(item.enclosures)) for item in items]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</channel></rss>", "</channel></rss>\n<script>if (a && b) {}</script>"),
        ("</channel></rss>", "</channel></rss> done & dusted"),
        ("</channel></rss>", ""),
        ("</channel></rss>", "</rss>"),
        ("</item><item>", "<item>"),
        ("</item></channel>", "</channel>"),
        ("<category>prix</category>", "<category>prix</Category>"),
        ("<category>prix</category>", "<category>prix</category></b></p>"),
        ("<category>prix</category>", "<note>eau<br>mil<p>un<p>deux</note>"),
        ("<category>prix</category>", "<note>2 ]]> 1</note>"),
        ("<category>prix</category>", "<note><![CDATA[ prix ]] ></note>"),
        ("<category>prix</category>", "<!-- eau -- mil --->"),
        ("<category>prix</category>", "<note a=1 b c='2' a=\"3\">prix</note>"),
        ('type="audio/mpeg"', "type=audio/mpeg"),
        ('type="audio/mpeg"', 'type="audio/mpeg" type="audio/mp3"'),
        ("</title><link>https://j.example/1", "<link>https://j.example/1"),
        ("</link><guid", "<guid"),
        ("<item><title>", "<item\n<title>"),
        ("</title><link>", "</title\n<link>"),
        ("<title>J</title><item>", "<title>J<item>"),
        ("<rss version='2.0'>", "<?xml version='1.0'?>\n<?xml version='1.0'?><rss version='2.0'>"),
        ("<rss version='2.0'>", "<br/><b>Warning</b>: headers sent<rss version='2.0'>"),
    ],
)
def test_damage_of_the_tags_changes_no_field_of_any_item(old: str, new: str) -> None:
    damaged = FEED.replace(old, new, 1)
    with pytest.raises(XMLSyntaxError):
        read_xml(mend_xml(damaged))
    assert read(damaged) == read(FEED)


def test_markup_that_nobody_escaped_stays_in_its_text() -> None:
    damaged = FEED.replace("Le prix du mil monte", "<p>Le prix<br>du <b>mil</i> monte")
    (summary, *_), _ = [item[3:] for item in read(damaged)]
    assert summary == "<p>Le prix<br>du <b>mil monte</b></p>"
    assert [item[0] for item in read(damaged)] == ["g1", "g2"]


def test_entries_of_atom_and_prefixed_names_are_put_in_order_too() -> None:
    damaged = (
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>J</a:title><a:entry><a:id>urn:1</a:id>'
        '<a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">eau<br>mil</div></a:content>'
        "<a:entry><a:id>urn:2</a:id><a:title>Pont</a:title></a:feed>"
    )
    first, second = read_feed(damaged, url=None, locator="x").items
    assert (first.guid, first.content) == ("urn:1", "eau<br>mil")
    assert (second.guid, second.title) == ("urn:2", "Pont")


def test_end_tags_that_forgot_their_prefix_end_what_is_open() -> None:
    damaged = (
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>J</title><a:entry><a:title>Pont</title>'
        "<a:id>urn:1</id></a:entry></a:feed>"
    )
    (entry,) = read_feed(damaged, url=None, locator="x").items
    assert (entry.title, entry.guid, entry.origin.title) == ("Pont", "urn:1", "J")


def test_an_empty_item_inside_another_ends_nothing() -> None:
    damaged = FEED.replace("<category>prix</category>", "<item /><category>prix</b></category>", 1)
    assert read(damaged) == read(FEED)


@pytest.mark.parametrize("text", ["", "<p>no feed</p>", "<rss><channel><item>" + "<a>" * 300])
def test_what_is_no_feed_or_too_deep_is_not_put_in_order(text: str) -> None:
    assert balanced(text) is None


@pytest.mark.parametrize(
    "piece", ["<![CDATA[", "<!--", "<?a ", "<a b='", '<a b="c', "</a>", "<p>", "<", "<b c=d>", "]]"]
)
def test_damage_repeated_many_times_is_put_in_order_quickly(piece: str) -> None:
    for end in ("", "]]>", "-->", "</item></channel></rss>"):
        document = f"<rss><channel><item><title>a</title>{piece * 30_000}{end}"
        start = time.process_time()
        balanced(document)
        assert time.process_time() - start < 2


@given(st.text(alphabet="ab<>&;[]!-?/='\" \x00é#x1:", max_size=80), st.integers(0, len(FEED)))
@settings(max_examples=200, deadline=None)
def test_what_was_put_in_order_is_well_formed(text: str, place: int) -> None:
    for candidate in (f"<rss>{text}", FEED[:place] + text + FEED[place:]):
        try:
            ordered = balanced(mend_xml(candidate))
            if ordered is not None:
                assert read_xml(ordered).tag
        except ParseError:
            continue
