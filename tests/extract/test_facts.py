from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.extract.facts import PageFacts, page_facts
from feedwatch.extract.page import page_tree

DAY = datetime(2025, 3, 12, tzinfo=UTC)


LINKED = '{"@type": "NewsArticle", "headline": "Kara", "datePublished": "2025-03-12"}'
LONG = "The town of Kara opened a clinic for mothers and small children after two years of building. " * 2


def facts_of(html: str, url: str = "https://news.example/clinic") -> PageFacts:
    return page_facts(page_tree(html), url)


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
        ("<div class=post-date>12.03.25</div>", "element marked as date"),
        ("<abbr class=published title='2025-03-12'>10:52</abbr>", "element marked as date"),
        ("<h1>Kara</h1><p>12 mars 2025</p>", "line below the headline"),
        ("<h1>Kara</h1><div> 12 März, 2025 | <a href=/k>Kultur</a></div>", "line below the headline"),
        ("<h1>Kara<br><small><i></i>&nbsp; 12.3.2025 • <i></i></small></h1>", "line below the headline"),
        ("<h3>12.03.2025</h3><h1>Kara</h1>", "line above the headline"),
        (f"<h1>Kara</h1><p>KARA, 12 March 2025 – {LONG}</p>", "dateline"),
        ("<article><footer class=entry-meta>12 mars 2025</footer></article>", "element marked as date"),
        ("<div class=two-sidebars><h1>Kara</h1><p class=date>12 mars 2025</p></div>", "element marked as date"),
        ("<script>var layer = {'first-publication': '2025-03-12 00:00'}</script>", "script first-publication"),
        (f"<script type=application/ld+json>//<![CDATA[\n{LINKED}\n//]]></script>", "json-ld datePublished"),
        (f"<script type=application/ld+json>{LINKED[:-1]},}}</script>", "json-ld datePublished"),
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
    "markup",
    [
        "<h1>Kara</h1><p>© 12.03.2025</p>",
        "<h1>Kara</h1><div class=comment><time class=published datetime=2025-03-12>x</time></div>",
        "<div class=today>Mittwoch, 12. März 2025</div>" + "<p>Menu</p>" * 12 + "<h1>Kara</h1>",
        f"<h1>Kara</h1><p>On 12 March 2025 it rained. {LONG}</p>",
        "<h1>Kara</h1><p>The clinic that was promised opens its doors on 12 March 2025</p>",
        "<script>a = {pubDate: '2025-03-12'}; b = {pubDate: '2024-01-01'}</script>",
    ],
)
def test_a_date_that_may_be_another_s_is_not_taken(markup: str) -> None:
    assert facts_of(f"<body>{markup}<p>Text.</p></body>").published_at is None


def test_the_address_goes_before_dates_that_are_only_shown_unless_they_agree() -> None:
    page = "<body><h1>Kara</h1><p class=date>{}</p><p>Text.</p>"
    address = "https://news.example/2025/03/12/kara"
    other, same = (page_facts(page_tree(page.format(text)), address) for text in ("1 mars 2024", "12 mars 2025"))
    assert (other.published_at, other.origins["published"]) == (DAY, "url")
    assert (same.published_at, same.origins["published"]) == (DAY, "element marked as date")


def test_publication_and_change_in_one_line_are_told_apart() -> None:
    facts = facts_of("<body><h1>Kara</h1><p>Published 1 March 2025, updated 12 March 2025</p><p>Text.</p></body>")
    assert (facts.published_at, facts.updated_at) == (datetime(2025, 3, 1, tzinfo=UTC), DAY)


@pytest.mark.parametrize(
    "address",
    ["https://n.example/2025-03-12-kara", "https://n.example/a/20250312/kara", "https://n.example/2025/3/12/"],
)
def test_a_full_date_in_the_address_is_read(address: str) -> None:
    page = page_tree(f"<head><link rel=canonical href='{address}'></head><body><p>Text.</p></body>")
    assert page_facts(page, "https://n.example/saved.html").published_at == DAY


def test_a_long_number_in_the_address_is_no_date() -> None:
    page = page_tree("<body><p>Text.</p></body>")
    assert page_facts(page, "https://n.example/a/1920250312/kara-202503129").published_at is None


@pytest.mark.parametrize(
    "markup",
    [
        "<p class=info>Aktualisiert: 12.03.2025</p>",
        "<p><b>Mis à jour le </b>12 mars 2025.</p>",
        "<div id=footer><ul><li>This page was last edited on 12 March 2025, at 19:23.</li></ul></div>",
        "<meta itemprop=dateUpdate content='2025-03-12'>",
    ],
)
def test_a_shown_change_is_the_article_s_last_change_and_not_its_publication(markup: str) -> None:
    facts = facts_of(f"<body><h1>Kara</h1>{markup}<p>Text.</p></body>")
    assert (facts.updated_at, facts.published_at) == (DAY, None)


@pytest.mark.parametrize(
    ("markup", "names", "origin"),
    [
        ("<meta name=author content='Awa Diop, J. Kofi'>", ("Awa Diop", "J. Kofi"), "meta author"),
        ("<a rel=author href='/awa'>Awa Diop</a>", ("Awa Diop",), "link rel=author"),
        ("<p class=byline>By Awa Diop, Apr 19, 2013</p>", ("Awa Diop",), "byline"),
        ("<p class=byline>By Awa Rose Diop Tuesday, Aug. 17, 2010</p>", ("Awa Rose Diop",), "byline"),
        ("<p class=byline>By Awa Diop and Kofi May, 9:39AM BST</p>", ("Awa Diop", "Kofi May"), "byline"),
        ("<p class=byline>Awa Diop Senior Africa Correspondent</p>", ("Awa Diop",), "byline"),
        ("<p class=byline>Awa Diop, Executive Editor</p>", ("Awa Diop",), "byline"),
        (
            "<p class=byline>Par AWA DIOP, KOFI SOW Envoyés spéciaux à Agadez</p>",
            ("AWA DIOP", "KOFI SOW"),
            "byline",
        ),
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


@pytest.mark.parametrize(
    ("markup", "names", "origin"),
    [
        ("<p>Reported by</p><a href='/author/awa-diop'>Awa Diop</a>", ("Awa Diop",), "link to an author"),
        (
            "<a href='/profiles/awa'><img></a><a href='/profiles/awa'>Awa Diop</a>, <a href='/profiles/jk'>J. Kofi</a>",
            ("Awa Diop", "J. Kofi"),
            "link to an author",
        ),
        ("<div>By <span><b>Awa Diop</b></span></div>", ("Awa Diop",), "signed line"),
        ("<aside><address><a rel=author>Awa Diop</a></address></aside>", ("Awa Diop",), "link rel=author"),
        ("<p>By <em>Staff writer Awa Diop</em></p>", ("Awa Diop",), "signed line"),
        ("<p class=signature>Par : Awa Diop</p>", ("Awa Diop",), "byline"),
        ("<span>Interview: Awa Diop</span>", ("Awa Diop",), "signed line"),
        ("<p class=byline>Words: Awa Diop</p>", ("Awa Diop",), "byline"),
        ("<p class=byline>Von Awa Diop, Accra</p>", ("Awa Diop",), "byline"),
        ("<a href='https://blogs.example/@awa'>Awa Diop</a>", ("Awa Diop",), "link to an author"),
        ("<a href='https://www.youtube.com/@valley'>Our channel</a>", (), None),
        ("<b data-testid=authorName>Awa Diop</b>", ("Awa Diop",), "byline"),
        ("<form><label class=username>Username</label></form>", (), None),
        ("<p>Oleh: <b>Awa Diop</b></p>", ("Awa Diop",), "signed line"),
        (
            "<p class=byline>Thank you for your effort and contribution to this page.</p><p class=byline>Awa Diop</p>",
            ("Awa Diop",),
            "byline",
        ),
        ("<p class=byline>Awa Diop, J. Kofi, and Ali Ba</p>", ("Awa Diop", "J. Kofi", "Ali Ba"), "byline"),
        ("<p class=byline>Awa Diop, 19:28 IST</p>", ("Awa Diop",), "byline"),
        ("<p class=byline>Awa Diop, em Acra</p>", ("Awa Diop",), "byline"),
        ("<p class=byline>Awa Diop <span hidden>Awa Diop</span></p>", ("Awa Diop",), "byline"),
        (
            "<meta property='og:site_name' content='Valley News'><p class=byline>By Awa Diop Valley News</p>",
            ("Awa Diop",),
            "byline",
        ),
        ("<p class=byline>류영상 기자</p>", ("류영상",), "byline"),
        (
            "<span class=byline>By <a>Awa Diop<script>load('picture', 'of', 'her')</script></a></span>",
            ("Awa Diop",),
            "byline",
        ),
        ("<div class='headline__footer'><span class=byline>By Awa Diop</span></div>", ("Awa Diop",), "byline"),
        ("<div class='layout-sidebar'><span class=byline>By Awa Diop</span></div>", ("Awa Diop",), "byline"),
        ("<div class='sidebar'><span class=byline>By Awa Diop</span></div>", (), None),
    ],
)
def test_authors_are_found_where_readers_see_them(markup: str, names: tuple[str, ...], origin: str | None) -> None:
    facts = facts_of(f"<h1>Kara opens a clinic</h1>{markup}<p>The town of Kara opened a clinic on Monday.</p>")
    assert (facts.authors, facts.origins.get("authors")) == (names, origin)


def test_an_author_that_is_only_referred_to_is_looked_up() -> None:
    data = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "Kara", "author": {"@id": "https://news.example/#awa"}},'
        '{"@type": "Person", "@id": "https://news.example/#awa", "name": "Awa Diop"}]}'
    )
    facts = facts_of(f'<body><script type="application/ld+json">{data}</script><p>Text.</p></body>')
    assert (facts.authors, facts.origins["authors"]) == (("Awa Diop",), "json-ld author")


def test_the_date_at_the_head_of_a_page_is_of_today() -> None:
    head = "<div class=date>Monday, 24 August 2026</div>" + "<ul><li><a href='/x'>X</a></li></ul>" * 5
    facts = facts_of(f"{head}<h1>Kara opens a clinic</h1><p class=date>12 March 2025</p>")
    assert str(facts.published_at)[:10] == "2025-03-12"


def test_an_address_with_two_days_tells_none() -> None:
    url = "https://news.example/calendar-20211201-20211129-story.html"
    assert facts_of("<h1>Events of the week</h1>", url).published_at is None


def test_a_heading_with_the_name_of_the_site_is_no_title() -> None:
    facts = facts_of(
        "<title>Kara opens a clinic</title><meta property='og:site_name' content='The Valley'>"
        "<h1>The Valley, your daily paper since 1960</h1>"
    )
    assert facts.title == "Kara opens a clinic"


def test_a_lower_heading_is_the_title_without_the_name_of_the_site_before_it() -> None:
    assert (
        facts_of("<title>Lens: Kara opens a clinic</title><h3>Kara opens a clinic</h3>").title == "Kara opens a clinic"
    )
    tail = facts_of("<title>Kara opens a clinic at last - The Valley Daily</title><h3>The Valley Daily</h3>")
    assert tail.title == "Kara opens a clinic at last"


def test_the_name_of_a_file_is_no_title() -> None:
    assert facts_of("<title>communique_final.pdf</title><p>The town of Kara opened a clinic.</p>").title == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<p class=timestamp>Updated 10:12, April 9, 2025 | Published April 8, 2025</p>",
        "<aside><address>Awa Diop</address><p>Tue 8 Apr 2025</p></aside>",
        "<div class=footer><time itemprop=datePublished datetime=2025-04-08>8.4.2025</time></div>",
    ],
)
def test_the_day_of_publication_is_found_beside_changes_and_in_odd_boxes(markup: str) -> None:
    facts = facts_of(f"<h1>Kara opens a clinic</h1>{markup}<p>The town of Kara opened a clinic on Monday.</p>")
    assert str(facts.published_at)[:10] == "2025-04-08"


def test_an_aside_far_below_the_heading_is_of_other_articles() -> None:
    far = "<p>The town of Kara opened a clinic.</p>" * 20
    facts = facts_of(f"<h1>Kara opens a clinic</h1>{far}<aside><a rel=author>Awa Diop</a></aside>")
    assert facts.authors == ()
