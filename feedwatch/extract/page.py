"""The owner of trafilatura: the article in a whole HTML page.

The page becomes a tree once; the facts, both opinions on its text (`blocks`) and, where they differ, trafilatura's
slower reading are all taken from it.
"""

from __future__ import annotations

from html import escape

from feedwatch.extract.blocks import Block, agree, overlap, without_furniture
from feedwatch.extract.density import dense_blocks
from feedwatch.markup import bounded_html, sanitise
from feedwatch.text import one_line, xml_legal
from feedwatch.xmltree import Element, html_tree, outer_html, text_of

#: More text than this holds no article; the cost of reading grows with the page.
MAX_PAGE_CHARS = 3_000_000
MAX_PAGE_TAGS = 30_000
#: Found by fuzzing: pages that are hardly HTML trip the library; for us they hold no article.
_FAULTS = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError)


def page_tree(html: str) -> Element | None:
    """The page as a tree, bounded; None when there is nothing that a parser makes a tree of."""
    bounded = bounded_html(xml_legal(html), MAX_PAGE_CHARS, MAX_PAGE_TAGS)
    if not bounded.strip():
        return None
    return html_tree(bounded)


def main_html(tree: Element | None, url: str | None) -> str:
    """The article of the page as sanitised HTML, without navigation, comments and related articles; "" without one."""
    if tree is None:
        return ""
    return sanitise("".join(block.html for block in without_furniture(_article(tree))), url)


def _article(tree: Element) -> list[Block]:
    """The blocks of the article, by two opinions, and by the library's whole cascade where these differ much."""
    dense = dense_blocks(tree)
    first = _library_blocks(tree, fast=True)
    common = overlap(first, dense)
    if common.is_doubtful:
        first = _library_blocks(tree, fast=False)
        common = overlap(first, dense)
    return agree(first, dense, common)


def _library_blocks(tree: Element, *, fast: bool) -> list[Block]:
    # At the first page: 8 MB that a program with nothing to read does without.
    import trafilatura  # noqa: PLC0415
    from trafilatura.htmlprocessing import convert_to_html  # noqa: PLC0415

    try:
        found = trafilatura.bare_extraction(
            # Without the page's address, with which it resolves links wrongly; `sanitise` does that.
            tree,
            fast=fast,
            include_comments=False,
            include_tables=True,
            # With images come the captions of other boxes; the page's own image is among its facts.
            include_images=False,
            include_links=True,
            include_formatting=True,
            output_format="html",
            # Metadata would bring htmldate, which guesses dates from any figure on the page.
            with_metadata=False,
        )
        body = None if found is None or isinstance(found, dict) else found.body
        if body is None:
            return []
        convert_to_html(body)
    except _FAULTS:
        return []
    return [block for child in body for block in (_block(child), _tail(child)) if block is not None]


def _block(element: Element) -> Block | None:
    parts = element.iter("li", "tr") if element.tag in {"ul", "ol", "table"} else (element,)
    text = "\n".join(line for part in parts if (line := one_line(text_of(part))))
    return Block(text, outer_html(element)) if text else None


def _tail(element: Element) -> Block | None:
    text = one_line(element.tail or "")
    return Block(text, f"<p>{escape(text)}</p>") if text else None
