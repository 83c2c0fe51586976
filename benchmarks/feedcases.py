"""Read the feeds of other people's test suites and count how often their authors' assertions hold.

    python benchmarks/feedcases.py FILE.jsonl.xz [--misses]

One JSON object a line: `data_b64`, `headers`, and either `checks` (a path into feedparser's result, an
operator and a value) or `entries` (the wanted fields of each entry). Only what an entry says is compared:
title, link, id, dates, authors, content and summary. Titles are compared as plain text, content and
summary as sanitised HTML or, if that differs, as plain text: the suites assert markup as another
sanitiser leaves it. A feed that is not read counts as a miss of each of its checks.
"""

from __future__ import annotations

import argparse
import base64
import json
import lzma
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.markup import html_to_text, sanitise, title_text
from feedwatch.model import Document, Item, Source, Validators
from feedwatch.parse.dispatch import parse
from feedwatch.text import one_line
from feedwatch.urls import canonical

_URL = "http://127.0.0.1:8097/"
_SOURCE = Source(id="case", kind="feed", locator=_URL, title="case", interval_s=3600)
_WELL_FORMED = ("wellformed",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One assertion about one field of one entry."""

    field: str
    entry: int
    wanted: Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--misses", action="store_true", help="show each miss")
    options = parser.parse_args()
    passed: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    with lzma.open(options.file, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            kind = _kind(case)
            for check, got, holds in _judged(case):
                (passed if holds else failed)[kind, check.field] += 1
                if options.misses and not holds:
                    print(
                        f"{case['id']}: {check.field} of entry {check.entry}\n  wanted {check.wanted!r}\n  got {got!r}"
                    )
    _show(passed, failed)


def _kind(case: dict[str, Any]) -> str:
    if case.get("corpus"):
        return str(case["corpus"])
    return "ill-formed" if case.get("bozo") or case["folder"] == "illformed" else "well-formed"


def _show(passed: Counter[tuple[str, str]], failed: Counter[tuple[str, str]]) -> None:
    print(f"{'cases':<14}{'field':<12}{'hold':>6}{'of':>6}{'%':>8}")
    for kind in sorted({kind for kind, _ in passed | failed}):
        fields = sorted({field for one, field in passed | failed if one == kind})
        rows = [(field, passed[kind, field], passed[kind, field] + failed[kind, field]) for field in fields]
        for field, good, total in [*rows, ("all", sum(row[1] for row in rows), sum(row[2] for row in rows))]:
            print(f"{kind:<14}{field:<12}{good:>6}{total:>6}{100 * good / total:>8.1f}")


def _judged(case: dict[str, Any]) -> Iterator[tuple[Check, object, bool]]:
    """Each comparable assertion with what was read and whether they agree."""
    checks = list(_checks(case))
    items: tuple[Item, ...] | str
    try:
        items = parse(_document(case), _SOURCE).items if checks else ()
    except ParseError as error:
        items = str(error)
    for check in checks:
        item = items[check.entry] if not isinstance(items, str) and check.entry < len(items) else None
        yield (check, items, False) if item is None else (check, *_compare(check, item))


def _document(case: dict[str, Any]) -> Document:
    headers = {name.lower(): value for name, value in (case.get("headers") or {}).items()}
    media_type, _, parameters = headers.get("content-type", "application/xml").partition(";")
    charset = parameters.partition("charset=")[2].strip("\"' ") or None
    return Document(
        source_id="case",
        locator=_URL,
        url=headers.get("content-location", _URL),
        body=base64.b64decode(case["data_b64"]),
        media_type=media_type.strip().lower(),
        charset=charset,
        fetched_at=datetime.now(UTC),
        validators=Validators(),
    )


def _checks(case: dict[str, Any]) -> Iterator[Check]:
    if "entries" in case:
        entries = case["entries"] if isinstance(case["entries"], list) else json.loads(case["entries"])
        for number, entry in enumerate(entries):
            for field, wanted in entry.items():
                if field in _READERS:
                    yield Check(field=field, entry=number, wanted=wanted)
        return
    for check in case["checks"]:
        path, field = check["path"], _FIELDS.get(_name(check["path"]))
        if field and check["op"] == "==" and path[0] == "entries" and isinstance(path[1], int):
            yield Check(field=field, entry=path[1], wanted=check["value"])


def _name(path: list[Any]) -> str:
    """The path behind the entry, numbers left out, in one string."""
    return ".".join(str(part) for part in path[2:] if not isinstance(part, int))


#: Paths of feedparser's results that say what an entry's field is.
_FIELDS = {
    "title": "title",
    "title_detail.value": "title",
    "link": "link",
    "id": "id",
    "published": "published",
    "published_parsed": "published",
    "created": "published",
    "created_parsed": "published",
    "updated": "updated",
    "updated_parsed": "updated",
    "content.value": "content",
    "summary": "summary",
    "summary_detail.value": "summary",
    "description": "summary",
    "author_detail.name": "author",
    "author_detail.email": "author",
    "authors.name": "author",
}
_READERS = frozenset((*_FIELDS.values(),))


def _compare(check: Check, item: Item) -> tuple[object, bool]:
    wanted = check.wanted
    if check.field in ("published", "updated"):
        return _compare_dates(check, item)
    if check.field == "author":
        got = [value for person in item.authors for value in (person.name, person.email, person.url) if value]
        return got, any(str(wanted) in value or value in str(wanted) for value in got) or not wanted
    if check.field == "link":
        return item.link, str(wanted or "") == (item.link or "") or canonical(str(wanted)) == canonical(item.link)
    if check.field == "id":
        return item.guid, str(wanted or "") == (item.guid or "")
    if check.field == "title":
        # The suites write a title as text or as HTML.
        shown = one_line(title_text(item.title))
        return item.title, shown in (one_line(title_text(str(wanted))), one_line(str(wanted)))
    texts = [text for text in (item.summary, item.content) if text] or [""]
    if check.field == "content" and item.content:
        texts = [item.content]
    return texts, any(_same_markup(text, str(wanted), item.base_url) for text in texts)


def _same_markup(got: str, wanted: str, base: str | None) -> bool:
    if sanitise(got, base) == sanitise(wanted, base):
        return True
    texts = {one_line(html_to_text(got)), one_line(got)}
    return bool(texts & {one_line(html_to_text(wanted)), one_line(wanted)})


def _compare_dates(check: Check, item: Item) -> tuple[object, bool]:
    got = item.published_at if check.field == "published" else item.updated_at or item.published_at
    wanted = check.wanted
    if isinstance(wanted, list):
        instant = datetime.fromtimestamp(timegm((*wanted[:6], 0, 0, 0)), UTC)
    else:
        instant = parse_date(str(wanted)) or datetime.min.replace(tzinfo=UTC)
    return got, got == instant


if __name__ == "__main__":
    main()
