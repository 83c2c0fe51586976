"""HTML: an article's page is one item, a page that lists articles is one teaser for each."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from feedwatch.dates import parse_date
from feedwatch.ledger import Parsed
from feedwatch.markup import Soup, Tag, parse_html
from feedwatch.model import Item, Origin, Person
from feedwatch.parse.feed import MAX_ITEMS, collect
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.text import one_line

#: A page with fewer headlines that are built alike is no list; sections of small papers have three or four.
MIN_TEASERS = 3
#: Characters of running text in one place that make a page an article whatever stands beside it.
ARTICLE_CHARS = 800
#: Of the page's text that the headlines with their summaries must make up.
LIST_SHARE = 0.4
#: A paragraph, not a caption or a button.
_PARAGRAPH_CHARS = 80
_HEADLINE_CHARS = (15, 300)
_FEW_BLANKS = 3
_FEED_TYPE = re.compile(r"application/(?:rss|atom|feed)\+(?:xml|json)", re.IGNORECASE)
_ENTRIES = ["article", "li", "main"]
_FURNITURE = ["nav", "footer", "aside", "form", "noscript", "template"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_BARE_TEXT = frozenset(("div", "td", "article", "section", "main", "body", "font", "center", "blockquote"))
_PAGE_TAGS = frozenset(("body", "html", "main", "[document]"))
_SUMMARY_CHARS = 40
_DATE_CHARS = 60
_DATE_MARK = re.compile(r"date|time|publi|posted|heure", re.IGNORECASE)
#: Of a headline's surroundings; deeper is the page's own frame.
_CARD_DEPTH = 8
_SEPARATOR = re.compile(r"\s+[|–—·»]\s+|\s+-\s+")


def read_page(text: str, *, url: str | None, locator: str) -> Parsed:
    """The page as one item of shape "page", or the headlines of a listing page as items of shape "teaser".

    Without `url` (a saved page) relative links are resolved against what the page says of itself.
    """
    soup = parse_html(text)
    head = _head(soup, to_url(url))
    if not _is_article(soup, head):
        teasers = _teasers(soup, head, locator)
        if len(teasers) >= MIN_TEASERS:
            return collect(teasers[:MAX_ITEMS], len(teasers))
    return Parsed(items=(_page(soup, text, head, locator),))


def feed_addresses(text: str, url: str | None) -> list[str]:
    """The feeds that a page names (`link rel=alternate`), for telling a person where the feed is."""
    soup = parse_html(text)
    base = _head(soup, to_url(url)).base
    links = soup.find_all("link", attrs={"type": _FEED_TYPE}, limit=5)
    return [address for link in links if (address := to_url(_attribute(link, "href"), base))]


# --- what the page says of itself -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
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


def _head(soup: Soup, url: str | None) -> _Head:
    metas: dict[str, str] = {}
    for tag in soup.find_all("meta", content=True):
        for key in ("property", "name", "itemprop"):
            if (name := _attribute(tag, key).lower()) and (value := one_line(_attribute(tag, "content"))):
                metas.setdefault(name, value)
    named = soup.find("title")
    title = one_line(named.get_text(" ")) if isinstance(named, Tag) else ""
    link = soup.find("link", rel="canonical", href=True)
    written = _attribute(link, "href") if isinstance(link, Tag) else ""
    own = url or to_url(written) or to_url(metas.get("og:url"))
    element = soup.find("base", href=True)
    base = (to_url(_attribute(element, "href"), own) if isinstance(element, Tag) else None) or own
    language = _language(soup) or language_tag(metas.get("og:locale") or metas.get("inlanguage"))
    return _Head(
        metas=metas,
        title=title,
        url=url,
        canonical=to_url(written, base) or to_url(metas.get("og:url"), base),
        base=base,
        language=language,
        origin=Origin(title=metas.get("og:site_name") or title or None, link=base, language=language),
    )


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def _language(soup: Soup) -> str | None:
    root = soup.find("html")
    return language_tag(_attribute(root, "lang") or _attribute(root, "xml:lang")) if isinstance(root, Tag) else None


def _link(head: _Head) -> str | None:
    """The page's address: canonical unless that is a mere home page for a deeper address."""
    if head.canonical and head.url and _is_home(head.canonical) and not _is_home(head.url):
        return head.url
    return head.canonical or head.url


def _is_home(address: str) -> bool:
    return urlsplit(address).path in ("", "/")


def _title(soup: Soup, head: _Head) -> str:
    """The headline: og:title, else the only h1, else the title element without the site's name."""
    if title := head.meta("og:title", "twitter:title"):
        return title
    headings = [text for tag in soup.find_all("h1", limit=3) if (text := one_line(tag.get_text(" ")))]
    if len(headings) == 1 or (headings and headings[0] in head.title):
        return headings[0]
    parts = _SEPARATOR.split(head.title)
    longest = max(parts, key=len)
    return (parts[0] if 2 * len(parts[0]) > len(longest) else longest) or (headings[0] if headings else "")


def _page(soup: Soup, text: str, head: _Head, locator: str) -> Item:
    link = _link(head)
    author = head.meta("author", "article:author", "dc.creator")
    return Item(
        shape="page",
        locator=locator,
        position=0,
        link=link,
        title=html.escape(_title(soup, head), quote=False),
        summary=html.escape(head.meta("og:description", "description", "twitter:description"), quote=False),
        content=text,
        published_at=parse_date(head.meta("article:published_time", "datePublished", "og:published_time")),
        updated_at=parse_date(head.meta("article:modified_time", "dateModified", "og:updated_time")),
        authors=(Person(name=author),) if author and "://" not in author else (),
        image=to_url(head.meta("og:image", "og:image:url", "twitter:image"), head.base),
        language=head.language,
        base_url=head.base or link,
        origin=head.origin,
    )


# --- article or list --------------------------------------------------------------------------------


def _is_article(soup: Soup, head: _Head) -> bool:
    """Whether one place of the page holds running text, more than the summaries of a list."""
    prose: Counter[int] = Counter()
    for paragraph in soup.find_all("p"):
        text = one_line(paragraph.get_text(" "))
        linked = sum(len(anchor.get_text()) for anchor in paragraph.find_all("a"))
        if len(text) >= _PARAGRAPH_CHARS and linked * 3 < len(text) and paragraph.parent is not None:
            prose[id(paragraph.parent)] += len(text)
    # Old pages write their paragraphs as bare text between line breaks.
    for text in soup.find_all(string=True):
        parent = text.parent
        if len(text) >= _PARAGRAPH_CHARS and isinstance(parent, Tag) and parent.name in _BARE_TEXT:
            prose[id(parent)] += len(one_line(text))
    most = max(prose.values(), default=0)
    says_so = head.meta("og:type").lower() == "article" or bool(head.meta("article:published_time"))
    return most >= (ARTICLE_CHARS // 4 if says_so else ARTICLE_CHARS)


def _teasers(soup: Soup, head: _Head, locator: str) -> list[Item]:
    headlines = list(_headlines(soup, head.base))
    shapes = Counter(_shape(anchor) for anchor, _ in headlines)
    chosen: dict[str, Tag] = {}
    for anchor, address in headlines:
        known = chosen.get(address)
        # The same page is often linked twice; the longer text is the headline.
        if shapes[_shape(anchor)] >= MIN_TEASERS and (known is None or len(anchor.get_text()) > len(known.get_text())):
            chosen[address] = anchor
    inside = Counter(id(parent) for anchor in chosen.values() for parent in _near(anchor))
    cards = [(address, anchor, _card(anchor, inside)) for address, anchor in chosen.items()]
    if sum(_length(card) for _, _, card in cards) < LIST_SHARE * _length(soup.body):
        return []
    return [
        _teaser(card, anchor, address, head, locator, position)
        for position, (address, anchor, card) in enumerate(cards)
    ]


def _length(tag: Tag | None) -> int:
    return len(one_line(tag.get_text(" "))) if tag is not None else 0


def _near(anchor: Tag) -> list[Tag]:
    """The elements around the link that may be its card, innermost first."""
    return [parent for parent in islice(anchor.parents, _CARD_DEPTH) if parent.name not in _PAGE_TAGS]


def _card(anchor: Tag, inside: Counter[int]) -> Tag:
    """The largest element around a headline that holds no other; `inside` counts headlines by element."""
    alone = [parent for parent in _near(anchor) if inside[id(parent)] == 1]
    return alone[-1] if alone else anchor


def _headlines(soup: Soup, base: str | None) -> Iterator[tuple[Tag, str]]:
    """Links that read like headlines, outside the page's furniture, with their addresses."""
    shortest, longest = _HEADLINE_CHARS
    for anchor, in_heading in _anchors(soup):
        text = one_line(anchor.get_text(" "))
        if not shortest <= len(text) <= longest:
            continue
        if not in_heading and text.count(" ") < _FEW_BLANKS and anchor.find(_HEADINGS) is None:
            continue
        if address := to_url(_attribute(anchor, "href"), base):
            yield anchor, address.partition("#")[0]


def _anchors(soup: Soup) -> Iterator[tuple[Tag, bool]]:
    """The links outside the page's furniture in document order, and whether each is in a heading."""
    stack: list[tuple[Tag, bool, bool]] = [(soup, False, False)]
    while stack:
        tag, in_heading, in_entry = stack.pop()
        # The page's own header is furniture; an entry's header is its headline.
        if tag.name in _FURNITURE or (tag.name == "header" and not in_entry):
            continue
        if tag.name == "a" and tag.has_attr("href"):
            yield tag, in_heading
        in_heading, in_entry = in_heading or tag.name in _HEADINGS, in_entry or tag.name in _ENTRIES
        inner = [(child, in_heading, in_entry) for child in tag.children if isinstance(child, Tag)]
        stack.extend(reversed(inner))


def _shape(anchor: Tag) -> tuple[str, ...]:
    """How the link is built in: the names of the tags around it, the heading's included."""
    names = [parent.name for parent in islice(anchor.parents, 4)]
    inner = anchor.find(_HEADINGS)
    return (inner.name if isinstance(inner, Tag) else "", *names)


def _teaser(card: Tag, anchor: Tag, address: str, head: _Head, locator: str, position: int) -> Item:
    heading = anchor.find(_HEADINGS)
    title = one_line((heading if isinstance(heading, Tag) else anchor).get_text(" "))
    picture = card.find("img", src=True)
    return Item(
        shape="teaser",
        locator=locator,
        position=position,
        link=address,
        title=html.escape(title, quote=False),
        summary=html.escape(_card_summary(card, title), quote=False),
        published_at=_card_date(card),
        image=to_url(_attribute(picture, "src"), head.base) if isinstance(picture, Tag) else None,
        language=head.language,
        base_url=head.base,
        origin=head.origin,
    )


def _card_summary(card: Tag, title: str) -> str:
    """The longest text of the card that is not the headline."""
    blocks = (tag.get_text(" ") for tag in card.find_all(["p", "div", "span", "dd"], limit=30))
    texts = (one_line(text) for text in (*blocks, *card.find_all(string=True, limit=100)))
    found = [text for text in texts if len(text) >= _SUMMARY_CHARS and title not in text and text not in title]
    return max(found, key=len, default="")[:1000]


def _card_date(card: Tag) -> datetime | None:
    """The date of the card: a `time` element, else what is marked as a date, else what reads as one."""
    marked = card.find_all(["time", "span", "div", "p", "small", "td", "li", "em", "i"], limit=30)
    for tag in sorted(marked, key=_date_rank):
        text = one_line(tag.get_text(" "))
        short = text if len(text) <= _DATE_CHARS and any(char.isdigit() for char in text) else None
        if date := parse_date(_attribute(tag, "datetime")) or parse_date(short):
            return date
    return None


def _date_rank(tag: Tag) -> int:
    if tag.name == "time":
        return 0
    return 1 if _DATE_MARK.search(_attribute(tag, "class") + _attribute(tag, "itemprop")) else 2
