"""The owner of trafilatura: its reading of a page by rules, and its whole cascade where that is in doubt.

The rules are the library's own, run as it runs them. What it does besides (copies for a comparison with other
extractors, a second reading for recall) costs as much again, and our second opinion (`density`) mostly stands in for
it; so the cascade runs only where the two differ.
"""

from __future__ import annotations

from copy import copy
from html import escape

import trafilatura
from trafilatura.htmlprocessing import convert_tags, convert_to_html, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import DEFAULT_CONFIG, Extractor
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH

from feedwatch.extract.blocks import Block
from feedwatch.text import one_line
from feedwatch.xmltree import Element, outer_html, text_of

#: Found by fuzzing: pages that are hardly HTML trip the library; for us they hold no article.
_FAULTS = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError)


#: Pieces of names without which the library's costly expressions find nothing.
_PRUNED = (
    (("infinite", "mvp-post-add", "elementor-share-buttons"), RAW_TREE_PRUNE_XPATH),
    (("omment", "comol", "disqus", "dsq-comments"), REMOVE_COMMENTS_AND_LISTS_XPATH),
)


class Library:
    """The library's opinions on one page. The tree is used up; `names` are the classes and ids of its boxes."""

    def __init__(self, tree: Element, names: str) -> None:
        self._tree = tree
        self._names = names
        self._spare = copy(tree)

    def by_rules(self) -> list[Block]:
        """What the rules find; to be asked once."""
        options = _options()
        try:
            # As `trafilatura.core.trafilatura_sequence` begins.
            tree = self._tree
            for pieces, expressions in _PRUNED:
                if any(piece in self._names for piece in pieces):
                    tree = prune_unwanted_nodes(tree, expressions)
            body, _ = extract_content(convert_tags(tree_cleaning(tree, options), options), options)
            return _blocks(body)
        except _FAULTS:
            return []

    def by_all_means(self) -> list[Block]:
        """What the whole cascade finds: several times as slow."""
        try:
            found = trafilatura.bare_extraction(self._spare, options=_options())
            return [] if found is None or isinstance(found, dict) or found.body is None else _blocks(found.body)
        except _FAULTS:
            return []


def _options() -> Extractor:
    return Extractor(
        config=DEFAULT_CONFIG,
        # Without the page's address, with which the library resolves links wrongly; `sanitise` does that.
        url=None,
        output_format="html",
        comments=False,
        tables=True,
        # With images come the captions of other boxes; the page's own image is among its facts.
        images=False,
        links=True,
        formatting=True,
        # Metadata would bring htmldate, which guesses dates from any figure on the page.
        with_metadata=False,
    )


def _blocks(body: Element) -> list[Block]:
    convert_to_html(body)
    return [block for child in body for block in (_block(child), _tail(child)) if block is not None]


def _block(element: Element) -> Block | None:
    parts = element.iter("li", "tr") if element.tag in {"ul", "ol", "table"} else (element,)
    text = "\n".join(line for part in parts if (line := one_line(text_of(part))))
    return Block(text, outer_html(element)) if text else None


def _tail(element: Element) -> Block | None:
    text = one_line(element.tail or "")
    return Block(text, f"<p>{escape(text)}</p>") if text else None
