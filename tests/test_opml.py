from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch import opml
from feedwatch.errors import ParseError
from feedwatch.opml import Outline, read_opml, write_opml
from feedwatch.text import one_line
from feedwatch.xmltree import read_xml

LIST = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>Mine</title></head><body>
  <outline text="Afrique">
    <outline text="Sahel &amp; c&#244;te">
      <outline type="rss" text="short" title=" Le  Fasô " xmlUrl="https://faso.example/feed" language="fr-FR"/>
    </outline>
    <outline TEXT="Niger" xmlurl=" feed://niger.example/rss "/>
    <outline text="A note"/>
  </outline>
  <outline type="rss" text="" xmlUrl="feed:https://plain.example/"/>
  <outline type="link" text="A page" url="https://page.example/news"/>
</body></opml>""".encode("latin-1")


def read(data: bytes | str) -> list[Outline]:
    return read_opml(data if isinstance(data, bytes) else data.encode(), locator="list.opml")


def test_feeds_are_read_in_order_with_their_folders() -> None:
    assert read(LIST) == [
        Outline(
            url="https://faso.example/feed",
            title="Le Fasô",
            language="fr-FR",
            folders=("Afrique", "Sahel & côte"),
        ),
        Outline(url="http://niger.example/rss", title="Niger", folders=("Afrique",)),
        Outline(url="https://plain.example/"),
        Outline(url="https://page.example/news", title="A page", is_page=True),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "nonsense"])
def test_a_bare_ampersand_in_an_address_is_mended(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><opml><body><outline text="é" xmlUrl="https://a.example/?a=1&b=2"/></body></opml>'
    found = read(text.encode("latin-1" if encoding == "iso-8859-1" else "utf-8"))
    assert (found[0].url, found[0].title) == ("https://a.example/?a=1&b=2", "é")


def test_deep_and_wide_lists_are_read_in_time() -> None:
    wide = f"<outline text='{'x' * 3_000_000}'>" + "<outline xmlUrl='https://a.example/'/>" * 5000 + "</outline>"
    deep = "<outline text='d'>" * 200 + "<outline xmlUrl='https://b.example/'/>" + "</outline>" * 200
    started = time.process_time()
    assert len(read(f"<opml><body>{wide}</body></opml>")) == 5000
    assert read(f"<opml><body>{deep}</body></opml>")[0].folders == ("d",) * 5
    assert time.process_time() - started < 2


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            Outline,
            url=st.from_regex(r"https://[a-z]{1,8}\.example/[a-z&=?]{0,20}", fullmatch=True),
            title=st.text(max_size=60).map(one_line),
            language=st.sampled_from(["", "fr", "ha"]),
            is_page=st.booleans(),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(outlines: list[Outline]) -> None:
    back = read(write_opml(outlines, title="Mine"))
    assert [(each.url, each.language, each.is_page) for each in back] == [
        (each.url, each.language, each.is_page) for each in outlines
    ]
    assert [each.title for each in back] == [each.title or each.url for each in outlines]


def test_a_written_list_is_opml_2_with_what_it_requires() -> None:
    data = write_opml([Outline(url="https://a.example/", title="A <b>")], title="Mine")
    assert data == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n"
        b'<opml version="2.0">\n  <head>\n    <title>Mine</title>\n'
        b"  </head>\n  <body>\n"
        b'    <outline type="rss" text="A &amp;lt;b&amp;gt;" title="A &amp;lt;b&amp;gt;" xmlUrl="https://a.example/"/>\n'
        b"  </body>\n</opml>\n"
    )
    assert read_xml(data).get("version") == "2.0"
    assert [outline.title for outline in read(data)] == ["A <b>"]
    assert read(write_opml([], title="")) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "is no XML that can be read"),
        ("nothing of the kind", "is no XML that can be read"),
        ("<rss version='2.0'><channel/></rss>", "sources add"),
        ("<html><body/></html>", "root element <html>"),
        ("<opml>" + "<outline text='x'>" * 300 + "</outline>" * 300 + "</opml>", "is no XML that can be read"),
        (b"\x00" * 20, "is no XML that can be read"),
    ],
)
def test_what_is_no_list_is_refused_with_its_name(data: bytes | str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(data)
    assert str(caught.value).startswith("list.opml: ")
    assert message in str(caught.value)


def test_no_entity_is_expanded_and_no_file_is_read() -> None:
    found = read(
        '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        '<opml><body><outline text="t&x;&b;" xmlUrl="https://a.example/"/></body></opml>'
    )
    assert found == [Outline(url="https://a.example/", title="t")]


def test_size_count_and_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    long = read(f"<opml><body><outline text='{'x' * 5000}' xmlUrl='https://a.example/{'y' * 9000}'/></body></opml>")
    assert len(long[0].title) == 500
    assert len(long[0].url) == 4097
    with pytest.raises(ParseError, match="larger than 10 MB"):
        read(b" " * (opml.MAX_BYTES + 1))
    monkeypatch.setattr(opml, "MAX_FEEDS", 3)
    with pytest.raises(ParseError, match="more than 3 feeds"):
        read("<opml><body>" + "<outline xmlUrl='https://a.example/'/>" * 4 + "</body></opml>")


@pytest.mark.parametrize(
    "damaged",
    [
        '<opml><body><outline text="R & D"><outline text=Faso xmlUrl=https://faso.example/feed></body></opml>',
        '<opml><body><outline text="a"><outline text="Faso" xmlUrl="https://faso.example/feed"/><outline xmlUrl="htt',
        '<opml><body><outline text="Faso" text="b" xmlUrl="https://faso.example/feed"/></outline></body></opml><p>',
    ],
)
def test_a_list_whose_tags_do_not_match_is_put_in_order(damaged: str) -> None:
    (found,) = read(damaged)
    assert (found.url, found.title) == ("https://faso.example/feed", "Faso")


def test_a_list_in_an_encoding_that_nobody_named_keeps_its_letters() -> None:
    text = '<opml><body><outline text="Économie – Côte" xmlUrl="https://eco.example/f"/></body></opml>'
    assert read(text.encode("cp1252"))[0].title == "Économie – Côte"


def test_the_address_of_a_feed_may_stand_where_that_of_a_page_does_and_a_page_alone_is_told() -> None:
    outlines = (
        '<outline type="rss" text="A" url="https://a.example/feed"/><outline text="B" htmlUrl="https://b.example/"/>'
        '<outline text="F" htmlUrl="https://f.example/"><outline text="C" xmlUrl="https://c.example/feed"/></outline>'
    )
    found = read(f"<opml><body>{outlines}</body></opml>")
    assert [(each.title, each.url, each.page_url) for each in found] == [
        ("A", "https://a.example/feed", ""),
        ("B", "", "https://b.example/"),
        ("C", "https://c.example/feed", ""),
    ]
    assert found[2].folders == ("F",)


def test_one_address_a_line_is_a_list_too() -> None:
    text = '\ufeff# mine\nhttps://a.example/feed "tag"\r\n\n# later\nfeed://b.example/rss\nno address\n'
    assert [each.url for each in read(text)] == ["https://a.example/feed", "http://b.example/rss"]
    with pytest.raises(ParseError, match="more than"):
        read("https://a.example/\n" * (opml.MAX_FEEDS + 1))
