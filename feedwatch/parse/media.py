"""Media RSS and the podcast tags, which RSS and Atom share (rssboard.org/media-rss)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from feedwatch.model import Category, Enclosure
from feedwatch.parse.nodes import Node, enclosure, plain, text_of, to_url
from feedwatch.xmltree import Element


def media_files(node: Node) -> list[Enclosure]:
    """What `media:content` names, in an item or in its groups."""
    base = node.context.base
    found = (
        enclosure(element.get("url"), _media_type(element), element.get("fileSize"), base)
        for element in _media(node, "media:content")
    )
    return [one for one in found if one is not None]


def media_image(node: Node, enclosures: tuple[Enclosure, ...]) -> str | None:
    """The picture of an item: its thumbnail, else an image among its media, else the podcast's cover."""
    base = node.context.base
    thumbnails = (element.get("url") or element.text for element in _media(node, "media:thumbnail"))
    for address in thumbnails:
        if found := to_url(address, base):
            return found
    for one in enclosures:
        if (one.media_type or "").startswith("image"):
            return one.url
    for element in node.all("itunes:image"):
        if found := to_url(element.get("href") or element.get("url") or element.text, base):
            return found
    picture = node.node("image")
    return to_url(picture.text("url") or picture.element.text, base) if picture is not None else None


def media_text(node: Node) -> Iterator[Element]:
    """The descriptions of media and podcasts, the last resort for a summary."""
    yield from node.all("itunes:summary", "itunes:description", "itunes:subtitle")
    yield from _media(node, "media:description")


def keywords(node: Node) -> Iterator[Category]:
    """The words that podcasts and media put behind commas."""
    lists = (text_of(one) or one.get("text") or "" for one in node.all("itunes:keywords", "media:keywords"))
    for word in ",".join(islice(lists, 100))[:10_000].split(",")[:100]:
        if term := plain(word):
            yield Category(term=term)


def media_titles(node: Node) -> Iterator[Element]:
    """The titles of media, the last resort for a title."""
    return _media(node, "media:title")


def media_page(node: Node) -> str | None:
    """The page that plays the medium, the last resort for a link."""
    pages = (to_url(element.get("url"), node.context.base) for element in _media(node, "media:player"))
    return next((page for page in pages if page), None)


def _media(node: Node, name: str) -> Iterator[Element]:
    yield from node.all(name)
    # `media:content` may hold the thumbnail and the description, alone or in a group.
    for group in node.nodes("media:group", "media:content"):
        yield from group.all(name)
        for inner in group.nodes("media:content"):
            yield from inner.all(name)


def _media_type(element: Element) -> str | None:
    # A medium without a type still says what it is; "image" alone is what `media_image` looks for.
    return element.get("type") or element.get("medium")
