"""Takes the marks of links out of texts that a program made of pages: `lynx`, `w3m`, `elinks`, `html2text`, Markdown.

Programs of the first kind number the links, `[12]` directly before each link's text, and list their addresses at the
end; the others write `[text](address)`. What stands in brackets otherwise is the author's: numbers are marks only in a
text with such a list, in its order; words only where an address follows, and only in a text of several such links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: A longer text is no page.
MAX_CHARS = 2_000_000
#: So many links make a text Markdown; fewer may be an author's example.
MIN_LINKS = 3
#: Of a program's numbers few are missing: links without a text.
_MISSING = 10
#: One of so many numbers at least stands before a text; links to pictures have none.
_LEADING = 5

_TARGET = r"(?:https?://|file://|ftp://|mailto:|tel:|javascript:|data:|www\.|\.{0,2}/|[#?])"
_LISTED = re.compile(rf"\s*(?:\[(\d{{1,4}})\]:?|(\d{{1,4}})\.)\s+<?{_TARGET}\S*\s*")
_NUMBERED = re.compile(r"\s*(\d{1,4})\.\s")
_LIST_TITLE = re.compile(r"\s*(?:references|visible links|hidden links)\s*:?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\[(\d{1,4})\]")
_IMAGE_NAME = re.compile(r"\[[\w.%-]{1,100}\.(?:png|jpe?g|gif|svg|webp)\]", re.IGNORECASE)
#: In an address; `html2text` wraps it behind hyphens.
_PART = r"(?:[^()\s<>]|(?<=-)\n[ ]*)*"
_SCRIPT = r"javascript:[^()\n]{0,300}(?:\([^()\n]{0,300}\)[^()\n]{0,100}){0,5}"
_ADDRESS = (
    rf"\(\s*(?:{_SCRIPT}|<?(?:{_TARGET}|[a-z][a-z0-9+.-]{{1,20}}:|[\w%.-]{{1,100}}/){_PART}(?:\({_PART}\){_PART}){{0,5}}>?"
    r"(?:\s+\"[^\"]{0,300}\")?)?\s*\)"
)
_IMAGE = re.compile(rf"!\[[^\[\]]{{0,500}}\]{_ADDRESS}")
_LINK = re.compile(rf"\[([^\[\]]{{0,500}})\]{_ADDRESS}")
_NEW_LINE = re.compile(r"\s*(?:[*+-]|\d{1,3}\\?\.|#{1,6}|\|)\s")
_LEAD = re.compile(r"\s*(?:#{1,6}|>|[*+])\s+")
_RULE = re.compile(r"\s*(?:(?:\*\s?){3,}|(?:-\s?){3,}|(?:_\s?){3,})\s*")
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)([^*\n]{1,500})(?<=\S)\*\*(?![\w*])")
_EMPHASIS = re.compile(r"(?<![\w_])_(?=\S)([^_\n]{1,500})(?<=\S)_(?![\w_])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])")


def without_link_marks(text: str) -> str:
    """The text without the marks and lists of links that a program put in it; any other text as it is."""
    if len(text) > MAX_CHARS or "[" not in text:
        return text
    unnumbered = _without_numbers(text)
    return _without_markdown(unnumbered) if "](" in unnumbered else unnumbered


# --- numbers ----------------------------------------------------------------------------------------


def _without_numbers(text: str) -> str:
    """The text of `lynx` and its like without numbers and list."""
    lines = text.split("\n")
    start, numbers = _list(lines)
    if not numbers:
        return text
    body = "\n".join(lines[:start])
    marks = list(_marks(body, max(numbers)))
    leading = sum(_leads(body, start, end) for start, end in marks)
    if leading < MIN_LINKS or _LEADING * leading < len(marks) or 2 * len(marks) < len(numbers):
        # Notes, not links: an author's numbers stand behind what they belong to.
        return text
    places = [0, *(place for mark in marks for place in mark), len(body)]
    bare = "".join(body[begin:end] for begin, end in zip(places[::2], places[1::2], strict=True))
    return _IMAGE_NAME.sub("", bare)


def _list(lines: list[str]) -> tuple[int, set[int]]:
    """Where the list of addresses at the end begins, and its numbers."""
    numbers: set[int] = set()
    start = len(lines)
    while start:
        line = lines[start - 1]
        match = _LISTED.fullmatch(line)
        # Within the list an address may be anything.
        if match is None and numbers and (other := _NUMBERED.match(line)) and int(other[1]) + 1 in numbers:
            match = other
        if match is not None:
            numbers.add(int(match[1] or match[2]))
        elif line.strip() and not _LIST_TITLE.fullmatch(line):
            break
        start -= 1
    return start, numbers


def _marks(body: str, highest: int) -> Iterator[tuple[int, int]]:
    """Start and end of each number that counts links on."""
    last = 0
    for match in _NUMBER.finditer(body):
        if last < int(match[1]) <= min(highest, last + _MISSING):
            last = int(match[1])
            yield match.span()


def _leads(body: str, start: int, end: int) -> bool:
    """Whether a number stands directly before a text, and behind none."""
    behind = body[end : end + 1]
    return not body[start - 1 : start].isalnum() and bool(behind.strip()) and behind not in ".,;:)"


# --- Markdown ---------------------------------------------------------------------------------------


def _without_markdown(text: str) -> str:
    """The text of `html2text` and its like without addresses and marks of emphasis, headings, lists; unwrapped."""
    bare, images = _IMAGE.subn("", text)
    bare, links = _LINK.subn(r"\1", bare)
    if images + links < MIN_LINKS:
        return text
    return "\n".join(_plain(line) for line in _unwrapped(bare.split("\n")))


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """The lines, those of one paragraph or item as one."""
    waiting: list[str] = []
    for line in lines:
        if waiting and (not line.strip() or _NEW_LINE.match(line) or waiting[-1].endswith("  ")):
            yield " ".join(waiting)
            waiting = []
        if line.strip():
            waiting.append(line)
        else:
            yield ""
    yield " ".join(waiting)


def _plain(line: str) -> str:
    if _RULE.fullmatch(line):
        return ""
    while lead := _LEAD.match(line):
        line = line[lead.end() :]
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", line))).strip()
