"""The feeds that a page leads to: those its head names, and links in its text that look like feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from feedwatch.parse.head import page_tree, read_head
from feedwatch.parse.nodes import to_url
from feedwatch.text import one_line
from feedwatch.urls import without_feed_scheme
from feedwatch.xmltree import Element, text_of

#: Of those that the head names, and of those in the text.
MAX_NAMED = 5
MAX_LINKED = 3
#: Links of one page that are looked at.
_MAX_ANCHORS = 5_000
_MAX_ONWARD = 2
_REFRESH = re.compile(r"""url\s*=\s*["']?\s*([^"'\s]+)""", re.IGNORECASE)
_FEED_TYPE = re.compile(r"(?:application|text)/(?:(?:rss|atom|feed|rdf)\+(?:xml|json)|rss|atom)\b", re.IGNORECASE)
# Types that say nothing; then the title or the address must.
_ANY_TYPE = re.compile(r"(?:(?:text|application)/(?:xml|json)\s*(?:;.*)?)?", re.IGNORECASE)
_WORD = re.compile(r"\b(?:rss|atom|feed)\b", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|coment[aá]rio", re.IGNORECASE)
#: Addresses that systems of publishing give to feeds (WordPress, SPIP, Joomla, Drupal, Blogger, and by custom).
_FEED_LIKE = re.compile(
    r"\.(?:rss|atom|rdf)(?:[?#]|$)"
    r"|/(?:rss|rss2|feed|feeds|atom|rdf|backend|syndication)(?:\.(?:xml|php\d?|aspx?|json))?(?:[/?#]|$)"
    r"|/[\w-]*(?:rss|feed|atom)[\w-]*\.(?:xml|php\d?|aspx?|json)(?:[?#]|$)"
    r"|[?&](?:feed|format|type|alt|output|page)=(?:rss2?|atom|feed|backend)\b"
    r"|//feeds\d?\.feedburner\.com/",
    re.IGNORECASE,
)
# Services that show feeds: what they want is the feed's address, not what stands there.
_READER = re.compile(
    r"//(?:[\w-]+\.)*(?:feedly|inoreader|netvibes|bloglines|newsgator|newsblur|theoldreader|my\.yahoo|reddit)\.com/",
    re.IGNORECASE,
)


def feed_addresses(text: str, url: str | None) -> list[str]:
    """The feeds that a page's head names (`link` with rel "alternate" or "feed"), those of comments last."""
    tree = page_tree(text)
    named = (
        (element.get("href"), element.get("title") or "") for element in tree.iter("link") if _names_a_feed(element)
    )
    return _addresses(named, read_head(tree, to_url(url)).base)[:MAX_NAMED]


def linked_addresses(text: str, url: str | None) -> list[str]:
    """Links in the page's text that look like feeds, by their address before those by their label only."""
    tree = page_tree(text)
    found: tuple[list[tuple[str | None, str]], list[tuple[str | None, str]]] = ([], [])
    for number, element in enumerate(tree.iter("a", "area")):
        href = element.get("href") or ""
        if number >= _MAX_ANCHORS or _READER.search(href):
            continue
        label = " ".join(_labels(element))[:300]
        if _FEED_LIKE.search(href):
            found[0].append((href, label))
        elif _WORD.search(label):
            found[1].append((href, label))
    base = read_head(tree, to_url(url)).base
    by_address = _addresses(found[0], base)
    return list(dict.fromkeys((*by_address, *_addresses(found[1], base))))[:MAX_LINKED]


def onward_addresses(text: str, url: str | None) -> list[str]:
    """Where a page without anything of its own sends its readers: what it is refreshed to, or its frames."""
    tree = page_tree(text)
    refreshed = (_REFRESH.search(meta.get("content") or "") for meta in tree.iter("meta") if _refreshes(meta))
    targets = [match[1] for match in refreshed if match] + [frame.get("src") or "" for frame in tree.iter("frame")]
    return _addresses(((target, "") for target in targets), read_head(tree, to_url(url)).base)[:_MAX_ONWARD]


def _refreshes(meta: Element) -> bool:
    return (meta.get("http-equiv") or "").strip().lower() == "refresh"


def _names_a_feed(element: Element) -> bool:
    relations, kind = (element.get("rel") or "").lower().split(), element.get("type") or ""
    if _FEED_TYPE.search(kind) or "feed" in relations:
        # Blogger names where entries are posted, too.
        return not relations or "alternate" in relations or "feed" in relations
    is_translation = element.get("hreflang") is not None or element.get("media") is not None
    says_so = _WORD.search(element.get("title") or "") or _FEED_LIKE.search(element.get("href") or "")
    return "alternate" in relations and not is_translation and bool(_ANY_TYPE.fullmatch(kind) and says_so)


def _labels(element: Element) -> Iterator[str]:
    """What tells people or style sheets where a link leads."""
    yield one_line(text_of(element, " "))
    for inner in element.iter():
        for name in ("title", "alt", "class", "aria-label", "src"):
            yield inner.get(name) or ""


def _addresses(links: Iterable[tuple[str | None, str]], base: str | None) -> list[str]:
    found: dict[str, bool] = {}
    for href, title in links:
        if address := to_url(without_feed_scheme(href or ""), base):
            found.setdefault(address, bool(_COMMENTS.search(f"{address} {title}")))
    return sorted(found, key=found.__getitem__)
