from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import ExtractError
from feedwatch.extract.article import MAX_BODY_CHARS, MAX_HTML_CHARS, MAX_TAGS, MAX_TITLE_CHARS, Extractor
from feedwatch.ledger import Identity
from feedwatch.model import Category, Enclosure, Item, Person, Shape, Source
from feedwatch.text import xml_legal

SOURCE = Source(id="valley", kind="feed", locator="https://news.example/feed", title="The Valley", interval_s=3600)
IDENTITY = Identity(guid="g-1", id="urn:uuid:00000000-0000-5000-8000-000000000001", item_hash="1-abc")
SENTENCE = "The town of Kara opened a clinic for mothers and small children on Monday."


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


def test_an_entry_becomes_an_article(extractor: Extractor) -> None:
    published = datetime(2025, 3, 12, tzinfo=UTC)
    item = Item(
        shape="entry",
        locator="https://news.example/feed",
        position=3,
        link="https://www.news.example/clinic/?utm_source=feed",
        title="Kara opens a &lt;i&gt;clinic&lt;/i&gt;",
        summary="<p>A place for mothers.</p>",
        content=f"<p>{SENTENCE}</p><p>It is <a href='/free'>free</a>.</p><script>x()</script>",
        published_at=published,
        authors=(Person(name="<b>Amina</b> Sow", url="javascript:x"),),
        categories=(
            Category(term="health", label="Health &amp; care"),
            Category(term="HEALTH & CARE"),
            Category(term="Togo"),
        ),
        enclosures=(Enclosure(url="https://news.example/a.mp3", media_type="audio/mpeg"), Enclosure(url="data:x")),
        image="javascript:x",
        language="en-US",
    )
    article = extractor.extract(item, SOURCE, IDENTITY)
    assert (article.source_id, article.guid, article.id, article.item_hash) == ("valley", "g-1", IDENTITY.id, "1-abc")
    assert article.url == "https://www.news.example/clinic/?utm_source=feed"
    assert article.canonical_url == "https://news.example/clinic"
    assert article.title == "Kara opens a clinic"
    assert article.body == f"{SENTENCE}\n\nIt is free."
    assert article.html == (
        f'<p>{SENTENCE}</p><p>It is <a href="https://www.news.example/free" rel="noopener noreferrer">free</a>.</p>'
    )
    assert article.summary == "A place for mothers."
    assert (article.language, article.languages) == ("en", frozenset({"en"}))
    assert (article.published_at, article.source_updated_at) == (published, None)
    assert article.authors == (Person(name="Amina Sow"),)
    assert article.tags == ("Health & care", "Togo")
    assert article.enclosures == (Enclosure(url="https://news.example/a.mp3", media_type="audio/mpeg"),)
    assert article.image is None


def test_an_entry_without_content_has_its_summary_as_text(extractor: Extractor) -> None:
    item = Item(shape="entry", locator="l", position=0, title="Kara", summary=f"<p>{SENTENCE}</p>")
    article = extractor.extract(item, SOURCE, IDENTITY)
    assert (article.body, article.summary) == (SENTENCE, SENTENCE)


def test_an_entry_without_a_title_is_called_by_its_first_words(extractor: Extractor) -> None:
    item = Item(shape="entry", locator="l", position=0, content=f"<p>{SENTENCE * 5}</p>")
    title = extractor.extract(item, SOURCE, IDENTITY).title
    assert title.startswith("The town of Kara opened a clinic")
    assert title.endswith("…")
    assert len(title) <= 120


def test_a_title_of_signs_alone_is_none(extractor: Extractor) -> None:
    item = Item(shape="entry", locator="l", position=0, title="***", content=f"<p>{SENTENCE}</p>")
    assert extractor.extract(item, SOURCE, IDENTITY).title == SENTENCE


def test_an_entry_of_a_link_alone_is_called_by_its_address(extractor: Extractor) -> None:
    item = Item(shape="entry", locator="l", position=0, link="https://news.example/2025/kara-opens-a-clinic.html")
    assert extractor.extract(item, SOURCE, IDENTITY).title == "2025 kara opens a clinic"


def test_what_a_blog_program_appends_is_no_text(extractor: Extractor) -> None:
    item = Item(
        shape="entry",
        locator="l",
        position=0,
        title="Kara",
        content=f'<p>{SENTENCE}</p><p>The post <a href="https://x.example">Kara</a> appeared first on The Valley.</p>',
    )
    assert extractor.extract(item, SOURCE, IDENTITY).body == SENTENCE


@pytest.mark.parametrize("shape", get_args(Shape))
def test_an_item_without_any_text_is_an_error_that_names_the_document(extractor: Extractor, shape: Shape) -> None:
    with pytest.raises(ExtractError, match=r"folder/empty\.txt: no text found in item 4"):
        extractor.extract(Item(shape=shape, locator="folder/empty.txt", position=4, content=" \n "), SOURCE, IDENTITY)


def test_a_page_that_shows_nothing_is_no_article_whatever_its_address_says(extractor: Extractor) -> None:
    page = Item(shape="page", locator="p", position=0, link="https://x.example/a-long-story", content="<div></div>")
    with pytest.raises(ExtractError, match="no text found"):
        extractor.extract(page, SOURCE, IDENTITY)
    bare = Item(shape="entry", locator="f", position=0, link="https://x.example/a-long-story")
    assert extractor.extract(bare, SOURCE, IDENTITY).title == "a long story"


def test_a_page_gives_text_facts_and_its_canonical_address(extractor: Extractor) -> None:
    html = (
        "<html lang=en><head><title>Kara opens a clinic</title><link rel=canonical href='https://news.example/clinic'>"
        "<meta property='article:section' content='Health'></head><body><h1>Kara opens a clinic</h1><article>"
        + f"<p>{SENTENCE}</p>" * 4
        + "</article></body></html>"
    )
    article = extractor.extract(Item(shape="page", locator="kara.html", position=0, content=html), SOURCE, IDENTITY)
    assert article.title == "Kara opens a clinic"
    assert article.url == article.canonical_url == "https://news.example/clinic"
    assert article.tags == ("Health",)
    assert SENTENCE in article.body
    assert not article.body.startswith("Kara opens a clinic\n")


def test_a_page_without_article_markup_still_has_its_text(extractor: Extractor) -> None:
    html = f"<title>Kara</title><table><tr><td>{SENTENCE}</td></tr></table>"
    assert (
        SENTENCE in extractor.extract(Item(shape="page", locator="k", position=0, content=html), SOURCE, IDENTITY).body
    )


def test_a_scrape_gives_section_text_and_teasers(extractor: Extractor) -> None:
    text = (
        "AccueilSantéKara ouvre un centre de soins\n\nKara ouvre un centre de soins\n\n- Publicité -\n\n"
        "La ville de Kara a ouvert lundi un centre de soins destiné aux mères et aux jeunes enfants.\n\n"
        "Les soins y sont gratuits.\n\nLAISSER UN COMMENTAIRE\n\nMali\n\nMali : la saison des pluies commence plus tôt"
    )
    article = extractor.extract(Item(shape="scrape", locator="k.txt", position=0, content=text), SOURCE, IDENTITY)
    assert article.title == "Kara ouvre un centre de soins"
    assert article.tags == ("Santé",)
    assert article.body.count("\n\n") == 1
    assert [(teaser.label, teaser.title) for teaser in article.teasers] == [
        ("Mali", "Mali : la saison des pluies commence plus tôt")
    ]
    assert article.tail == "- Publicité -\nLAISSER UN COMMENTAIRE"
    assert article.language == "fr"
    assert article.html == ""


def test_plain_text_has_its_first_line_as_title(extractor: Extractor) -> None:
    item = Item(
        shape="text", locator="k.txt", position=0, content=f"Kara opens a clinic\n\n{SENTENCE}\n\nIt is <free>."
    )
    article = extractor.extract(item, SOURCE, IDENTITY)
    assert (article.title, article.body) == ("Kara opens a clinic", f"{SENTENCE}\n\nIt is <free>.")


def test_a_teaser_has_its_summary_as_text(extractor: Extractor) -> None:
    item = Item(shape="teaser", locator="l", position=0, title="Kara opens a clinic", summary=SENTENCE)
    article = extractor.extract(item, SOURCE, IDENTITY)
    assert (article.title, article.body, article.summary) == ("Kara opens a clinic", SENTENCE, SENTENCE)


def test_everything_is_bounded(extractor: Extractor) -> None:
    item = Item(
        shape="entry",
        locator="l",
        position=0,
        title="word " * 1_000,
        content=f"<p>{SENTENCE}</p>" * 6_000,
        categories=(Category(term="x" * 1_000), *(Category(term=f"tag {n}") for n in range(500))),
    )
    article = extractor.extract(item, SOURCE, IDENTITY)
    assert len(article.title) <= MAX_TITLE_CHARS
    assert len(article.body) <= MAX_BODY_CHARS
    assert article.body.endswith("…")
    assert len(article.html) <= MAX_HTML_CHARS
    assert len(article.tags) == MAX_TAGS


@given(shape=st.sampled_from(get_args(Shape)), title=st.text(max_size=80), content=st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_an_article_or_a_clear_error(
    extractor: Extractor, shape: Shape, title: str, content: str
) -> None:
    try:
        article = extractor.extract(
            Item(shape=shape, locator="any", position=0, title=title, content=content), SOURCE, IDENTITY
        )
    except ExtractError:
        # Only a text of furniture alone may hold letters.
        assert shape in {"scrape", "page"} or not any(map(str.isalnum, title))
        return
    for text in (article.title, article.body, article.html, article.summary, article.tail, *article.tags):
        assert xml_legal(text) == text
    assert article.title == " ".join(article.title.split())
