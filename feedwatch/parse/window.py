"""Documents with more items than any honest one has: cut before the rest costs anything."""

from __future__ import annotations

import re
from itertools import islice

# Of each spelling; the rare ones are only told apart from names that begin alike by the pattern.
_MAYBE = ("<item", "<entry", ":item", ":entry", "<ITEM", "<Item")
_COUNTED = tuple(f"<{name}{end}" for name in ("item", "entry", "ITEM") for end in (">", " ", "/", "\n", "\r", "\t"))
_ITEM = re.compile(r"<(?:\w{1,10}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:\w{1,10}:)?(?:item|entry|channel|rss|feed|rdf)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,60})[^<>]*?(/?)>")
_NO_TAG = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
#: What stands before the first item is looked at for tags to close; a longer one is damaged anyway.
_MAX_HEAD_CHARS = 1024 * 1024


def first_items(text: str, limit: int) -> tuple[str, int]:
    """A feed in XML with its first `limit` items, and how many it has in all; 0 where nothing was cut."""
    if sum(map(text.count, _MAYBE)) <= limit:
        return text, 0
    starts = [match.start() for match in islice(_ITEM.finditer(text), limit + 1)]
    if len(starts) <= limit:
        return text, 0
    total = max(sum(map(text.count, _COUNTED)), len(starts))
    return text[: starts[limit]] + _ends(text[: min(starts[0], _MAX_HEAD_CHARS)]), total


def whole_items(text: str) -> tuple[str, bool]:
    """A damaged feed without the item in which it breaks off, and whether there was one.

    That item comes whole with the next poll; half of it might be taken for another item when its id has not
    arrived.
    """
    start = -1
    for match in _ITEM.finditer(text):
        start = match.start()
    if start < 0 or _CLOSED.search(text, start):
        return text, False
    return text[:start], True


def _ends(head: str) -> str:
    """End tags for what `head` leaves open."""
    opened: list[str] = []
    for tag in _TAG.finditer(_NO_TAG.sub("", head)):
        if tag[1] and opened and opened[-1] == tag[2]:
            opened.pop()
        elif not tag[1] and not tag[3]:
            opened.append(tag[2])
    return "".join(f"</{name}>" for name in reversed(opened))
