"""The headlines of other articles on an article's page, with the label above each, found by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from feedwatch.extract.units import Unit, make_unit
from feedwatch.model import Teaser
from feedwatch.text import fold_plain, one_line
from feedwatch.urls import canonical, http_url, server_of
from feedwatch.xmltree import Element, text_of

MAX_TEASERS = 60
_MAX_LINKS = 3_000
_MAX_CHARS = 300
#: Where the links of the site itself stand, and what readers write.
_SITE = frozenset(("nav", "footer", "form", "menu", "button", "select"))
_SITE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|footer|breadcrumbs?|comments?|comment-?list|cookie|share|social|tags?|pagination)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_NO_ADDRESS = re.compile(r"#|[a-z]+:(?!//)", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"/(?:feed|rss|tags?|categor(?:y|ies|ie|ia)|author|auteur|autor|journaliste|login|wp-login|search|newsletter)"
    r"(?:[/.]|$)|\.(?:rss|xml|pdf|jpe?g|png|mp3|mp4|zip)$",
    re.IGNORECASE,
)
#: A further page of the same text or list.
_FURTHER = re.compile(r"(?:^|&)paged?=\d{1,4}(?:&|$)")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LABEL_CLASS = re.compile(r"title|heading|label|categor|rubri|section|kicker|tag\b", re.IGNORECASE)
_BLOCKS = frozenset(("p", "blockquote", "td", "dd", "figcaption"))
#: A label holds for what stands in its parent, or in the parent of that.
_REACH = 2
_WHOLE_PAGE = frozenset(("html", "body", "main"))
#: A link that is less of its paragraph than this points out of a sentence.
_SHARE = 0.6


def page_teasers(tree: Element, base_url: str | None) -> tuple[Teaser, ...]:
    """The headlines beside the article, in document order, each once; those within its text are among them, too."""
    found: dict[str, Teaser] = {}
    own = canonical(base_url) or ""
    labels: list[tuple[Element, str]] = []
    lengths: dict[Element, int] = {}
    for element in islice(_outside_the_site(tree), _MAX_LINKS):
        if element.tag != "a":
            if label := _label(element):
                labels.append((element, label))
            continue
        href = (element.get("href") or "").strip()
        url, unit = http_url(href, base_url), _unit(element)
        if unit is not None and unit.is_label and _LABEL_CLASS.search(element.get("class") or ""):
            labels.append((element, unit.text))
        elif (
            unit is not None
            and unit.is_headline
            and _is_article(url, href, own)
            and not _in_sentence(element, unit, lengths)
        ):
            found.setdefault(fold_plain(unit.text), Teaser(title=unit.text, url=url, label=_above(element, labels)))
            if len(found) >= MAX_TEASERS:
                break
    return tuple(found.values())


def beside(teasers: tuple[Teaser, ...], title: str, body: str) -> tuple[Teaser, ...]:
    """Those of the headlines that are neither the article's own nor part of its text; its subheadings label none."""
    text, own = fold_plain(one_line(body)), fold_plain(title)
    kept = [one for one in teasers if (folded := fold_plain(one.title)) != own and folded not in text]
    lines = {fold_plain(line) for line in body.splitlines()} | {own}
    return tuple(replace(one, label=None) if one.label and fold_plain(one.label) in lines else one for one in kept)


def _is_article(url: str | None, href: str, own: str) -> bool:
    """Whether an address may be another article's of the same site; a saved page may have lost where it was."""
    if url is None:
        return bool(href) and not _NO_ADDRESS.match(href)
    parts = urlsplit(url)
    if parts.path in ("", "/") or _NO_ARTICLE.search(parts.path) or _FURTHER.search(parts.query):
        return False
    return not own or (canonical(url) != own and server_of(url).removeprefix("www.") == server_of(own))


def _outside_the_site(tree: Element) -> Iterator[Element]:
    """Links, headings and what is named a label, outside menus, footers and comments; in document order."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if element.tag in _SITE or (element.tag not in _WHOLE_PAGE and _SITE_CLASS.search(_names(element))):
            continue
        is_link = element.tag == "a" and element.get("href")
        if is_link or element.tag in _HEADINGS or (len(element) <= 1 and _LABEL_CLASS.search(_names(element))):
            yield element
        waiting.extend(reversed(element))


def _names(element: Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _unit(element: Element) -> Unit | None:
    """A link's text: that of the heading in it, else all of it."""
    inner = next((one for one in element.iter(*_HEADINGS)), element)
    text = one_line(text_of(inner, " "))
    return make_unit(text) if 0 < len(text) <= _MAX_CHARS else None


def _label(element: Element) -> str:
    """The text of an element when it may be the name of a region or section."""
    text = one_line(text_of(element, " "))
    return text if 0 < len(text) <= _MAX_CHARS and make_unit(text).is_label else ""


def _above(link: Element, labels: list[tuple[Element, str]]) -> str | None:
    """The last label before a link whose part of the page holds the link."""
    around = set(link.iterancestors())
    for element, text in reversed(labels[-10:]):
        if element in around:
            continue
        for holder in islice(element.iterancestors(), _REACH):
            if holder.tag in _WHOLE_PAGE:
                break
            if holder in around:
                return text
    return None


def _in_sentence(link: Element, unit: Unit, lengths: dict[Element, int]) -> bool:
    """Whether a link is part of a paragraph that says more; `lengths` remembers those of paragraphs."""
    block = next((one for one in islice(link.iterancestors(), 4) if one.tag in _BLOCKS), None)
    if block is None:
        return False
    if block not in lengths:
        lengths[block] = len(one_line(text_of(block, " ")))
    return len(unit.text) < _SHARE * lengths[block]
