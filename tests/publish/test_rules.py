"""The rules that feeds are held to refuse what they should refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedwatch.model import Enclosure
from feedwatch.opml import Outline, write_opml
from feedwatch.publish.languages import language_tag
from feedwatch.publish.rendering import render
from tests.publish.atom_checker import NOON, REASONS, make_entry, make_view
from tests.publish.feed_rules import validate_atom, validate_opml, validate_rss
from tests.publish.html_rules import check_html

ENTRY = make_entry(
    reasons=REASONS,
    published_at=NOON - timedelta(hours=1),
    image="https://source.example/a.png",
    enclosures=(Enclosure(url="https://source.example?a", media_type="audio/mpeg"),),
    rights="All",
    html='<p>One <a href="https://source.example/x">two</a></p>',
)
FILES = render(make_view(ENTRY, lang="en"), ["atom", "rss"])


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"<title>Title 1", b"<title>Title &lt;/b&gt; 1"),
        (b"<title>Title 1", b"<title>Title\n1"),
        (b"<rights>All", b"<rights>S\xc3\x83\xc2\xa9curit\xc3\x83\xc2\xa9"),
        (b"<rights>All", b"<rights>\xc3\x89t\xc3\xa9 &#x26; S\xc3\x83\xc2\xa9curit\xc3\x83\xc2\xa9"),
        (b"<name>The Source", b"<name>The &lt;/i&gt;Source"),
        (b'label="Niger"', b'label="&lt;/b&gt;"'),
        (b'xml:lang="en"', b'xml:lang="english"'),
        (b'xml:lang="en"', b'xml:lang="ckb"'),
        (b'hreflang="en"', b'hreflang="xq"'),
        (b"<updated>2026", b"<updated>1971"),
        (b"<updated>2026", b"<updated>9026"),
        (b"<id>https://source.example/1", b"<id>urn:x:1"),
        (b"<id>https://source.example/1", b"<id>tag:source.example:1"),
        (b"https://source.example/a.png", b"http://[::1]/a.png"),
        (b'rel="via" href="https://source', b'rel="via" href="https://\xd9\x86\xd9\x8a.source'),
        (b"&lt;p&gt;One", b"&lt;p&gt;&lt;p&gt;One"),
        (b"&lt;p&gt;One", b"&lt;p onclick=&quot;x&quot;&gt;One"),
    ],
)
def test_an_atom_feed_that_breaks_a_rule_is_refused(good: bytes, bad: bytes) -> None:
    data = FILES["atom"]
    validate_atom(data)
    assert good in data
    with pytest.raises((AssertionError, UnicodeError)):
        validate_atom(data.replace(good, bad))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"<title>Title 1", b"<title>Title &#x3C;/b&gt; 1"),
        (b"<title>Title 1", b"<title>Title &amp;lt; 1"),
        (b"<link>https://source.example/1", b"<link>http://[::1]/1"),
        (b"https://source.example/?a", b"https://source.example?a"),
        (b"11:00:00 +0000", b"11:00:00 +0545"),
        (b"Sun, 01 Mar", b"Mon, 01 Mar"),
        (b"Mar 2026 11", b"Mar 1971 11"),
        (b'isPermaLink="true"', b'isPermaLink="false"'),
        (b"<language>en", b"<language>english"),
        (b"<language>en", b"<language>en</language><language>en"),
        (b"xmlns:dc=", b'xmlns:mrss="http://search.yahoo.com/mrss/" xmlns:dc='),
        (b"<channel>", b"<channel>" + b" " * 5_000_000),
        (b'href="https://source.example/x"', b'href="/x"'),
    ],
)
def test_an_rss_feed_that_breaks_a_rule_is_refused(good: bytes, bad: bytes) -> None:
    data = FILES["rss"]
    validate_rss(data)
    assert good in data
    with pytest.raises(AssertionError):
        validate_rss(data.replace(good, bad))


def test_a_list_with_bare_markup_is_refused() -> None:
    data = write_opml([Outline(url="https://a.example/", title="A & B <c> &copy;")], title="T")
    validate_opml(data)
    with pytest.raises(AssertionError):
        validate_opml(data.replace(b"&amp;lt;", b"&lt;"))


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<p>b</p></p>",
        "<p>a",
        "a</p>",
        "<b><i>x</b></i>",
        "<a href='https://x.example/'>x</a>",
        '<a href="https://x.example/"><a href="https://x.example/">x</a></a>',
        "<h2><h3>x</h3></h2>",
        "<p>a & <b</p>",
        "<p>AT&T</p>",
        "<table><tr><td>x</td></tr></table>",
        "<ruby><b><rt>x</rt></b></ruby>",
        '<a href="/x">x</a>',
        "<script>x</script>",
        '<video controls="">x</video>',
    ],
)
def test_markup_that_must_be_mended_is_refused(html: str) -> None:
    with pytest.raises(AssertionError):
        check_html(html)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("fr", "fr"),
        ("FR-ne", "FR-ne"),
        ("en_US", "en-US"),
        ("ckb", "ku"),
        ("arz-EG", "ar-EG"),
        ("iw", "he"),
        ("dje", "son"),
        ("und", "und"),
        ("english", None),
        ("x y", None),
        ("qqq", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_that_no_validator_knows_become_wider_ones_or_nothing(written: str | None, tag: str | None) -> None:
    assert language_tag(written) == tag
