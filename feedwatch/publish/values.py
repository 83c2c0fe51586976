"""Outside text, addresses, languages and people, made fit for every format."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from feedwatch.model import Article, Entry, FeedSpec, Origin, Person
from feedwatch.publish.languages import language_tag
from feedwatch.urls import http_url, is_iri
from feedwatch.views import ViewEntry

PROGRAM = "feedwatch"

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
#: The start of an address, which may hold brackets (IPv6), or a character that must be escaped behind it.
_UNFIT = re.compile(r"(?P<host>^[^:]+://[^/?#]*)|%(?![0-9a-fA-F]{2})|[\[\]]")
_EMAIL = re.compile(r"[\w.+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)
_EMAIL_IN_NAME = re.compile(rf"[<(\[]?(?P<email>{_EMAIL.pattern})[>)\]]?")
#: What XML forbids, and what no text of a publisher means: controls of ISO 6429 (the mark of a wrong encoding), and
#: the sign that a decoder puts for what it could not read. One class, so that a clean text is passed over once.
_RUBBISH = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\U0001fffe\U0001ffff]"
)
#: How the bytes of one character in UTF-8 look in Latin-1.
_CODED_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf]")
#: What XML parsers give as one piece of text.
_PIECE = re.compile(r"[^&<>\n\r]+")
_SPACE = re.compile(r"\s+")
#: The end of an element of HTML: where text holds one, readers that guess take the whole for markup.
_END_TAG = re.compile(r"</\w+>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
#: No newspaper had a feed before; what is older is a broken clock.
FIRST_YEAR = 1990


def legal(text: str) -> str:
    """The text without characters that no feed should carry, and as it was meant where it was coded twice."""
    if text.isascii() or not _CODED_TWICE.search(text):
        return _RUBBISH.sub("", text)
    # Rubbish may hide a double coding, and what comes out of one may be rubbish.
    return _RUBBISH.sub("", _recoded(_RUBBISH.sub("", _recoded(text))))


def _recoded(text: str) -> str:
    """The text with all that was once read in Latin-1 and written in UTF-8 ("SÃ©curitÃ©") as it was meant.

    Told with certainty: all that stands between two marks of markup could stand in Latin-1, and its bytes there are
    UTF-8. A page is often put together of parts that went different ways.
    """
    return _PIECE.sub(_recoded_piece, text)


def _recoded_piece(piece: re.Match[str]) -> str:
    try:
        return piece[0].encode("latin-1").decode("utf-8")
    except UnicodeError:
        return piece[0]


@lru_cache(maxsize=20_000)
def one_line(text: str) -> str:
    """The text on one line, without characters that no feed should carry.

    Names of rules, terms, sources and people come again and again.
    """
    line = _SPACE.sub(" ", legal(text))
    if not line.isascii() and _CODED_TWICE.search(line):
        line = _SPACE.sub(" ", legal(line))
    return line.strip()


def looks_like_markup(text: str) -> bool:
    """Whether a reader that guesses would take the plain text for HTML."""
    return "</" in text and _END_TAG.search(text) is not None


@lru_cache(maxsize=5_000)
def label(text: str) -> str:
    """The text on one line for a place that cannot say whether it is plain, such as a name: without tags."""
    line = one_line(text)
    while looks_like_markup(line):
        line = one_line(_TAG.sub(" ", line))
    return line


@lru_cache(maxsize=5_000)
def web_iri(url: str | None) -> str | None:
    """The http(s) address as it was given; None if it is none.

    What RFC 3987 forbids is escaped: a percent sign that escapes nothing, brackets behind the host, a second "#".
    So is all outside ASCII where it would not pass for an international name: readers and validators make an
    address of an IRI in that way, and fail over long or Arabic ones. User names and passwords go.
    """
    safe = http_url(url)
    if url is None or safe is None:
        return None
    chosen = url if is_iri(url) and _passes_as_name(url) and urlsplit(url).username is None else safe
    start, mark, fragment = chosen.partition("#")
    whole = start + mark + fragment.replace("#", "%23")
    escaped = _UNFIT.sub(lambda found: found[0] if found["host"] else quote(found[0]), whole)
    return escaped if is_iri(escaped) else None


def _passes_as_name(url: str) -> bool:
    try:
        return url.isascii() or url.encode("idna").isascii()
    except UnicodeError:
        return False


def named_url(url: str | None) -> str | None:
    """The http(s) address in ASCII if its host has a name or an IPv4 address; None otherwise.

    Many readers and the specification of RSS know no host in brackets.
    """
    address = http_url(url)
    return None if address is None or "[" in address or "]" in address else address


def entry_language(spec: FeedSpec, view: ViewEntry) -> str | None:
    """The entry's language; where it is not known, the feed's must not be inherited ("und", RFC 5646)."""
    return language_tag(view.entry.article.language) or ("und" if language_tag(spec.lang) else None)


def media_type(text: str | None) -> str | None:
    """The media type without parameters (they say nothing of a sound or a film, and many are malformed)."""
    bare = (text or "").partition(";")[0].strip()
    return bare if _MEDIA_TYPE.fullmatch(bare) else None


def person_fields(person: Person) -> dict[str, str]:
    """The parts of a person that are fit for publishing ("name", "email", "uri"); {} without a name.

    An address in the name, as RSS authors have it, goes to its own place.
    """
    name, email = label(person.name), one_line(person.email or "")
    if "@" in name and (found := _EMAIL_IN_NAME.search(name)):
        email = email or found["email"]
        name = one_line(_EMAIL_IN_NAME.sub(" ", name)).strip("()<>[] ") or found["email"].partition("@")[0]
    if not name:
        return {}
    parts = {"name": name, "email": email if _EMAIL.fullmatch(email) else "", "uri": web_iri(person.url) or ""}
    return {key: value for key, value in parts.items() if value}


def authors_of(article: Article) -> list[dict[str, str]]:
    """The entry's authors, else the source's, else the source by name: never none (RFC 4287 section 4.1.2)."""
    for people in (article.authors, article.origin.authors):
        if found := [fields for fields in map(person_fields, people) if fields]:
            return found
    return [person_fields(Person(name=article.origin.title or "")) or {"name": article.source_id}]


def published_at(entry: Entry) -> datetime | None:
    """The publisher's date where it can be true: not after we saw the entry, not before there were feeds."""
    date = entry.article.published_at
    if date is None or date.year < FIRST_YEAR:
        return None
    return min(date, entry.first_seen_at)


def origin_updated_at(origin: Origin, entry: Entry) -> datetime:
    """When the source changed, as it says where that can be true; else when its entry did."""
    seen = max(entry.updated_at, entry.first_seen_at)
    date = origin.updated_at
    return entry.updated_at if date is None or date.year < FIRST_YEAR else min(date, seen)


def plain_references(document: bytes) -> bytes:
    """The XML with the ampersands of its texts in the one form that no reader takes for markup.

    `&#x26;amp;` is the plain text "&amp;" for XML, and guessing readers leave it alone, too (RSS profile, section
    "character data"; the W3C validator knows it for Atom as well).
    """
    return document.replace(b"&amp;", b"&#x26;")
