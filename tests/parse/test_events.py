"""Listings of events beside news are no teasers; a page of nothing but events still lists them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.parse.page import read_listing
from tests.parse import listings

EVENTS = (
    "Concert de l’orchestre du fleuve",
    "Foire aux livres de la ville",
    "Marche pour l’eau du nord",
    "Nuit du conte et du tambour",
)
NEWS = "".join(
    f"<li><a href='/2026/03/0{n + 1}/un-article-du-jour-{n}'>{title}</a><p>{listings.lead(n)}</p></li>"
    for n, title in enumerate(listings.FRENCH[:4])
)
HEADLINE = "<h3><a href='/sortir/une-soiree-a-voir-{n}'>{title}</a></h3>"
DAY, STADIUM = "<span>1{n} mai 2026</span>", "<span>Stade de Niamey</span>"
FORMS = {
    "microdata": f"<div itemscope itemtype='https://schema.org/MusicEvent'>{HEADLINE}{DAY}</div>",
    "classes": f"<div class='tribe-events-list'>{HEADLINE}{DAY}</div>",
    "a venue": f"<div>{HEADLINE}{DAY}<span class='event-venue'>Stade de Niamey</span></div>",
    "a label": f"<div>{HEADLINE}{DAY}<span>Lieu : Stade de Niamey</span></div>",
    "hours": f"<div>{HEADLINE}<span>1{{n}} mai 2026, 19h30 – 22h00</span>{STADIUM}</div>",
    "days": f"<div>{HEADLINE}<span>du 1{{n}} au 1{{n}} mai 2026</span>{STADIUM}</div>",
}


def cards(form: str) -> str:
    return "".join(FORMS[form].format(title=title, n=n) for n, title in enumerate(EVENTS))


def titles(body: str, seen_at: datetime | None = None) -> list[str]:
    page = f"<html><head><title>Le Fleuve</title></head><body><main>{body}</main></body></html>"
    found = read_listing(page, url="https://fleuve.example/actu", locator="x", selectors=None, seen_at=seen_at)
    return [item.title for item in found.items]


@pytest.mark.parametrize("form", FORMS)
def test_events_beside_news_are_no_teasers(form: str) -> None:
    assert titles(f"<ul>{NEWS}</ul><section>{cards(form)}</section>") == list(listings.FRENCH[:4])


@pytest.mark.parametrize("form", FORMS)
def test_a_page_of_nothing_but_events_lists_them(form: str) -> None:
    assert titles(f"<section>{cards(form)}</section>") == list(EVENTS)


def test_what_is_yet_to_come_when_the_page_is_fetched_is_no_article() -> None:
    dated = "".join(f"<div>{HEADLINE}{DAY}</div>".format(title=title, n=n) for n, title in enumerate(EVENTS))
    both = f"<ul>{NEWS}</ul><section>{dated}</section>"
    assert titles(both, datetime(2026, 3, 6, tzinfo=UTC)) == list(listings.FRENCH[:4])
    assert titles(both, datetime(2026, 5, 20, tzinfo=UTC))[-4:] == list(EVENTS)
    assert titles(f"<section>{dated}</section>", datetime(2026, 3, 6, tzinfo=UTC)) == list(EVENTS)


def test_news_with_a_dateline_or_an_hour_is_no_event() -> None:
    news = "".join(
        f"<div><h3><a href='/un-article-du-jour-{n}'>{title}</a></h3><address class='author'>Awa</address>"
        f"<span class='location'>Niamey</span><span>1{n} mai 2026, 19h30</span></div>"
        for n, title in enumerate(EVENTS)
    )
    assert titles(f"<ul>{NEWS}</ul><section>{news}</section>")[-4:] == list(EVENTS)
