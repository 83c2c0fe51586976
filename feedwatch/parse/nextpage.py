"""The page that follows in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from feedwatch.parse.head import Head, attribute
from feedwatch.parse.nodes import to_url
from feedwatch.soup import Soup, Tag
from feedwatch.text import fold_plain, one_line
from feedwatch.urls import canonical, server_of

_NEXT = re.compile(
    r"^\W*(?:(?:page )?(?:next|suivante?s?|siguientes?|proxim[ao]s?|seguintes?|التالي|التالية|na gaba)"
    r"(?: page| pagina)?|الصفحة التالية|shafi na gaba|older(?: (?:posts|entries|articles|news))?|"
    r"(?:articles?|actualites|publications?) (?:plus anciens?|precedents?|suivants?)|entradas antiguas|"
    r"(?:posts|artigos) (?:mais )?antigos|المزيد من الاخبار|"
    r"(?:load|voir|afficher|charger|show) (?:more|plus)(?: d'articles)?)\W*$|"
    r"^\s*(?:»|›|>|→|>>|&gt;)\s*$"
)
_NEXT_CLASS = re.compile(r"(?:^|[-_\s])(?:next|suivant)(?:$|[-_\s])", re.IGNORECASE)
_MAX_ANCHORS = 12_000


def next_page(soup: Soup, head: Head) -> str | None:
    """The address of the page after this one in its list; None on the last.

    Found by `rel=next`, else by what the link says or is marked as, else as the number after the page's own.
    It is on the page's own server.
    """
    if head.url is None:
        return None
    here, server = canonical(head.url), server_of(head.url)
    for link in _candidates(soup, head):
        address = to_url(attribute(link, "href"), head.base)
        if address and canonical(address) != here and server_of(address) == server:
            return address.partition("#")[0]
    return None


def _candidates(soup: Soup, head: Head) -> Iterator[Tag]:
    """Links that may lead on, the surest first."""
    yield from soup.find_all("link", rel="next", href=True, limit=2)
    anchors = soup.find_all("a", href=True, limit=_MAX_ANCHORS)
    yield from (tag for tag in anchors if "next" in attribute(tag, "rel").lower().split())
    short = [(tag, text) for tag in anchors if len(text := one_line(tag.get_text(" "))) <= 40]
    yield from (tag for tag, text in short if _NEXT.match(fold_plain(text)))
    yield from (tag for tag, _ in short if _NEXT.match(fold_plain(attribute(tag, "aria-label")[:60])))
    yield from (tag for tag, _ in short if _NEXT_CLASS.search(attribute(tag, "class")))
    wanted = str(_number(head.url or "") + 1)
    yield from (tag for tag, text in short if text == wanted and _number(attribute(tag, "href")) == int(wanted))


def _number(address: str) -> int:
    """Which page of its list an address names; 1 when it names none."""
    parts = urlsplit(address)
    found = re.search(r"(?:^|/)(?:page|p|seite|pagina)[/-]?(\d{1,5})(?:/|$|\.)", parts.path)
    if found:
        return int(found[1])
    for name, values in parse_qs(parts.query).items():
        if name.lower() in ("page", "paged", "p", "pg", "pagina", "debut_articles") and values[0].isdigit():
            # Drupal counts from 0, and everybody else from 1.
            return int(values[0][:6])
    return 1
