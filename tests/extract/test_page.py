from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.extract.facts import PageFacts, page_facts
from feedwatch.extract.page import main_text, page_tree
from feedwatch.markup import html_to_text

URL = "https://news.example/health/clinic"
PARAGRAPHS = [
    "The town of Kara opened a clinic for mothers and small children on Monday, after two years of building work.",
    "A midwife from a nearby village said she had waited a long time for a place like this one to open its doors.",
    "The ministry promises to open three more clinics before the end of the year, in the north and in the east.",
]
PAGE = (
    """<!doctype html><html lang="en-GB"><head><title>Kara opens a clinic | The Valley</title>
<link rel="canonical" href="/health/clinic?id=7">
<meta property="og:title" content="Kara opens a clinic | The Valley"><meta property="og:site_name" content="The Valley">
<meta property="og:image" content="/img/clinic.jpg"><meta property="og:description" content="A place for mothers.">
<meta property="article:section" content="Health"><meta property="article:tag" content="Togo">
<meta property="article:modified_time" content="2025-03-13T08:00:00Z">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"The Valley"},
{"@type":"NewsArticle","headline":"Kara opens a clinic","datePublished":"2025-03-12T10:20:00+01:00",
"author":[{"@type":"Person","name":"Amina Sow"},{"@type":"Person","name":"J. Kofi"}],"inLanguage":"en"}]}</script>
</head><body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><h1>Kara opens a clinic</h1><article>"""
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + """<p>See <a href="map.html" onclick="x()">the map</a> of all the clinics in the region.</p></article>
<aside><h3>Most read</h3><ul><li><a href="/a">Japan and Canada sign an agreement</a></li></ul></aside>
<footer>All rights reserved</footer></body></html>"""
)


def facts_of(html: str, url: str | None = None) -> PageFacts:
    return page_facts(page_tree(html), url)


def test_the_main_text_of_a_page_has_no_furniture() -> None:
    html = main_text(page_tree(PAGE), URL).html
    text = html_to_text(html)
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "Japan" not in text
    assert "rights reserved" not in text
    assert 'href="https://news.example/health/map.html"' in html
    assert "onclick" not in html


@pytest.mark.parametrize("wrapper", ["form", "noscript"])
def test_what_is_around_a_whole_page_does_not_hide_it(wrapper: str) -> None:
    wrapped = PAGE.replace("</head><body>", f"</head><body><{wrapper}>").replace("</body>", f"</{wrapper}></body>")
    text = html_to_text(main_text(page_tree(wrapped), URL).html)
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "Japan" not in text


@pytest.mark.parametrize(
    "opening",
    [
        '<div id="comments">', '<section class="Comments-area">', '<ol id="comments">', '<details id="disqus_thread">',
        '<div id="dsq-comments">', '<div id="infinite-scroll">', '<div class="mvp-post-add-wrap">',
    ],
)  # fmt: skip
def test_what_readers_write_and_other_articles_below_are_no_text(opening: str) -> None:
    others = "".join(f"<p>Somebody else has said so before, in number {n}, and nobody listened.</p>" for n in "123")
    closing = opening[1:].partition(" ")[0]
    page = PAGE.replace("</article>", f"{opening}{others}</{closing}></article>")
    text = html_to_text(main_text(page_tree(page), URL).html)
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "Somebody else" not in text


def test_a_form_on_a_page_is_no_text() -> None:
    form = (
        "<form action=/c><p>Write a comment here, and tell us what you think of all of this, please, today.</p></form>"
    )
    assert "comment here" not in html_to_text(
        main_text(page_tree(PAGE.replace("</article>", f"{form}</article>")), URL).html
    )


def test_what_a_page_says_about_itself() -> None:
    facts = facts_of(PAGE, URL)
    assert facts.title == "Kara opens a clinic"
    assert facts.description == "A place for mothers."
    assert facts.authors == ("Amina Sow", "J. Kofi")
    assert facts.published_at == datetime(2025, 3, 12, 9, 20, tzinfo=UTC)
    assert facts.updated_at == datetime(2025, 3, 13, 8, 0, tzinfo=UTC)
    assert facts.canonical == "https://news.example/health/clinic?id=7"
    assert facts.image == "https://news.example/img/clinic.jpg"
    assert facts.language == "en-GB"
    assert facts.section == "Health"
    assert facts.keywords == ("Togo",)


def test_a_date_is_never_guessed() -> None:
    page = "<html><head><title>T</title></head><body><p>On 3 March 2024 it rained.</p><p>© 2025</p></body></html>"
    assert facts_of(page, "https://news.example/rain").published_at is None


def test_the_address_is_the_last_place_that_a_date_is_taken_from() -> None:
    address = "https://news.example/2024/03/05/rain"
    facts = facts_of("<title>T</title><body><p>It rained.</p></body>", address)
    assert (facts.published_at, facts.origins["published"]) == (datetime(2024, 3, 5, tzinfo=UTC), "url")
    facts = facts_of("<title>T</title><body><span class=date>4 March 2024</span><p>It rained.</p></body>", address)
    assert facts.origins["published"] == "element marked as date"


@pytest.mark.parametrize(
    "markup",
    [
        '<time datetime="2025-03-12T10:00:00Z">12 March</time>',
        '<time class="entry-date" datetime="2025-03-12T10:00:00Z">x</time><time datetime="2024-01-01">y</time>',
        '<meta name="pubdate" content="2025-03-12T10:00:00Z">',
        '<meta itemprop="datePublished" content="2025-03-12T10:00:00Z">',
    ],
)
def test_a_date_in_the_markup_is_believed(markup: str) -> None:
    assert facts_of(f"<html><body>{markup}</body></html>").published_at == datetime(2025, 3, 12, 10, tzinfo=UTC)


def test_of_several_unmarked_dates_none_is_believed() -> None:
    page = '<time datetime="2025-03-12T10:00:00Z">a</time><time datetime="2024-03-12T10:00:00Z">b</time>'
    assert facts_of(page).published_at is None


@pytest.mark.parametrize(
    "data", ["{", "[[[[" * 5_000, '{"@type": "NewsArticle", "headline": {"a": 1}, "author": 5}', "null"]
)
def test_broken_linked_data_is_passed_over(data: str) -> None:
    page = f'<title>Kara opens a clinic</title><script type="application/ld+json">{data}</script>'
    assert facts_of(page).title == "Kara opens a clinic"


def test_addresses_of_other_schemes_are_none() -> None:
    facts = facts_of('<link rel=canonical href="javascript:alert(1)"><meta property="og:image" content="data:x">', URL)
    assert (facts.canonical, facts.image) == (None, None)


@given(
    st.text(max_size=500) | st.lists(st.sampled_from([PAGE[:900], "<p>", "</div>", "<article>", "text "])).map("".join)
)
@settings(max_examples=40, deadline=None)
def test_any_text_is_read_as_a_page(html: str) -> None:
    tree = page_tree(html)
    main_text(tree, URL)
    page_facts(tree, URL)
