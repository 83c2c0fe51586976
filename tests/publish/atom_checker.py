"""What RFC 4287 demands of a feed, checked on its bytes; and values to make feeds of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lxml import etree

from feedwatch.model import Article, Entry, FeedSpec, Origin, Reason
from feedwatch.publish.rendering import OnSkip, render
from feedwatch.views import FeedView, ViewEntry

ATOM = "{http://www.w3.org/2005/Atom}"
REASON = "{urn:feedwatch:reason:1}"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "data" / "atom.rng"))
ABSOLUTE_IRI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"{}|\\^`]+")

ORIGIN = Origin(
    id="tag:source.example,2020:feed",
    title="The Source",
    link="https://source.example/",
    self_link="https://source.example/feed.xml",
    updated_at=NOON,
    rights="© The Source",
    language="en",
)
REASONS = (
    Reason(facet="region", rule="ne", name="Niger", code="NE", score=8.5, standing="about", terms=("Niger", "Niamey")),
    Reason(
        facet="topic",
        rule="security",
        name="Security",
        code="medtop:16000000",
        score=6,
        standing="about",
        terms=("soldat",),
    ),
    Reason(facet="region", rule="sahel", name="Sahel", code=None, score=4, standing="mentioned", terms=()),
)


def make_article(number: int = 1, **changes: Any) -> Article:
    """An article with plain values, but for `changes`."""
    values: dict[str, Any] = {
        "source_id": "source",
        "guid": f"guid-{number}",
        "id": f"https://source.example/{number}",
        "url": f"https://source.example/{number}",
        "canonical_url": f"https://source.example/{number}",
        "title": f"Title {number}",
        "body": f"First paragraph {number}.\n\nSecond paragraph.",
        "language": "en",
        "origin": ORIGIN,
    }
    return Article(**(values | changes))


def make_entry(number: int = 1, *, at: datetime = NOON, reasons: Sequence[Reason] = (), **changes: Any) -> Entry:
    """An entry first seen `at`; `changes` are the article's."""
    article = make_article(number, **changes)
    return Entry(article=article, labels=(), first_seen_at=at, updated_at=at, reasons=tuple(reasons))


def make_view(*entries: Entry, **changes: Any) -> FeedView:
    """A view of the entries as they stand; `changes` are the definition's."""
    spec = FeedSpec(**({"id": "niger", "title": "Niger"} | changes))
    return FeedView(
        spec=spec,
        id="urn:uuid:1b1b3cf0-5a4e-5f9c-8d59-000000000001",
        updated_at=NOON,
        self_url="https://feeds.example/niger.atom",
        home_url="https://feeds.example/",
        entries=tuple(
            ViewEntry(entry=entry, id=entry.article.id, vias=((entry.article.source_id, entry.article.origin),))
            for entry in entries
        ),
    )


def render_atom(view: FeedView, on_skip: OnSkip | None = None) -> bytes:
    return render(view, on_skip=on_skip)["atom"]


def check_atom(data: bytes) -> ElementTree.Element:
    """The feed's root, after asserting what the RFC's grammar and its prose (section in brackets) demand."""
    document = etree.fromstring(data)
    GRAMMAR.assertValid(document)  # [appendix B]
    feed = ElementTree.fromstring(data)  # noqa: S314 - our own bytes, read as another parser reads them
    entries = feed.findall(f"{ATOM}entry")
    for holder in (feed, *entries, *feed.iter(f"{ATOM}source")):
        _check_links(holder)
        for element in holder.findall(f"{ATOM}id"):
            assert ABSOLUTE_IRI.fullmatch(element.text or ""), element.text  # [4.2.6]
    for element in feed.iter(f"{ATOM}link"):
        assert ABSOLUTE_IRI.fullmatch(element.get("href", "")), element.get("href")
    for element in feed.iter(f"{ATOM}category"):
        scheme = element.get("scheme")
        assert scheme is None or ABSOLUTE_IRI.fullmatch(scheme)  # [4.2.2.2]
        assert element.get("term")
    assert [link.get("href") for link in feed.findall(f"{ATOM}link[@rel='self']")]  # [4.1.1, SHOULD]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        _check_entry(entry)
    return feed


def _check_links(holder: ElementTree.Element) -> None:
    kinds = [
        (link.get("type"), link.get("hreflang"))
        for link in holder.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    assert len(kinds) == len(set(kinds))  # [4.1.1, 4.1.2]


def _check_entry(entry: ElementTree.Element) -> None:
    assert (entry.findtext(f"{ATOM}title") or "").strip()  # [4.1.1.1]
    assert entry.findall(f"{ATOM}author/{ATOM}name")  # [4.1.1: the feed has none]
    content = entry.find(f"{ATOM}content")
    if content is None:
        assert entry.findall(f"{ATOM}link[@rel='alternate']")  # [4.1.2]
    else:
        assert (content.text or "").strip()  # [4.1.1.1]
    source = entry.find(f"{ATOM}source")
    assert source is not None
    for name in ("id", "title", "updated"):  # [4.2.11, SHOULD]
        assert (source.findtext(f"{ATOM}{name}") or "").strip(), name
