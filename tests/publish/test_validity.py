"""Five hundred feeds of hostile entries are valid in every format, and three readers see the same in each."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import fastfeedparser
import feedparser
import pytest

from feedwatch.markup import sanitise
from feedwatch.model import Article, Enclosure, Entry, Origin, Person, Reason
from feedwatch.parse.feed import read_feed
from feedwatch.publish.rendering import render
from feedwatch.text import one_line
from feedwatch.urls import http_url
from feedwatch.views import FeedView
from tests.publish.atom_checker import ATOM, NOON, make_view
from tests.publish.feed_rules import validate_atom, validate_json, validate_rss
from tests.publish.test_hostile import NASTY

FEEDS = 500
FORMATS = ["atom", "rss", "json", "html"]
WORDS = (
    *NASTY,
    "Niger",
    "sécurité",
    "\x80\x9d\ufffd",
    "</b>",
    "&nbsp;",
    "a@b.example",
    "النيجر والجزائر",
    "ɗan ƙasa",
    "🇳🇪",
    "SÃ©curitÃ© Â«",
    "AT&T &copy",
    "</script>",
)
LANGUAGES = (
    *(None, "en", "fr", "ar", "ha", "fa-IR", "x y", 'ar"><script>', "zz-ZZ-1"),
    *("ckb", "en_US", "english", "arz-EG"),
)
URLS = (
    None,
    "https://source.example/{n}",
    "https://source.example/é{n}?q=ü&x[]=1#a#b",
    "javascript:alert({n})",
    "http://user:pw@source.example/{n}",
    "HTTPS://SOURCE.example:443/%zz{n}",
    "https://النيجر.example/{n}",
    "//relative/{n}",
    "https://source.example?no-path={n}",
    "https://my_bucket.source.example/{n}.mp3",
    "https://www.source.example/سياسة/النيجر-يعلن-عن-خطة-جديدة-لمكافحة-الإرهاب-في-منطقة-الساحل-{n}",
    "https://source.example/Ünïcödé-très-long-très-long-très-long-très-long-très-long-très-long-{n}",
    "http://[::1]/{n}",
    "data:text/html,{n}",
)
DATES = (
    None,
    NOON - timedelta(days=3),
    NOON + timedelta(days=900),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)
BODIES = (
    "<p>plain</p>",
    "<p onclick=alert(1)>x<script>alert(1)</script></p>",
    "<video controls src=https://x.example/a.mp4></video>",
    "<bdo dir=rtl>x</bdo>",
    "<a href='javascript:alert(1)'>x</a><img src=x onerror=alert(1)>",
    "<table><tr><td>1<td>2</table><p>&nbsp;&amp;amp;",
    "]]><b>unclosed",
    "<a href='/x'><video><audio src=https://x.example/a.mp3></audio><p>no</video></a><h2><li>x<h3>y",
    "<ruby><b>漢<rt>kan</b></ruby><dl><dd><summary><dt>t</summary></dl><p><table><p>z",
    "<p><img src='a b.png' onerror=x> <a href='#f'>f</a> <a href='/r?a=1&b=2'>r</a>&nbsp;&eacute;&unknown;&#x80;",
)


class Maker:
    """Makes hostile values; the same at every run."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - examples, not secrets

    def text(self, most: int = 4) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, most)))

    def url(self) -> str | None:
        found = self.chance.choice(URLS)
        return found and found.format(n=self.chance.randint(1, 10**6))

    def people(self) -> tuple[Person, ...]:
        count = self.chance.randint(0, 2)
        return tuple(Person(name=self.text(2), email=self.text(1), url=self.url()) for _ in range(count))

    def entry(self, number: int) -> Entry:
        choose = self.chance.choice
        url = self.url()
        article = Article(
            source_id="source",
            guid=str(number),
            id=choose((f"https://source.example/é/{number}", f"urn:example:{number}", f"tag:x.example,2020:{number}")),
            url=url,
            canonical_url=None,
            # As the reader of sources leaves it: one line, never empty.
            title=one_line(self.text()) or "untitled",
            body=self.text(),
            html=sanitise(choose(BODIES) + self.text()),
            summary=self.text(),
            language=choose(LANGUAGES),
            published_at=choose(DATES),
            authors=self.people(),
            tags=tuple(self.text(1) for _ in range(choose((0, 2)))),
            enclosures=(Enclosure(url=url or "", media_type=self.text(1), length_bytes=choose((None, -1, 5))),),
            image=self.url(),
            rights=choose((None, self.text())),
            origin=Origin(
                id=self.url(), title=self.text(), link=self.url(), self_link=self.url(), updated_at=choose(DATES),
                rights=self.text(), language=choose(LANGUAGES), authors=self.people(),
            ),
        )  # fmt: skip
        why = Reason(
            facet="region", rule="ne", name=self.text(), code=choose((None, "NE", self.text())), score=2.5,
            standing="about", terms=(self.text(),),
        )  # fmt: skip
        seen = NOON - timedelta(minutes=number)
        return Entry(article=article, labels=(), first_seen_at=seen, updated_at=seen, reasons=(why,))

    def view(self) -> FeedView:
        definition: dict[str, Any] = {
            "title": one_line(self.text()) or "untitled",
            "subtitle": self.text(),
            "lang": self.chance.choice((None, "fr", "ar")),
            "content": self.chance.choice(("full", "full", "summary", "link")),
            "reasons": self.chance.random() < 0.7,
            "footer": self.chance.random() < 0.7,
        }
        return make_view(*(self.entry(number) for number in range(3)), **definition)


@pytest.mark.parametrize("part", range(20))
def test_hostile_feeds_are_valid_in_every_format(part: int) -> None:
    for seed in range(part, FEEDS, 20):
        view = Maker(seed).view()
        skipped: list[object] = []
        found = render(view, FORMATS, on_skip=lambda *what: skipped.append(what))  # noqa: B023 - called at once
        assert skipped == []
        feed = validate_atom(found["atom"], reasons=view.spec.reasons)
        assert len(feed.findall(f"{ATOM}entry")) == 3
        validate_rss(found["rss"], reasons=view.spec.reasons)
        assert len(validate_json(found["json"])["items"]) == 3
        assert found["html"].count(b"<article") == 3
        check_readers(feed, found["atom"])


def check_readers(feed: ElementTree.Element, data: bytes) -> None:
    """Assert that three independent parsers see the same ids, titles, dates and links as were written."""
    written = [
        (
            each.findtext(f"{ATOM}id"),
            plain(each.find(f"{ATOM}title")),
            each.findtext(f"{ATOM}updated"),
            each.findtext(f"{ATOM}published"),
            http_url(next((link.get("href") for link in each.findall(f"{ATOM}link[@rel='alternate']")), None)),
        )
        for each in feed.findall(f"{ATOM}entry")
    ]
    markup = [each.get("type") == "html" for each in feed.findall(f"{ATOM}entry/{ATOM}title")]
    assert unmarked(seen_by_feedparser(data), markup) == written
    # It takes the time of the update for that of publication where there is none.
    filled = [(*each[:3], each[3] or each[2], each[4]) for each in written]
    assert unmarked(seen_by_fastfeedparser(data), markup) == filled
    # Ours reads dates to the second.
    whole = [(*each[:2], *(date and re.sub(r"\.\d+", "", date) for date in each[2:4]), each[4]) for each in written]
    assert seen_by_us(data) == whole
    links = [
        sorted((link.get("rel"), link.get("href")) for link in each.findall(f"{ATOM}link"))
        for each in feed.findall(f"{ATOM}entry")
    ]
    assert links_in(feedparser.parse(data).entries) == links
    assert links_in(fastfeedparser.parse(data).entries) == links


def plain(title: ElementTree.Element | None) -> str:
    """A title as people read it."""
    assert title is not None
    return html.unescape(title.text or "") if title.get("type") == "html" else title.text or ""


def unmarked(seen: list[tuple[Any, ...]], markup: list[bool]) -> list[tuple[Any, ...]]:
    """What a parser saw, titles that are HTML as people read them: parsers give the HTML."""
    return [
        (each[0], html.unescape(each[1]) if is_html else each[1], *each[2:])
        for each, is_html in zip(seen, markup, strict=True)
    ]


def seen_by_feedparser(data: bytes) -> list[tuple[Any, ...]]:
    read = feedparser.parse(data, sanitize_html=False)
    assert not read.bozo
    return [(each.id, each.title, each.updated, each.get("published"), alternate(each)) for each in read.entries]


def seen_by_fastfeedparser(data: bytes) -> list[tuple[Any, ...]]:
    read = fastfeedparser.parse(data)
    return [(each.id, each.title, each.updated, each.get("published"), alternate(each)) for each in read.entries]


def alternate(entry: Any) -> str | None:
    """The page, in the one form in which all write its host; both take the id for an address where there is none."""
    return http_url(next((link["href"] for link in entry.get("links", ()) if link["rel"] == "alternate"), None))


def links_in(entries: list[Any]) -> list[list[tuple[str, str]]]:
    """Every link of each entry, whatever its relation."""
    return [sorted((link["rel"], link["href"]) for link in each.get("links", ())) for each in entries]


def seen_by_us(data: bytes) -> list[tuple[Any, ...]]:
    items = read_feed(data.decode(), url=None, locator="x").items
    return [
        (
            each.guid,
            html.unescape(each.title),
            each.updated_at and each.updated_at.isoformat(),
            each.published_at and each.published_at.isoformat(),
            http_url(each.link),
        )
        for each in items
    ]
