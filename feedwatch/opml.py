"""OPML 2.0: the lists of feeds that readers import and export (opml.org/spec2.opml)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape, unescape

from feedwatch.balance import balanced
from feedwatch.errors import ParseError
from feedwatch.text import one_line, xml_legal
from feedwatch.urls import http_url, without_feed_scheme
from feedwatch.xmltree import (
    Element,
    SubElement,
    XMLSyntaxError,
    declared_encoding,
    mend_xml,
    new_element,
    read_xml,
    to_bytes,
)

#: Of one list; a reader's has hundreds.
MAX_FEEDS = 5_000
MAX_BYTES = 10 * 1024 * 1024
_MAX_TEXT = 500
_MAX_URL = 4096
_FEED_TYPES = frozenset(("rss", "atom", "feed"))
#: The innermost ones are kept.
_MAX_FOLDERS = 5
# A text that begins with an address, notes before it left out.
_ADDRESS = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s*#[^\n]*\n)*\s*(?:feed:)?(?:https?|feed)://", re.IGNORECASE)
_LIKE_MARKUP = re.compile(r"<|&[\w#]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list; texts are on one line and bounded, else as they came."""

    #: As written; nobody has checked that it is an address. "" where only the page for people is named.
    url: str
    title: str = ""
    language: str = ""
    #: Names of the folders around it, outermost first.
    folders: tuple[str, ...] = ()
    #: Whether it is a page to be looked at, not a feed (type "link").
    is_page: bool = False
    #: The feed's page for people.
    page_url: str = ""
    #: What it is about; written, not read.
    description: str = ""


def read_opml(data: bytes, *, locator: str) -> list[Outline]:
    """The feeds of a list in document order, with the folders around them; a text of one address a line is a list, too.

    Outlines without an address are folders or notes. Damage is mended where it can be; `locator` names the list
    in errors.

    Raises:
        ParseError: it is no OPML, or beyond a limit.

    """
    if len(data) > MAX_BYTES:
        raise ParseError(locator, f"is larger than {MAX_BYTES // 2**20} MB; no list of feeds is")
    if _ADDRESS.match(data):
        return _one_a_line(data, locator)
    root = _root(data, locator)
    name = _name(root)
    if name != "opml":
        cure = "add it with: feedwatch sources add" if name in ("rss", "feed", "rdf") else "export it as OPML"
        raise ParseError(locator, f"is XML with the root element <{name[:80]}>, not a list of feeds ({cure})")
    found: list[Outline] = []
    stack: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while stack:
        element, folders = stack.pop()
        if _name(element) == "outline":
            values = {str(key).lower(): str(value) for key, value in element.attrib.items()}
            outline = _outline(values, folders)
            if outline is not None and (outline.url or not len(element)):
                found.append(outline)
            else:
                folders = (*folders, _label(values))[-_MAX_FOLDERS:]
        if len(found) > MAX_FEEDS:
            raise ParseError(locator, f"has more than {MAX_FEEDS} feeds; split it")
        stack.extend((child, folders) for child in reversed(element))
    return found


def _one_a_line(data: bytes, locator: str) -> list[Outline]:
    """Addresses with whatever stands behind them on their lines (tags of other readers) left out; "#" begins a note."""
    lines = (line.split() for line in _text(data.removeprefix(codecs.BOM_UTF8)).splitlines())
    found = [
        Outline(url=without_feed_scheme(words[0][: _MAX_URL + 1])) for words in lines if words and "://" in words[0]
    ]
    if len(found) > MAX_FEEDS:
        raise ParseError(locator, f"has more than {MAX_FEEDS} feeds; split it")
    return found


def write_opml(outlines: Iterable[Outline], *, title: str) -> bytes:
    """The list as OPML 2.0 in UTF-8, one outline a line; folders are not written."""
    root = new_element("opml")
    root.set("version", "2.0")
    head = SubElement(root, "head")
    SubElement(head, "title").text = _marked_up(xml_legal(title))
    body = SubElement(root, "body")
    for outline in outlines:
        element = SubElement(body, "outline")
        address = "url" if outline.is_page else "xmlUrl"
        values = {
            "type": "link" if outline.is_page else "rss",
            "text": _marked_up(outline.title or outline.url),
            "title": _marked_up(outline.title or outline.url),
            address: outline.url,
            "htmlUrl": outline.page_url,
            "description": _marked_up(outline.description),
            "language": outline.language,
        }
        for key, value in values.items():
            if value:
                element.set(key, xml_legal(value))
    _indent(root)
    return to_bytes(root) + b"\n"


def _marked_up(text: str) -> str:
    """Plain text as HTML where it would be read as such: texts of an outline may hold markup (OPML 2.0)."""
    return escape(text, quote=False) if _LIKE_MARKUP.search(text) else text


def _root(data: bytes, locator: str) -> Element:
    try:
        return read_xml(data)
    except XMLSyntaxError as error:
        try:
            mended = mend_xml(_text(data))
            return _ordered(mended)
        except XMLSyntaxError:
            raise ParseError(locator, f"is no XML that can be read: line {error.lineno}: {error.msg}") from error


def _ordered(text: str) -> Element:
    try:
        return read_xml(text)
    except XMLSyntaxError:
        ordered = balanced(text)
        if ordered is None:
            raise
        return read_xml(ordered)


def _text(data: bytes) -> str:
    for encoding in (declared_encoding(data[:300]) or "utf-8", "utf-8"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    # Typed on Windows, mostly.
    return data.decode("cp1252", "replace")


def _outline(values: dict[str, str], folders: tuple[str, ...]) -> Outline | None:
    """The feed or page that an outline's attributes (names in lower case) name; None when they name none."""
    url = values.get("xmlurl", "")
    kind = values.get("type", "").strip().lower()
    is_page = not url.strip() and kind == "link"
    if is_page or (not url.strip() and kind in _FEED_TYPES):
        url = values.get("url", "")
    url = without_feed_scheme(url.strip()[: _MAX_URL + 1])
    page = http_url(values.get("htmlurl"))
    if not url and page is None:
        return None
    language = one_line(values.get("language", "")[:_MAX_TEXT])
    return Outline(
        url=url, title=_label(values), language=language, folders=folders, is_page=is_page, page_url=page or ""
    )


def _label(values: dict[str, str]) -> str:
    """What a reader shows: `title` where there is one, else `text`; references of HTML in it are resolved."""
    return next(
        (line for key in ("title", "text") if (line := one_line(unescape(values.get(key, "")[:_MAX_TEXT])))), ""
    )


def _name(element: Element) -> str:
    """The element's name without a namespace, lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def _indent(element: Element, depth: int = 0) -> None:
    """Put every element on a line of its own; no element of a list has text beside elements."""
    children = list(element)
    if not children:
        return
    element.text = "\n" + "  " * (depth + 1)
    for child in children:
        _indent(child, depth + 1)
        child.tail = element.text
    children[-1].tail = "\n" + "  " * depth
