"""The article in a whole HTML page.

The page becomes a tree once; the facts and both opinions on its text (`density`, `library`) are taken from it, and
`blocks` makes one of the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from feedwatch.bounds import MAX_PAGE_CHARS, bounded_html
from feedwatch.extract.blocks import Block, agree, overlap, without_furniture
from feedwatch.extract.density import dense_blocks
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.markup import sanitise
from feedwatch.text import xml_legal
from feedwatch.xmltree import Element, count_elements, drop_elements, html_tree

#: Those beyond so many are not what is around a page.
_MAX_WRAPPERS = 20
_MAX_BOXES = 100
_BOXES = ("div", "section", "ul", "ol", "details")
_BOX = re.compile(
    r"(?:^|\s)(?:qc-cmp|onetrust|didomi|cybotcookiebot|usercentrics|sp_message|fc-consent|tarteaucitron|axeptio|truste|"
    r"cmplz|borlabs|iubenda|moove_gdpr|cli-|cc-window|cky-|cmpbox|cookie-?(?:notice|banner|consent|wall|law|bar|modal)|"
    r"consent-?(?:banner|modal|wall|overlay|manager|popup)|gdpr-|"
    r"jp-relatedposts|yarpp|crp_related|rpbt_|related-?_?-?(?:posts?|articles?|stories|news|entries)(?:$|[\s_-])|"
    r"elementor-widget-(?:posts|loop|share|post-navigation|author-box)|outbrain|ob-widget|taboola|trc_|zergnet|mgid|"
    r"(?:donat(?:e|ion)s?|newsletter|subscri(?:be|ption)|membership)[_-]{1,2}(?:box|banner|block|cta|prompt|promo|card|form)|"
    r"articles-?(?:lies|similaires|associes)|a-lire-aussi|lire-aussi|read-?also|recommended-(?:posts|articles|stories))",
    re.IGNORECASE,
)
_HEADING = re.compile(r"<h\d\b")
#: What neither opinion reads: the fewer elements, the faster both are.
_NEVER_TEXT = (
    *("script", "style", "svg", "iframe", "noscript", "template", "object", "embed", "canvas", "select", "textarea"),
    *("button", "link", "input", "video", "audio", "map", "dialog", "nav", "aside", "footer", "menu"),
)


@dataclass(frozen=True, slots=True)
class MainText:
    """What was taken for the article of a page."""

    #: Sanitised; "" when there is none.
    html: str
    #: Lines that stood in the article and in most documents of the source: they are cut.
    repeated: tuple[str, ...] = ()


def page_tree(html: str) -> Element | None:
    """The page as a tree, bounded; None when there is nothing that a parser makes a tree of."""
    bounded = bounded_html(xml_legal(html[:MAX_PAGE_CHARS]))
    if not bounded.strip():
        return None
    tree = html_tree(bounded)
    return None if tree is None else _without_wrappers(tree)


def _without_wrappers(tree: Element) -> Element:
    """The page with what is around most of it as an ordinary box: a form (ASP.NET's pages), a `noscript` left open."""
    wrappers = list(islice(tree.iter("form", "noscript"), _MAX_WRAPPERS))
    most = count_elements(tree) / 2 if wrappers else 0
    for wrapper in wrappers:
        if count_elements(wrapper) > most:
            wrapper.tag = "div"
    return tree


def main_text(tree: Element | None, url: str | None, repeats: Repeats = NO_REPEATS) -> MainText:
    """The article of the page without navigation, comments, related articles and what `repeats` knows of its source.

    The tree is used up: whatever else is wanted of it is to be read before.
    """
    if tree is None:
        return MainText("")
    blocks = without_furniture(_article(tree))
    # The headings of a report are the same in each of a kind, and no furniture.
    often = {place for place in repeats.blocks([b.text for b in blocks]) if not _HEADING.match(blocks[place].html)}
    return MainText(
        sanitise("".join(block.html for place, block in enumerate(blocks) if place not in often), url),
        tuple(line for place in sorted(often) for line in blocks[place].text.split("\n")),
    )


def _without_boxes(tree: Element) -> str:
    """Drop what asks for consent, and lists of other articles, whose sentences are as dense as an article's.

    Returns the classes and ids of all boxes.
    """
    known: dict[str, bool] = {}
    boxes = []
    for element in tree.iter(*_BOXES):
        names = f"{element.get('class', '')}\n{element.get('id', '')}"
        if names not in known:
            known[names] = bool(_BOX.search(names))
        if known[names]:
            boxes.append(element)
    if 0 < len(boxes) <= _MAX_BOXES:
        most = count_elements(tree) * 2 / 3
        for box in boxes:
            if box.find(".//h1") is None and count_elements(box) < most:
                box.tag = "template"
        drop_elements(tree, ("template",))
    return "\n".join(known)


def _article(tree: Element) -> list[Block]:
    """The blocks of the article, by two opinions, and by the library's whole cascade where these differ much."""
    drop_elements(tree, _NEVER_TEXT)
    names = _without_boxes(tree)
    # At the first page: 8 MB that a program with nothing to read does without.
    from feedwatch.extract.library import Library  # noqa: PLC0415

    dense = dense_blocks(tree)
    library = Library(tree, names)
    first = library.by_rules()
    common = overlap(first, dense)
    if common.is_doubtful:
        first = library.by_all_means()
        common = overlap(first, dense)
    return agree(first, dense, common)
