"""Listing pages whose teasers a person described with CSS selectors."""

from __future__ import annotations

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.model import Item, Selectors
from feedwatch.parse.cards import CardText, date_in, date_of, heading_in, read_card, teaser
from feedwatch.parse.feed import MAX_ITEMS
from feedwatch.parse.head import Head, attribute
from feedwatch.parse.nodes import to_url
from feedwatch.soup import Soup, Tag, parse_html
from feedwatch.text import one_line
from feedwatch.urls import canonical


def selected_teasers(soup: Soup, head: Head, selectors: Selectors, locator: str) -> tuple[list[Item], tuple[str, ...]]:
    """A teaser for each element that `item` selects and that has a title and a link; and what they lack, in words.

    Raises:
        ParseError: `item` selects nothing on the page, or nothing with a title and a link.

    """
    elements = soup.select(selectors.item, limit=MAX_ITEMS)
    if not elements:
        raise ParseError(locator, f"selectors.item = {selectors.item!r} selects nothing on the page")
    found: dict[str, Item] = {}
    bare = 0
    for element in elements:
        item = _teaser(element, selectors, head, locator, len(found))
        if item is None or item.link is None:
            bare += 1
        else:
            found.setdefault(item.link, item)
    if not found:
        message = f"none of the {len(elements)} elements of selectors.item has {_wanted(selectors)}"
        raise ParseError(locator, message)
    problems = (f"{bare} of {len(elements)} elements have no {_wanted(selectors)}",) if bare else ()
    return list(found.values()), problems


def selector_fault(selector: str) -> str:
    """What is wrong with a CSS selector, on one line; "" for a good one."""
    try:
        parse_html("<p>").select(selector, limit=1)
    except Exception as error:  # noqa: BLE001 - the library that selects is not ours to import, so its errors have no name
        return one_line(str(error).partition("\n")[0])[:200] or "it cannot be read"
    return ""


def _wanted(selectors: Selectors) -> str:
    title = f"a title ({selectors.title})" if selectors.title else "a title"
    return f"{title} and a link ({selectors.link})" if selectors.link else f"{title} and a link"


def _teaser(element: Tag, selectors: Selectors, head: Head, locator: str, position: int) -> Item | None:
    """The teaser of one element; None without a title or a link."""
    named = _one(element, selectors.title) if selectors.title else _headline(element)
    linked = _one(element, selectors.link) if selectors.link else _anchor(element, named)
    if named is None or linked is None:
        return None
    address = to_url(attribute(linked, "href") or attribute(linked, "data-href"), head.base)
    shown = read_card(element, named, head.base)
    if address is None or not shown.title or canonical(address) == canonical(head.url):
        return None
    summary, published_at = shown.summary, shown.published_at
    if selectors.summary:
        told = _one(element, selectors.summary)
        summary = one_line(told.get_text(" ")) if told is not None else ""
    if selectors.date:
        dated = _one(element, selectors.date)
        published_at = (date_of(dated) or date_in([dated])) if dated is not None else None
        if dated is not None and published_at is None:
            published_at = parse_date(one_line(dated.get_text(" "))[:100])
    card = CardText(title=shown.title, summary=summary[:1_000], published_at=published_at, image=shown.image)
    return teaser(card, address.partition("#")[0], head, locator, position)


def _one(element: Tag, selector: str) -> Tag | None:
    """The first that is selected inside the element, or the element itself for ":scope"."""
    if selector == ":scope":
        return element
    return element.select_one(selector)


def _headline(element: Tag) -> Tag | None:
    """The element's heading, else its longest link, else itself."""
    if (heading := heading_in(element)) is not None:
        return heading
    anchors = element.find_all("a", href=True, limit=50)
    return max(anchors, key=lambda tag: len(tag.get_text()), default=element)


def _anchor(element: Tag, named: Tag | None) -> Tag | None:
    """The link of the title, around it, or the first in the element."""
    if element.name == "a" and element.has_attr("href"):
        return element
    if named is not None:
        if named.name == "a" and named.has_attr("href"):
            return named
        for found in (named.find("a", href=True), named.find_parent("a", href=True)):
            if isinstance(found, Tag):
                return found
    first = element.find("a", href=True)
    return first if isinstance(first, Tag) else None
