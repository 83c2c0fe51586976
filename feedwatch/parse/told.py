"""Lists that a page tells to machines only: JSON-LD, and what it hands to the program in it (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from feedwatch.dates import parse_date
from feedwatch.markup import html_to_text, title_text
from feedwatch.model import Item
from feedwatch.parse.cards import MAX_SUMMARY_CHARS, CardText, teaser
from feedwatch.parse.head import Head
from feedwatch.parse.jsonrecords import string, told
from feedwatch.parse.nodes import to_url
from feedwatch.text import count_words, weigh
from feedwatch.xmltree import Element

#: A page with fewer is no list.
MIN_TEASERS = 3
MAX_JSON_CHARS = 2_000_000
_MAX_NODES = 50_000
_MAX_SCRIPTS = 50
_HEADLINE_CHARS = (15, 300)
_FEW_WORDS = 4


def told_teasers(tree: Element, head: Head, locator: str) -> list[Item]:
    """The teasers of the longest list in the page's JSON: objects with a headline and an address; none without one."""
    longest: list[tuple[str, CardText]] = []
    for script in islice(tree.iter("script"), _MAX_SCRIPTS):
        if "json" in (script.get("type") or "").lower():
            for nodes in _lists((script.text or "")[:MAX_JSON_CHARS]):
                found = {address: card for node in nodes if (read := _read(node, head)) for address, card in [read]}
                if len(found) > len(longest):
                    longest = list(found.items())
    if len(longest) < MIN_TEASERS:
        return []
    return [teaser(card, address, head, locator, place) for place, (address, card) in enumerate(longest)]


def _lists(data: str) -> Iterator[list[Any]]:
    try:
        waiting: list[Any] = [json.loads(data, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            yield node
        values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [value for value in values if isinstance(value, dict | list)]


def _read(node: Any, head: Head) -> tuple[str, CardText] | None:
    """The address and text of one member of a list."""
    if isinstance(node, dict) and isinstance(node.get("item"), dict):
        node = node["item"]
    if not isinstance(node, dict):
        return None
    found = {name: string(value) for name, value in told(node).items()}
    title, written = title_text(found["title"]), found["url"]
    address = to_url(written, head.base) if "/" in written else None
    is_headline = _HEADLINE_CHARS[0] <= weigh(title) <= _HEADLINE_CHARS[1] and count_words(title) >= _FEW_WORDS
    if address is None or not is_headline:
        return None
    summary = html_to_text(found["summary"])[:MAX_SUMMARY_CHARS]
    return address, CardText(title=title, summary=summary, published_at=parse_date(found["date_published"]))
