"""What a web page says of itself in its head: metas, title, address, base, language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from feedwatch.bounds import MAX_PAGE_CHARS, bounded_html
from feedwatch.model import Origin
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.soup import Tag
from feedwatch.text import one_line, xml_legal
from feedwatch.xmltree import Element, html_tree, new_element, text_of

_SEPARATOR = re.compile(r"\s+[|–—·»]\s+|\s+-\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands in the head of a page."""

    #: The `meta` elements by lower-case property, name or itemprop; the first of a name counts.
    metas: Mapping[str, str]
    title: str
    url: str | None
    canonical: str | None
    base: str | None
    language: str | None
    origin: Origin

    def meta(self, *names: str) -> str:
        """The value of the first of these names that has one, on one line."""
        return next((value for name in names if (value := self.metas.get(name.lower()))), "")


def page_tree(text: str) -> Element:
    """The page as a tree, within the bounds of all pages; an empty one when there is nothing in it."""
    bounded = bounded_html(xml_legal(text[:MAX_PAGE_CHARS]))
    tree = html_tree(bounded) if bounded.strip() else None
    return new_element("html") if tree is None else tree


def read_head(tree: Element, url: str | None) -> Head:
    """The head of a page that came from `url`; a saved page tells its address itself."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        if value := one_line(element.get("content") or ""):
            for key in ("property", "name", "itemprop"):
                if name := (element.get(key) or "").strip().lower():
                    metas.setdefault(name, value)
    named = next(tree.iter("title"), None)
    title = one_line(text_of(named, " ")) if named is not None else ""
    relations = (element for element in tree.iter("link") if "canonical" in (element.get("rel") or "").lower().split())
    written = next((href for element in relations if (href := element.get("href"))), "")
    own = url or to_url(written) or to_url(metas.get("og:url"))
    based = next((href for element in tree.iter("base") if (href := element.get("href"))), "")
    base = (to_url(based, own) if based else None) or own
    declared = tree.get("lang") or tree.get("xml:lang") if tree.tag == "html" else None
    language = language_tag(declared) or language_tag(metas.get("og:locale") or metas.get("inlanguage"))
    return Head(
        metas=metas,
        title=title,
        url=url,
        canonical=to_url(written, base) or to_url(metas.get("og:url"), base),
        base=base,
        language=language,
        origin=Origin(title=metas.get("og:site_name") or title or None, link=base, language=language),
    )


def attribute(tag: Tag, name: str) -> str:
    """An attribute's text; "" without it."""
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def own_link(head: Head) -> str | None:
    """The page's address: canonical unless that is a mere home page for a deeper address."""
    if head.canonical and head.url and _is_home(head.canonical) and not _is_home(head.url):
        return head.url
    return head.canonical or head.url


def _is_home(address: str) -> bool:
    return urlsplit(address).path in ("", "/")


def headline(tree: Element, head: Head) -> str:
    """The headline: og:title, else the only h1, else the title element without the site's name."""
    if title := head.meta("og:title", "twitter:title"):
        return title
    headings = [text for each in islice(tree.iter("h1"), 3) if (text := one_line(text_of(each, " ")))]
    if len(headings) == 1 or (headings and headings[0] in head.title):
        return headings[0]
    parts = _SEPARATOR.split(head.title)
    longest = max(parts, key=len)
    return (parts[0] if 2 * len(parts[0]) > len(longest) else longest) or (headings[0] if headings else "")


def site_name(head: Head, title: str) -> str | None:
    """What the site calls itself on the page of an article with this title; None if the page has no name but that."""
    if name := head.meta("og:site_name"):
        return name
    own = title.casefold()
    parts = [part for each in _SEPARATOR.split(head.title) if (part := each.strip())]
    return next((part for part in reversed(parts) if part.casefold() not in own and own not in part.casefold()), None)
