"""Lists whose headlines, dates or addresses stand where no theme puts them."""

from __future__ import annotations

import json
from html import unescape

import pytest

from feedwatch.errors import ParseError
from feedwatch.parse.page import read_listing

URL = "https://paper.example/news/"
HEADLINES = (
    "Rain returns to the north after five dry weeks",
    "Council votes to rebuild the burnt market",
    "Three villages near Gushegu drill for water again",
    "Teachers end their strike after nine days of talks",
)
LEAD = "After weeks of waiting the people of the district saw what they had hoped for, and began to work again."
ROWS = [(f"/n/{place}", headline, f"{place} April 2025") for place, headline in enumerate(HEADLINES, 1)]
EXPECTED = [(f"https://paper.example/n/{n}", headline, f"2025-04-0{n}") for n, headline in enumerate(HEADLINES, 1)]


def read(body: str, head: str = "") -> list[tuple[str | None, str, str]]:
    page = f"<!doctype html><html><head><title>News</title>{head}</head><body>{body}</body></html>"
    items = read_listing(page, url=URL, locator="news", selectors=None, only_lists=True).items
    return [(item.link, unescape(item.title), str(item.published_at or "")[:10]) for item in items]


@pytest.mark.parametrize(
    "row",
    [
        "<p><a href='{0}'>{1}</a><br>{2}</p>",
        "<div class=day><h2>Tuesday, {2}</h2><h3><a href='{0}'>{1}</a></h3></div>",
        "<div class=tile><a href='{0}'><img src=a.jpg alt='{1}'></a><div>{2}</div></div>",
        "<div class=tile><a href='{0}' aria-label='{1}'><img src=a.jpg></a><div>{2}</div></div>",
        "<div><font><b>{1}</b></font><br><font>{2}</font> <a href='{0}'>more...</a></div>",
    ],
)
def test_headlines_and_dates_are_read_where_no_theme_puts_them(row: str) -> None:
    assert read("".join(row.format(*each) for each in ROWS)) == EXPECTED


def test_the_day_before_a_definition_is_its_day() -> None:
    rows = "".join(f"<dt>{day}</dt><dd><a href='{address}'>{headline}</a></dd>" for address, headline, day in ROWS)
    assert read(f"<dl>{rows}</dl>") == EXPECTED


def test_the_longest_cell_of_a_row_is_the_headline_of_the_document_beside_it() -> None:
    rows = "".join(
        f"<tr><td>{day}</td><td>{headline}</td><td><a href='{address}'>Download</a></td></tr>"
        for address, headline, day in ROWS
    )
    assert read(f"<table><tr><th>Date</th><th>Title</th><th>File</th></tr>{rows}</table>") == EXPECTED


def test_a_line_is_the_headline_of_the_document_behind_it() -> None:
    rows = "".join(f"<li>{day} : {headline} <a href='{address}.pdf'>[PDF]</a></li>" for address, headline, day in ROWS)
    assert read(f"<h1>Releases</h1><ul>{rows}</ul>") == [(f"{url}.pdf", *rest) for url, *rest in EXPECTED]


def test_of_two_headings_the_higher_is_the_headline() -> None:
    rows = "".join(
        f"<div><h2>{headline}</h2><h3>{LEAD}</h3><i>{day}</i><a href='{address}'>Continue</a></div>"
        for address, headline, day in ROWS
    )
    assert read(rows) == EXPECTED


def test_a_lead_with_a_link_below_a_headline_is_no_headline() -> None:
    rows = "".join(f"<h3>{headline}</h3><p>{LEAD} <a href='{address}'>More</a></p>" for address, headline, _ in ROWS)
    assert [headline for _, headline, _ in read(rows)] == list(HEADLINES)


def test_a_box_of_what_is_read_most_is_none_however_long_it_is() -> None:
    cards = "".join(
        f"<div><a href='{address}'><div>{headline}</div></a><i>{day}</i></div>" for address, headline, day in ROWS
    )
    old = "".join(
        f"<div><a href='/o/{n}'><div>A very old story that people read, number {n}</div></a></div>" for n in "123456"
    )
    assert read(f"<div>{cards}</div><div><div>Trending</div>{old}</div>") == EXPECTED


def test_a_list_that_only_machines_are_told_is_read_where_none_is_shown() -> None:
    members = [
        {"@type": "ListItem", "item": {"url": address, "headline": headline, "datePublished": f"2025-04-0{n}"}}
        for n, (address, headline, _) in enumerate(ROWS, 1)
    ]
    told = json.dumps({"@type": "ItemList", "itemListElement": members})
    assert read("<div id=root></div>", f"<script type='application/ld+json'>{told}</script>") == EXPECTED


def test_a_list_that_a_page_hands_to_its_program_is_read_where_none_is_shown() -> None:
    posts = [
        {"title": {"rendered": headline}, "link": address, "date": f"2025-04-0{n}T00:00:00"}
        for n, (address, headline, _) in enumerate(ROWS, 1)
    ]
    menu = [
        {"title": name, "url": f"/{name}"} for name in ("politics-and-society", "economy", "sports", "culture", "x")
    ]
    data = json.dumps({"props": {"menu": menu, "posts": posts}})
    assert read(f"<script id=__NEXT_DATA__ type='application/json'>{data}</script>") == EXPECTED
    with pytest.raises(ParseError):
        read(f"<script type='application/json'>{json.dumps(menu)}</script>")


@pytest.mark.parametrize("data", ["{", "[[[", "7", "null", '[{"title": 3, "url": 4}, [], {"item": {}}]'])
def test_json_without_a_list_tells_none(data: str) -> None:
    with pytest.raises(ParseError):
        read(f"<p>Loading</p><script type='application/json'>{data}</script>")
