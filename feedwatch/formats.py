"""The formats that feeds are published in, and the names that published files may have.

The one table that the publisher writes by and the site serves by.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Format = Literal["atom", "rss", "json", "html"]
#: In the order in which a page offers them.
FORMATS: tuple[Format, ...] = get_args(Format)

#: Media types by file name ending, without parameters; all files are in UTF-8.
MEDIA_TYPES = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
    "html": "text/html",
    "opml": "text/x-opml",
}
#: Names for people.
FORMAT_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed", "html": "HTML"}

#: Of one published document: validators and many readers refuse 5 MB.
MOST_BYTES = 4_000_000

#: The list of all feeds, as a file beside them ("index.opml").
INDEX = "index"

#: `<id>.<ending>`, or `<id>_archive-<number>-<mark>.atom`: an id has no underscore, so that no feed can take the
#: name of another's archive.
FILE_NAME = re.compile(
    r"(?P<id>[a-z0-9-]{1,64})(?P<archive>_archive-[0-9]{1,7}-[0-9a-f]{8,32})?\.(?P<ending>atom|rss|json|html|opml)"
)


def archive_name(feed_id: str, number: int, mark: str) -> str:
    """The name of an archive document, without its ending."""
    return f"{feed_id}_archive-{number}-{mark}"


def archive_number(name: str) -> int:
    """The number in the name of an archive document."""
    return int(name.rpartition("_archive-")[2].partition("-")[0])


def content_type(ending: str) -> str:
    """The Content-Type of a file with this ending; JSON has no charset parameter (RFC 8259 section 11)."""
    return MEDIA_TYPES[ending] if ending == "json" else f"{MEDIA_TYPES[ending]}; charset=utf-8"
