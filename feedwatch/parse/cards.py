"""One teaser of a listing page: its title, summary, date and picture, read from the element that holds it."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from feedwatch.dates import parse_date
from feedwatch.datewords import months
from feedwatch.model import Item
from feedwatch.parse.head import Head, attribute
from feedwatch.parse.nodes import to_url
from feedwatch.soup import Tag
from feedwatch.text import count_words, fold_plain, one_line

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
MAX_SUMMARY_CHARS = 1_000
_SUMMARY_CHARS = 40
_DATE_CHARS = 60
_TITLE_MARK = re.compile(r"title|headline|titre|titulo|heading", re.IGNORECASE)
_DATE_MARK = re.compile(r"date|time|publi|posted|heure|meta", re.IGNORECASE)
_DATED = frozenset(("time", "span", "div", "p", "small", "td", "li", "em", "i", "abbr", "b", "strong", "a"))
_BLOCKS = frozenset(("div", "span", "p", "strong", "b"))
_TEXTS = frozenset(("p", "div", "span", "dd"))
_PICTURE = frozenset(("img",))
#: Of a card, so many elements are looked at.
_MAX_INNER = 200
_MAX_LINES = 60
#: Fewer are hardly a headline.
_FEW_WORDS = 4
_LINE_ENDS = " \t:;,.([])|–—-"
_AFTER_DATE = re.compile(r"\s*(?::|[–—|]|\s-)\s+")
#: A year and something beside it.
_DATE_LINE = re.compile(r"(?:19|20)\d\d\b.*\w|\w.*\b(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+")
_DATED_PATH = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)")
#: What stands before or behind a date on one line: "Par Awa Diop | 3 mars 2026".
_BETWEEN = re.compile(r"\s*(?:[|•·–—/]|\s-\s|,\s*(?=\d{1,2}\s)|\b(?:le|on|du|el|em)\s+(?=\d{1,2}\s))\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """What a card shows; "" and None stand for nothing found."""

    title: str
    summary: str = ""
    published_at: datetime | None = None
    image: str | None = None


def read_card(card: Tag, anchor: Tag, base: str | None, followers: Sequence[Tag] = ()) -> CardText:
    """What a card shows around its headline; `followers` are the elements below it that belong to it."""
    title = title_of(anchor)
    parts = (card, *followers)
    picture = next((tag for part in parts for tag in inner(part, _PICTURE, 1)), None)
    return CardText(
        title=title,
        summary=_summary(parts, title),
        published_at=date_in(parts, title),
        image=_picture(picture, base) if picture is not None else None,
    )


def line_card(line: Tag) -> CardText | None:
    """What a line says beside its links, perhaps behind a date: "3 March 2025: The council votes [PDF]"."""
    own = (text for text in islice(line.strings, _MAX_LINES) if not any(each.name == "a" for each in text.parents))
    text = one_line(" ".join(own)).strip(_LINE_ENDS)
    before, _, after = _AFTER_DATE.sub("\n", text, count=1).partition("\n")
    date = parse_date(before) if after and len(before) <= _DATE_CHARS else None
    title = after if date else text
    return CardText(title=title, published_at=date) if count_words(title) >= _FEW_WORDS else None


def inner(tag: Tag, names: Collection[str], limit: int) -> Iterator[Tag]:
    """The first elements of these names inside an element; many times as fast as the library's own search."""
    found = (each for each in islice(tag.descendants, _MAX_INNER) if isinstance(each, Tag) and each.name in names)
    return islice(found, limit)


def heading_in(tag: Tag) -> Tag | None:
    """The first heading inside an element; None without one."""
    return next(inner(tag, HEADINGS, 1), None)


def teaser(card: CardText, address: str, head: Head, locator: str, position: int) -> Item:
    """The item of a teaser."""
    return Item(
        shape="teaser",
        locator=locator,
        position=position,
        link=address,
        title=html.escape(card.title, quote=False),
        summary=html.escape(card.summary, quote=False),
        published_at=card.published_at or _date_of_path(address),
        image=card.image,
        language=head.language,
        base_url=head.base,
        origin=head.origin,
    )


def title_of(anchor: Tag) -> str:
    """The headline in an anchor: its heading, what is marked as a title, or all of it; whole where it is cut short."""
    marked = heading_in(anchor) or next(
        (tag for tag in inner(anchor, _BLOCKS, 20) if _TITLE_MARK.search(attribute(tag, "class"))), None
    )
    text = one_line((marked or anchor).get_text(" ")) or unwritten_title(anchor)
    if marked is None and len(text) > 120:
        blocks = (one_line(tag.get_text(" ")) for tag in inner(anchor, _BLOCKS, 10))
        text = next((block for block in blocks if 15 <= len(block) < len(text)), text)
    bare = text.rstrip(" .…")
    whole = one_line(attribute(anchor, "title"))
    return whole if bare != text and len(whole) > len(bare) and whole.startswith(bare) else text


def unwritten_title(anchor: Tag) -> str:
    """What an anchor that is only a picture says to those who do not see it."""
    picture = next(inner(anchor, _PICTURE, 1), None)
    told = (attribute(anchor, "aria-label"), attribute(anchor, "title"), attribute(picture, "alt") if picture else "")
    return next((line for text in told if (line := one_line(text))), "")


def _summary(parts: Iterable[Tag], title: str) -> str:
    """The longest text of the card that is not the headline."""
    found: list[str] = []
    for part in parts:
        blocks = [tag.get_text(" ") for tag in inner(part, _TEXTS, 30)]
        own = part.get_text(" ") if part.name in ("p", "dd") else ""
        texts = (one_line(text) for text in (*blocks, own, *islice(part.strings, 100)) if len(text) >= _SUMMARY_CHARS)
        found += [text for text in texts if len(text) >= _SUMMARY_CHARS and title not in text and text not in title]
    return max(found, key=len, default="")[:MAX_SUMMARY_CHARS]


def date_in(parts: Iterable[Tag], title: str = "") -> datetime | None:
    """The date of a card beside its title: a `time` element, else what is marked as a date, else what reads as one."""
    marked = [tag for part in parts for tag in (part, *inner(part, _DATED, 30)) if tag.name in _DATED]
    for tag in sorted(marked, key=_date_rank):
        if date := date_of(tag, title):
            return date
    # Bare lines: behind a line break, or in a heading above the list of a day.
    lines = (one_line(text) for part in parts for text in islice(part.strings, _MAX_LINES))
    return next((date for line in lines if _may_be_date(line) and (date := _read_date(line, title))), None)


def _may_be_date(line: str) -> bool:
    """Whether a line has a year and a month: of many lines few do, and to read one that is no date takes longest."""
    if len(line) > _DATE_CHARS or not _DATE_LINE.search(line):
        return False
    words = _WORD.findall(fold_plain(line))
    return not words or any(word in months() for word in words)


def date_of(tag: Tag, title: str = "") -> datetime | None:
    """The date that one element tells: in its `datetime`, else as its text or a part of that."""
    for name in ("datetime", "data-date", "data-time", "data-timestamp", "content"):
        if (written := attribute(tag, name)) and (date := parse_date(written)):
            return date
    return _read_date(one_line(tag.get_text(" ")), title)


def _read_date(text: str, title: str) -> datetime | None:
    """The date that a line is, or a part of it."""
    if len(text) > _DATE_CHARS or (title and title in text) or not any(char.isdigit() for char in text):
        return None
    parts = _BETWEEN.split(text)
    return parse_date(text) or next((date for part in parts[:4] if len(parts) > 1 and (date := parse_date(part))), None)


def _date_rank(tag: Tag) -> int:
    if tag.name == "time":
        return 0
    return 1 if _DATE_MARK.search(attribute(tag, "class") + attribute(tag, "itemprop")) else 2


def _date_of_path(address: str) -> datetime | None:
    """The day that the address itself names, as newspapers and WordPress write it."""
    found = _DATED_PATH.search(address)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:
        return None


def _picture(picture: Tag, base: str | None) -> str | None:
    """The address of a picture, also of one that is loaded lazily."""
    written = (attribute(picture, name) for name in ("data-src", "data-lazy-src", "data-original", "src"))
    return next((address for text in written if text and (address := to_url(text, base))), None)
