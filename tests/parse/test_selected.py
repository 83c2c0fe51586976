"""Teasers that a person described with CSS selectors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Selectors
from feedwatch.parse.page import read_listing
from feedwatch.parse.selected import selector_fault
from tests.parse import listings

URL = "https://fleuve.example/actu/"


def read(page: str, **selectors: str) -> Parsed:
    return read_listing(page, url=URL, locator=URL, selectors=Selectors(**selectors))


ROWS = "".join(
    f"<div class='n'><b class='t'>Brève {n}</b><i class='d'>{n} mars 2026</i><span class='s'>En deux mots.</span>"
    f"<a class='l' href='b{n}.html'>ici</a><a href='/autre'>Un autre lien, bien plus long que le premier</a></div>"
    for n in range(1, 4)
)


def test_each_part_is_taken_from_where_its_selector_says() -> None:
    items = read(ROWS, item="div.n", title=".t", link="a.l", date=".d", summary=".s").items
    assert [(item.title, item.link) for item in items] == [
        (f"Brève {n}", f"https://fleuve.example/actu/b{n}.html") for n in (1, 2, 3)
    ]
    assert [item.published_at for item in items] == [datetime(2026, 3, n, tzinfo=UTC) for n in (1, 2, 3)]
    assert {item.summary for item in items} == {"En deux mots."}
    assert [item.position for item in items] == [0, 1, 2]


def test_the_item_alone_is_enough_where_the_rest_can_be_told() -> None:
    items = read(listings.wordpress(), item="article.post").items
    assert [item.title for item in items] == [title.replace("&", "&amp;") for title in listings.FRENCH]
    assert items[2].published_at is not None
    assert items[0].summary.startswith(listings.lead(0))


def test_the_item_may_be_the_link_itself() -> None:
    page = "<a class='x' href='/1'>Un</a><a class='x' href='/2'>Deux</a><a href='/3'>Trois</a>"
    assert [item.link for item in read(page, item="a.x").items] == [
        "https://fleuve.example/1",
        "https://fleuve.example/2",
    ]


def test_an_item_that_selects_nothing_is_an_error_that_quotes_it() -> None:
    with pytest.raises(ParseError, match=r"selectors\.item = 'div\.m' selects nothing"):
        read(ROWS, item="div.m")


def test_items_without_what_the_selectors_want_are_an_error_that_says_so() -> None:
    with pytest.raises(ParseError, match=r"none of the 3 elements .* a title \(\.x\) and a link"):
        read(ROWS, item="div.n", title=".x")


def test_some_items_without_a_link_are_named() -> None:
    parsed = read(ROWS + "<div class='n'><b class='t'>Sans lien</b></div>", item="div.n", title=".t", link="a.l")
    assert len(parsed.items) == 3
    assert "1 of 4 elements" in parsed.problems[0]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "//", ""])
def test_only_http_addresses_pass(href: str) -> None:
    with pytest.raises(ParseError):
        read(f"<div class='n'><a href='{href}'>Un titre</a></div>", item="div.n")


@pytest.mark.parametrize("selector", ["div[", "::", "a >", ":nth-child(x)", "p:unknown-thing"])
def test_a_selector_that_is_none_is_told(selector: str) -> None:
    assert selector_fault(selector)


@pytest.mark.parametrize("selector", ["div.n > a", ":scope > a", "a:has(img)", "li:nth-of-type(2n)"])
def test_a_good_selector_has_no_fault(selector: str) -> None:
    assert selector_fault(selector) == ""
