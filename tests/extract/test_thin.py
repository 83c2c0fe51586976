"""Which items have too little text, and what a page adds to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from feedwatch.extract.thin import THIN_CHARS, WHOLE_CHARS, wants_page, with_page_text
from feedwatch.model import Article, Enclosure, FullText, Item, Person, Source

URL = "https://paper.example/2026/a"
SENTENCE = "Une phrase de l’article. "


def wants(body: str, *, full_text: FullText = "auto", item: dict[str, Any] | None = None, **article: Any) -> bool:
    source = Source(
        id="s", kind="feed", locator="https://paper.example/f", title="S", interval_s=60, full_text=full_text
    )
    given: dict[str, Any] = {"url": URL} | article
    made = Article(source_id="s", guid="g", id="i", canonical_url=None, title="Titre", body=body, **given)
    of_feed: dict[str, Any] = {"shape": "entry", "content": body, "summary": ""} | (item or {})
    return wants_page(source, Item(locator="x", position=0, **of_feed), made)


def test_a_short_text_is_thin_and_a_long_one_is_whole() -> None:
    assert wants("")
    assert wants("x" * (THIN_CHARS - 1))
    assert not wants("x" * THIN_CHARS)


def test_a_summary_without_content_is_thin_also_when_it_is_longer() -> None:
    body = "x" * (WHOLE_CHARS - 1)
    assert wants(body, item={"content": "", "summary": body})
    assert wants(body, item={"content": body, "summary": body})
    assert not wants(body + "xx", item={"content": "", "summary": body})


@pytest.mark.parametrize(
    "ending",
    [
        *("…", "[…]", "[...]", "Read more »", "Lire la suite", "Lire l’article complet", "En savoir plus"),
        *("اقرأ المزيد", "Leer más", "Leia mais", "Ci gaba da karatu", "Continue reading Niamey : les stations"),
    ],
)
def test_a_text_that_goes_on_elsewhere_is_thin(ending: str) -> None:
    assert wants(SENTENCE * 40 + ending)
    assert not wants(SENTENCE * 40)


def test_settings_of_the_source_go_first() -> None:
    assert not wants("", full_text="never")
    assert wants("x" * 5000, full_text="always")
    assert wants("x" * 5000, item={"shape": "teaser"})
    assert not wants("", item={"shape": "page"}, full_text="always")


@pytest.mark.parametrize(
    "url",
    [None, "https://paper.example/", "https://paper.example", "https://paper.example/a.pdf", "https://p.example/b.MP3"],
)
def test_what_leads_to_no_article_is_not_fetched(url: str | None) -> None:
    assert not wants("", url=url, full_text="always")


def test_an_address_with_a_query_alone_is_an_article() -> None:
    assert wants("", url="https://paper.example/?p=17")


def test_a_podcast_is_whole_as_it_is() -> None:
    assert not wants("", enclosures=(Enclosure(url="https://m.example/a", media_type="audio/mpeg"),))
    assert wants("", enclosures=(Enclosure(url="https://m.example/a", media_type="image/jpeg"),))


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = Article(
    source_id="s", guid="g", id="i", url=URL, canonical_url=URL, title="Titre", body="Court.", tags=("Niger",)
)
PAGE = replace(
    OWN,
    title="Titre de la page",
    body="Long.",
    html="<p>Long.</p>",
    language="fr",
    published_at=NOON,
    authors=(Person(name="Awa"),),
    tags=("niger", "Économie"),
    image="https://paper.example/i.jpg",
)


def test_the_page_gives_the_text_and_what_the_source_did_not_say() -> None:
    merged = with_page_text(OWN, PAGE)
    assert (merged.title, merged.body, merged.html, merged.language) == ("Titre", "Long.", "<p>Long.</p>", "fr")
    assert (merged.published_at, merged.authors, merged.image) == (NOON, PAGE.authors, PAGE.image)
    assert merged.tags == ("Niger", "Économie")


def test_what_the_source_says_goes_first() -> None:
    own = replace(OWN, published_at=NOON.replace(hour=1), authors=(Person(name="Bio"),))
    merged = with_page_text(own, PAGE)
    assert (merged.published_at, merged.authors) == (own.published_at, own.authors)


@pytest.mark.parametrize(
    ("own", "page", "title"),
    [
        ("Le conseil des ministres…", "Le conseil des ministres du 5 mars", "Le conseil des ministres du 5 mars"),
        ("Le conseil des ministres…", "Autre chose", "Le conseil des ministres…"),
        ("2026 a", "Le vrai titre", "Le vrai titre"),
    ],
)
def test_a_title_cut_short_or_made_of_the_address_is_completed(own: str, page: str, title: str) -> None:
    assert with_page_text(replace(OWN, title=own), replace(PAGE, title=page)).title == title
