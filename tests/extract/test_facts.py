from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.extract.facts import PageFacts, page_facts
from feedwatch.extract.page import page_tree

DAY = datetime(2025, 3, 12, tzinfo=UTC)


def facts_of(html: str) -> PageFacts:
    return page_facts(page_tree(html), "https://news.example/clinic")


@pytest.mark.parametrize(
    ("title", "rest", "expected", "origin"),
    [
        (
            "Kara opens a clinic | The Valley",
            "<h1>The Valley</h1><h1>Kara opens a clinic</h1>",
            "Kara opens a clinic",
            "h1",
        ),
        ("Kara opens a clinic - The Valley", "", "Kara opens a clinic", "title"),
        (
            "The Valley",
            "<meta property='og:title' content='Kara opens a clinic'>",
            "Kara opens a clinic",
            "meta og:title",
        ),
        (
            "Clinic for mothers opens in Kara",
            "<h1>Kara: a clinic for mothers opens</h1>",
            "Kara: a clinic for mothers opens",
            "h1",
        ),
        (
            "Health: Kara opens a clinic today",
            "<h1>Menu</h1><h2>Kara</h2>",
            "Health: Kara opens a clinic today",
            "title",
        ),
        ("", "<h1>Kara opens a clinic</h1>", "Kara opens a clinic", "h1"),
    ],
)
def test_the_title_is_the_heading_that_the_page_speaks_of(title: str, rest: str, expected: str, origin: str) -> None:
    facts = facts_of(f"<html><head><title>{title}</title></head><body>{rest}<p>Text.</p></body></html>")
    assert (facts.title, facts.origins["title"]) == (expected, origin)


@pytest.mark.parametrize(
    ("markup", "origin"),
    [
        ("<meta property='article:published_time' content='2025-03-12'>", "meta article:published_time"),
        ("<span itemprop=datePublished content='2025-03-12'>x</span>", "itemprop datePublished"),
        ("<time datetime='2025-03-12'>x</time>", "time, the only one"),
        ("<div class=post-date>Mis en ligne 12 mars 2025</div>", "element marked as date"),
        ("<div class=byline>Par Awa Diop, 12 mars 2025</div>", "element marked as date"),
        ("<h1>Kara</h1><p>12 mars 2025</p>", "line below the headline"),
    ],
)
def test_a_date_says_where_it_stood(markup: str, origin: str) -> None:
    facts = facts_of(f"<html><body>{markup}<p>Text.</p></body></html>")
    assert (facts.published_at, facts.origins["published"]) == (DAY, origin)


def test_dates_of_other_articles_and_of_changes_are_not_the_article_s() -> None:
    page = (
        "<body><h1>Kara</h1><div class=related><span class=date>12 mars 2025</span></div>"
        "<aside><p>12 mars 2025</p></aside><p class=date>Mis à jour le 12 mars 2025</p><footer>12 mars 2025</footer>"
    )
    assert facts_of(page).published_at is None


@pytest.mark.parametrize(
    ("markup", "names", "origin"),
    [
        ("<meta name=author content='Awa Diop, J. Kofi'>", ("Awa Diop", "J. Kofi"), "meta author"),
        ("<a rel=author href='/awa'>Awa Diop</a>", ("Awa Diop",), "link rel=author"),
        ("<div class=byline>Par Awa Diop et J. Kofi</div>", ("Awa Diop", "J. Kofi"), "byline"),
        ("<p>By Awa Diop</p>", ("Awa Diop",), "signed line"),
        (
            "<meta name=author content='https://news.example/awa'><span class=author>Awa Diop</span>",
            ("Awa Diop",),
            "byline",
        ),
        ("<meta property='og:site_name' content='The Valley'><meta name=author content='The Valley'>", (), None),
    ],
)
def test_authors_are_named_one_by_one(markup: str, names: tuple[str, ...], origin: str | None) -> None:
    facts = facts_of(f"<html><body>{markup}<p>Text of the page.</p></body></html>")
    assert (facts.authors, facts.origins.get("authors")) == (names, origin)


def test_an_author_that_is_only_referred_to_is_looked_up() -> None:
    data = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "Kara", "author": {"@id": "https://news.example/#awa"}},'
        '{"@type": "Person", "@id": "https://news.example/#awa", "name": "Awa Diop"}]}'
    )
    facts = facts_of(f'<body><script type="application/ld+json">{data}</script><p>Text.</p></body>')
    assert (facts.authors, facts.origins["authors"]) == (("Awa Diop",), "json-ld author")
