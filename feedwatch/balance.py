"""Markup of feeds and lists whose tags do not match: put in order as text, so that what was meant can be read."""

from __future__ import annotations

import html
import re

#: Deeper ones are left to the tolerant reader.
MAX_OPEN = 200

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:rss|rdf|feed|channel|opml)(?=[\s>/])", re.IGNORECASE)
_OPENING = re.compile(r"<[!?/A-Za-z_]")
_NAME = r"[A-Za-z_][\w.-]{0,60}(?::[A-Za-z_][\w.-]{0,60})?"
_START = re.compile(rf"""<({_NAME})((?=[\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)\s*(/?)>""")
# The same where a quotation mark is missing.
_BROKEN_START = re.compile(rf"<({_NAME})(?=[\s/>])([^<>]*?)\s*(/?)>")
_END = re.compile(rf"</\s*({_NAME})[^<>]*>")
# A tag whose ">" is missing.
_UNENDED = re.compile(rf"<(/?)({_NAME})\s*(?=<)")
_ATTRIBUTE = re.compile(rf"""({_NAME})\s*=\s*("[^"<]*"|'[^'<]*'|[^\s"'<>]+)""")
_OTHER = re.compile(r"<[!?][^<>]*>?")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
# Where a section ends that nobody ended.
_LOST_END = re.compile(rf"\]\]\s*>|\]\]?\s*(?=</)|(?=</{_NAME}\s*>\s*<)")

_ITEMS = frozenset(("item", "entry"))
#: What holds items; an end tag of these, or of an item, closes all that is open inside.
_FRAME = frozenset(("rss", "rdf", "channel", "feed")) | _ITEMS
#: Never with anything in it, wherever it is opened (HTML 13.1.2); those that are elements of feeds, too, are not here.
_VOID = frozenset(("br", "hr", "img", "input", "wbr", "col", "embed", "area", "param"))
#: Opened once more, the one before is over.
_SIBLINGS = frozenset(("p", "li", "td", "tr", "dt", "dd", "option"))
_DUBLIN_CORE = ("dc:creator", "dc:date", "dc:subject", "dc:title", "dc:rights")
_DATES = ("pubdate", "published", "updated", "issued", "modified")
#: Fields of an item that hold a short text and no other field.
_SHORT = frozenset(("title", "link", "guid", "id", "category", "comments", *_DATES, *_DUBLIN_CORE))
_LONG = frozenset(("description", "summary", "content", "content:encoded"))
_KNOWN = _SHORT | _LONG | _FRAME


def balanced(text: str) -> str | None:
    """The document with every tag closed once and in order; None where it is too deep, or no feed or list is in it.

    What stands before the root or behind its end goes, and so do comments, processing instructions, and end
    tags of nothing. An end tag closes what is open inside its element; an item or a short field (`title`,
    `pubDate`) that begins ends the one before. Attributes are quoted; of two of one name the first counts.
    """
    root = _ROOT.search(text)
    return None if root is None else _Balancer(text).run(root.start())


class _Balancer:
    """One pass over the text: `out` is well-formed but for the elements in `open`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        #: Names as written and as compared.
        self.open: list[tuple[str, str]] = []
        self.has_comment_end = True

    def run(self, place: int) -> str | None:
        while place < len(self.text):
            opening = _OPENING.search(self.text, place)
            end = opening.start() if opening else len(self.text)
            # A "<" that opens nothing is text.
            self.out.append(self.text[place:end].replace("]]>", "]]&gt;").replace("<", "&lt;"))
            if opening is None:
                break
            place = self._markup(end)
            if not self.open:
                return "".join(self.out)
            if len(self.open) > MAX_OPEN:
                return None
        self._close(0)
        return "".join(self.out)

    def _markup(self, place: int) -> int:
        """Take the markup at `place`; where the text behind it begins."""
        text = self.text
        if text.startswith(_CDATA, place):
            return self._cdata(place)
        if text.startswith("<!--", place):
            end = text.find("-->", place + 4) if self.has_comment_end else -1
            self.has_comment_end = end >= 0
            return end + 3 if end >= 0 else place + 4
        return self._tag(place)

    def _tag(self, place: int) -> int:
        text = self.text
        unended = _UNENDED.match(text, place)
        if match := _START.match(text, place) or _BROKEN_START.match(text, place):
            self._start(match[1], match[2], is_empty=bool(match[3]))
        elif match := _END.match(text, place):
            self._end(match[1].lower())
        elif unended and unended[2].lower() in _KNOWN:
            match = unended
            if match[1]:
                self._end(match[2].lower())
            else:
                self._start(match[2], "", is_empty=False)
        else:
            match = _OTHER.match(text, place)
        if match is None:
            self.out.append("&lt;")
        return match.end() if match else place + 1

    def _cdata(self, place: int) -> int:
        text, start = self.text, place + len(_CDATA)
        following = text.find(_CDATA, start)
        limit = following if following >= 0 else len(text)
        end = text.find(_CDATA_END, start, limit)
        behind = end + len(_CDATA_END)
        if end < 0:
            lost = _LOST_END.search(text, start, limit)
            end, behind = (lost.start(), lost.end()) if lost else (limit, limit)
        self.out.append(f"{_CDATA}{text[start:end]}{_CDATA_END}")
        return behind

    def _start(self, name: str, attributes: str, *, is_empty: bool) -> None:
        key = name.lower()
        if key.rpartition(":")[2] in _ITEMS and (frame := self._innermost(_FRAME)) is not None:
            inside = self.open[frame][1].rpartition(":")[2] in _ITEMS
            if inside and is_empty:
                return
            self._close(frame if inside else frame + 1)
        elif self.open:
            above = self.open[-1][1]
            is_field = key in _SHORT or key in _LONG
            if (is_field and above in _SHORT) or (key in _SIBLINGS and key == above):
                self._close(len(self.open) - 1)
        is_empty = is_empty or key in _VOID
        self.out.append(f"<{name}{_attributes(attributes)}{'/' if is_empty else ''}>")
        if not is_empty:
            self.open.append((name, key))

    def _end(self, key: str) -> None:
        if self.open and ":" in self.open[-1][1] and self.open[-1][1].rpartition(":")[2] == key:
            # The prefix was forgotten.
            self._close(len(self.open) - 1)
            return
        is_frame = key.rpartition(":")[2] in _FRAME
        for place in range(len(self.open) - 1, -1, -1):
            other = self.open[place][1]
            if other == key:
                self._close(place)
                return
            if not is_frame and other.rpartition(":")[2] in _FRAME:
                return

    def _innermost(self, names: frozenset[str]) -> int | None:
        places = range(len(self.open) - 1, -1, -1)
        return next((place for place in places if self.open[place][1].rpartition(":")[2] in names), None)

    def _close(self, place: int) -> None:
        """Close all that was opened since, and what is open at `place`."""
        while len(self.open) > place:
            self.out.append(f"</{self.open.pop()[0]}>")


def _attributes(text: str) -> str:
    if not text.strip(" \t\r\n/"):
        return ""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        found.setdefault(name, value if value[0] in "\"'" else f'"{html.escape(html.unescape(value))}"')
    return "".join(f" {name}={value}" for name, value in found.items())
