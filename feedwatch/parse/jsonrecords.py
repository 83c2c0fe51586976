"""JSON that is no JSON Feed but holds articles -> the feed that it stands for.

Programs that save pages write such records, and sites and news interfaces answer with them: one or a list, in an object
or not, with texts as they are or "rendered" (WordPress), one on each line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from feedwatch.parse.nodes import is_markup, plain

Values = dict[str, Any]

#: Where an answer has its list, also one object further in.
_LISTS = ("articles", "posts", "entries", "stories", "news", "results", "documents", "docs", "hits", "data", "value")
#: Keys in lower case without signs, the best first.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "id": ("guid", "id", "uuid"),
    "url": ("url", "link", "permalink", "canonicalurl", "weburl", "articleurl", "href", "sourceurl", "path"),
    "title": ("title", "headline", "webtitle", "name"),
    "text": (
        "contenthtml", "bodyhtml", "html", "articlebody", "maintext", "fulltext", "bodytext", "text", "rawtext",
        "contenttext", "content", "body",
    ),
    "summary": ("summary", "description", "excerpt", "abstract", "standfirst", "trailtext", "teaser", "lead"),
    "date_published": (
        "datepublished", "publishedat", "published", "pubdate", "publishdate", "datepublish", "publicationdate",
        "webpublicationdate", "firstpublishdate", "dategmt", "date", "created", "createdat",
    ),
    "date_modified": ("datemodified", "datemodify", "modifiedgmt", "modified", "updatedat", "updated", "lastmodified"),
    "authors": ("authors", "author", "byline", "creator"),
    "tags": ("tags", "keywords", "categories", "category", "section", "sectionname"),
    "image": ("image", "imageurl", "urltoimage", "topimage", "leadimageurl", "thumbnail"),
    "language": ("language", "lang", "inlanguage"),
}  # fmt: skip
_SIGNS = re.compile(r"[^a-z0-9]+")
#: Less text makes no article of an object that may as well be an answer about something else.
_ENOUGH_CHARS = 100
_MAX_NAMES = 200


def feed_of_records(value: object) -> Values | None:
    """The JSON Feed that other JSON stands for; None if it holds no articles."""
    found = _records(value)
    if found is None:
        return None
    records, around = found
    items = [item for record in records if isinstance(record, dict) and (item := _item(record))]
    # Most of a list is something else: what looks like articles there is chance.
    if not items or 2 * len(items) < len(records):
        return None
    named = _plain_keys(around)
    names = (string(named.get(key)) for key in ("sitename", "source", "publisher"))
    return {"title": next((name for name in names if name), ""), "items": items}


def lines_of_json(text: str) -> list[Any] | None:
    """The values of a text with one on each line; None if it is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line, strict=False) for line in lines]
    except (ValueError, RecursionError):
        return None


def _records(value: object) -> tuple[list[Any], Values] | None:
    """The list of records, and the object that it stands in; a record by itself is a list of one."""
    if isinstance(value, list):
        return value, {}
    if not isinstance(value, dict):
        return None
    for inner in (value, *(each for each in value.values() if isinstance(each, dict))):
        keys = _plain_keys(inner)
        if (records := next((keys[key] for key in _LISTS if isinstance(keys.get(key), list)), None)) is not None:
            return records, inner
    return [value], value


def _plain_keys(record: Values) -> Values:
    """The values by their keys without signs and capitals; the first of equal keys counts."""
    keys: Values = {}
    for key, value in list(record.items())[:_MAX_NAMES]:
        keys.setdefault(_SIGNS.sub("", key.lower()), value)
    return keys


def told(record: Values) -> Values:
    """What a record says under the names of JSON Feed (its text under "text"); None for what it does not say."""
    keys = _plain_keys(record)
    return {name: next(_present(keys, known), None) for name, known in _KEYS.items()}


def _item(record: Values) -> Values | None:
    """The item of JSON Feed that a record stands for; None if it is no article."""
    # What Elasticsearch finds stands one object further in.
    inner = record.get("_source")
    found = told(inner if isinstance(inner, dict) else record)
    item = {name: string(value) for name, value in found.items() if name not in ("authors", "tags", "text")}
    title, text, summary = plain(item["title"]) or "", string(found["text"]), item["summary"]
    if not title or not (item["url"] or len(text) >= _ENOUGH_CHARS):
        return None
    return {
        **item,
        "title": title,
        "summary": plain(summary) or "",
        "content_html" if is_markup(text) else "content_text": text,
        "authors": found["authors"],
        "tags": found["tags"],
    }


def _present(keys: Values, known: tuple[str, ...]) -> Iterator[Any]:
    """The values of known keys that say something."""
    return (value for key in known if (value := keys.get(key)) not in (None, "", [], {}))


def string(value: object) -> str:
    """A text, a figure as one, or what an object names as its text or address."""
    if isinstance(value, dict):
        value = next(_present(value, ("rendered", "name", "text", "value", "url", "src")), "")
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
