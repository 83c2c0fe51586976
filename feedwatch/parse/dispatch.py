"""Which reader a document needs: by what it is, then by what it says it is (types are often wrong)."""

from __future__ import annotations

import re
from dataclasses import replace

from feedwatch.bounds import MAX_PAGE_CHARS
from feedwatch.dates import of_one_document
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Document, Item, Source
from feedwatch.parse.decode import decode
from feedwatch.parse.feed import read_feed
from feedwatch.parse.jsonfeed import read_json_feed
from feedwatch.parse.linkmarks import without_link_marks
from feedwatch.parse.mail import page_in, read_mail
from feedwatch.parse.markdown import read_markdown
from feedwatch.parse.sitemap import read_sitemap
from feedwatch.text import printable, xml_legal

#: What may stand before the first tag, such as a warning of the publisher's server.
_SNIFFED_CHARS = 20_000
_FEED_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:rss|rdf|feed|channel|entry)(?=[\s>/])", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_ANY_ROOT = re.compile(r"<([A-Za-z_][\w:.-]{0,60})")
_NO_ROOT = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_SUFFIXES = {"txt": "scrape", "md": "markdown", "markdown": "markdown"}
_XML_TYPES = ("/xml", "+xml")
_XML_SUFFIXES = (".xml", ".rss", ".atom", ".rdf")
#: Of all other forms only the beginning is looked at; the rest need not travel on.
_READ_TO_THE_END = frozenset(("feed", "json"))
#: Root elements that are neither a feed nor a page, whatever is in them.
_NO_FEEDS = frozenset(("opml", "urlset", "sitemapindex"))
_KINDS_WITHOUT_PAGES = ("feed",)


def parse(document: Document, source: Source) -> Parsed:
    """The items of a document of `source`, whatever its form.

    Forms: RSS, RDF, Atom, JSON Feed and other JSON with articles, HTML (an article or a list; also MHTML), mail,
    Markdown, a page's text as scraped (".txt"), other plain text. A source of kind "feed" accepts feeds only, so that
    an error page never becomes an entry.

    Raises:
        ParseError: the document cannot be read; names the locator and the cure.

    """
    with of_one_document():
        return _parse(document, source)


def _parse(document: Document, source: Source) -> Parsed:
    if source.kind == "sitemap":
        return read_sitemap(document, since=source.since)
    if document.media_type == "message/rfc822":
        return Parsed(items=(read_mail(document),))
    if document.media_type == "multipart/related":
        document = page_in(document)
    decoded = decode(document)
    try:
        parsed = _read(document, source, decoded.text)
    except ParseError as error:
        # Whatever of the outside is quoted in there must be safe to show.
        raise ParseError(document.locator, printable(error.message, 600)) from error
    if decoded.problem is None:
        return parsed
    return replace(parsed, problems=(decoded.problem, *parsed.problems))


def _read(document: Document, source: Source, text: str) -> Parsed:
    form = _form(document, text)
    url, locator = document.url, document.locator
    if form not in _READ_TO_THE_END:
        text = text[:MAX_PAGE_CHARS]
    if form == "page":
        return _read_page(document, source, text)
    if form == "feed":
        return read_feed(text, url=url, locator=locator)
    if form == "json":
        return read_json_feed(text, url=url, locator=locator)
    if source.kind in _KINDS_WITHOUT_PAGES:
        raise _no_feed(document)
    if form == "markdown":
        return Parsed(items=(read_markdown(text, url=url, locator=locator),))
    return Parsed(items=(_plain(document, form, text),))


def _read_page(document: Document, source: Source, text: str) -> Parsed:
    # At the first page: trees of pages cost 2 MB, and many read feeds alone.
    from feedwatch.parse.feedlinks import feed_addresses  # noqa: PLC0415
    from feedwatch.parse.page import read_listing, read_page  # noqa: PLC0415

    url, locator = document.url, document.locator
    if source.kind in _KINDS_WITHOUT_PAGES:
        named = feed_addresses(text, url)
        cure = f"the page names this feed: {named[0]}" if named else 'give the feed\'s address, or set kind = "page"'
        raise ParseError(locator, f"is an HTML page, not a feed ({cure})")
    if source.kind == "page":
        return read_listing(
            text,
            url=url,
            locator=locator,
            selectors=source.selectors,
            only_lists=source.had_list,
            seen_at=document.fetched_at,
        )
    return read_page(text, url=url, locator=locator, seen_at=document.fetched_at)


def _form(document: Document, text: str) -> str:
    """One of feed, json, page, markdown, scrape, text."""
    start = text[:_SNIFFED_CHARS].lstrip()
    if document.container is not None and document.media_type == "text/plain":
        # The text of a page in an archive comes with all its furniture.
        return "scrape"
    suffix = document.locator.lower().rpartition(".")[2] if document.url is None else ""
    if suffix in _SUFFIXES and not start.startswith("<"):
        return _SUFFIXES[suffix]
    if start.startswith("{"):
        return "json"
    if _looks_like_markup(document, start):
        return _markup_form(document, start)
    if "json" in document.media_type:
        return "json"
    return "markdown" if "markdown" in document.media_type else "text"


def _looks_like_markup(document: Document, start: str) -> bool:
    kind = document.media_type
    return start.startswith("<") or kind.endswith(_XML_TYPES) or "html" in kind or bool(_FEED_ROOT.search(start))


def _markup_form(document: Document, start: str) -> str:
    """Feed or page; whichever root comes first decides, comments aside."""
    bare = _NO_ROOT.sub(lambda match: " " * len(match[0]), start)
    name = document.locator.lower() if document.url is None else ""
    feed, page, root = _FEED_ROOT.search(bare), _HTML_ROOT.search(bare), _ANY_ROOT.search(bare)
    # A document type says less than the first element.
    if feed and (page is None or feed.start() < page.start() or (root and root.start() == feed.start())):
        return "feed"
    if root and root[1].lower() in _NO_FEEDS:
        raise _other_xml(document, root[1])
    if page or "html" in document.media_type:
        return "page"
    if start.startswith("<?xml") or document.media_type.endswith(_XML_TYPES) or name.endswith(_XML_SUFFIXES):
        raise _other_xml(document, root[1] if root else "?")
    return "page" if root else "text"


def _other_xml(document: Document, root: str) -> ParseError:
    tag = root.lower()
    return ParseError(document.locator, f"is XML, but no feed: its root element is <{tag}> ({_cure(tag)})")


def _cure(root: str) -> str:
    if root == "opml":
        return "this is a list of feeds: save it and run feedwatch sources import with its name"
    if root in ("urlset", "sitemapindex"):
        return 'this is a sitemap: read it with kind = "sitemap"'
    return "give the address of an RSS, Atom or JSON feed"


def _no_feed(document: Document) -> ParseError:
    return ParseError(document.locator, "is plain text, not a feed (give the address of an RSS, Atom or JSON feed)")


def _plain(document: Document, form: str, text: str) -> Item:
    return Item(
        shape="scrape" if form == "scrape" else "text",
        locator=document.locator,
        position=0,
        link=document.url,
        content=xml_legal(without_link_marks(text) if form == "scrape" else text).strip(),
        base_url=document.url,
    )
