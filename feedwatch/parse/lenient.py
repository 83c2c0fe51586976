"""Feeds that are not well-formed: feedparser in a child process, its answer as Items."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Category, Enclosure, Item, Origin, Person
from feedwatch.parse.hints import read_hints
from feedwatch.parse.nodes import (
    as_html,
    distinct_enclosures,
    distinct_people,
    enclosure,
    has_something,
    language_tag,
    legal_values,
    person,
    plain,
    to_url,
    unwrapped,
)
from feedwatch.xmltree import MAX_ATTRIBUTES

# Started by path: importing it here would make every command wait for feedparser.
_CHILD = Path(__file__).with_name("lenient_child.py")
#: Of the whole child, start included; its own limit on processor time is shorter.
TIMEOUT_S = 60
#: Damaged feeds leave tags open, so this is more generous than the limit of well-formed ones.
MAX_OPEN_TAGS = 2_000
_TAG = re.compile(r"<(/?)(?!br\b|hr\b|img\b)[A-Za-z][^<>]*?(/?)>", re.IGNORECASE)
_ITEM = re.compile(r"<(?:\w{1,10}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ATOM = re.compile(r"<(?:\w{1,10}:)?(?:feed|entry)[\s>]", re.IGNORECASE)
_VOID_END = re.compile(r"</(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)>", re.IGNORECASE)
_DIV = re.compile(r"</?div\b[^<>]*>", re.IGNORECASE)
_CURE = "tell the publisher; a validator shows the place"

Values = Mapping[str, Any]


def read_leniently(text: str, *, url: str | None, locator: str, problem: str, limit: int) -> Parsed:
    """What can be saved of a damaged feed; `problem` says what is wrong with it and becomes a problem.

    Raises:
        ParseError: no item could be found, or finding them took too long or too much memory.

    """
    _refuse_monsters(text, locator)
    # Without it, feedparser would keep the xml:base of one text for all that follows. RSS has another: the home page.
    base = url if url and _ATOM.search(text[:20_000]) else ""
    answer = _ask(text, locator, limit, base)
    if "error" in answer:
        raise ParseError(locator, f"is too damaged to be read ({problem}; {answer['error']}; {_CURE})")
    is_atom = str(answer["version"]).startswith("atom")
    origin = _origin(answer["feed"], url)
    found = (
        _item(entry, origin, url, is_atom=is_atom, locator=locator, position=position)
        for position, entry in enumerate(answer["entries"])
    )
    items = tuple(item for item in found if has_something(item))
    if not items:
        raise ParseError(locator, f"is damaged and has no item that could be saved ({problem}; {_CURE})")
    feed = answer["feed"]
    hints = read_hints(
        ttl=feed.get("ttl", ""), period=feed.get("sy_updateperiod", ""), frequency=feed.get("sy_updatefrequency", "")
    )
    addresses = {link.get("rel"): to_url(link.get("href"), url) for link in reversed(feed.get("links", ()))}
    hints = replace(hints, hub=addresses.get("hub"), topic=addresses.get("self"))
    return Parsed(items=items, problems=(problem,), hints=hints)


def _refuse_monsters(text: str, locator: str) -> None:
    """Refuse at once what would only run into the child's limits: feedparser is quadratic in both."""
    if any(part.partition(">")[0].count("=") > MAX_ATTRIBUTES for part in text.split("<") if not part.startswith("!")):
        raise ParseError(locator, f"is refused: damaged, with more than {MAX_ATTRIBUTES} attributes on one element")
    for part in _ITEM.split(text):
        depth = 0
        for tag in _TAG.finditer(part):
            depth += 0 if tag[2] else -1 if tag[1] else 1
            if depth > MAX_OPEN_TAGS:
                raise ParseError(locator, f"is refused: damaged, with more than {MAX_OPEN_TAGS} tags left open")


def _ask(text: str, locator: str, limit: int, base: str) -> dict[str, Any]:
    command = [sys.executable, "-P", str(_CHILD), str(limit), base]
    try:
        child = subprocess.run(  # noqa: S603 - our own program, no shell, the feed on standard input
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
        answer = json.loads(child.stdout, object_hook=legal_values) if child.returncode == 0 else None
    except subprocess.TimeoutExpired:
        answer = None
    except (OSError, ValueError) as error:
        raise ParseError(locator, f"is damaged, and the lenient reader did not start ({error})") from error
    if not isinstance(answer, dict):
        message = f"is damaged, and reading it leniently passed the limits of time or memory ({_CURE})"
        raise ParseError(locator, message)
    return answer


def _origin(feed: Values, url: str | None) -> Origin:
    return Origin(
        id=feed.get("id") or None,
        title=plain(_html(feed.get("title_detail"), is_atom=False)),
        link=to_url(feed.get("link"), url),
        self_link=next((link.get("href") for link in feed.get("links", ()) if link.get("rel") == "self"), None),
        updated_at=parse_date(feed.get("updated") or feed.get("published")),
        rights=plain(_html(feed.get("rights_detail"), is_atom=False)),
        language=_language(feed),
        authors=distinct_people(_people(feed, url)),
    )


def _item(entry: Values, feed: Origin, url: str | None, *, is_atom: bool, locator: str, position: int) -> Item:
    # Links of Atom are relative to the document (RFC 4287 section 2), those of RSS to the home page.
    base = url or feed.link if is_atom else feed.link or url
    contents = [text for one in entry.get("content", ()) if (text := _html(one, is_atom=is_atom))]
    content = max(contents, key=len, default="")
    summary = _html(entry.get("summary_detail"), is_atom=is_atom)
    link = _link(entry, base, is_atom=is_atom)
    media = distinct_enclosures(_enclosures(entry, base))
    published, updated = parse_date(entry.get("published") or entry.get("created")), parse_date(entry.get("updated"))
    if not is_atom and published is None:
        # An item of RSS has one date; feedparser takes `dc:date` for a change.
        published, updated = updated, None
    return Item(
        shape="entry",
        locator=locator,
        position=position,
        guid=(entry.get("id") or "").strip() or None,
        guid_is_iri=is_atom,
        link=link,
        title=_html(entry.get("title_detail"), is_atom=is_atom),
        summary="" if summary == content else summary,
        content=content,
        published_at=published,
        updated_at=updated,
        authors=distinct_people(_people(entry, url)) or (feed.authors if is_atom else ()),
        categories=tuple(dict.fromkeys(_categories(entry))),
        enclosures=media,
        image=_image(entry, media, base),
        rights=plain(_html(entry.get("rights_detail"), is_atom=is_atom)),
        language=_language(entry) or feed.language,
        base_url=_own_base(entry) or (base if is_atom else link or base),
        origin=_source(entry, feed, base),
    )


def _link(entry: Values, base: str | None, *, is_atom: bool) -> str | None:
    """The page; feedparser takes an id for it where there is none, which leads somewhere only as a permalink."""
    if any(one.get("rel") == "alternate" for one in entry.get("links", ())):
        return to_url(entry.get("link"), base)
    return None if is_atom else to_url(entry.get("link"))


def _own_base(entry: Values) -> str | None:
    """The base that an xml:base gives to the content, else to the summary."""
    details = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    return next((base for detail in details if (base := to_url(detail.get("base")))), None)


def _html(detail: Values | None, *, is_atom: bool) -> str:
    """A text as feedparser describes it, as HTML."""
    if not detail:
        return ""
    text = str(detail.get("value") or "").strip()
    kind = str(detail.get("type") or "text/plain").lower()
    if kind.startswith(("image", "audio", "video", "application/octet")):
        return ""
    if kind == "application/xhtml+xml":
        # feedparser closes elements that HTML never closes, and "</br>" is another line break there.
        return _without_div(_VOID_END.sub("", text))
    if kind != "text/plain":
        return unwrapped(text)
    return html.escape(text, quote=False) if is_atom else as_html(text)


def _without_div(text: str) -> str:
    """XHTML without the `div` that wraps it and is no part of it (RFC 4287 section 3.1.1.3)."""
    tags = list(_DIV.finditer(text))
    depth = 0
    for tag in tags[:-1]:
        depth += -1 if tag[0].startswith("</") else 1
        if depth == 0:
            return text
    is_wrapped = len(tags) > 1 and tags[0].start() == 0 and tags[-1].end() == len(text)
    return text[tags[0].end() : tags[-1].start()].strip() if is_wrapped else text


def _language(found: Values) -> str | None:
    details = [found.get("title_detail") or {}, *found.get("content", ())]
    named = [found.get("language"), *(detail.get("language") for detail in details)]
    return next((tag for one in named if (tag := language_tag(one))), None)


def _people(found: Values, base: str | None) -> Iterator[Person | None]:
    authors = found.get("authors", ())
    if len(authors) == 1 and "@" in (written := found.get("author", "")) and not authors[0].get("href"):
        # feedparser cuts addresses in long top-level domains.
        yield person(written)
        return
    addresses: list[str] = []
    for one in authors:
        name, email, page = plain(one.get("name")), plain(one.get("email")), to_url(one.get("href"), base)
        if email and any(known.startswith(email) for known in addresses):
            # Nor does it keep the addresses of several authors apart.
            email = None
        addresses.append(email or "\0")
        if shown := name or email or page:
            yield Person(name=shown, email=email, url=page)


def _categories(entry: Values) -> Iterator[Category]:
    for tag in entry.get("tags", ()):
        if term := plain(tag.get("term")):
            yield Category(term=term, scheme=tag.get("scheme") or None, label=plain(tag.get("label")))


def _enclosures(entry: Values, base: str | None) -> Iterator[Enclosure | None]:
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure":
            yield enclosure(link.get("href"), link.get("type"), link.get("length"), base)
    for one in entry.get("media_content", ()):
        yield enclosure(one.get("url"), one.get("type") or one.get("medium"), one.get("filesize"), base)


def _image(entry: Values, media: tuple[Enclosure, ...], base: str | None) -> str | None:
    thumbnails = (to_url(one.get("url"), base) for one in entry.get("media_thumbnail", ()))
    pictures = (one.url for one in media if (one.media_type or "").startswith("image"))
    return next((address for address in thumbnails if address), None) or next(pictures, None)


def _source(entry: Values, feed: Origin, base: str | None) -> Origin:
    source = entry.get("source") or {}
    title, address = plain(source.get("title")), to_url(source.get("href"), base)
    if not title and not address:
        return feed
    return Origin(id=source.get("id") or None, title=title, self_link=address, language=feed.language)
