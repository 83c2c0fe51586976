"""RSS 0.90 to 2.0 and RDF (RSS 1.0): elements to Items (rssboard.org/rss-specification)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from feedwatch.dates import parse_date
from feedwatch.model import Category, Enclosure, Item, Origin, Person
from feedwatch.parse.atom import atom_link, atom_person, construct
from feedwatch.parse.media import keywords, media_files, media_image, media_page, media_text, media_titles
from feedwatch.parse.nodes import (
    Context,
    Node,
    distinct_enclosures,
    distinct_people,
    enclosure,
    html_of,
    language_tag,
    own_language,
    person,
    plain,
    text_of,
    to_url,
)
from feedwatch.xmltree import UNDECLARED, Element

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# Those without a prefix are Atom's, written into RSS without its namespace.
_PUBLISHED = (
    *("pubdate", "dcterms:issued", "atom:published", "dc:date", "dcterms:created", "dcterms:date", "published"),
    # Of Atom 0.3.
    *("atom:issued", "atom:created"),
)
_UPDATED = ("dcterms:modified", "atom:updated", "atom:modified", "lastbuilddate", "updated", "modified")


def read_rss(root: Element, context: Context, locator: str, limit: int) -> tuple[list[Item], int]:
    """At most `limit` items of the feed, and how many it has."""
    top = Node(root, context)
    channel = top.node("channel") or top
    # RSS 1.0 has its items beside the channel, RSS 2.0 inside it; confused feeds have both.
    elements = [*channel.all("item", "entry"), *(top.all("item") if channel is not top else ())]
    origin = _origin(channel)
    inner = replace(channel.context, base=_base(channel, origin), language=origin.language)
    items = [
        _item(Node(element, inner), origin, locator, position) for position, element in enumerate(elements[:limit])
    ]
    return items, len(elements)


def _base(channel: Node, origin: Origin) -> str | None:
    """What relative links of items mean: XML Base if given, else the home page, else the feed's address."""
    if channel.context.has_own_base:
        return channel.context.base
    return origin.link or channel.context.base or origin.self_link


def _origin(channel: Node) -> Origin:
    base = channel.context.base
    self_link = atom_link(channel, "self") or to_url(_about(channel.element), base)
    homes = (
        text_of(one) or one.get("href") for one in channel.all("link") if one.get("rel", "alternate") == "alternate"
    )
    link = next((url for home in homes if (url := to_url(home, base or self_link))), None)
    return Origin(
        id=channel.text("atom:id", "dc:identifier", "id") or None,
        title=channel.line("title", "atom:title", "dc:title"),
        link=link or atom_link(channel, "alternate"),
        # What RSS 1.0 says it is about is the feed or its home page.
        self_link=self_link if self_link != link else atom_link(channel, "self"),
        updated_at=channel.date("lastbuilddate", "atom:updated", "dcterms:modified", "pubdate", "dc:date", "updated"),
        rights=channel.line("copyright", "dc:rights", "media:copyright", "atom:rights"),
        language=language_tag(channel.text("language", "dc:language")) or channel.context.language,
        authors=distinct_people(
            _people(channel, ("managingeditor", "author", "dc:creator", "itunes:author", "itunes:owner"))
        ),
    )


def _item(node: Node, feed: Origin, locator: str, position: int) -> Item:
    context = node.context
    guid, guid_link = _guid(node)
    link = _link(node) or guid_link or media_page(node)
    summary, content = _texts(node)
    enclosures = distinct_enclosures(_enclosures(node))
    return Item(
        shape="entry",
        locator=locator,
        position=position,
        guid=guid,
        guid_is_iri=False,
        link=link,
        title=_title(node),
        summary=summary,
        content=content,
        published_at=node.date(*_PUBLISHED),
        updated_at=node.date(*_UPDATED) or parse_date(node.element.get("LASTMOD")),
        authors=distinct_people(
            _people(node, ("dc:creator", "author", "dc:author", "dcterms:creator", "itunes:author", "dc:contributor"))
        ),
        categories=tuple(dict.fromkeys(_categories(node))),
        enclosures=enclosures,
        image=media_image(node, enclosures),
        rights=node.line("dc:rights", "copyright", "media:copyright", "atom:rights"),
        language=language_tag(node.text("dc:language", "language")) or _texts_language(node) or context.language,
        base_url=context.base if context.has_own_base else link or context.base,
        origin=_source(node, feed),
    )


def _guid(node: Node) -> tuple[str | None, str | None]:
    """The item's own key, and the same as its link where it is one."""
    element = node.first("guid")
    text = text_of(element) if element is not None else ""
    if element is None or not text:
        return (_about(node.element) or node.text("atom:id", "dc:identifier", "id") or "").strip() or None, None
    is_link = (element.get("isPermaLink") or element.get("ispermalink") or "true").strip().lower() != "false"
    # Only where it says so itself may a link be relative: it is the default, too, and most guids are mere keys.
    base = node.context.base if element.get("isPermaLink") is not None else None
    return text, to_url(text, base) if is_link else None


def _link(node: Node) -> str | None:
    """The page of the item: as it was before a proxy of feeds replaced it, else as the feed says."""
    base = node.context.base
    for element in node.all("feedburner:origlink", "pheedo:origlink", "link"):
        if element.get("rel", "alternate") != "alternate":
            continue
        if url := to_url(text_of(element) or element.get("href"), base):
            return url
    return atom_link(node, "alternate") or to_url(node.element.get("HREF"), base)


def _about(element: Element) -> str | None:
    """What RSS 1.0 says the element is about, also where the prefix was not declared."""
    names = (f"{_RDF}about", f"{{{UNDECLARED}rdf}}about", "about")
    return next((value for name in names if (value := element.get(name))), None)


def _title(node: Node) -> str:
    for element in (*node.all("title", "dc:title", "dcterms:title", "itunes:title"), *media_titles(node)):
        if title := html_of(element):
            return title
    typed = node.first("atom:title")
    return construct(typed) if typed is not None else ""


def _texts(node: Node) -> tuple[str, str]:
    """Summary and content as HTML; the two are never the same."""
    content = ""
    for element in node.all("content:encoded", "xhtml:body", "xhtml:div", "body", "content", "fullitem"):
        content = content or html_of(element)
    for element in node.all("atom:content"):
        content = content or construct(element)
    summary, texts = "", [*node.all("summary", "description")]
    if not content and node.first("summary") is not None and len(texts) > 1:
        # Neither says which it is: the first is the summary, the second the text.
        texts = [child for child in node.element if child in texts]
        content = html_of(texts.pop(1))
    for element in (*texts, *node.all("abstract", "dc:description"), *media_text(node)):
        summary = summary or html_of(element)
    for element in node.all("atom:summary"):
        summary = summary or construct(element)
    return ("" if summary == content else summary), content


def _texts_language(node: Node) -> str | None:
    """The language that the content, else the summary or the title, gives for itself."""
    elements = node.all("content:encoded", "xhtml:body", "body", "fullitem", "description", "title")
    own = (own_language(element) for element in elements)
    return next((language for language in own if language), None)


def _people(node: Node, names: tuple[str, ...]) -> Iterator[Person | None]:
    for name in names:
        for element in node.all(name):
            # Some feeds write Atom's `name`, `email` and `uri` inside RSS's `author`.
            parts = atom_person(Node(element, node.context)) if len(element) else None
            yield parts or person(text_of(element))
    for inner in node.nodes("atom:author"):
        yield atom_person(inner)


def _categories(node: Node) -> Iterator[Category]:
    for element in node.all("category", "dc:subject", "media:category"):
        # What other elements in there say is of something else.
        term = plain(element.text) or plain(text_of(element))
        if term:
            scheme = element.get("domain") or element.get("scheme")
            yield Category(term=term, scheme=(scheme or "").strip() or None, label=plain(element.get("label")))
    for outer in node.all("itunes:category"):
        for element in outer.iter(outer.tag):
            if term := plain(element.get("text")):
                yield Category(term=term)
    for element in node.all("atom:category"):
        if term := plain(element.get("term")):
            yield Category(term=term, scheme=element.get("scheme"), label=plain(element.get("label")))
    yield from keywords(node)


def _enclosures(node: Node) -> Iterator[Enclosure | None]:
    base = node.context.base
    original = node.text("feedburner:origenclosurelink")
    for element in node.all("enclosure"):
        # As it was before a proxy of feeds replaced it.
        address = original or element.get("url") or element.get("href")
        original = ""
        yield enclosure(address, element.get("type"), element.get("length"), base)
    for element in node.all("atom:link", "link"):
        if element.get("rel") == "enclosure":
            yield enclosure(element.get("href"), element.get("type"), element.get("length"), base)
    yield from media_files(node)


def _source(node: Node, feed: Origin) -> Origin:
    """Where the item came from: the feed it is in, unless it names another (RSS `source`)."""
    element = node.first("source")
    address = to_url(element.get("url"), node.context.base) if element is not None else None
    title = plain(text_of(element)) if element is not None else None
    if not address and not title:
        return feed
    return Origin(title=title, self_link=address, language=feed.language)
