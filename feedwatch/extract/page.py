"""The owner of trafilatura: the article in a whole HTML page, and what the page says about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import trafilatura

from feedwatch.dates import parse_date
from feedwatch.markup import Soup, Tag, bounded_html, parse_html, sanitise, title_text
from feedwatch.text import one_line, xml_legal
from feedwatch.urls import http_url

#: More text than this holds no article; trafilatura's cost grows with the page.
MAX_PAGE_CHARS = 3_000_000
MAX_PAGE_TAGS = 60_000
MAX_AUTHORS = 20
_MAX_JSON_CHARS = 500_000
_MAX_JSON_NODES = 2_000

_FACT_TAGS = ("html", "base", "title", "meta", "link", "script", "h1", "time")
_ARTICLE_TYPE = re.compile(
    r"(?:\w*Article|BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|\w*Page|VideoObject)$"
)
_PUBLISHED = (
    "article:published_time og:published_time og:article:published_time datepublished date dc.date dc.date.issued "
    "dcterms.created dcterms.date dcterms.issued pubdate publishdate publish-date parsely-pub-date sailthru.date "
    "cxenseparse:recs:publishtime citation_publication_date article.published"
)
_MODIFIED = (
    "article:modified_time og:updated_time og:modified_time datemodified dcterms.modified last-modified lastmod revised"
)
_TIME_CLASS = re.compile(r"publish|entry-date|post-date|date-posted|posted-on|article-date|pubdate", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*(?:;|\||,(?!\s*(?:jr|sr|phd)\b))\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says about its article; nothing is guessed."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    #: Absolute http(s) URLs.
    canonical: str | None = None
    image: str | None = None
    base_url: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()


def main_html(html: str, url: str | None) -> str:
    """The article of the page as sanitised HTML, without navigation, comments and related articles; "" without one."""
    bounded = bounded_html(xml_legal(html), MAX_PAGE_CHARS, MAX_PAGE_TAGS)
    if not bounded.strip():
        return ""
    try:
        found = trafilatura.extract(
            # Without the page's address, with which it resolves links wrongly; `sanitise` does that.
            bounded,
            # Its second and third extractor find what the first loses: F1 0.92 instead of 0.91 on 405 pages,
            # for 28 instead of 18 ms a page. Favouring recall or precision lowers it.
            fast=False,
            include_comments=False,
            include_tables=True,
            # With images come the captions of other boxes (F1 0.89); the page's own image is among its facts.
            include_images=False,
            include_links=True,
            include_formatting=True,
            output_format="html",
            # Metadata would bring htmldate, which guesses dates from any figure on the page.
            with_metadata=False,
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError):
        # Found by fuzzing: pages that are hardly HTML trip the library; for us they hold no article.
        return ""
    return sanitise(found, url) if found else ""


def page_facts(html: str, url: str | None = None) -> PageFacts:
    """Title, authors, dates and the like from JSON-LD, OpenGraph, meta elements and `time`."""
    soup = parse_html(xml_legal(html[:MAX_PAGE_CHARS]), only=_FACT_TAGS)
    meta = _meta(soup)
    base = _attribute(soup.find("base"), "href")
    base_url = http_url(base, url) or url
    linked = next(iter(_linked_data(soup)), {})
    site = meta.get("og:site_name", "")
    return PageFacts(
        title=_title(soup, meta, linked, site),
        description=title_text(
            _first(_string(linked.get("description")), meta.get("og:description"), meta.get("description"))
        ),
        authors=_authors(linked, meta),
        published_at=_date([_string(linked.get("datePublished")), *_named(meta, _PUBLISHED.split()), *_times(soup)]),
        updated_at=_date([_string(linked.get("dateModified")), *_named(meta, _MODIFIED.split())]),
        canonical=http_url(_link(soup, "canonical") or meta.get("og:url"), base_url),
        image=http_url(_first(meta.get("og:image"), meta.get("twitter:image"), _string(linked.get("image"))), base_url),
        base_url=base_url,
        language=_first(
            _attribute(soup.find("html"), "lang"),
            _string(linked.get("inLanguage")),
            meta.get("og:locale"),
            meta.get("content-language"),
        )
        or None,
        section=title_text(_first(meta.get("article:section"), _string(linked.get("articleSection")))) or None,
        keywords=_keywords(linked, soup),
    )


def _first(*texts: str | None) -> str:
    return next((text for text in texts if text and text.strip()), "")


def _attribute(tag: object, name: str) -> str:
    value = tag.get(name) if isinstance(tag, Tag) else None
    return value if isinstance(value, str) else " ".join(value or ())


def _meta(soup: Soup) -> dict[str, str]:
    """The content of each meta element by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in soup.find_all("meta", limit=500):
        content = _attribute(tag, "content")
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = _attribute(tag, key).strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _named(meta: dict[str, str], names: Iterable[str]) -> list[str]:
    return [meta[name] for name in names if name in meta]


def _link(soup: Soup, relation: str) -> str:
    for tag in soup.find_all("link", limit=500):
        if relation in _attribute(tag, "rel").lower().split():
            return _attribute(tag, "href")
    return ""


def _title(soup: Soup, meta: dict[str, str], linked: dict[str, Any], site: str) -> str:
    headings = [text for tag in soup.find_all("h1", limit=20) if (text := one_line(tag.get_text(" ")))]
    element = soup.find("title")
    of_page = one_line(element.get_text()) if isinstance(element, Tag) else ""
    title = (
        title_text(_first(_string(linked.get("headline")), meta.get("og:title"), meta.get("twitter:title"))) or of_page
    )
    # A heading that the page's own title starts with is that title without the name of the site.
    for heading in headings:
        if len(heading) >= 8 and (title.startswith(heading) or of_page.startswith(heading)):
            return heading
    name = one_line(site)
    if name and title.endswith(name) and len(title) > len(name) + 3:
        title = title.removesuffix(name).rstrip(" -–—|•·:»")
    return title or (headings[0] if headings else "")


def _linked_data(soup: Soup) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects that describe an article, those that do so best first."""
    found: list[dict[str, Any]] = []
    for tag in soup.find_all("script", limit=300):
        if "ld+json" not in _attribute(tag, "type").lower():
            continue
        text = tag.get_text()
        try:
            data = json.loads(text[:_MAX_JSON_CHARS], strict=False)
        except (ValueError, RecursionError):
            continue
        found += [node for node in _nodes(data) if _is_article(node)]
    yield from sorted(found, key=lambda node: "headline" not in node)


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """The objects in a JSON value, outer before inner."""
    waiting: list[Any] = [data]
    for _ in range(_MAX_JSON_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += node[:_MAX_JSON_NODES]


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    return any(_ARTICLE_TYPE.match(kind) for kind in named) and ("headline" in node or "datePublished" in node)


def _string(value: Any) -> str:
    """The text of a JSON-LD value: itself, its name or address, or that of the first of several."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("url") or value.get("@id") or value.get("@value") or ""
    return value if isinstance(value, str) else ""


def _authors(linked: dict[str, Any], meta: dict[str, str]) -> tuple[str, ...]:
    given = linked.get("author")
    names = [_string(author) for author in (given if isinstance(given, list) else [given])[:MAX_AUTHORS]]
    if not any(names):
        names = _BETWEEN_NAMES.split(
            _first(meta.get("author"), meta.get("article:author"), meta.get("dc.creator"))[:2_000]
        )
    cleaned = (title_text(name) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name and "//" not in name and len(name) <= 200))[
        :MAX_AUTHORS
    ]


def _keywords(linked: dict[str, Any], soup: Soup) -> tuple[str, ...]:
    given = linked.get("keywords")
    words = given if isinstance(given, list) else _string(given).split(",")
    tags = [
        _attribute(tag, "content")
        for tag in soup.find_all("meta", limit=500)
        if _attribute(tag, "property") == "article:tag"
    ]
    cleaned = (title_text(word) for word in [*words, *tags] if isinstance(word, str))
    return tuple(dict.fromkeys(word for word in cleaned if word))


def _times(soup: Soup) -> list[str]:
    """What `time` elements say of the publication: marked as such, or the only instant on the page."""
    elements = [tag for tag in soup.find_all("time", limit=200) if _attribute(tag, "datetime")]
    marked = [
        tag
        for tag in elements
        if _attribute(tag, "itemprop") == "datePublished"
        or tag.has_attr("pubdate")
        or _TIME_CLASS.search(_attribute(tag, "class"))
    ]
    instants = {_attribute(tag, "datetime") for tag in elements}
    return [_attribute(tag, "datetime") for tag in marked] or (sorted(instants) if len(instants) == 1 else [])


def _date(texts: Iterable[str]) -> datetime | None:
    return next((date for text in texts if text and (date := parse_date(text[:200])) is not None), None)
