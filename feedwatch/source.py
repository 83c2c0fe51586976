"""The noun of what is read again and again: a source, as the configuration and its own past describe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SourceKind = Literal["feed", "page", "sitemap", "folder"]
#: Whether the pages behind a source's items are fetched for their text: of thin items, of all, of none.
FullText = Literal["auto", "always", "never"]
#: How much of a text is published: all, at most 500 characters, none.
Content = Literal["full", "summary", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Where a listing page has its teasers, in CSS; all but `item` are looked for inside the item."""

    item: str
    #: None: the item's longest link.
    title: str | None = None
    #: None: the first link in the title, around it, or in the item.
    link: str | None = None
    #: None: what is marked or reads as a date.
    date: str | None = None
    #: None: the longest text beside the title.
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that is read again and again."""

    id: str
    kind: SourceKind
    #: Absolute URL, or absolute path of a folder.
    locator: str
    #: Name for people; the id when the configuration gives none.
    title: str
    interval_s: int
    #: Rule ids that hold when no rule of the facet fires.
    region: str | None = None
    topic: str | None = None
    #: Language of the source as BCP 47 primary subtag, when the configuration names one.
    lang: str | None = None
    #: Whether private and loopback addresses may be reached.
    allow_private: bool = False
    #: For folders: which files are read (globs relative to the folder).
    patterns: tuple[str, ...] = ("**/*",)
    #: Whether the configuration gives this very source its interval: then nothing adapts it.
    own_interval: bool = False
    #: Between the end of one request to the source's server and the start of the next.
    spacing_s: float = 0.0
    #: http(s) address of a proxy, with its login if it needs one.
    proxy: str | None = field(default=None, repr=False)
    #: "user:password" for the source's own server.
    login: str | None = field(default=None, repr=False)
    #: Sent to the source's own server only.
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    archives: bool = True  #: Whether a new feed's archives are read (RFC 5005).
    #: Where the locator leads for good, as learned from its server; see `polling`.
    moved_to: str | None = None
    #: Its entries are shown in private feeds only.
    private: bool = False
    #: No feed shows more of its entries than this.
    content: Content = "full"
    full_text: FullText = "never"
    #: Whether headlines beside a text become entries of their own.
    teasers: bool = False
    #: For pages: None finds the teasers by their shape.
    selectors: Selectors | None = None
    #: For pages: how many pages of the list are read.
    pages: int = 1
    #: For pages: whether there was a list on it, as learned; an article in its place is then a fault.
    had_list: bool = False
    #: For sitemaps: what changed before is passed over, as learned from earlier polls.
    since: datetime | None = None
