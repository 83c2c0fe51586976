"""What RSS and Atom readers share: names, inherited base and language, texts, people and media."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from feedwatch.dates import parse_date
from feedwatch.markup import title_text
from feedwatch.model import Enclosure, Item, Person
from feedwatch.text import one_line, xml_legal
from feedwatch.urls import http_url
from feedwatch.xmltree import UNDECLARED, Element, inner_html

_XML = "{http://www.w3.org/XML/1998/namespace}"
# Lower case, without a final slash or "#". RSS itself has no prefix here.
_NAMESPACES = {
    "": "",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://purl.org/net/rss1.1": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss091": "",
    "http://backend.userland.com/blogchannelmodule": "blogchannel",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://cyber.law.harvard.edu/rss": "",
    "http://rssboard.org/rss-specification": "",
    "http://www.rssboard.org/rss-specification": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/dc": "dc",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://video.search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/dtds/podcast-1.0": "itunes",
    "http://www.google.com/schemas/play-podcasts/1.0": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://purl.org/pheedo": "pheedo",
}
# Prefixes as publishers choose them, where no namespace says what they are.
_PREFIXES = {prefix: prefix for prefix in set(_NAMESPACES.values()) - {"", "rdf", "xhtml"}} | {
    "googleplay": "itunes",
    "atom10": "atom",
    "a10": "atom",
}
# HTML that a feed of no declared type may hold: a known tag, or a reference to a character.
_MARKUP = re.compile(
    r"</?(?:a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|big|blink|blockquote|body|br|"
    r"button|canvas|caption|center|cite|code|col|colgroup|data|dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|"
    r"fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|i|iframe|img|input|"
    r"ins|kbd|label|legend|li|link|main|map|mark|marquee|math|menu|meta|meter|nav|nobr|noframes|noscript|object|ol|"
    r"optgroup|option|output|p|param|picture|plaintext|pre|progress|q|rp|rt|ruby|s|samp|script|section|select|small|"
    r"source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|tr|"
    r"track|tt|u|ul|var|video|wbr|xmp)(?:\s[^<>]*)?/?>"
    r"|<!--|<!\[CDATA\[|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});",
    re.IGNORECASE,
)
# A CDATA section that was escaped, so that it is text: HTML would drop its beginning as a broken comment.
_ESCAPED_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\](?:>|&gt;)|\Z)", re.DOTALL)
# Nothing that HTML knows, so it would drop all up to the next ">".
_NO_MARKUP = re.compile(r"<!(?!--|doctype\b|\[if\b|\[endif\b)", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_BRACKETED = re.compile(r"<\s*((?:mailto:)?[^<>\s]*@[^<>\s]*)\s*>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,6}")


class Names(dict[str, str]):
    """Short names of tags, such as "dc:creator" or "pubdate", worked out once for each document.

    Of a document whose root element is `feed` or `entry`, the namespace of the root is Atom's, also where
    it is misspelt or missing; the unknown namespace of a root `rss`, or of a `channel`, is that of RSS.
    """

    def __init__(self, root: str) -> None:
        super().__init__()
        namespace, _, local = root[1:].rpartition("}") if root.startswith("{") else ("", "", root)
        self._atom = namespace if local.lower() in ("feed", "entry") else None
        self._rss = namespace if local.lower() == "rss" else None

    def __missing__(self, tag: str) -> str:
        namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if namespace == self._atom:
            prefix = "atom"
        elif namespace.startswith(UNDECLARED):
            prefix = namespace[len(UNDECLARED) :].lower()
            prefix = _PREFIXES.get(prefix, prefix)
        else:
            prefix = _NAMESPACES.get(_plain_namespace(namespace), "?")
            if prefix == "?" and self._atom is None and (namespace == self._rss or local.lower() == "channel"):
                self._rss, prefix = namespace, ""
        self[tag] = name = f"{prefix}:{local.lower()}" if prefix else local.lower()
        return name


def _plain_namespace(namespace: str) -> str:
    """A namespace as `_NAMESPACES` names it; many sites have put https in the place of every http."""
    plain_one = namespace.strip().lower().rstrip("/#")
    return f"http{plain_one[5:]}" if plain_one.startswith("https:") else plain_one


@dataclass(frozen=True, slots=True)
class Context:
    """What an element inherits: the base of its links and its language."""

    names: Names
    base: str | None = None
    language: str | None = None
    #: Whether an xml:base said so, not just the document's address.
    has_own_base: bool = False

    def inside(self, element: Element) -> Self:
        """The context within `element`, which may change base (XML Base) and language."""
        base, language = element.get(f"{_XML}base"), element.get(f"{_XML}lang")
        if base is None and language is None:
            return self
        return replace(
            self,
            base=(http_url(base, self.base) or self.base) if base is not None else self.base,
            has_own_base=self.has_own_base or base is not None,
            # An empty xml:lang undoes an inherited one (XML 1.0 section 2.12).
            language=language_tag(language) if language is not None else self.language,
        )


class Node:
    """An element with its children by short name, in document order."""

    __slots__ = ("_children", "context", "element")

    def __init__(self, element: Element, outer: Context) -> None:
        self.element = element
        self.context = outer.inside(element)
        names = outer.names
        children: dict[str, list[Element]] = {}
        for child in element:
            # Entity references left by the reader have no name.
            if isinstance(child.tag, str):
                name = names[child.tag]
                if name[0] == "?" and (prefix := _PREFIXES.get((child.prefix or "").lower())):
                    # Of a namespace that nobody knows; the prefix means what it always means.
                    name = f"{prefix}{name[1:]}"
                children.setdefault(name, []).append(child)
        self._children = children

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names: all of the first name, then all of the second."""
        for name in names:
            yield from self._children.get(name, ())

    def first(self, *names: str) -> Element | None:
        """The first child of the first of these names that is there."""
        return next(self.all(*names), None)

    def node(self, *names: str) -> Node | None:
        """The same as a node."""
        element = self.first(*names)
        return None if element is None else Node(element, self.context)

    def nodes(self, *names: str) -> Iterator[Node]:
        """All of them as nodes."""
        return (Node(element, self.context) for element in self.all(*names))

    def text(self, *names: str) -> str:
        """The first text that is not empty among the children of these names, untouched but for its ends."""
        return next((text for element in self.all(*names) if (text := text_of(element))), "")

    def date(self, *names: str) -> datetime | None:
        """The instant that the first of these names with a text gives; of several of one name, the last counts."""
        for name in names:
            for element in reversed(self._children.get(name, ())):
                if text := text_of(element):
                    return parse_date(text)
        return None

    def line(self, *names: str) -> str | None:
        """The same on one line of plain text; None without one."""
        return plain(self.text(*names))


def text_of(element: Element) -> str:
    """All text inside the element, without its tags."""
    text = (element.text or "") if not len(element) else "".join(str(part) for part in element.itertext())
    return text.strip()


def html_of(element: Element) -> str:
    """The element's content as HTML, where nothing says whether it is HTML or plain text."""
    return inner_html(element) if len(element) else as_html(element.text or "")


def unwrapped(text: str) -> str:
    """HTML out of a CDATA section that was escaped with it, and with "<!" as text where it opens nothing."""
    if "<!" not in text:
        return text
    return _NO_MARKUP.sub("&lt;!", _ESCAPED_CDATA.sub(r"\1", text)).strip()


def as_html(text: str) -> str:
    """A text of unknown type as HTML: left alone if it holds markup, else escaped."""
    text = unwrapped(text.strip())
    if "<" not in text and "&" not in text:
        return text
    return text if is_markup(text) else html.escape(text, quote=False)


def is_markup(text: str) -> bool:
    """Whether a text of unknown type holds tags of HTML or references to characters."""
    return bool(_MARKUP.search(text))


def plain(text: str | None) -> str | None:
    """A short text of unknown type as one line of plain text; None when nothing is left."""
    if not text:
        return None
    if "<" not in text and "&" not in text:
        return one_line(text) or None
    return title_text(as_html(text)) or None


def to_url(text: str | None, base: str | None = None) -> str | None:
    """The text as an absolute http(s) address; see `urls.http_url`."""
    return http_url(text, base)


def own_language(element: Element) -> str | None:
    """What the element's own xml:lang says."""
    return language_tag(element.get(f"{_XML}lang"))


def language_tag(text: str | None) -> str | None:
    """The text as a language tag (BCP 47) with "-" between its parts; None if it cannot be one."""
    text = (text or "").strip()
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None


def legal_values(values: dict[str, Any]) -> dict[str, Any]:
    """A JSON object whose strings hold no character that XML forbids (its escapes can write any)."""
    return {key: xml_legal(value) if isinstance(value, str) else value for key, value in values.items()}


def whole_number(text: str | None) -> int | None:
    """A count of bytes as publishers write it; None if it is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def person(text: str | None) -> Person | None:
    """An author written in one string: `name`, `address (name)` or `name <address>`."""
    # Only an address stands in these brackets; all else is markup.
    line = plain(_BRACKETED.sub(r"(\1)", text)) if text else None
    if not line:
        return None
    address = _EMAIL.search(line)
    if address is None:
        return Person(name=line)
    rest = line[: address.start()] + line[address.end() :]
    name = one_line(rest.replace("mailto:", "")).strip(" ()[]<>,;:-\"'")
    return Person(name=name or address[0], email=address[0])


def distinct_people(people: Iterable[Person | None]) -> tuple[Person, ...]:
    """The people without repetitions; of those with one name, the first that has an address."""
    found: dict[str, Person] = {}
    for one in people:
        if one is None:
            continue
        known = found.get(one.name)
        if known is None or (not known.email and not known.url and (one.email or one.url)):
            found[one.name] = one
    return tuple(found.values())


def enclosure(url: str | None, media_type: str | None, length: str | None, base: str | None) -> Enclosure | None:
    """A media file; None without an http(s) address."""
    address = to_url(url, base)
    if address is None:
        return None
    kind = one_line(media_type or "").lower()
    return Enclosure(url=address, media_type=kind or None, length_bytes=whole_number(length))


def distinct_enclosures(files: Iterable[Enclosure | None]) -> tuple[Enclosure, ...]:
    """The media files without repetitions of an address."""
    found: dict[str, Enclosure] = {}
    for one in files:
        if one is not None:
            found.setdefault(one.url, one)
    return tuple(found.values())


def has_something(item: Item) -> bool:
    """Whether the publisher wrote anything of its own into the item; an empty one is nobody's loss."""
    return bool(
        item.title
        or item.summary
        or item.content
        or item.link
        or item.guid
        or item.enclosures
        or item.categories
        or item.published_at
        or item.updated_at
        or item.rights
        or item.image
        or item.authors != item.origin.authors
    )
