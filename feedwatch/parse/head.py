"""What a web page says of itself in its head: metas, title, address, base, language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from feedwatch.model import Origin
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.soup import Soup, Tag
from feedwatch.text import one_line

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


def read_head(soup: Soup, url: str | None) -> Head:
    """The head of a page that came from `url`; a saved page tells its address itself."""
    metas: dict[str, str] = {}
    for tag in soup.find_all("meta", content=True):
        for key in ("property", "name", "itemprop"):
            if (name := attribute(tag, key).lower()) and (value := one_line(attribute(tag, "content"))):
                metas.setdefault(name, value)
    named = soup.find("title")
    title = one_line(named.get_text(" ")) if isinstance(named, Tag) else ""
    link = soup.find("link", rel="canonical", href=True)
    written = attribute(link, "href") if isinstance(link, Tag) else ""
    own = url or to_url(written) or to_url(metas.get("og:url"))
    element = soup.find("base", href=True)
    base = (to_url(attribute(element, "href"), own) if isinstance(element, Tag) else None) or own
    language = _language(soup) or language_tag(metas.get("og:locale") or metas.get("inlanguage"))
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


def _language(soup: Soup) -> str | None:
    root = soup.find("html")
    return language_tag(attribute(root, "lang") or attribute(root, "xml:lang")) if isinstance(root, Tag) else None


def own_link(head: Head) -> str | None:
    """The page's address: canonical unless that is a mere home page for a deeper address."""
    if head.canonical and head.url and _is_home(head.canonical) and not _is_home(head.url):
        return head.url
    return head.canonical or head.url


def _is_home(address: str) -> bool:
    return urlsplit(address).path in ("", "/")


def headline(soup: Soup, head: Head) -> str:
    """The headline: og:title, else the only h1, else the title element without the site's name."""
    if title := head.meta("og:title", "twitter:title"):
        return title
    headings = [text for tag in soup.find_all("h1", limit=3) if (text := one_line(tag.get_text(" ")))]
    if len(headings) == 1 or (headings and headings[0] in head.title):
        return headings[0]
    parts = _SEPARATOR.split(head.title)
    longest = max(parts, key=len)
    return (parts[0] if 2 * len(parts[0]) > len(longest) else longest) or (headings[0] if headings else "")
