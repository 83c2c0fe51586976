from __future__ import annotations

import calendar
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from feedwatch.compose import RENDER_VERSION
from feedwatch.errors import PublishError
from feedwatch.model import Enclosure, Origin, Person, Reason
from feedwatch.views import FeedView
from tests.publish.atom_checker import (
    ATOM,
    NOON,
    ORIGIN,
    REASON,
    REASONS,
    check_atom,
    make_entry,
    make_view,
    render_atom,
)

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def only_entry(view: FeedView) -> ElementTree.Element:
    feed = check_atom(render_atom(view))
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    return entry


def content(entry: ElementTree.Element) -> str:
    return entry.findtext(f"{ATOM}content") or ""


def instant(parsed: time.struct_time) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def links(holder: ElementTree.Element, rel: str) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in holder.findall(f"{ATOM}link") if link.get("rel") == rel]


def test_feed_says_who_what_and_where_it_is() -> None:
    feed = check_atom(render_atom(make_view(title="Niger – sécurité", subtitle="Tout", lang="fr")))
    assert feed.findtext(f"{ATOM}id") == "urn:uuid:1b1b3cf0-5a4e-5f9c-8d59-000000000001"
    assert feed.findtext(f"{ATOM}title") == "Niger – sécurité"
    assert feed.findtext(f"{ATOM}subtitle") == "Tout"
    assert feed.findtext(f"{ATOM}updated") == "2026-03-01T12:00:00+00:00"
    assert feed.get(LANG) == "fr"
    assert [link["href"] for link in links(feed, "self")] == ["https://feeds.example/niger.atom"]
    assert [link["href"] for link in links(feed, "alternate")] == ["https://feeds.example/"]
    generator = feed.find(f"{ATOM}generator")
    assert generator is not None
    assert generator.text == "feedwatch"
    assert not generator.attrib


def test_feed_without_entries_is_valid() -> None:
    feed = check_atom(render_atom(make_view()))
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "feedwatch"
    assert check_atom(render_atom(make_view(make_entry()))).find(f"{ATOM}author") is None


def test_links_keep_relation_type_and_length() -> None:
    tracked = "https://source.example/1?utm_source=x&a=1"
    enclosures = (
        Enclosure(url="https://source.example/a.mp3", media_type="audio/mpeg", length_bytes=123),
        Enclosure(url="https://source.example/b", media_type="nonsense", length_bytes=-1),
        Enclosure(url="javascript:alert(1)"),
    )
    entry = only_entry(make_view(make_entry(url=tracked, enclosures=enclosures)))
    assert links(entry, "alternate") == [{"href": tracked, "rel": "alternate", "hreflang": "en"}]
    assert links(entry, "via") == [{"href": "https://source.example/feed.xml", "rel": "via", "title": "The Source"}]
    assert links(entry, "enclosure") == [
        {"href": "https://source.example/a.mp3", "rel": "enclosure", "type": "audio/mpeg", "length": "123"},
        {"href": "https://source.example/b", "rel": "enclosure"},
    ]


def test_page_of_two_sources_has_two_vias() -> None:
    view = make_view(make_entry())
    vias = (("source", ORIGIN), ("other", Origin(link="https://other.example/")), ("folder", Origin()))
    view = replace(view, entries=(replace(view.entries[0], vias=vias),))
    assert links(only_entry(view), "via") == [
        {"href": "https://source.example/feed.xml", "rel": "via", "title": "The Source"},
        {"href": "https://other.example/", "rel": "via", "title": "other"},
    ]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x.example/", "", "https://", "https://" + "x" * 5000, "/relative"]
)
def test_address_that_is_no_web_page_is_no_link(url: str) -> None:
    entry = only_entry(make_view(make_entry(url=url), content="link", reasons=False))
    assert links(entry, "alternate") == []
    assert content(entry) == "<p>Title 1</p>"


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://source.example/é?q=ü", "https://source.example/é?q=ü"),
        ("https://source.example/النيجر", "https://source.example/%D8%A7%D9%84%D9%86%D9%8A%D8%AC%D8%B1"),
        ("https://source.example/" + "é" * 60, "https://source.example/" + "%C3%A9" * 60),
        ("https://source.example/a b", "https://source.example/a%20b"),
        ("https://user:pass@source.example/", "https://source.example/"),
        ("https://source.example/100%?a[]=1#b#c", "https://source.example/100%25?a%5B%5D=1#b%23c"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
    ],
)
def test_original_link_is_untouched_unless_unfit_for_a_feed(url: str, href: str) -> None:
    assert [link["href"] for link in links(only_entry(make_view(make_entry(url=url))), "alternate")] == [href]


def test_source_keeps_what_the_origin_says_of_itself() -> None:
    origin = replace(ORIGIN, authors=(Person(name="Editor"),), language="fr")
    source = only_entry(make_view(make_entry(origin=origin))).find(f"{ATOM}source")
    assert source is not None
    assert source.get(LANG) == "fr"
    assert source.findtext(f"{ATOM}id") == "tag:source.example,2020:feed"
    assert source.findtext(f"{ATOM}title") == "The Source"
    assert source.findtext(f"{ATOM}updated") == "2026-03-01T12:00:00+00:00"
    assert source.findtext(f"{ATOM}rights") == "© The Source"
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "Editor"
    assert [link["href"] for link in links(source, "self")] == ["https://source.example/feed.xml"]
    assert [link["href"] for link in links(source, "alternate")] == ["https://source.example/"]


def test_source_that_says_nothing_gets_id_title_and_date() -> None:
    source = only_entry(make_view(make_entry(origin=Origin()))).find(f"{ATOM}source")
    assert source is not None
    assert (source.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
    assert source.findtext(f"{ATOM}title") == "source"
    assert source.findtext(f"{ATOM}updated") == "2026-03-01T12:00:00+00:00"
    assert source.findall(f"{ATOM}link") == []


@pytest.mark.parametrize(
    ("authors", "origin", "names"),
    [
        ((Person(name="A"), Person(name="B")), ORIGIN, ["A", "B"]),
        ((), replace(ORIGIN, authors=(Person(name="Editor"),)), ["Editor"]),
        ((Person(name=" \x00 "),), ORIGIN, ["The Source"]),
        ((), Origin(), ["source"]),
    ],
)
def test_author_is_the_entrys_else_the_sources(authors: tuple[Person, ...], origin: Origin, names: list[str]) -> None:
    entry = only_entry(make_view(make_entry(authors=authors, origin=origin)))
    assert [name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")] == names


def test_author_keeps_only_a_real_email_and_address() -> None:
    people = (
        Person(name="A", email="a@x.example", url="https://x.example/a"),
        Person(name="B", email="no", url="data:x"),
    )
    authors = only_entry(make_view(make_entry(authors=people))).findall(f"{ATOM}author")
    assert [[child.text for child in author] for author in authors] == [
        ["A", "a@x.example", "https://x.example/a"],
        ["B"],
    ]


def test_dates_are_the_entrys_own_and_published_is_not_invented() -> None:
    published = datetime(2026, 2, 27, 8, 30, tzinfo=UTC)
    dated = replace(make_entry(1, published_at=published), updated_at=NOON + timedelta(hours=1))
    feed = check_atom(render_atom(make_view(dated, make_entry(2))))
    entries = feed.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}published") == "2026-02-27T08:30:00+00:00"
    assert entries[0].findtext(f"{ATOM}updated") == "2026-03-01T13:00:00+00:00"
    assert entries[1].find(f"{ATOM}published") is None


@pytest.mark.parametrize(
    ("language", "feed_lang", "expected"),
    [("ar", "fr", "ar"), (None, "fr", "und"), (None, None, None), ("x y", None, None)],
)
def test_entry_says_its_own_language(language: str | None, feed_lang: str | None, expected: str | None) -> None:
    assert only_entry(make_view(make_entry(language=language), lang=feed_lang)).get(LANG) == expected


def test_right_to_left_text_says_so() -> None:
    body = content(only_entry(make_view(make_entry(language="ar", body="والنيجر"), reasons=False)))
    assert body == '<div dir="rtl" lang="ar"><p>والنيجر</p></div>'


def test_full_content_is_the_articles_html() -> None:
    html = '<p>A <a href="https://x.example/?a=1&amp;b=2">link</a></p>'
    assert content(only_entry(make_view(make_entry(html=html)))) == html


def test_plain_text_becomes_escaped_paragraphs() -> None:
    assert content(only_entry(make_view(make_entry(body="a < b & c\n\n<script>x</script>")))) == (
        "<p>a &lt; b &amp; c</p>\n<p>&lt;script&gt;x&lt;/script&gt;</p>"
    )


def test_teaser_without_text_shows_its_summary_or_only_its_link() -> None:
    assert content(only_entry(make_view(make_entry(body="", summary="Short.")))) == "<p>Short.</p>"
    link = '<p><a href="https://source.example/1">Title 1</a></p>'
    assert content(only_entry(make_view(make_entry(body="")))) == link
    assert content(only_entry(make_view(make_entry(body=""), content="summary"))) == link


@pytest.mark.parametrize("summary", ["", "The publisher's own. " * 40])
def test_summary_feed_has_a_short_text_and_no_content(summary: str) -> None:
    view = make_view(make_entry(summary=summary, body="word " * 400, html="<p>word</p>"), content="summary")
    entry = only_entry(view)
    text = entry.findtext(f"{ATOM}summary") or ""
    assert entry.find(f"{ATOM}content") is None
    assert 400 < len(text) <= 500
    assert text.startswith(summary[:10] or "word")


def test_summary_feed_gives_an_entry_without_link_its_short_text_as_content() -> None:
    entry = only_entry(make_view(make_entry(url=None, body="word " * 400), content="summary"))
    assert entry.find(f"{ATOM}summary") is None
    assert len(content(entry)) <= 500 + len("<p></p>")


def test_link_feed_has_only_the_reason_or_where_there_is_none_the_link() -> None:
    entry = only_entry(make_view(make_entry(reasons=REASONS), content="link"))
    assert content(entry).startswith("<p><small>Why: Niger – Niger, Niamey")
    assert entry.find(f"{ATOM}summary") is None
    entry = only_entry(make_view(make_entry(title="A < B", reasons=REASONS), content="link", footer=False))
    assert content(entry) == '<p><a href="https://source.example/1">A &lt; B</a></p>'


def test_categories_are_tags_and_rules() -> None:
    entry = only_entry(make_view(make_entry(tags=("Politics", " ", "Politics"), reasons=REASONS)))
    assert [dict(category.attrib) for category in entry.findall(f"{ATOM}category")] == [
        {"term": "Politics"},
        {"term": "NE", "scheme": "urn:iso:std:iso:3166", "label": "Niger"},
        {"term": "16000000", "scheme": "http://cv.iptc.org/newscodes/mediatopic/", "label": "Security"},
        {"term": "sahel", "scheme": "urn:feedwatch:region", "label": "Sahel"},
    ]


@pytest.mark.parametrize(
    ("lang", "label"),
    [
        (None, "Why: "),
        ("en", "Why: "),
        ("fr-FR", "Pourquoi : "),
        ("ar", "Why: "),
        ("es", "Por qué: "),
        ("ha", "Dalili: "),
        ("pt-BR", "Porquê: "),
        ("de", "Why: "),
    ],
)
def test_entry_says_why_it_is_there(lang: str | None, label: str) -> None:
    entry = only_entry(make_view(make_entry(reasons=REASONS, html="<p>x</p>"), lang=lang))
    line = "Niger – Niger, Niamey · Security – soldat · Sahel"
    assert content(entry) == f"<p>x</p>\n<p><small>{label}{line}</small></p>"
    reasons = entry.findall(f"{REASON}reason")
    assert [reason.attrib for reason in reasons[:2]] == [
        {"facet": "region", "rule": "ne", "name": "Niger", "code": "NE", "standing": "about", "score": "8.5"},
        {
            "facet": "topic",
            "rule": "security",
            "name": "Security",
            "code": "medtop:16000000",
            "standing": "about",
            "score": "6",
        },
    ]
    assert [[term.text for term in reason] for reason in reasons] == [["Niger", "Niamey"], ["soldat"], []]


def test_a_group_says_only_what_its_countries_have_not_said() -> None:
    sahel = Reason(facet="region", rule="sahel", name="Sahel", code=None, score=9, standing="about", terms=("Niger",))
    aes = replace(sahel, rule="aes", name="AES", terms=("Niger", "=AES", "Niamey"))
    entry = only_entry(make_view(make_entry(reasons=(sahel, aes, *REASONS[:2]), html="<p>x</p>")))
    assert "<small>Why: Niger – Niger, Niamey · Security – soldat · AES – AES</small>" in content(entry)


def test_of_many_words_the_first_are_given() -> None:
    many = replace(REASONS[1], terms=tuple(f"mot{number}*" for number in range(9)))
    entry = only_entry(make_view(make_entry(reasons=(many,), html="<p>x</p>")))
    assert "Security – mot0…, mot1…, mot2…, mot3…, mot4…, mot5…, …</small>" in content(entry)


def test_reasons_can_be_left_out() -> None:
    data = render_atom(make_view(make_entry(reasons=REASONS, html="<p>x</p>"), reasons=False))
    entry = check_atom(data).find(f"{ATOM}entry")
    assert entry is not None
    assert content(entry) == "<p>x</p>"
    assert entry.findall(f"{REASON}reason") == []
    assert entry.findall(f"{ATOM}category") == []
    assert b"urn:feedwatch" not in data


def test_entry_that_cannot_be_written_costs_only_itself() -> None:
    bad = make_entry(2, tags=(None,))
    skipped: list[tuple[str, ...]] = []
    view = make_view(make_entry(1), bad, make_entry(3, id="not an iri"), make_entry(4))
    data = render_atom(view, on_skip=lambda *what: skipped.append(what))
    assert [entry.findtext(f"{ATOM}title") for entry in check_atom(data).findall(f"{ATOM}entry")] == [
        "Title 1",
        "Title 4",
    ]
    assert [what[:2] for what in skipped] == [("niger", "https://source.example/2"), ("niger", "not an iri")]
    assert "no IRI" in skipped[1][2]


@pytest.mark.parametrize("change", [{"id": "niger"}, {"self_url": "feeds/niger.atom"}, {"home_url": ""}])
def test_feed_that_cannot_be_written_is_an_error_with_its_name(change: dict[str, Any]) -> None:
    with pytest.raises(PublishError, match="feed niger: cannot be written as Atom"):
        render_atom(replace(make_view(make_entry()), **change))


def test_equal_views_give_equal_bytes_from_any_thread() -> None:
    views = [make_view(*(make_entry(number, reasons=REASONS) for number in range(10))) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(render_atom, views))) == 1


def test_threads_do_not_mix_their_feeds() -> None:
    views = [make_view(*(make_entry(feed * 100 + n) for n in range(20)), title=f"Feed {feed}") for feed in range(16)]
    alone = [render_atom(view) for view in views]
    order = [*range(16), *range(15, -1, -1), *range(0, 16, 2), *range(1, 16, 2)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda place: render_atom(views[place]), order))
    assert together == [alone[place] for place in order]


def test_readers_see_the_ids_titles_dates_and_links_that_went_in() -> None:
    published = NOON - timedelta(days=1)
    entries = [
        make_entry(n, at=NOON + timedelta(minutes=n), title=f"« T{n} » & <b>", published_at=published) for n in range(5)
    ]
    data = render_atom(make_view(*entries))
    read = feedparser.parse(data)
    assert not read.bozo
    assert [entry.id for entry in read.entries] == [entry.article.id for entry in entries]
    assert [entry.link for entry in read.entries] == [entry.article.url for entry in entries]
    assert [instant(entry.updated_parsed) for entry in read.entries] == [entry.updated_at for entry in entries]
    assert {instant(entry.published_parsed) for entry in read.entries} == {published}
    titles = [entry.findtext(f"{ATOM}title") for entry in check_atom(data).findall(f"{ATOM}entry")]
    assert titles == [entry.article.title for entry in entries]
    assert [entry.title for entry in read.entries] == titles


def test_bytes_change_only_with_the_render_version() -> None:
    """A feed is written anew when its render key changes, so other bytes for a view need another key."""
    entry = make_entry(reasons=REASONS, tags=("a",), authors=(Person(name="A"),), published_at=NOON)
    data = render_atom(make_view(entry, make_entry(2, url=None, language="ar"), lang="fr", subtitle="s"))
    seen = (RENDER_VERSION, hashlib.sha256(data).hexdigest()[:16])
    assert seen == (4, "064e6ad6c4d5bd88"), "raise compose.RENDER_VERSION and note the new digest here"
