"""What a request asks for in its headers (RFC 9110 sections 12 and 13): pure functions on outside text."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable
from email.utils import parsedate_to_datetime

#: Of one header; what stands behind is not looked at.
_MAX_CHARS = 4096
_QUALITY = re.compile(r"[01](\.\d{0,3})?")
_TAG = re.compile(r'(?:W/)?("[^"]*")')

_FEED_TYPES = frozenset(
    {
        "application/atom+xml",
        "application/rss+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
        "application/*",
        "*/*",
    }
)


def qualities(header: str) -> dict[str, float]:
    """What a header such as Accept lists, with the weight of each (section 12.4.2); unreadable weights count 0."""
    found: dict[str, float] = {}
    for part in header[:_MAX_CHARS].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if not name:
            continue
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
        found[name] = min(weight, 1.0)
    return found


@functools.lru_cache(maxsize=256)
def coding(header: str, offered: tuple[str, ...]) -> str:
    """The content coding to send, the first of the best of those `offered`; "" for none (section 12.5.3)."""
    wanted = qualities(header)
    rest = wanted.get("*", 0.0)
    best, weight = "", 0.0
    for name in offered:
        quality = wanted.get(name, wanted.get("x-gzip", rest) if name == "gzip" else rest)
        if quality > weight:
            best, weight = name, quality
    # Somebody who would rather have it plain says so with a weight.
    return best if weight >= wanted.get("identity", 0.0) else ""


@functools.lru_cache(maxsize=256)
def prefers_page(header: str) -> bool:
    """Whether an Accept header is that of a browser that opens a feed: then people get a page to read.

    Both names of HTML stand in what every browser sends for a page, and before anything that a feed may
    be. Feed readers that list HTML too (many do) name it last or as good as feeds, and libraries' defaults
    (curl's `*/*`, Java's `text/html, image/gif, …, */*; q=.2`) lack XHTML; all of them get the feed.
    """
    # Cheap for the many that never do.
    if "text/html" not in header or "application/xhtml+xml" not in header:
        return False
    wanted = qualities(header)
    feed = max((weight for name, weight in wanted.items() if name in _FEED_TYPES), default=0.0)
    return wanted.get("text/html", 0.0) > feed and wanted.get("application/xhtml+xml", 0.0) > feed


def matching_tag(header: str, tags: Collection[str]) -> str | None:
    """The first of our entity tags that If-None-Match names; "*" names any (section 13.1.2).

    The weak comparison (section 8.8.3.2) is used: for GET and HEAD, W/ does not matter.
    """
    if header.strip() == "*":
        return next(iter(tags), None)
    named = set(_TAG.findall(header[:_MAX_CHARS]))
    return next((tag for tag in tags if tag in named), None)


def is_since(header: str, modified_s: int) -> bool:
    """Whether If-Modified-Since names the last change or a later time; a date that is none is ignored."""
    try:
        return parsedate_to_datetime(header[:100]).timestamp() >= modified_s
    except (TypeError, ValueError, OverflowError, IndexError):
        return False


def joined(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """All values of a header as one (section 5.3); "" without any."""
    return ", ".join(value.decode("latin-1") for key, value in headers if key == name)
