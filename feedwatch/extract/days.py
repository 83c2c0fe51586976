"""When a page says that its article appeared and was changed: the places of its dates, most trusted first.

A date is read as it is written, or not at all; each candidate carries the place where it stood (docs/extraction.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from feedwatch.dates import parse_date
from feedwatch.extract.furniture import kind_of
from feedwatch.extract.survey import CHANGED, Survey
from feedwatch.text import one_line

_PUBLISHED = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "article.published",
    "citation_publication_date",
    "citation_date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "dcterms.date",
    "dc.date",
    "dc.date.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "date",
    "article_date_original",
    "originalpublicationdate",
    "bt:pubdate",
    "rnews:datepublished",
    "ptime",
)
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "dateupdate",
    "revised",
)
#: A month's name with what may stand around it: "12 de março de 2025", "26 Mai, 2008", "12th of March 2025".
_NAME = r"(?:de\s|of\s|ga\s(?:watan\s)?)?[^\W\d_]{3,12}\.?"
_DATE_IN_TEXT = re.compile(
    r"(?<![\d./-])(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?|"
    r"\d{4}[./]\s?\d{1,2}[./]\s?\d{1,2}|\d{1,2}([./-])\s?\d{1,2}\1\s?\d{4}|"
    rf"\d{{1,2}}(?:er|st|nd|rd|th|º|\.)?\s{_NAME},?\s(?:de\s|del\s)?\d{{4}}|\d{{1,2}}[/-][^\W\d_]{{3,9}}[/-]\d{{4}}|"
    r"[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{4}年\s?\d{1,2}月\s?\d{1,2}日|"
    r"\d{4}년\s?\d{1,2}월\s?\d{1,2}일)(?!\d)"
)
#: With a year of two figures, and nothing else: only where the markup says that it is a date.
_SHORT_YEAR = re.compile(r"\W*(\d{1,2})([./])(\d{1,2})\2(\d\d)\W*(?:\d{1,2}:\d\d\W*)?(?:uhr)?\W*", re.IGNORECASE)
_URL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?:([/_-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))"
    r"(?=[/_.-]|$)"
)
_PUBLISHED_WORD = re.compile(r"publi(?:sh|é|e le|cad)|posted|created|veröffentlicht|erschienen|نشر", re.IGNORECASE)
#: The place of an agency's report, before its date.
_DATELINE = re.compile(r"^\W{0,3}(?:[A-ZÀ-Þ][\w'’./-]*[\s|/,–-]+(?:[a-z]{2,3}\s)?){1,6}\(?$")
_BEHIND_DATELINE = re.compile(r"\W{0,3}$|\s?[–—(:.|/-]|,?\s[(„“«\"]")
_WORDS_BESIDE = re.compile(r"[^\W\d_]{2,}")
_MAX_WORDS_BESIDE = 4
_MAX_LINES = 12
#: In scripts, what names the day of this page's article for its advertisers and counters.
_IN_SCRIPT = re.compile(
    r"[\"']?\b(date_?published|published_?first|first[-_]publication|published_?at|publish(?:ed|ing|ication)?_?date|"
    r"publication_?date|pub_?date|published_?(?:on|time)|publish_?time|date_?publication|article_?date)\b[\"']?\s*[:=]\s*"
    r"\\?[\"']([^\"'<>\\]{8,40})",
    re.IGNORECASE,
)
_MAX_SCRIPT_CHARS = 200_000
#: Where the title of a plain text is looked for, and how many lines below it may be its byline.
_MAX_HEAD_CHARS = 20_000
_BYLINES = 3
_MAX_BYLINE_CHARS = 120

#: A value as written, and where it stood.
_Candidate = tuple[str, str]


def read_day(text: str) -> datetime | None:
    """The date, when the text is one."""
    return parse_date(text[:200]) if text else None


def day_beside(title: str, text: str) -> datetime | None:
    """The day in a byline directly above the title's line in a plain text, or in the first lines below it."""
    lines = [line for part in text[:_MAX_HEAD_CHARS].splitlines() if (line := one_line(part))]
    if not title or title not in lines:
        return None
    place = lines.index(title)
    # Below first: what stands above may end the text before.
    near = [*lines[place + 1 : place + 1 + _BYLINES], *lines[max(0, place - 1) : place]]
    bylines = (line for line in near if len(line) <= _MAX_BYLINE_CHARS and kind_of(line) == "byline")
    days = (read_day(written) for written, _ in _dates_in(bylines, "byline"))
    return next((day for day in days if day is not None), None)


def published_days(seen: Survey, url: str | None) -> Iterator[_Candidate]:
    """What may be the day on which the page's article appeared, most trusted first."""
    yield from ((_value(node.get("datePublished")), "json-ld datePublished") for node in seen.linked)
    yield from _meta(seen, _PUBLISHED)
    yield from ((text, "itemprop datePublished") for text in seen.properties.get("datepublished", ()))
    address = _of_address(url, seen.links.get("canonical"), seen.meta.get("og:url"))
    shown = list(_shown(seen))
    if address:
        # The address speaks of this article for certain, and what is shown may have an hour.
        day = read_day(address)
        yield from (one for one in shown if _near(read_day(one[0]), day))
        yield address, "url"
    yield from shown
    yield from ((_value(node.get("dateCreated")), "json-ld dateCreated") for node in seen.linked)
    yield from ((text, "itemprop dateCreated") for text in seen.properties.get("datecreated", ()))
    yield from _in_scripts(seen)


def updated_days(seen: Survey) -> Iterator[_Candidate]:
    """What may be the day of the article's last change, most trusted first."""
    yield from ((_value(node.get("dateModified")), "json-ld dateModified") for node in seen.linked)
    yield from _meta(seen, _MODIFIED)
    for name in ("datemodified", "dateupdate", "dateupdated"):
        yield from ((text, "itemprop dateModified") for text in seen.properties.get(name, ()))
    for text in seen.changed:
        # "Published on …, updated on …": what stands behind the word.
        told = CHANGED.split(text)[-1]
        told = told if _DATE_IN_TEXT.search(told) else text
        yield from ((match[0], "line that tells of a change") for match in _DATE_IN_TEXT.finditer(told))
    yield from ((text, "time beside a change") for text in seen.changed_times)


def _shown(seen: Survey) -> Iterator[_Candidate]:
    """Dates that readers see."""
    yield from ((text, "time, marked as published") for text, is_marked in seen.times if is_marked)
    if len({text[:10] for text, _ in seen.times if read_day(text)}) == 1:
        yield from ((text, "time, the only one") for text, _ in seen.times)
    yield from _dates_in((text for _, text in seen.dated), "element marked as date")
    for _, text in seen.dated:
        if match := _SHORT_YEAR.fullmatch(text):
            yield f"{match[1]}.{match[3]}.20{match[4]}", "element marked as date"
    yield from _dates_in(seen.bylines, "byline")
    for lines, origin in (
        (seen.printed[:_MAX_LINES], "line below the headline"),
        (seen.above, "line above the headline"),
    ):
        yield from _dates_in((text for text in lines if "©" not in text and _is_date_line(text)), origin)
    yield from ((date, "dateline") for text in seen.openings if (date := _of_dateline(text)))
    yield from _dates_in((text for _, text in seen.dated_head), "element marked as date")


def _dates_in(texts: Iterable[str], origin: str) -> Iterator[_Candidate]:
    return ((match[0], origin) for text in texts for match in _DATE_IN_TEXT.finditer(_unchanged(text)))


def _unchanged(text: str) -> str:
    """What a text says before it tells of a change; nothing when only the change has a date."""
    told = CHANGED.search(text)
    if told is None:
        return text
    if (again := _PUBLISHED_WORD.search(text, told.end())) and _DATE_IN_TEXT.search(text, again.end()):
        return text[again.start() :]
    return text[: told.start()] if _DATE_IN_TEXT.search(text, told.end()) else ""


def _is_date_line(text: str) -> bool:
    """Whether a line says a date and little else."""
    if kind_of(text) == "byline":
        return True
    rest = _DATE_IN_TEXT.sub(" ", text)
    is_short = len(_WORDS_BESIDE.findall(rest)) <= _MAX_WORDS_BESIDE and not rest.rstrip().endswith(".")
    return len(rest) < len(text) and is_short


def _of_dateline(text: str) -> str:
    """The date in an agency's dateline, "KARA, 12 March 2025 –", that opens a text; "" without one."""
    match = _DATE_IN_TEXT.search(text[:120])
    if match is None or not _BEHIND_DATELINE.match(text, match.end()):
        return ""
    before = text[: match.start()]
    return match[0] if _DATELINE.match(before) or not before.strip() else ""


def _of_address(*urls: str | None) -> str:
    """The full date in the path of the first address that has one; "" where that has several."""
    for url in urls:
        try:
            path = urlsplit((url or "")[:2_000]).path
        except ValueError:
            continue
        if days := {day: None for match in _URL_DATE.finditer(path) if read_day(day := _day_of(match))}:
            return next(iter(days)) if len(days) == 1 else ""
    return ""


def _day_of(match: re.Match[str]) -> str:
    return "-".join((match[1], (match[3] or match[5]).zfill(2), (match[4] or match[6]).zfill(2)))


def _near(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs((one - other).days) <= 1


def _in_scripts(seen: Survey) -> Iterator[_Candidate]:
    """Days in the scripts of the page; none where they name several, of which only one is the article's."""
    found: list[_Candidate] = []
    left = _MAX_SCRIPT_CHARS
    for script in seen.scripts:
        text = (script.text or "")[:left]
        left -= len(text)
        found += [(match[2], f"script {match[1]}") for match in _IN_SCRIPT.finditer(text) if read_day(match[2])]
    if len({day.date() for text, _ in found if (day := read_day(text))}) == 1:
        yield found[0]


def _meta(seen: Survey, names: tuple[str, ...]) -> Iterator[_Candidate]:
    return ((seen.meta[name], f"meta {name}") for name in names if name in seen.meta)


def _value(value: Any) -> str:
    """A date of JSON-LD: itself, its `@value`, or the first of several."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value") or ""
    return value if isinstance(value, str) else ""
