"""The owner of feedparser: reads a damaged feed on standard input, writes its parts as JSON.

A program of its own, because feedparser is quadratic on hostile input: the process that starts it may
kill it, and it limits itself. It imports nothing of feedwatch and trusts nothing to be sanitised.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

CPU_S = 10
MEMORY_BYTES = 512 * 1024 * 1024
MAX_OUTPUT_CHARS = 64 * 1024 * 1024

_TEXTS = ("id", "link", "published", "created", "updated", "rights", "language", "author")
_HINTS = ("ttl", "sy_updateperiod", "sy_updatefrequency")
_DETAILS = ("title_detail", "summary_detail", "rights_detail")
_LISTS = ("links", "authors", "tags", "content", "media_content", "media_thumbnail")
#: Of each list; more are no honest feed's.
_MAX_LIST = 500


def main() -> int:
    """Read, parse, write; 0 even when the feed could not be read (the answer says so)."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    limit, base = int(sys.argv[1]), sys.argv[2]
    try:
        answer = json.dumps(read(sys.stdin.buffer.read(), limit, base))
    except MemoryError:
        answer = json.dumps({"error": "it needs too much memory"})
    except Exception as error:  # noqa: BLE001 - whatever a hostile feed breaks in there, the answer is "no"
        answer = json.dumps({"error": f"{type(error).__name__}: {error}"[:300]})
    if len(answer) > MAX_OUTPUT_CHARS:
        answer = json.dumps({"error": "its parts are too large"})
    sys.stdout.write(answer)
    return 0


def read(data: bytes, limit: int, base: str) -> dict[str, Any]:
    """The feed in UTF-8 as plain values: "feed", at most `limit` "entries", and the "version".

    Addresses are resolved against `base`; with "" they stay as they are.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    if base:
        headers["content-location"] = base
    # An id is compared character by character, so it is never resolved (RFC 4287 section 4.2.6.1).
    _FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
    # A stream, never a string: feedparser would fetch or open what looks like an address or a path.
    parsed = feedparser.parse(
        io.BytesIO(data),
        response_headers=headers,
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    return {
        "version": str(dict.get(parsed, "version") or ""),
        "feed": _plain(parsed["feed"]),
        "entries": [_plain(entry) for entry in parsed["entries"][:limit]],
    }


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    # `dict.get` leaves out feedparser's aliases: its `updated` falls back to `published`.
    values: dict[str, Any] = {}
    for name in (*_TEXTS, *_HINTS):
        if isinstance(value := dict.get(found, name), str):
            values[name] = value
    for name in (*_DETAILS, "source"):
        if isinstance(value := dict.get(found, name), dict):
            values[name] = _texts(value)
    for name in _LISTS:
        if isinstance(value := dict.get(found, name), list):
            values[name] = [_texts(one) for one in value[:_MAX_LIST] if isinstance(one, dict)]
    values["guid_is_link"] = bool(dict.get(found, "guidislink"))
    return values


def _texts(found: dict[str, Any]) -> dict[str, str]:
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


if __name__ == "__main__":
    raise SystemExit(main())
