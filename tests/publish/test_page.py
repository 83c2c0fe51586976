from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from feedwatch.model import Entry, Reason
from feedwatch.publish.rendering import render
from tests.publish.atom_checker import REASONS, make_entry, make_view
from tests.publish.test_hostile import hostile_entries

FORMATS = ["atom", "rss", "json", "html"]


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def page(*entries: Entry, **definition: Any) -> str:
    return render(make_view(*entries, **definition), FORMATS)["html"].decode()


def test_page_offers_every_format_to_readers_and_people() -> None:
    outline = Outline(page(make_entry()))
    links = [(link["type"], link["href"]) for link in outline.named("link")]
    assert links == [
        ("application/atom+xml", "https://feeds.example/niger.atom"),
        ("application/rss+xml", "https://feeds.example/niger.rss"),
        ("application/feed+json", "https://feeds.example/niger.json"),
    ]
    assert "Copy an address into your feed reader" in outline.text
    assert {"https://feeds.example/", "https://feeds.example/index.opml"} <= {a["href"] for a in outline.named("a")}


def test_policy_allows_nothing_but_the_pages_own_style() -> None:
    text = page(make_entry())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"


def test_entry_shows_title_place_time_lead_and_reason() -> None:
    text = Outline(page(make_entry(summary="The lead.", reasons=REASONS))).text
    for words in ("Title 1", "The Source", "2026-03-01 12:00 UTC", "The lead.", "Why: Niger – Niger, Niamey"):
        assert words in text
    assert "Why" not in Outline(page(make_entry(reasons=REASONS), footer=False)).text
    assert "First paragraph" not in page(make_entry(), content="link")


@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("ur", "rtl")])
def test_direction_follows_the_language(lang: str, direction: str) -> None:
    (article,) = Outline(page(make_entry(language=lang))).named("article")
    assert article == {"lang": lang, "dir": direction}
    (root,) = Outline(page(make_entry(), lang=lang)).named("html")
    assert root == {"lang": lang, "dir": direction}


def test_page_speaks_the_feeds_language_where_it_can() -> None:
    assert "Tous les flux" in page(lang="fr")
    assert "كل الخلاصات" in page(lang="ar")
    assert "All feeds" in page(lang="ha")


def test_feed_without_entries_says_so() -> None:
    assert "Nothing yet." in page()


@settings(max_examples=40, deadline=None)
@given(entry=hostile_entries())
def test_nothing_from_outside_becomes_markup(entry: Entry) -> None:
    outline = Outline(page(entry, make_entry(2), title="<b>x</b>"))
    known = "html head meta title link style body header h1 p div ul li b a main article h2 time bdi footer"
    assert {tag for tag, _ in outline.tags} <= set(known.split(" "))
    assert all(not name.startswith("on") for _, attributes in outline.tags for name in attributes)
    for link in outline.named("a"):
        assert (link["href"] or "").startswith(("http://", "https://"))


def test_words_from_right_to_left_keep_their_order_in_the_reasons() -> None:
    terms = ("النيجر", "قوات الأمن", "Kaduna")
    why = Reason(facet="region", rule="ne", name="Niger", code="NE", score=2, standing="about", terms=terms)
    found = render(make_view(make_entry(reasons=(why,))), ["atom", "html"])
    written = "Why: Niger – <bdi>النيجر</bdi>, <bdi>قوات الأمن</bdi>, Kaduna"
    assert written in found["html"].decode()
    assert written.replace("<", "&lt;").replace(">", "&gt;") in found["atom"].decode()
