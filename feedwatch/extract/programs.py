"""The article that a page hands to the program in it, where only that would show it (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

MAX_PROGRAM_CHARS = 2_000_000
_MAX_NODES = 20_000
#: What such programs call a text, or a piece of one.
_TEXTS = ("articleBody", "bodyHtml", "contentHtml", "body", "content", "html", "text", "value")


def told_by_program(data: str) -> str:
    """The longest text in a page's JSON, plain or HTML; "" without any.

    A text is a value whose name says so, or all such values of a list: its paragraphs.
    """
    try:
        found = json.loads(data[:MAX_PROGRAM_CHARS], strict=False)
    except (ValueError, RecursionError):
        return ""
    return max(islice(_texts(found), _MAX_NODES), key=len, default="") if isinstance(found, dict | list) else ""


def _texts(data: Any) -> Iterator[str]:
    waiting: list[Any] = [data]
    while waiting:
        node = waiting.pop()
        yield _text(node) if isinstance(node, dict) else _paragraphs(node)
        values = node.values() if isinstance(node, dict) else node
        waiting += [value for value in values if isinstance(value, dict | list)]


def _text(node: dict[str, Any]) -> str:
    """The text of one object: its first value that is named so and has blanks."""
    found = (node.get(name) for name in _TEXTS)
    return next((text for text in found if isinstance(text, str) and " " in text), "")


def _paragraphs(nodes: list[Any]) -> str:
    """The paragraphs that a list of objects holds."""
    return "\n\n".join(text for node in nodes if isinstance(node, dict) and (text := _text(node)))
