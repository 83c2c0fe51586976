"""RSS and Atom: a strict reader for well-formed feeds, a mending and a lenient one for the rest."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from feedwatch.balance import balanced
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Item
from feedwatch.parse.atom import read_atom
from feedwatch.parse.hints import feed_hints
from feedwatch.parse.lenient import read_leniently
from feedwatch.parse.nodes import Context, Names, has_something
from feedwatch.parse.rss import read_rss
from feedwatch.parse.window import first_items, whole_items
from feedwatch.urls import http_url
from feedwatch.xmltree import Element, XMLLimitError, XMLSyntaxError, mend_xml, read_xml

#: Of one document; no honest feed has more, and each costs work in every later stage.
MAX_ITEMS = 5_000

_ROOTS = frozenset(("rss", "rdf:rdf", "rdf", "channel", "atom:feed", "atom:entry"))
# Typed on Windows: its code of a quotation mark or dash where Unicode has a control (as in HTML 13.2.5).
_WINDOWS_REFERENCE = re.compile(r"&#(1[2345]\d|[xX][89][0-9a-fA-F]);")
# UTF-8 whose bytes were written as references one by one.
_BYTE_REFERENCES = re.compile(r"(?:&#(?:1(?:2[89]|[3-9]\d)|2[0-4]\d);){2,}")


def read_feed(text: str, *, url: str | None, locator: str) -> Parsed:
    """The items of a feed; `url` is where it came from, `locator` names it in errors.

    Raises:
        ParseError: it is no feed, too damaged to find an item in, or beyond a limit.

    """
    text, total = first_items(text, MAX_ITEMS)
    parsed = _read_text(text, url=url, locator=locator)
    if not total:
        return parsed
    note = f"only the first {MAX_ITEMS} of {total} items were read (the limit of one document)"
    return replace(parsed, problems=(*parsed.problems, note))


def _read_text(text: str, *, url: str | None, locator: str) -> Parsed:
    if "&#1" in text or "&#x" in text or "&#X" in text:
        text = _BYTE_REFERENCES.sub(_joined, text)
        text = _WINDOWS_REFERENCE.sub(lambda match: html.unescape(match[0]), text)
    try:
        try:
            return _read(read_xml(text), (), url, locator)
        except XMLSyntaxError as error:
            if isinstance(error, XMLLimitError):
                raise
            problem = f"read leniently: line {error.lineno}: {_reason(error)}"
        mended = mend_xml(text)
        try:
            return _read(read_xml(mended), (problem,), url, locator)
        except XMLLimitError:
            raise
        except XMLSyntaxError:
            return _read_damaged(text, mended, problem, url=url, locator=locator)
    except XMLLimitError as error:
        message = f"is refused: {error.msg} (no real feed is like this; ask the publisher)"
        raise ParseError(locator, message) from error


def _read_damaged(text: str, mended: str, problem: str, *, url: str | None, locator: str) -> Parsed:
    """A feed whose tags do not match: put in order, or else read by the tolerant reader."""
    whole, breaks_off = whole_items(mended)
    problems = (problem, "the last item, in which the document breaks off, was left out") if breaks_off else (problem,)
    ordered = balanced(whole)
    if ordered is not None:
        try:
            parsed = _read(read_xml(ordered), problems, url, locator)
        except (XMLSyntaxError, ParseError):
            parsed = Parsed(items=())
        if parsed.items:
            return parsed
    text = whole_items(text)[0] if breaks_off else text
    parsed = read_leniently(text, url=url, locator=locator, problem=problem, limit=MAX_ITEMS)
    return replace(parsed, problems=(*problems, *parsed.problems[1:]))


def _joined(match: re.Match[str]) -> str:
    """The characters that the bytes are in UTF-8, if they are."""
    try:
        return bytes(int(number) for number in re.findall(r"\d+", match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _read(root: Element, problems: tuple[str, ...], url: str | None, locator: str) -> Parsed:
    names = Names(str(root.tag))
    context = Context(names=names, base=http_url(url))
    kind = names[str(root.tag)]
    if kind not in _ROOTS:
        raise ParseError(locator, f"is XML with the root element <{kind[:80]}>, not a feed (RSS, Atom or RDF)")
    read = read_atom if kind.startswith("atom:") else read_rss
    items, total = read(root, context, locator, MAX_ITEMS)
    return replace(collect(items, total, problems), hints=feed_hints(root, context))


def collect(items: list[Item], total: int, problems: tuple[str, ...] = ()) -> Parsed:
    """What was read of a document's `total` items, with a problem for each kind of item that was not."""
    kept = tuple(item for item in items if has_something(item))
    found = list(problems)
    if total > len(items):
        found.append(f"only the first {len(items)} of {total} items were read (the limit of one document)")
    if len(kept) < len(items):
        left = len(items) - len(kept)
        found.append(f"{left} empty item{'s were' if left > 1 else ' was'} left out")
    return Parsed(items=kept, problems=tuple(found))


def _reason(error: XMLSyntaxError) -> str:
    first = str(error.msg or "not well-formed").splitlines()[0]
    # The parser says the place twice, and we say it once more.
    return re.sub(r"(,? line \d+)*(, column \d+)?$", "", first)[:200]
