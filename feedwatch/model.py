"""The nouns: frozen, keyword-only values that travel through the house.

Times are aware datetimes in UTC. Lengths of time are seconds (`*_s`), sizes are bytes (`*_bytes`).
Nothing here reads a file, a clock or a library.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

# A noun like the others, with a file of its own because it has so many words.
from feedwatch.source import Content as Content  # noqa: PLC0414 - type checkers are to know that it is meant to be here
from feedwatch.source import FullText as FullText  # noqa: PLC0414 - type checkers are to know that it is meant to be here
from feedwatch.source import Selectors as Selectors  # noqa: PLC0414 - type checkers are to know that it is meant to be here
from feedwatch.source import Source as Source  # noqa: PLC0414 - type checkers are to know that it is meant to be here
from feedwatch.source import SourceKind as SourceKind  # noqa: PLC0414 - type checkers are to know that it is meant to be here

Facet = Literal["region", "topic"]
Standing = Literal["about", "mentioned"]
#: How an item's content is to be read: `entry` is the HTML fragment of a feed item, `page` a whole HTML
#: page, `scrape` the text of a page with its furniture, `text` clean plain text, `teaser` a headline
#: with at most a summary.
Shape = Literal["entry", "page", "scrape", "text", "teaser"]


def require_aware(value: datetime | None, name: str) -> None:
    """Refuse a naive datetime.

    Raises:
        ValueError: `value` has no zone, or one other than UTC.

    """
    if value is not None and value.tzinfo is not UTC:
        raise ValueError(f"{name} must be an aware datetime in UTC, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One question whose answer is published as a feed."""

    #: `[a-z0-9-]{1,64}`; the file's name.
    id: str
    title: str
    #: The question as written; "" means everything.
    where: str = ""
    subtitle: str = ""
    limit: int = 100
    #: How the entries are ordered; "score" also decides which are shown.
    order: Literal["first-seen", "published", "score"] = "first-seen"
    #: What falls short of it is not shown; see `compose.score_of`.
    min_score: float = 0.0
    #: One entry for each day or week (as days are counted in `time_zone`) in place of single ones.
    digest: Literal["daily", "weekly"] | None = None
    time_zone: str = "UTC"
    #: Whether archive documents keep all that the feed ever showed.
    archive: bool = True
    #: Earlier ids of this feed; its addresses then lead here and its permanent id stays.
    former: tuple[str, ...] = ()
    #: Entries first seen earlier are not shown; None shows all ages.
    max_age_s: int | None = None
    #: At most this many entries of one source; None for no limit.
    per_source: int | None = None
    content: Content = "full"
    #: Whether each entry says why it is there.
    reasons: bool = True
    #: Whether it also says so to people, in a line below the text.
    footer: bool = True
    lang: str | None = None
    #: For holders of a token only.
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the next conditional request needs, byte for byte as the server gave it.

    `size_bytes` and `modified_ns` are those of a file; `body_hash` is of the body as parsed.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None
    #: Of a file with many records: how many of its bytes were read; None for the whole.
    read_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP answer says about its document besides the body."""

    #: How long it stays fresh (RFC 9111 section 4.2); None when the server does not say.
    fresh_s: float | None = None
    #: Where a permanent redirect (301, 308) leads; None without one.
    moved_to: str | None = None
    #: The body holds only what is new since our last poll (RFC 3229).
    is_delta: bool = False
    #: What its Link headers name as `hub` and `self`.
    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes from outside, with what is known about them."""

    source_id: str
    #: The URL asked for, or the file's path relative to its folder with "/" between the parts.
    locator: str
    #: Where the body came from after redirects; None for a file.
    url: str | None
    body: bytes
    #: Lower case, without parameters; "" when unknown.
    media_type: str
    #: As declared by the transport; None when it said nothing.
    charset: str | None
    fetched_at: datetime
    validators: Validators
    #: Empty for a file.
    answer: Answer = Answer()
    archive: int = 0  #: Of an archive of a feed: how many pages before the present document it is.
    #: The file of many documents that holds it; `validators` are then the file's, as far as it was read.
    container: str | None = None

    def __post_init__(self) -> None:
        require_aware(self.fetched_at, "fetched_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The document is as it was: nothing to do. `validators` replace the stored ones if not None."""

    locator: str
    validators: Validators | None = None
    answer: Answer = Answer()
    #: The whole body came again because the server gave no validators.
    in_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The document was there and is not any more (a removed file, HTTP 410)."""

    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One document of a source could not be fetched while the source itself could."""

    locator: str
    #: Clear to a person; names the cure where there is one.
    message: str
    #: See `errors.FetchError`.
    reason: str


Fetched = Document | NotModified | Gone | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author."""

    name: str
    email: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A publisher's own tag."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A media file that belongs to an item; never fetched."""

    url: str
    media_type: str | None = None
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed or page an item came from, as it describes itself (becomes atom:source)."""

    id: str | None = None
    title: str | None = None
    #: Home page.
    link: str | None = None
    #: Address of the feed itself.
    self_link: str | None = None
    updated_at: datetime | None = None
    rights: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.updated_at, "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """A headline that points elsewhere; never part of an article's body."""

    title: str
    url: str | None = None
    #: The line above it, such as a region or section name.
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One raw entry as the source gave it; markup is still inside `title`, `summary` and `content`."""

    shape: Shape
    #: Locator of the document.
    locator: str
    #: Counted from 0 in document order.
    position: int
    guid: str | None = None
    #: Whether the guid's format means it as an IRI, as Atom does; in RSS and JSON Feed it is any text.
    guid_is_iri: bool = True
    #: Absolute http(s) URL.
    link: str | None = None
    #: HTML allowed (a plain title is escaped by the parser), so one rule cleans all titles.
    title: str = ""
    summary: str = ""
    content: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    rights: str | None = None
    #: As declared by the item or the document (BCP 47).
    language: str | None = None
    #: Base for relative links in `content`.
    base_url: str | None = None
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        require_aware(self.published_at, "published_at")
        require_aware(self.updated_at, "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A clean document: text without furniture, links absolute, HTML sanitised."""

    source_id: str
    #: The source's own key: its guid, else the normalised link, else path and title. Unique in a source.
    guid: str
    #: The permanent atom:id (RFC 4287 4.2.6).
    id: str
    #: The page to read, untouched; None for a file without an address.
    url: str | None
    #: `url` without tracking and trivial differences: equal means the same page.
    canonical_url: str | None
    title: str  #: Plain text on one line, never empty.
    #: Plain text, paragraphs separated by a blank line; may be empty for a teaser.
    body: str
    #: Sanitised HTML of the body; "" when there is only plain text.
    html: str = ""
    #: The publisher's own summary as plain text; "" when it gave none.
    summary: str = ""
    #: Best guess, BCP 47 primary subtag; None when undecided.
    language: str | None = None
    #: All languages the document may be in (rules of other languages do not apply); empty = any.
    languages: frozenset[str] = frozenset()
    published_at: datetime | None = None
    #: As the source dates its last change.
    source_updated_at: datetime | None = None
    authors: tuple[Person, ...] = ()
    #: Publisher's categories and breadcrumb sections, plain text.
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    rights: str | None = None
    origin: Origin = field(default_factory=Origin)
    #: Headlines found beside the text.
    teasers: tuple[Teaser, ...] = ()
    #: Furniture that was cut but is kept for explanation.
    tail: str = ""
    #: Of the raw source item; decides whether it changed.
    item_hash: str = ""
    #: Where the fields stood: (field, place), such as ("published", "json-ld datePublished").
    provenance: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.published_at, "published_at")
        require_aware(self.source_updated_at, "source_updated_at")
        if not self.title.strip():
            raise ValueError(f"an article needs a title (source {self.source_id}, guid {self.guid})")


# Tuples, which are made in a quarter of the time: an article has dozens of these.
class Evidence(NamedTuple):
    """One term that counted for a rule in one field."""

    #: As written in the rule; "source default" and "dateline" are written so.
    term: str
    #: title, tags, lead, body, url, or source.
    field: str
    count: int  # type: ignore[assignment] # tuples have a method of this name, which nobody needs
    #: Points of one mention, before the field's weight.
    points: float
    #: Start and end in the field's original text (lead spans are spans of the body; tags are joined by
    #: a newline), counted in characters.
    spans: tuple[tuple[int, int], ...] = ()


class Label(NamedTuple):
    """The verdict of one rule that fired on one article."""

    facet: Facet
    rule: str
    #: Name for people.
    name: str
    score: float
    #: Of the sum of the scores of the facet's rules that fired, 0 to 1.
    share: float
    standing: Standing
    main: bool = False
    #: Standard code of the region or topic, e.g. "NE" or "medtop:16000000".
    code: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of why an entry is in a feed, frozen when it entered."""

    facet: Facet
    rule: str
    name: str
    code: str | None
    score: float
    standing: Standing
    terms: tuple[str, ...]
    #: Whether the feed's question names the rule.
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article as the store holds it: judged and dated."""

    article: Article
    labels: tuple[Label, ...]
    first_seen_at: datetime
    #: Moves only when the raw source item was seen to change.
    updated_at: datetime
    #: How often it moved.
    changes: int = 0
    #: The store's number; None before the first save.
    key: int | None = None
    #: As frozen in a membership; empty when not read through one.
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.first_seen_at, "first_seen_at")
        require_aware(self.updated_at, "updated_at")
