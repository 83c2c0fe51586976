from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed

Read = Callable[..., Parsed]

RSS = "<rss version='2.0'><channel><title>T</title><item><title>t</title></item></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>1</id><title>t</title></entry></feed>"
JSON = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "t"}]}'
PAGE = "<html><head><title>t</title></head><body><h1>t</h1><p>Texte</p></body></html>"


@pytest.mark.parametrize("document", [RSS, ATOM, JSON])
@pytest.mark.parametrize(
    "media_type", ["", "application/rss+xml", "application/json", "text/html", "text/plain", "application/octet-stream"]
)
def test_a_feed_is_known_by_what_it_is_whatever_it_is_called(read: Read, document: str, media_type: str) -> None:
    parsed = read(document, media_type=media_type)
    assert [(item.title, item.shape) for item in parsed.items] == [("t", "entry")]
    assert parsed.problems == ()


@pytest.mark.parametrize(
    "before",
    ["\ufeff", "\n\n  ", "<?xml version='1.0'?>\n<!-- <html> -->\n", "<?xml-stylesheet href='a'?>", "<!DOCTYPE rss>"],
)
def test_what_may_stand_before_the_root_does_not_mislead(read: Read, before: str) -> None:
    assert read(before + RSS, media_type="text/html").items[0].title == "t"


def test_a_warning_before_the_feed_is_cut_and_reported(read: Read) -> None:
    parsed = read("<br />\n<b>Warning</b>: something in line 5\n<?xml version='1.0'?>" + RSS, media_type="text/html")
    assert parsed.items[0].title == "t"
    assert parsed.problems[0].startswith("read leniently")


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        ("a/seed.txt", "Accueil\nUn titre\nDu texte", "scrape"),
        ("seed.TXT", "x", "scrape"),
        ("note.md", "# Titre\n\nTexte", "entry"),
        ("note.text", "Du texte", "text"),
        ("page.html", PAGE, "page"),
        ("page", PAGE, "page"),
        ("fragment.html", "<p>Texte</p>", "page"),
        ("feed.xml", RSS, "entry"),
        ("feed.json", JSON, "entry"),
        ("feed.txt", RSS, "entry"),
    ],
)
def test_files_are_read_by_their_content_and_name(read: Read, name: str, text: str, shape: str) -> None:
    (item,) = read(text, kind="folder", file=name).items
    assert (item.shape, item.locator, item.position) == (shape, name, 0)


def test_a_scrape_keeps_its_text_and_has_no_title_yet(read: Read) -> None:
    (item,) = read("Accueil\r\nTitre\x00\n\nTexte", kind="folder", file="a.txt").items
    assert (item.title, item.content, item.link) == ("", "Accueil\r\nTitre\n\nTexte", None)


def test_a_page_at_a_feed_address_is_an_error_and_never_an_entry(read: Read) -> None:
    with pytest.raises(ParseError, match=r"is an HTML page, not a feed .*kind = \"page\""):
        read(PAGE, media_type="application/rss+xml")
    with pytest.raises(ParseError, match=r"the page names this feed: https://journal\.example/real"):
        read("<link rel='alternate' type='application/rss+xml' href='/real'>" + PAGE)
    with pytest.raises(ParseError, match="plain text, not a feed"):
        read("Service unavailable", media_type="text/plain")


def test_a_page_source_accepts_pages_and_feeds(read: Read) -> None:
    prose = "<p>" + "Une phrase d'un article, l'une après l'autre, sans fin. " * 20 + "</p>"
    assert read(f"<html><body><main>{prose}</main></body></html>", kind="page").items[0].shape == "page"
    assert read(RSS, kind="page").items[0].shape == "entry"


def test_a_page_source_with_neither_list_nor_article_is_an_error(read: Read) -> None:
    with pytest.raises(ParseError, match="no list of articles"):
        read(PAGE, kind="page")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<?xml version='1.0'?><opml version='2.0'/>", "list of feeds"),
        ("<?xml version='1.0'?><urlset/>", "sitemap"),
        ("<?xml version='1.0'?><svg/>", "root element is <svg>"),
        ("<?xml version='1.0'?>", "root element is <\\?>"),
    ],
)
def test_xml_that_is_no_feed_is_an_error_with_a_cure(read: Read, document: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        read(document)


def test_an_xml_file_that_is_no_feed_never_becomes_a_page(read: Read) -> None:
    with pytest.raises(ParseError, match="root element is <data>"):
        read("<!DOCTYPE data [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><data>&x;</data>", kind="folder", file="a.xml")


def test_errors_name_the_locator_and_show_nothing_that_could_control_a_terminal(read: Read) -> None:
    with pytest.raises(ParseError) as caught:
        read("<?xml version='1.0'?><x\x1b[2J\u202e/>", url="https://journal.example/bad")
    assert str(caught.value).startswith("https://journal.example/bad: ")
    assert str(caught.value).isprintable()


def test_a_loss_in_decoding_is_reported_beside_the_items(read: Read) -> None:
    parsed = read(
        RSS.replace("<title>t", "<title>" + "é" * 50).encode().replace(b"</title></item>", b"\xff</title></item>")
    )
    assert parsed.items[0].title.startswith("éé")
    assert "not valid utf-8" in parsed.problems[0]


@given(st.binary(max_size=120), st.sampled_from(["", "text/html", "application/xml", "application/json", "text/plain"]))
@settings(max_examples=120, deadline=None)
def test_any_bytes_give_items_or_a_parse_error(read: Read, body: bytes, media_type: str) -> None:
    with contextlib.suppress(ParseError):
        assert read(body, kind="page", media_type=media_type).items is not None


@given(st.text(alphabet="<>/{}[]\"'=&;: rsfedhtml!-?1", max_size=80), st.sampled_from(["a.html", "a.md", "a.xml"]))
@settings(max_examples=60, deadline=None)
def test_any_markup_gives_items_or_a_parse_error(read: Read, text: str, file: str) -> None:
    with contextlib.suppress(ParseError):
        assert read(text, kind="folder", file=file).items is not None


def test_the_first_element_says_more_than_the_document_type_or_the_encodings_name(read: Read) -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://site.invalid/">'
    assert len(read(f'<?xml version="1.0" encoding="437"?>{doctype}<!-- x -->{RSS}').items) == 1
    assert len(read(RSS.replace("<rss", '<rss xmlns="http://backend.userland.com/rss9"')).items) == 1
