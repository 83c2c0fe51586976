"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.ledger import Hints, Parsed
from feedwatch.markup import text_to_html
from feedwatch.model import Category, Enclosure, Item, Origin, Person
from feedwatch.parse.feed import MAX_ITEMS, collect
from feedwatch.parse.jsonrecords import feed_of_records, lines_of_json
from feedwatch.parse.nodes import (
    distinct_enclosures,
    distinct_people,
    enclosure,
    language_tag,
    legal_values,
    plain,
    to_url,
)
from feedwatch.text import one_line

#: Lists included; each takes memory before anything of it can be looked at.
MAX_OBJECTS = 400_000

Values = dict[str, Any]


def read_json_feed(text: str, *, url: str | None, locator: str) -> Parsed:
    """The items of a JSON feed, or of other JSON that holds articles; values of a wrong type count as absent.

    Raises:
        ParseError: it is no JSON, or holds no articles.

    """
    if text.count("{") + text.count("[") > MAX_OBJECTS:
        raise ParseError(locator, f"is refused: JSON of more than {MAX_OBJECTS} objects (no real feed is like this)")
    value = _loaded(text, locator)
    is_feed = isinstance(value, dict) and isinstance(value.get("items"), list)
    feed = value if is_feed else feed_of_records(value)
    if feed is None:
        cure = 'a JSON Feed has a list "items"; a record needs a title, and a text or an address'
        raise ParseError(locator, f"is JSON, but holds no articles ({cure})")
    origin = _origin(feed, url)
    entries = feed["items"]
    items = [
        _item(entry, origin, locator, position)
        for position, entry in enumerate(entries[:MAX_ITEMS])
        if isinstance(entry, dict)
    ]
    read = collect(items, len(items) + max(0, len(entries) - MAX_ITEMS))
    hubs = (to_url(_text(hub, "url"), url) for hub in _list(feed, "hubs") if isinstance(hub, dict))
    hub = next((address for address in hubs if address), None)
    return replace(read, hints=Hints(hub=hub, topic=to_url(_text(feed, "feed_url"), url)))


def _loaded(text: str, locator: str) -> Any:
    try:
        return json.loads(text, object_hook=legal_values, strict=False)
    except json.JSONDecodeError as error:
        if (records := lines_of_json(text)) is not None:
            return records
        message = f"is damaged JSON: line {error.lineno}: {error.msg} (tell the publisher)"
        raise ParseError(locator, message) from error
    except (RecursionError, ValueError) as error:
        message = "is refused: JSON that is nested too deep or has absurd numbers (no real feed is like this)"
        raise ParseError(locator, message) from error


def _origin(feed: Values, url: str | None) -> Origin:
    return Origin(
        id=_text(feed, "feed_url") or None,
        title=one_line(_text(feed, "title")) or None,
        link=to_url(_text(feed, "home_page_url"), url),
        self_link=to_url(_text(feed, "feed_url"), url) or to_url(url),
        language=language_tag(_text(feed, "language")),
        authors=_people(feed, url),
    )


def _item(entry: Values, feed: Origin, locator: str, position: int) -> Item:
    base = feed.link or feed.self_link
    link = to_url(_text(entry, "url"), base) or to_url(_text(entry, "external_url"), base)
    media = distinct_enclosures(_attachments(entry, base))
    images = (to_url(_text(entry, name), base) for name in ("image", "banner_image"))
    return Item(
        shape="entry",
        locator=locator,
        position=position,
        guid=_text(entry, "id") or None,
        guid_is_iri=False,
        link=link,
        title=html.escape(one_line(_text(entry, "title")), quote=False),
        summary=html.escape(one_line(_text(entry, "summary")), quote=False),
        content=_text(entry, "content_html") or text_to_html(_text(entry, "content_text")),
        published_at=parse_date(_text(entry, "date_published")),
        updated_at=parse_date(_text(entry, "date_modified")),
        # An item without authors has those of the feed.
        authors=_people(entry, base) or feed.authors,
        categories=tuple(dict.fromkeys(Category(term=term) for tag in _list(entry, "tags") if (term := _plain(tag)))),
        enclosures=media,
        image=next((image for image in images if image), None),
        language=language_tag(_text(entry, "language")) or feed.language,
        base_url=link or base,
        origin=feed,
    )


def _people(values: Values, base: str | None) -> tuple[Person, ...]:
    # Version 1.0 knew one `author`; some write a list of one as the one, or a name for the person.
    found = [*_list(values, "authors"), *_list(values, "author")]
    people = (one if isinstance(one, dict) else {"name": one} for one in found)
    return distinct_people(_person(one, base) for one in people)


def _person(values: Values, base: str | None) -> Person | None:
    url = to_url(_text(values, "url"), base)
    # No field of the format, but written.
    mailto = _text(values, "url").partition("mailto:")[2]
    email = one_line(_text(values, "email") or mailto) or None
    shown = one_line(_text(values, "name")) or email or url
    return Person(name=shown, email=email, url=url) if shown else None


def _attachments(entry: Values, base: str | None) -> Iterator[Enclosure | None]:
    for one in _list(entry, "attachments"):
        if isinstance(one, dict):
            yield enclosure(_text(one, "url"), _text(one, "mime_type"), _text(one, "size_in_bytes"), base)


def _text(values: Values, name: str) -> str:
    """A string, or a number as one (ids often are), or the first of a list of them; anything else is ""."""
    value = values.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return str(value) if is_number and not isinstance(value, bool) else ""


def _list(values: Values, name: str) -> list[Any]:
    """The values, also where one stands in the place of a list."""
    value = values.get(name)
    if isinstance(value, list):
        return value[:500]
    return [] if value is None else [value]


def _plain(value: object) -> str | None:
    return plain(value) if isinstance(value, str) else None
