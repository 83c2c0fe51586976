"""The text of a page in the ways in which people and programs copy it, for measurements of scraped text.

- `lines`: each piece of text on a line of its own;
- `flat`: all pieces on one line, with blanks between them;
- `concat`: pieces run together where the markup has no line end between them;
- `glued`: all pieces run together on one line;
- `inner`: a line for each block, as a browser copies it, without blank lines;
- `blank`: the same with blank lines around paragraphs, headings and lists;
- `dump`: wrapped at 72 columns, items of lists with an asterisk, as text browsers print it;
- `numbered`: the same with a number before each link and their addresses at the end, as `lynx -dump` prints it;
- `markdown`: links, pictures, headings and lists as `html2text` writes them, wrapped at 78 columns.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4.element import CData, NavigableString, PreformattedString, Tag

from feedwatch.soup import Soup, parse_html

STYLES = ("glued", "concat", "lines", "flat")
MORE_STYLES = (*STYLES, "inner", "blank", "dump", "numbered", "markdown")
_COLUMNS = 72
_MARKDOWN_COLUMNS = 78
_SKIPPED = frozenset({"script", "style", "template", "head", "noscript", "svg", "iframe", "object"})
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|html|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "figure", "pre"})


def renderings(html: str, *, more: bool = False) -> dict[str, str]:
    """The text of a page in the four styles of the development data, or in all nine."""
    soup = parse_html(html)
    pieces = list(soup.stripped_strings)
    found = {
        "glued": "".join(pieces),
        "concat": "\n".join(line for line in soup.get_text().splitlines() if line.strip()),
        "lines": "\n".join(pieces),
        "flat": " ".join(" ".join(piece.split()) for piece in pieces),
    }
    if more:
        blocks = _blocks_of(soup)
        found["inner"] = "\n".join(line for _, line in blocks)
        found["blank"] = _with_blank_lines(blocks)
        found["dump"] = _dump(blocks)
        addresses = _numbered(soup)
        listed = "\n".join(f"{number:>4}. {address}" for number, address in enumerate(addresses, 1))
        found["numbered"] = f"{_dump(_blocks_of(soup))}\n\nReferences\n\n   Visible links\n{listed}\n"
        # The numbers stand in the tree now.
        found["markdown"] = _markdown(parse_html(html))
    return found


def _blocks_of(soup: Soup) -> list[tuple[str, str]]:
    return [(name, line) for name, text in _blocks(soup.body or soup) for line in _lines(text)]


def _numbered(soup: Soup) -> list[str]:
    """Put a number before the text of each link; the addresses in their order."""
    addresses: list[str] = []
    for anchor in (soup.body or soup).find_all("a", href=True):
        addresses.append(urljoin("https://page.example/a/b", str(anchor["href"]).strip()).replace(" ", "%20"))
        anchor.insert(0, f"[{len(addresses)}]")
    return addresses


def _markdown(soup: Soup) -> str:
    root = soup.body or soup
    for picture in root.find_all("img", src=True):
        alt = " ".join(str(picture.get("alt") or "").split())
        picture.replace_with(f"![{alt}]({str(picture['src']).strip()})")
    for anchor in root.find_all("a", href=True):
        if anchor.get_text().strip() or anchor.find("img"):
            anchor.insert(0, "[")
            anchor.append(f"]({str(anchor['href']).strip()})")
    found: list[str] = []
    for name, line in _blocks_of(soup):
        begin = f"{'#' * int(name[1])} " if re.fullmatch("h[1-6]", name) else "  * " if name == "li" else ""
        if name != "li":
            found.append("")
        found += textwrap.wrap(
            line, _MARKDOWN_COLUMNS, initial_indent=begin, break_long_words=False, break_on_hyphens=False
        )
    return "\n".join(found)


def _blocks(root: Tag) -> Iterator[tuple[str, str]]:
    """Each block's name and its text up to the next block; a line end for each <br>."""
    parts: list[str] = []
    open_blocks = ["body"]
    # Depth first by hand: pages are nested deeper than Python calls.
    todo: list[Tag | NavigableString | None] = list(reversed(root.contents))  # type: ignore[arg-type]  # what a page holds
    while todo:
        node = todo.pop()
        if node is None:
            yield open_blocks.pop(), "".join(parts)
            parts.clear()
        elif isinstance(node, Tag):
            if node.name == "br":
                parts.append("\n")
            elif node.name not in _SKIPPED:
                if _BLOCKS.fullmatch(node.name):
                    yield open_blocks[-1], "".join(parts)
                    parts.clear()
                    open_blocks.append(node.name)
                    todo.append(None)
                elif node.name in {"td", "th"}:
                    parts.append(" ")
                todo += reversed(node.contents)  # type: ignore[arg-type]  # what a page holds
        elif isinstance(node, CData) or not isinstance(node, PreformattedString):
            parts.append(re.sub(r"\s+", " ", str(node)))
    yield open_blocks[-1], "".join(parts)


def _lines(text: str) -> Iterator[str]:
    yield from (line for part in text.split("\n") if (line := " ".join(part.split())))


def _with_blank_lines(blocks: list[tuple[str, str]]) -> str:
    found: list[str] = []
    before = ""
    for name, line in blocks:
        if found and (name in _APART or before in _APART):
            found.append("")
        found.append(line)
        before = name
    return "\n".join(found)


def _dump(blocks: list[tuple[str, str]]) -> str:
    found: list[str] = []
    for name, line in blocks:
        is_item = name == "li"
        if found and not is_item:
            found.append("")
        begin, further = ("     * ", "       ") if is_item else ("   ", "   ")
        found += textwrap.wrap(line, _COLUMNS, initial_indent=begin, subsequent_indent=further, break_long_words=False)
    return "\n".join(found)
