"""One feed read by both readers, field by field: what differs, and which differences are decided (docs/feeds.md)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import feedparser

from feedwatch.errors import ParseError
from feedwatch.markup import sanitise, title_text
from feedwatch.model import Item
from feedwatch.parse import lenient, lenient_child
from feedwatch.parse.feed import read_feed

FIELDS = tuple(field.name for field in fields(Item) if field.name not in ("shape", "locator", "position"))


def _here(text: str, locator: str, limit: int, base: str) -> dict[str, Any]:
    """The child's work in this process."""
    del locator
    return lenient_child.read(text.encode(), limit, base)


def by_both(text: str, url: str = "https://journal.example/feed") -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The items of a well-formed feed: of our own reader, and of the tolerant one.

    feedparser runs in this process, with the settings of production: a thousand children would take minutes.
    """
    own = read_feed(text, url=url, locator="x").items
    asked = lenient._ask
    lenient._ask = _here
    try:
        tolerant = lenient.read_leniently(text, url=url, locator="x", problem="", limit=5000).items
    except ParseError:
        tolerant = ()
    finally:
        lenient._ask = asked
    return own, tolerant


def differences(text: str, **settings: str) -> Iterator[tuple[str, Any, Any]]:
    """Each field that the readers do not give alike: its name, of the own reader, of the tolerant one."""
    own, tolerant = by_both(text, **settings)
    if len(own) != len(tolerant):
        yield "items", len(own), len(tolerant)
        return
    for ours, theirs in zip(own, tolerant, strict=True):
        for name in FIELDS:
            mine, other = _comparable(ours, name), _comparable(theirs, name)
            if mine != other:
                yield name, mine, other


def _comparable(item: Item, name: str) -> Any:
    value = getattr(item, name)
    if name == "title":
        return title_text(value)
    if name in ("summary", "content"):
        return sanitise(value, item.base_url)
    return value


def is_well_formed(text: str) -> bool:
    """Whether feedparser, too, has nothing to complain of."""
    return not feedparser.parse(io.BytesIO(text.encode()))["bozo"]
