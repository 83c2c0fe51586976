"""Sitemaps (sitemaps.org/protocol.html), those for news included: lists of addresses with the time of their change."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from heapq import nlargest
from itertools import islice
from operator import itemgetter

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Category, Document, Item, Origin
from feedwatch.parse.decode import decode
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.text import one_line
from feedwatch.xmltree import Element, XMLLimitError, XMLSyntaxError, mend_xml, read_xml

#: After unpacking; the protocol allows 50 MB, and nobody needs so much for what is new.
MAX_BYTES = 20 * 1024 * 1024
#: Addresses that are looked at in one sitemap, as many as the protocol allows.
MAX_URLS = 50_000
#: Entries taken from one sitemap the first time, and later.
FIRST_TIME, LATER = 100, 1_000
#: Of what did not change since, the newest that are looked at all the same: a time may move back.
OLDER = 2_000

_GZIP = b"\x1f\x8b"
_LOCAL = re.compile(r"^(?:\{([^}]*)\})?(.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Url:
    """One address of a sitemap."""

    loc: str
    changed_at: datetime | None = None
    title: str = ""
    published_at: datetime | None = None
    language: str | None = None
    publisher: str | None = None
    keywords: tuple[str, ...] = ()
    image: str | None = None

    @property
    def newest(self) -> datetime | None:
        return self.changed_at or self.published_at


def read_sitemap(document: Document, *, since: datetime | None) -> Parsed:
    """What a sitemap lists that changed after `since`, as headlines, newest first; nothing for an index.

    Behind them follow older ones, of interest only where they are known with another time (`stories.without_archive`).
    Addresses without a time are new when they are not stored; of those and of all at the first time only so
    many are taken. News sitemaps give titles; others leave the title to the page behind.

    Raises:
        ParseError: it is no sitemap, or beyond a limit.

    """
    root = _root(document)
    if root is None:
        urls = list(islice(_lines(document), MAX_URLS))
    elif _name(root) == "sitemapindex":
        return Parsed(items=(), listed=sum(1 for _ in _parts(root, document.url)))
    else:
        urls = list(islice(_urls(root, document.url), MAX_URLS))
    if not urls:
        raise ParseError(document.locator, "is a sitemap without any address")
    fresh = [url for url in urls if since is None or url.newest is None or url.newest >= since]
    # Those without a time keep their order, behind the others.
    fresh.sort(key=lambda url: -url.newest.timestamp() if url.newest else 0.0)
    limit = FIRST_TIME if since is None else LATER
    left = len(fresh) - limit
    older = [(url.newest, url) for url in urls if since is not None and url.newest is not None and url.newest < since]
    taken = [*fresh[:limit], *(url for _, url in nlargest(OLDER, older, key=itemgetter(0)))]
    items = tuple(_item(url, document, position) for position, url in enumerate(taken))
    kept = f"only the newest {limit} of {len(fresh)} addresses were taken"
    # The rest of a first time is the archive, which nobody asked for.
    return Parsed(items=items, problems=(kept,) if left > 0 and since is not None else (), listed=len(urls))


def parts_of(document: Document, *, since: datetime | None) -> list[str]:
    """The sitemaps that an index names, without those that did not change after `since`, the likeliest first.

    The newest is always among them: its time may have moved back or be told late, and to ask costs a conditional
    request. A time that is only a day stands for all of it.

    Raises:
        ParseError: it is no sitemap, or beyond a limit.

    """
    root = _root(document)
    if root is None or _name(root) != "sitemapindex":
        return []
    named = list(_parts(root, document.url))
    times = [part.newest for part in named if part.newest]
    least = min(since, max(times)) if since and times else since
    parts = [part for part in named if least is None or not part.newest or _until(part.newest) >= least]
    parts.sort(key=lambda part: ("news" not in part.loc, -part.newest.timestamp() if part.newest else 0.0))
    return list(dict.fromkeys(part.loc for part in parts))


def _until(moment: datetime) -> datetime:
    """The last moment that a time may mean: a day written without one is read as its midnight."""
    return moment + timedelta(days=1) if moment.time() == time.min else moment


# --- the document -----------------------------------------------------------------------------------


def _root(document: Document) -> Element | None:
    """The root of the XML; None for a plain list of addresses.

    Raises:
        ParseError: it is neither, or damaged.

    """
    text = decode(_unpacked(document)).text
    start = text[:2_000].lstrip("\ufeff \t\r\n")
    if start.lower().startswith("http"):
        return None
    if not start.startswith("<"):
        raise ParseError(document.locator, "is no sitemap (neither XML nor a list of addresses)")
    try:
        try:
            root = read_xml(text)
        except XMLLimitError:
            raise
        except XMLSyntaxError:
            root = read_xml(mend_xml(text))
    except XMLLimitError as error:
        raise ParseError(document.locator, f"is refused: {error.msg}") from error
    except XMLSyntaxError as error:
        raise ParseError(document.locator, f"is no sitemap: {str(error.msg).splitlines()[0][:200]}") from error
    if _name(root) not in ("urlset", "sitemapindex"):
        cure = 'a feed is read with kind = "feed", a page with kind = "page"'
        raise ParseError(document.locator, f"is no sitemap: its root element is <{_name(root)[:60]}> ({cure})")
    return root


def _unpacked(document: Document) -> Document:
    """The document without the gzip around it, bounded."""
    if not document.body.startswith(_GZIP):
        return document
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(document.body, MAX_BYTES + 1)
    except zlib.error as error:
        raise ParseError(document.locator, f"is damaged: its gzip cannot be unpacked ({error})") from error
    if len(body) > MAX_BYTES:
        raise ParseError(document.locator, f"is larger than {MAX_BYTES // 1024 // 1024} MiB when unpacked")
    return replace(document, body=body, media_type="application/xml")


def _name(element: Element) -> str:
    found = _LOCAL.match(str(element.tag))
    return found[2].lower() if found else ""


def _children(element: Element) -> Iterator[tuple[str, Element]]:
    """The children with their names: bare for the protocol's own, with "news:" or "image:" for its extensions."""
    for child in element:
        # The reader left out comments and processing instructions.
        found = _LOCAL.match(str(child.tag))
        if found is None:
            continue
        namespace = (found[1] or "").lower()
        prefix = next((f"{word}:" for word in ("news", "image", "video") if f"sitemap-{word}" in namespace), "")
        yield prefix + found[2].lower(), child


def _parts(root: Element, base: str | None) -> Iterator[_Url]:
    for name, element in islice(_children(root), MAX_URLS):
        if name == "sitemap" and (part := _url(element, base)) is not None:
            yield part


def _urls(root: Element, base: str | None) -> Iterator[_Url]:
    for name, element in _children(root):
        if name == "url" and (url := _url(element, base)) is not None:
            yield url


def _url(element: Element, base: str | None) -> _Url | None:
    """What an entry says; None without an http(s) address."""
    found: dict[str, str] = {}
    for name, child in _children(element):
        if len(child):
            for inner, grandchild in _children(child):
                found.setdefault(f"{name} {inner}", _text(grandchild))
                for deepest, last in _children(grandchild):
                    found.setdefault(f"{name} {inner} {deepest}", _text(last))
        else:
            found.setdefault(name, _text(child))
    loc = to_url(found.get("loc"), base)
    if loc is None:
        return None
    keywords = (one_line(word) for word in found.get("news:news news:keywords", "").split(",")[:50])
    return _Url(
        loc=loc.partition("#")[0],
        changed_at=parse_date(found.get("lastmod", "")[:60]),
        title=one_line(found.get("news:news news:title", "")),
        published_at=parse_date(found.get("news:news news:publication_date", "")[:60]),
        language=language_tag(found.get("news:news news:publication news:language")),
        publisher=one_line(found.get("news:news news:publication news:name", "")) or None,
        keywords=tuple(word for word in keywords if word),
        image=to_url(found.get("image:image image:loc"), base),
    )


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _lines(document: Document) -> Iterator[_Url]:
    for line in decode(_unpacked(document)).text.splitlines():
        if loc := to_url(line.strip()):
            yield _Url(loc=loc.partition("#")[0])


def _item(url: _Url, document: Document, position: int) -> Item:
    return Item(
        shape="teaser",
        locator=document.locator,
        position=position,
        link=url.loc,
        title=html.escape(url.title, quote=False),
        published_at=url.published_at,
        updated_at=url.changed_at,
        categories=tuple(Category(term=word) for word in url.keywords),
        image=url.image,
        language=url.language,
        origin=Origin(title=url.publisher, link=document.url, language=url.language),
    )
