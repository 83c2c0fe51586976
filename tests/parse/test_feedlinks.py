"""The feeds that a page leads to, by its head or by its text."""

from __future__ import annotations

import pytest

from feedwatch.parse.feedlinks import MAX_LINKED, MAX_NAMED, feed_addresses, linked_addresses, onward_addresses

SITE = "https://journal.example/"


def test_the_feeds_that_a_page_names_are_found() -> None:
    page = (
        "<link rel='alternate' type='application/rss+xml' href='/feed'>"
        "<link rel='alternate' type='text/html' href='/other'>"
        "<link rel='alternate' type='application/feed+json' href='j'>"
    )
    assert feed_addresses(page, f"{SITE}a/") == [f"{SITE}feed", f"{SITE}a/j"]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("<LINK REL=ALTERNATE TYPE='APPLICATION/RSS+XML; charset=utf-8' HREF='  /f\n'>", f"{SITE}f"),
        ("<base href='/un/'><link rel='alternate' type='application/atom+xml' href='f'>", f"{SITE}un/f"),
        ("<link rel='alternate' type='text/xml' title='RSS' href='/f'>", f"{SITE}f"),
        ("<link rel='alternate' type='application/xml' href='/rss.xml'>", f"{SITE}rss.xml"),
        ("<link rel='alternate' href='/spip.php?page=backend'>", f"{SITE}spip.php?page=backend"),
        ("<link rel='feed' href='/f'>", f"{SITE}f"),
        ("<link type='application/rss+xml' href='feed://other.example/f'>", "http://other.example/f"),
        (
            "<link rel='alternate' type='application/rss+xml' href='feed:https://other.example/f'>",
            "https://other.example/f",
        ),
        # No feeds: of another language, for posting, what WordPress offers to programs, anything else.
        ("<link rel='alternate' hreflang='en' href='/en/feed/'>", None),
        ("<link rel='service.post' type='application/atom+xml' href='/feeds/1/posts/default'>", None),
        ("<link rel='alternate' type='application/json' href='/wp-json/wp/v2/pages/5'>", None),
        ("<link rel='alternate' type='application/json+oembed' href='/feed/?oembed'>", None),
        ("<link rel='stylesheet' type='text/css' href='/rss.css'>", None),
        ("<link rel='alternate' type='application/rss+xml' href='javascript:rss()'>", None),
    ],
)
def test_a_link_of_the_head_is_a_feed_or_is_none(link: str, address: str | None) -> None:
    assert feed_addresses(link, SITE) == ([address] if address else [])


def test_feeds_of_comments_come_last_by_address_or_title_before_the_number_is_cut() -> None:
    links = ["<link rel=alternate type='application/rss+xml' title='Journal - Commentaires' href='/1/feed/'>"]
    links.append("<link rel=alternate type='application/rss+xml' href='/comments/feed/'>")
    links += [f"<link rel=alternate type='application/rss+xml' href='/{number}'>" for number in range(MAX_NAMED - 1)]
    found = feed_addresses("".join(links), SITE)
    assert found == [*(f"{SITE}{number}" for number in range(MAX_NAMED - 1)), f"{SITE}1/feed/"]


@pytest.mark.parametrize(
    "anchor",
    [
        "<a href='/rss.xml'>S'abonner</a>",
        "<a href='/une/rss/'>S'abonner</a>",
        "<a href='/?feed=rss2'>S'abonner</a>",
        "<a href='/spip.php?page=backend'>S'abonner</a>",
        "<a href='/index.php?format=feed&amp;type=rss'>S'abonner</a>",
        "<a href='/feeds/posts/default?alt=rss'>S'abonner</a>",
        "<a href='https://feeds.feedburner.com/journal'>S'abonner</a>",
        "<a href='/abo?x=3'>Flux RSS</a>",
        "<a href='/abo?x=3'><img src='/i/x.png' alt='RSS'></a>",
        "<a href='/abo?x=3'><i class='icon icon-rss'></i></a>",
        "<a href='/abo?x=3' title='Atom'>*</a>",
    ],
)
def test_a_link_in_the_text_that_looks_like_a_feed_is_found(anchor: str) -> None:
    (found,) = linked_addresses(f"<p><a href='/'>Accueil</a> {anchor} <a href='/contact'>Contact</a></p>", SITE)
    assert found.startswith("https://")


@pytest.mark.parametrize(
    "anchor",
    [
        "<a href='/feedback'>Votre avis</a>",
        "<a href='/presse/atomes.html'>Les atomes</a>",
        "<a href='https://feedly.com/i/subscription/feed/https://journal.example/rss'>Feedly</a>",
        "<a href='mailto:rss@journal.example'>Écrire</a>",
        "<a>RSS</a>",
    ],
)
def test_a_link_in_the_text_that_only_resembles_one_is_not_asked_for(anchor: str) -> None:
    assert linked_addresses(anchor, SITE) == []


def test_of_links_in_the_text_those_with_an_address_of_a_feed_come_first_and_few_are_taken() -> None:
    page = "<a href='/abo'>RSS</a>" + "".join(f"<a href='/{number}.rss'>x</a>" for number in range(9))
    assert linked_addresses(page, SITE) == [f"{SITE}{number}.rss" for number in range(MAX_LINKED)]


@pytest.mark.parametrize(
    "page",
    [
        "<meta http-equiv='Refresh' content='0; URL=/fr/'>",
        "<meta http-equiv=refresh content=\"0;url='https://journal.example/fr/'\">",
        "<frameset><frame src='/fr/'></frameset>",
    ],
)
def test_a_page_that_only_sends_on_says_where(page: str) -> None:
    assert onward_addresses(page, SITE) == [f"{SITE}fr/"]


@pytest.mark.parametrize(
    "page", ["<meta http-equiv='refresh' content='300'>", "<meta name='refresh' content='0;url=/x'>"]
)
def test_a_page_that_reloads_itself_sends_nowhere(page: str) -> None:
    assert onward_addresses(page, SITE) == []
