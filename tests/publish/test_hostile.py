"""Nothing that comes from outside breaks a feed or comes back as something else."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from feedwatch.model import Article, Enclosure, Entry, Origin, Person, Reason
from feedwatch.publish.content import text_of
from feedwatch.publish.values import legal, looks_like_markup, one_line
from tests.publish.atom_checker import ATOM, NOON, REASON, check_atom, make_article, make_entry, make_view, render_atom

SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NASTY = (
    "&",
    "&amp;",
    "&amp;amp;",
    "<b>bold</b>",
    "]]>",
    "<![CDATA[x]]>",
    "<!--",
    "' \" > <",
    "\x00",
    "\x0b",
    "\x1b[31m",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\U0001ffff",
    "\x85",
    "\u2028",
    "\r\n",
    "\u202eevil",
    "👩‍👩‍👧‍👦",
    "النيجر",
    "ƙasa",
    "\ufeff",
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "{urn:x}y",
    "%00%zz",
    "é" * 300,
)
# Text as it comes: any code point, lone surrogates and controls included, with the known traps mixed in.
hostile = st.lists(st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=()), max_size=8), max_size=5).map(
    "".join
)
urls = st.none() | hostile | hostile.map("https://source.example/".__add__) | hostile.map("http://".__add__)
dates = st.none() | st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
people = st.lists(st.builds(Person, name=hostile, email=st.none() | hostile, url=urls), max_size=2).map(tuple)
origins = st.builds(
    Origin,
    id=urls,
    title=st.none() | hostile,
    link=urls,
    self_link=urls,
    updated_at=dates,
    rights=st.none() | hostile,
    language=st.none() | hostile,
    authors=people,
)
reasons = st.builds(
    Reason,
    facet=st.sampled_from(["region", "topic"]),
    rule=hostile.map("rule".__add__),
    name=hostile,
    code=st.none() | hostile,
    score=st.floats(0, 1e6),
    standing=st.just("about"),
    terms=st.lists(hostile, max_size=2).map(tuple),
)


@st.composite
def hostile_entries(draw: st.DrawFn) -> Entry:
    article = Article(
        source_id="source",
        guid="g",
        id="https://source.example/1",
        url=draw(urls),
        canonical_url=None,
        title=draw(hostile.filter(str.strip)),
        body=draw(hostile),
        html=draw(st.just("") | hostile),
        summary=draw(hostile),
        language=draw(st.sampled_from([None, "ar", "fr"]) | hostile),
        published_at=draw(dates),
        authors=draw(people),
        tags=draw(st.lists(hostile, max_size=2).map(tuple)),
        enclosures=draw(
            st.lists(
                st.builds(
                    Enclosure,
                    url=urls.map(lambda url: url or ""),
                    media_type=st.none() | hostile,
                    length_bytes=st.none() | st.integers(),
                ),
                max_size=2,
            ).map(tuple)
        ),
        rights=draw(st.none() | hostile),
        origin=draw(origins),
    )
    why = tuple(draw(st.lists(reasons, max_size=2)))
    return Entry(article=article, labels=(), first_seen_at=NOON, updated_at=NOON, reasons=why)


@SOME
@given(
    entry=hostile_entries(),
    definition=st.fixed_dictionaries(
        {
            "title": hostile,
            "subtitle": hostile,
            "lang": st.none() | hostile,
            "content": st.sampled_from(["full", "summary", "link"]),
            "reasons": st.booleans(),
        }
    ),
)
def test_any_entry_in_any_feed_is_valid_atom(entry: Entry, definition: dict[str, Any]) -> None:
    skipped: list[tuple[str, ...]] = []
    view = make_view(entry, make_entry(2), **definition)
    feed = check_atom(render_atom(view, on_skip=lambda *what: skipped.append(what)))
    assert skipped == []
    assert len(feed.findall(f"{ATOM}entry")) == 2
    for link in feed.iter(f"{ATOM}link"):
        assert link.get("href", "").lower().startswith(("http://", "https://"))


@SOME
@given(text=hostile.map(one_line).filter(lambda text: bool(text) and not looks_like_markup(text)))
def test_text_comes_back_as_it_went_in(text: str) -> None:
    person = Person(name=text)
    why = Reason(facet="topic", rule="r", name=text, code=None, score=1, standing="about", terms=(text,))
    entry = make_entry(title=text, tags=(text,), authors=(person,), rights=text, reasons=(why,))
    read = check_atom(render_atom(make_view(entry))).find(f"{ATOM}entry")
    assert read is not None
    assert read.findtext(f"{ATOM}title") == text
    assert read.findtext(f"{ATOM}rights") == text
    assert read.findtext(f"{ATOM}author/{ATOM}name") == text
    assert [category.get("term") for category in read.findall(f"{ATOM}category")] == [text, "r"]
    assert read.findtext(f"{REASON}reason/{REASON}term") == text


@SOME
@given(html=hostile.map(legal).filter(str.strip))
def test_html_comes_back_as_it_went_in(html: str) -> None:
    entry = make_entry(html=html, language=None)
    read = check_atom(render_atom(make_view(entry))).findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert read == html.strip()


@pytest.mark.parametrize("title", ["& < > ' \"", "&amp;amp;", "<b>bold", "AT&T; &lt;3", "والنيجر ƙasa 👩‍👩‍👧‍👦"])
def test_readers_see_the_very_title(title: str) -> None:
    read = feedparser.parse(render_atom(make_view(make_entry(title=title))))
    assert read.entries[0].title == title
    assert read.entries[0].title_detail.type == "text/plain"


@pytest.mark.parametrize("title", ["<b>bold</b>", "</p>&amp;", "a </script> b"])
def test_a_title_that_readers_would_take_for_markup_is_written_as_markup(title: str) -> None:
    entry = make_entry(title=title, rights=title, origin=Origin(title=title, rights=title))
    view = make_view(entry, title=title, subtitle=title, content="summary")
    feed = check_atom(render_atom(view))
    texts = [*feed.iter(f"{ATOM}title"), *feed.iter(f"{ATOM}rights"), *feed.iter(f"{ATOM}subtitle")]
    assert len(texts) == 6
    for text in texts:
        assert text.get("type") == "html"
        assert unescape(text.text or "") == title
    read = feedparser.parse(render_atom(view)).entries[0]
    assert (unescape(read.title), read.title_detail.type) == (title, "text/html")


def test_names_lose_tags() -> None:
    entry = make_entry(authors=(Person(name="<b>Ann</b> <i>Lee"),), origin=Origin(title="The <b>Source</b>"))
    read = check_atom(render_atom(make_view(entry))).find(f"{ATOM}entry")
    assert read is not None
    assert read.findtext(f"{ATOM}author/{ATOM}name") == "Ann Lee"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SÃ©curitÃ©", "Sécurité"),
        ("dâ\x80\x99Agadez Ã\xa0", "d’Agadez à"),
        ("Sécurité", "Sécurité"),
        ("AMANHÃ é ÃO", "AMANHÃ é ÃO"),
        ("Sécurité & santÃ©", "Sécurité & santé"),
        ("<p>Été</p>\n<p>DÃ©fense &amp; Ã\x89tat</p>", "<p>Été</p>\n<p>Défense &amp; État</p>"),
    ],
)
def test_text_that_was_coded_twice_is_read_as_it_was_meant(written: str, meant: str) -> None:
    assert one_line(written) == one_line(meant)
    assert legal(written).strip("\xa0").rstrip() == meant


def test_text_without_a_legal_character_falls_back_to_the_address() -> None:
    feed = check_atom(render_atom(make_view(make_entry(title="\x00"), title="\x00")))
    assert feed.findtext(f"{ATOM}title") == "niger"
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "https://source.example/1"


@pytest.mark.parametrize("language", ["ar", "fa-IR", "ha-Arab", "ur", "AR"])
def test_direction_is_said_for_right_to_left_languages(language: str) -> None:
    view = make_view()
    entry = make_entry(language=language)
    assert text_of(view.spec, entry, title="x", linked=True).html.startswith(f'<div dir="rtl" lang="{language}">')


@pytest.mark.parametrize("language", [None, "en", "ha", "fr-FR", "arn", 'ar"><script>'])
def test_direction_is_not_said_for_others(language: str | None) -> None:
    assert text_of(make_view().spec, make_entry(language=language), title="x", linked=True).html.startswith("<p>First")


@pytest.mark.parametrize(
    "broken",
    [
        (b"<updated>", b"<updated>x"),
        (b"+00:00</updated>", b"</updated>"),
        (b"<id>https", b"<id>no iri"),
        (b'rel="self"', b'rel="related"'),
        (b"<name>", b"<nam>", b"</name>", b"</nam>"),
        (b"<content ", b'<content type="text/html" src="x:y" ', b'type="html"', b""),
        (b"<title>Title 1", b"<title> "),
        (b"<entry ", b"<entry><title>again</title></entry><entry "),
    ],
)
def test_checker_refuses_what_the_rfc_forbids(broken: tuple[bytes, ...]) -> None:
    data = render_atom(make_view(make_entry()))
    check_atom(data)
    for place in range(0, len(broken), 2):
        assert broken[place] in data
        data = data.replace(broken[place], broken[place + 1])
    with pytest.raises((AssertionError, etree.DocumentInvalid)):
        check_atom(data)


def test_entry_without_address_or_legal_text_still_has_a_content() -> None:
    entry = make_entry(title="\x00", url=None, body="\x00", html="\x00")
    for form in ("full", "summary", "link"):
        read = check_atom(render_atom(make_view(entry, content=form)))
        assert read.findtext(f"{ATOM}entry/{ATOM}content") == "<p>https://source.example/1</p>"


def test_article_of_a_folder_without_address_is_published() -> None:
    article = make_article(url=None, canonical_url=None, origin=Origin(), body="")
    entry = Entry(article=article, labels=(), first_seen_at=NOON, updated_at=NOON)
    for form in ("full", "summary", "link"):
        check_atom(render_atom(make_view(entry, content=form)))
