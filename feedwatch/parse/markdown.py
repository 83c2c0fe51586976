"""The owner of markdown-it: a Markdown file is one entry."""

from __future__ import annotations

import html
import re

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.model import Category, Item, Person
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.text import one_line

#: The reader of Markdown is quadratic on hostile brackets and quotes.
MAX_CHARS = 300_000

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_PAIR = re.compile(r"^([A-Za-z_-]{1,40})[ \t]*:[ \t]*(.*?)[ \t]*\r?$")
_ENTRY = re.compile(r"^[ \t]+-[ \t]+(.+?)[ \t]*\r?$|^-[ \t]+(.+?)[ \t]*\r?$")
_HEADING = re.compile(r"\A\s*<h1>(.*?)</h1>\s*", re.DOTALL)


def read_markdown(text: str, *, url: str | None, locator: str) -> Item:
    """The file as an item with HTML content.

    Front matter of `key: value` lines (title, date, updated, lang, url, author, tags, summary) is read and
    left out of the content, and so is a first heading that is the title.

    Raises:
        ParseError: the file is too long.

    """
    if len(text) > MAX_CHARS:
        message = f"is refused: a Markdown file of more than {MAX_CHARS} characters (split it)"
        raise ParseError(locator, message)
    # At the first file: few read Markdown.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    front, body = _front_matter(text)
    content = MarkdownIt("commonmark").enable("table").render(body).strip()
    title = html.escape(front.get("title", [""])[0], quote=False)
    heading = _HEADING.match(content)
    if heading and (not title or one_line(heading[1]) == title):
        title, content = one_line(heading[1]), content[heading.end() :]
    link = to_url(_one(front, "url", "link", "canonical_url"), url) or to_url(url)
    return Item(
        shape="entry",
        locator=locator,
        position=0,
        guid=_one(front, "id", "guid"),
        link=link,
        title=title,
        summary=html.escape(_one(front, "summary", "description", "excerpt") or "", quote=False),
        content=content,
        published_at=parse_date(_one(front, "date", "published")),
        updated_at=parse_date(_one(front, "updated", "modified", "lastmod")),
        authors=tuple(Person(name=name) for name in _many(front, "author", "authors")),
        categories=tuple(Category(term=term) for term in _many(front, "tags", "categories", "keywords")),
        language=language_tag(_one(front, "lang", "language")),
        base_url=link,
    )


def _front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    """The values of the front matter by lower-case key, and the text below it."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    values: dict[str, list[str]] = {}
    key = ""
    for line in match[1].splitlines():
        if entry := _ENTRY.match(line):
            if key:
                values[key].append(_unquoted(entry[1] or entry[2]))
        elif pair := _PAIR.match(line):
            key = pair[1].lower()
            values[key] = [_unquoted(pair[2])] if pair[2] else []
    return {key: found for key, found in values.items() if found}, text[match.end() :]


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return one_line(value)


def _one(front: dict[str, list[str]], *keys: str) -> str | None:
    return next((front[key][0] for key in keys if front.get(key) and front[key][0]), None)


def _many(front: dict[str, list[str]], *keys: str) -> list[str]:
    """A list, written in lines of its own, in brackets, or between commas."""
    for key in keys:
        if key in front:
            parts = [part for value in front[key] for part in value.strip("[]").split(",")]
            return list(dict.fromkeys(name for part in parts[:100] if (name := _unquoted(part))))
    return []
