"""Atom 1.0 (RFC 4287) and 0.3: elements to Items."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator

from feedwatch.markup import text_to_html
from feedwatch.model import Category, Enclosure, Item, Origin, Person
from feedwatch.parse.media import keywords, media_files, media_image, media_page, media_text, media_titles
from feedwatch.parse.nodes import (
    Context,
    Node,
    distinct_enclosures,
    distinct_people,
    enclosure,
    html_of,
    language_tag,
    plain,
    text_of,
    to_url,
    unwrapped,
)
from feedwatch.text import xml_legal
from feedwatch.xmltree import Element, QName, inner_html

_RELATIONS = "http://www.iana.org/assignments/relation/"
_PUBLISHED = ("atom:published", "atom:issued", "atom:created", "dc:date", "dcterms:issued")
_UPDATED = ("atom:updated", "atom:modified", "dcterms:modified")


def read_atom(root: Element, context: Context, locator: str, limit: int) -> tuple[list[Item], int]:
    """At most `limit` items of the feed, and how many it has; a lone entry is a feed of one (section 2)."""
    top = Node(root, context)
    if context.names[str(root.tag)] == "atom:entry":
        return [_item(top, Origin(language=top.context.language), locator, 0)], 1
    origin = _origin(top)
    elements = list(top.all("atom:entry"))
    items = [
        _item(Node(element, top.context), origin, locator, position)
        for position, element in enumerate(elements[:limit])
    ]
    return items, len(elements)


def _origin(feed: Node) -> Origin:
    """A feed's description of itself, or of another that an entry was copied from (section 4.2.11)."""
    title, rights = feed.first("atom:title"), feed.first("atom:rights", "atom:copyright", "dc:rights")
    return Origin(
        id=feed.text("atom:id") or None,
        title=plain(construct(title)) if title is not None else None,
        link=atom_link(feed, "alternate"),
        self_link=atom_link(feed, "self"),
        updated_at=feed.date(*_UPDATED),
        rights=plain(construct(rights)) if rights is not None else None,
        language=feed.context.language,
        authors=distinct_people(_authors(feed)),
    )


def _item(node: Node, feed: Origin, locator: str, position: int) -> Item:
    copied = node.node("atom:source")
    origin = _origin(copied) if copied is not None else feed
    content = node.first("atom:content")
    media = distinct_enclosures(_enclosures(node, content))
    body = _content(node, content)
    summary = _summary(node)
    rights = node.first("atom:rights", "atom:copyright", "dc:rights", "media:copyright")
    return Item(
        shape="entry",
        locator=locator,
        position=position,
        guid=node.text("atom:id", "dc:identifier") or None,
        link=_link(node, content),
        title=_title(node),
        summary="" if summary == body else summary,
        content=body,
        published_at=node.date(*_PUBLISHED),
        updated_at=node.date(*_UPDATED),
        # An entry without authors has those of its source, else of its feed (section 4.2.1).
        authors=distinct_people(_authors(node)) or origin.authors or feed.authors,
        categories=tuple(dict.fromkeys(_categories(node))),
        enclosures=media,
        image=media_image(node, media),
        rights=plain(construct(rights)) if rights is not None else None,
        language=language_tag(node.text("dc:language"))
        or _content_context(node, content).language
        or _texts_language(node),
        base_url=_content_context(node, content if body else node.first("atom:summary")).base
        or origin.link
        or origin.self_link,
        origin=origin,
    )


def construct(element: Element) -> str:
    """A text construct or content as HTML (sections 3.1 and 4.1.3, and `mode` of Atom 0.3).

    Plain text is escaped; content that is no text is "".
    """
    kind = (element.get("type") or "").strip().lower()
    mode = (element.get("mode") or "").strip().lower()
    if not _is_text(kind):
        # Inline content of another type is base64 (section 4.1.3.3); of no type in particular, it may be a text.
        return _from_base64(element.text) if kind == "application/octet-stream" else ""
    if len(element):
        return inner_html(_only_div(element))
    text = (element.text or "").strip() if mode != "base64" else _from_base64(element.text)
    if kind in ("html", "text/html", "xhtml", "application/xhtml+xml") or "xml" in kind:
        return unwrapped(text)
    return text_to_html(text) if "\n" in text else html.escape(text, quote=False)


def _from_base64(text: str | None) -> str:
    try:
        decoded = base64.b64decode(text or "").decode("utf-8")
    except ValueError:
        return ""
    return decoded.strip() if xml_legal(decoded) == decoded else ""


def _is_text(kind: str) -> bool:
    return not kind or kind in ("text", "html", "xhtml") or kind.startswith("text/") or kind.endswith(("+xml", "/xml"))


def _only_div(element: Element) -> Element:
    """The `div` that wraps XHTML and is no part of it (section 3.1.1.3)."""
    inner = element[0]
    is_wrapped = len(element) == 1 and QName(inner).localname == "div"
    return inner if is_wrapped and not (element.text or "").strip() and not (inner.tail or "").strip() else element


def atom_link(node: Node, relation: str) -> str | None:
    """The first http(s) address of the relation, pages before other media types (section 4.2.7)."""
    found: str | None = None
    for element in node.all("atom:link"):
        if _relation(element) != relation:
            continue
        address = to_url(element.get("href") or element.text, node.context.inside(element).base)
        if address and (relation != "alternate" or "html" in (element.get("type") or "html")):
            return address
        found = found or address
    return found


def _relation(element: Element) -> str:
    return (element.get("rel") or "alternate").strip().lower().removeprefix(_RELATIONS)


def atom_person(node: Node) -> Person | None:
    """A person construct (section 3.2); None without anything to show."""
    name = node.line("atom:name", "name", "itunes:name", "foaf:name") or (
        plain(node.element.text) if not len(node.element) else None
    )
    email = node.line("atom:email", "email", "itunes:email")
    url = to_url(node.text("atom:uri", "atom:url", "uri", "url", "atom:homepage", "homepage"), node.context.base)
    shown = name or email or url
    return Person(name=shown, email=email, url=url) if shown else None


def _authors(node: Node) -> Iterator[Person | None]:
    for inner in node.nodes("atom:author", "author"):
        yield atom_person(inner)
    for name in node.all("dc:creator", "dcterms:creator", "itunes:author"):
        yield Person(name=shown) if (shown := plain(text_of(name))) else None


def _link(node: Node, content: Element | None) -> str | None:
    for element in node.all("feedburner:origlink", "pheedo:origlink"):
        if url := to_url(text_of(element)):
            return url
    if url := atom_link(node, "alternate"):
        return url
    # Content that is elsewhere is the page (section 4.1.3.2).
    if content is not None and _is_text((content.get("type") or "").lower()):
        return to_url(content.get("src"), node.context.inside(content).base)
    return media_page(node)


def _title(node: Node) -> str:
    title = next((text for one in node.all("atom:title", "dc:title") if (text := construct(one))), "")
    others = (*node.all("dcterms:title", "itunes:title"), *media_titles(node))
    return title or next((text for one in others if (text := html_of(one))), "")


def _content(node: Node, content: Element | None) -> str:
    body = construct(content) if content is not None else ""
    # RSS's module, written into Atom.
    return body or next((text for one in node.all("content:encoded") if (text := html_of(one))), "")


def _summary(node: Node) -> str:
    element = node.first("atom:summary", "atom:tagline")
    if element is not None:
        return construct(element)
    return next((text for one in (*node.all("dc:description"), *media_text(node)) if (text := html_of(one))), "")


def _content_context(node: Node, content: Element | None) -> Context:
    """Base and language where the markup of a text itself stands."""
    if content is None:
        return node.context
    inner = node.context.inside(content)
    return inner.inside(content[0]) if len(content) == 1 else inner


def _texts_language(node: Node) -> str | None:
    """The language of title or summary, where only they say one."""
    contexts = (node.context.inside(element) for element in node.all("atom:title", "atom:summary"))
    return next((context.language for context in contexts if context.language), None)


def _categories(node: Node) -> Iterator[Category]:
    for element in node.all("atom:category"):
        if term := plain(element.get("term") or element.text):
            scheme = (element.get("scheme") or "").strip()
            yield Category(term=term, scheme=scheme or None, label=plain(element.get("label")))
    for element in node.all("dc:subject", "media:category", "category"):
        if term := plain(text_of(element)):
            yield Category(term=term)
    yield from keywords(node)


def _enclosures(node: Node, content: Element | None) -> Iterator[Enclosure | None]:
    for element in node.all("atom:link"):
        if _relation(element) == "enclosure":
            base = node.context.inside(element).base
            yield enclosure(element.get("href"), element.get("type"), element.get("length"), base)
    if content is not None and content.get("src") and not _is_text((content.get("type") or "").lower()):
        yield enclosure(content.get("src"), content.get("type"), None, node.context.inside(content).base)
    yield from media_files(node)
