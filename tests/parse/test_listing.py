"""Teasers of listing pages, found by their shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest

from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.parse.page import read_listing
from tests.parse import listings

URL = "https://fleuve.example/"


def read(page: str, url: str = URL) -> Parsed:
    return read_listing(page, url=url, locator=url, selectors=None)


def titles(page: str) -> list[str]:
    return [unescape(item.title) for item in read(page).items]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (listings.wordpress, listings.FRENCH),
        (listings.drupal, listings.FRENCH),
        (listings.cards, listings.FRENCH),
        (listings.table, listings.FRENCH),
        (listings.definitions, listings.FRENCH),
        (listings.flat, listings.FRENCH),
        (listings.more_links, listings.FRENCH),
        (listings.arabic, listings.ARABIC),
        (listings.hausa, listings.HAUSA),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_list_is_found_and_nothing_else(page: Callable[[], str], expected: tuple[str, ...]) -> None:
    assert titles(page()) == list(expected)


@pytest.mark.parametrize(
    "page",
    [
        *(listings.wordpress, listings.drupal, listings.cards, listings.table),
        *(listings.definitions, listings.flat, listings.arabic, listings.hausa),
    ],
    ids=lambda value: value.__name__,
)
def test_each_teaser_has_its_own_date(page: Callable[[], str]) -> None:
    found = [item.published_at.date() if item.published_at else None for item in read(page()).items]
    assert found == [datetime(2026, 3, day, tzinfo=UTC).date() for day in range(1, len(found) + 1)]


@pytest.mark.parametrize(
    "page",
    [listings.wordpress, listings.drupal, listings.cards, listings.definitions, listings.flat, listings.more_links],
    ids=lambda value: value.__name__,
)
def test_each_teaser_has_its_own_summary(page: Callable[[], str]) -> None:
    for number, item in enumerate(read(page()).items):
        assert unescape(item.summary).startswith(listings.lead(number)), item.title


def test_addresses_are_absolute_and_pictures_loaded_lazily_are_found() -> None:
    first = read(listings.wordpress()).items[0]
    assert first.link == "https://fleuve.example/2026/03/01/article-de-la-liste-numero-0/"
    assert first.image == "https://fleuve.example/wp-content/0.jpg"
    assert (first.shape, first.language, first.position) == ("teaser", "fr", 0)


@pytest.mark.parametrize("page", [listings.wordpress, listings.arabic], ids=lambda value: value.__name__)
def test_no_menu_tag_cloud_most_read_or_comment_count_is_a_teaser(page: Callable[[], str]) -> None:
    links = " ".join(item.link or "" for item in read(page()).items)
    for part in ("/category/", "/tag/", "/author/", "ancien", "/old/", "#respond", "/page/", "mentions"):
        assert part not in links


def test_most_read_headlines_that_are_in_the_list_are_there_once() -> None:
    doubled = listings.wordpress().replace("/2025/12/01/un-ancien-article-tres-lu-numero-1/", listings.slug(2))
    assert titles(doubled) == list(listings.FRENCH)


def test_a_headline_cut_short_is_whole_where_the_link_says_it() -> None:
    page = "".join(
        f"<li><a href='/a/{n}' title='Une nouvelle importante dite en entier {n}'>Une nouvelle importante…</a></li>"
        for n in range(5)
    )
    assert titles(listings.frame(f"<ul>{page}</ul>"))[3] == "Une nouvelle importante dite en entier 3"


def test_sections_of_a_front_page_are_read_together() -> None:
    def section(name: str, first: int) -> str:
        items = "".join(
            f"<li><h3><a href='/{name}/{n}-un-article'>{name.title()} : {listings.FRENCH[n]}</a></h3>"
            f"<p>{listings.lead(n)}</p></li>"
            for n in range(first, first + 3)
        )
        return f"<section><h2><a href='/{name}/'>{name.title()}</a></h2><ul class='{name}'>{items}</ul></section>"

    found = titles(listings.frame(section("politique", 0) + section("economie", 3)))
    assert len(found) == 6
    assert found[0].startswith("Politique")
    assert found[5].startswith("Economie")


def test_headlines_with_markup_or_entities_stay_text() -> None:
    rows = "".join(f"<li><a href='/a/{n}'>Prix &lt;b&gt; &amp; taxes : ce qui change en {n}</a></li>" for n in range(5))
    assert read(listings.frame(f"<ul>{rows}</ul>")).items[0].title == "Prix &lt;b&gt; &amp; taxes : ce qui change en 0"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example/x"]
)
def test_only_http_addresses_become_links(address: str) -> None:
    rows = "".join(f"<li><a href='{address}#{n}'>Une nouvelle importante du jour {n}</a></li>" for n in range(5))
    with pytest.raises(ParseError, match="no list"):
        read(listings.frame(f"<ul>{rows}</ul>"))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<p>Site en maintenance.</p>",
        "<div id='app'></div><script>render()</script>",
        "<form><input type='password'></form>",
        listings.MOST_READ.replace("h3", "h1").replace("li>", "b>"),
    ],
)
def test_a_page_without_a_list_is_an_error_that_names_the_cure(body: str) -> None:
    page = f"<html><head><title>x</title></head><body>{body}</body></html>"
    if "b>" in body:
        # Only a box of old articles: better than nothing, and no error.
        assert len(read(page).items) == 8
        return
    with pytest.raises(ParseError, match="selectors"):
        read(page)


def test_an_article_is_one_item_also_beside_a_list_of_others() -> None:
    text = "".join(f"<p>{sentence} {sentence}</p>" for sentence in listings.LEADS * 4)
    (item,) = read(listings.frame(f"<main><h1>Titre</h1>{text}</main><div>{listings.MOST_READ}</div>")).items
    assert item.shape == "page"


def test_where_a_list_was_an_article_is_no_entry() -> None:
    notice = "".join(f"<p>Le site est en maintenance, {sentence}</p>" for sentence in listings.LEADS * 4)
    page = listings.frame(f"<main><h1>Maintenance</h1>{notice}</main>")
    assert read(page).items[0].shape == "page"
    with pytest.raises(ParseError, match="no list"):
        read_listing(page, url=URL, locator=URL, selectors=None, only_lists=True)
