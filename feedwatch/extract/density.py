"""A second opinion on where the article of a page is: where prose is dense and links are few.

Every paragraph gives points to the elements around it, names of classes help a little, and the element with the most
points is the article, with those of its siblings that hold prose too (the idea of Arc90's Readability). Nothing is
cut out of the tree, so it can be read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from feedwatch.extract.blocks import Block
from feedwatch.text import one_line
from feedwatch.xmltree import Element, outer_html, text_of

#: A page of less text is read again with everything that is not plainly invisible.
ENOUGH_CHARS = 250
_PARAGRAPH_CHARS = 25
#: Running text between line breaks that makes its container a paragraph.
_BARE_CHARS = 140
_SIBLING_CHARS = 80
_MANY_COMMAS = 10
#: Of so many elements with the most points, so many that have nearly as many as the first are parts of one article.
_LEADING = 5
_EQUALS = 3
_NEARLY = 0.75


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DROPPED = _names(
    "script style noscript nav aside footer form button iframe svg template select textarea object embed input link "
    "head menu dialog canvas math map audio video"
)
_BLOCKS = _names(
    "p div section article main ul ol li table tbody thead tfoot tr td th blockquote pre h1 h2 h3 h4 h5 h6 figure "
    "figcaption dl dt dd header hr details summary address center hgroup caption"
)
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
_NEVER_UNLIKELY = _names("a article body main html p td h1")
_PARAGRAPHS = _names("p td pre section blockquote div li dd h2 h3 h4 h5 h6")
_CLEANED = _names("div ul ol table section header dl")
_HIDDEN_ROLES = _names("menu menubar complementary navigation alert alertdialog dialog")
#: A theme without a sidebar says so in its classes, too, and Elementor, which builds pages, calls every part a widget.
_UNLIKELY = re.compile(
    r"-ad-|ad-break|banner|breadcrumb|combx|comment|community|consent|cookie|cover-wrap|disqus|extra|footer|gdpr|"
    r"header|legends|menu|(?<!no-)(?<!sub-)nav|pager(?!ow)|pagination|popup|promo|related|remark|replies|rss|share|"
    r"shoutbox|(?<!no-)(?<!has-)(?<!with-)sidebar|skyscraper|social|sponsor|subscribe|supplemental|tags|teaser|"
    r"tooltip|(?<!elementor-)widget|newsletter",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"and|article|body|column|content|main|shadow|story|text|entry|post", re.IGNORECASE)
_POSITIVE = re.compile(r"article|body|content|entry|hentry|main|page|post|text|blog|story", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"-ad-|hidden|(?:^| )hid(?:$| )|banner|combx|comment|com-|contact|footer|gdpr|masthead|media|meta|outbrain|promo|"
    r"related|scroll|share|shoutbox|(?<!no-)(?<!has-)(?<!with-)sidebar|skyscraper|sponsor|shopping|tags|"
    r"(?<!elementor-)widget|author|byline|newsletter|caption",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_FULL_STOP = re.compile(r"[.!?…](?: |$)")
_BASE_POINTS = {
    **dict.fromkeys(("div", "article", "main"), 5.0),
    **dict.fromkeys(("section", "pre", "td", "blockquote"), 3.0),
    **dict.fromkeys(("address", "ol", "ul", "dl", "dd", "dt", "li"), -3.0),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "th"), -5.0),
}


@dataclass(slots=True)
class _Node:
    """An element of the page with what stands below it."""

    element: Element
    name: str
    #: Place of the element around it; -1 for the body.
    parent: int
    #: The place after the last element below it.
    end: int = 0
    chars: int = 0
    linked_chars: int = 0
    #: Characters directly in it, not in an element below.
    bare_chars: int = 0
    commas: int = 0
    paragraphs: int = 0
    images: int = 0
    holds_blocks: bool = False
    points: float | None = None
    #: Left out with all below it; the text behind it stays.
    is_cut: bool = False

    @property
    def link_density(self) -> float:
        return self.linked_chars / self.chars if self.chars else 0.0


def dense_blocks(tree: Element) -> list[Block]:
    """The blocks of the page's article by the density of its prose; empty without any."""
    found = _read(tree, strict=True)
    if sum(len(block.text) for block in found) >= ENOUGH_CHARS:
        return found
    return max(found, _read(tree, strict=False), key=lambda blocks: sum(len(block.text) for block in blocks))


def _read(tree: Element, *, strict: bool) -> list[Block]:
    nodes = _nodes(tree, strict=strict)
    _sum_up(nodes)
    _give_points(nodes)
    chosen = _article(nodes)
    for place in chosen:
        _cut_furniture(nodes, place)
    return [block for place in chosen for block in _blocks(nodes, place)]


def _nodes(tree: Element, *, strict: bool) -> list[_Node]:
    """The visible elements in document order; `strict` leaves out those whose class speaks of furniture."""
    body = tree.find(".//body")
    root = tree if body is None else body
    nodes = [_Node(element=root, name="body", parent=-1)]
    places: dict[Element, int] = {root: 0}
    # A page has few classes, and many elements of each.
    known: dict[str | None, tuple[bool, bool]] = {None: (False, False)}
    for element in root.iterdescendants():
        around = element.getparent()
        parent = places.get(around) if around is not None else None
        if parent is None:
            continue
        name = str(element.tag)
        is_hidden = name in _DROPPED or (
            bool(element.attrib)
            and (_is_invisible(element) or (strict and name not in _NEVER_UNLIKELY and _is_unlikely(element, known)))
        )
        if is_hidden:
            nodes.append(_Node(element=element, name="", parent=parent, is_cut=True))
            continue
        places[element] = len(nodes)
        nodes.append(_Node(element=element, name=name, parent=parent))
    return nodes


def _is_invisible(element: Element) -> bool:
    style = element.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    attributes = element.attrib
    return "hidden" in attributes or element.get("aria-hidden") == "true" or element.get("role") in _HIDDEN_ROLES


def _is_unlikely(element: Element, known: dict[str | None, tuple[bool, bool]]) -> bool:
    """Whether the words of class and id speak of furniture, and of nothing else."""
    names, own = element.get("class"), element.get("id")
    unlikely, likely = known[names] if names in known else known.setdefault(names, _read_names(names or ""))
    if own is not None:
        others = _read_names(own)
        unlikely, likely = unlikely or others[0], likely or others[1]
    return unlikely and not likely


def _read_names(names: str) -> tuple[bool, bool]:
    return bool(_UNLIKELY.search(names)), bool(_LIKELY.search(names))


def _sum_up(nodes: list[_Node]) -> None:
    """Count characters, links and paragraphs from the leaves up."""
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if node.end <= place:
            node.end = place + 1
        text = None if node.is_cut else node.element.text
        if text and (length := len(text.strip())):
            node.chars += length
            node.bare_chars += length
            node.commas += text.count(",") + text.count("،")
        if node.name == "a":
            node.linked_chars = node.chars
        if node.parent >= 0:
            _add_to(nodes[node.parent], node)


def _add_to(around: _Node, node: _Node) -> None:
    around.end = max(around.end, node.end)
    around.chars += node.chars
    around.linked_chars += node.linked_chars
    around.commas += node.commas
    around.paragraphs += node.paragraphs + (node.name == "p")
    around.images += node.images + (node.name == "img")
    around.holds_blocks = around.holds_blocks or node.holds_blocks or node.name in _BLOCKS
    tail = node.element.tail
    if tail and (length := len(tail.strip())):
        around.chars += length
        around.bare_chars += length
        around.commas += tail.count(",") + tail.count("،")


def _give_points(nodes: list[_Node]) -> None:
    """Each paragraph gives its points to what is around it, less with each step."""
    for place, node in enumerate(nodes):
        is_bare = node.holds_blocks and node.name in _PARAGRAPHS and node.bare_chars >= _BARE_CHARS
        if not is_bare and (node.holds_blocks or node.name not in _PARAGRAPHS):
            continue
        if node.chars < _PARAGRAPH_CHARS or node.linked_chars > 0.5 * node.chars:
            continue
        points = 1 + min(node.chars / 100, 3) + min(node.commas, 10)
        # A cell of a layout table holds a text of its own, parted by line breaks.
        around = place if is_bare or (node.name == "td" and node.bare_chars >= _BARE_CHARS) else node.parent
        for share in (1, 1 / 2, 1 / 6):
            if around < 0:
                break
            other = nodes[around]
            if other.points is None:
                other.points = _BASE_POINTS.get(other.name, 0.0) + _class_points(other.element)
            other.points += points * share
            around = other.parent
    for node in nodes:
        if node.points is not None:
            node.points *= 1 - node.link_density


def _class_points(element: Element) -> int:
    points = 0
    for name in ("class", "id"):
        if value := element.get(name):
            points += 25 * bool(_POSITIVE.search(value)) - 25 * bool(_NEGATIVE.search(value))
    return points


def _article(nodes: list[_Node]) -> list[int]:
    """The places of the element with the most points and of its siblings that belong to it."""
    pointed = [place for place, node in enumerate(nodes) if node.points is not None]
    if not pointed:
        return []
    best = _widened(nodes, _common(nodes, pointed))
    around = nodes[best].parent
    if around < 0:
        return [best]
    most = nodes[best].points or 0.0
    kind = nodes[best].element.get("class")
    return [place for place in _children(nodes, around) if place == best or _belongs(nodes[place], most, kind)]


def _common(nodes: list[_Node], pointed: list[int]) -> int:
    """The element with the most points, or the nearest one that holds it and others with nearly as many."""
    leading = sorted(pointed, key=lambda place: (-(nodes[place].points or 0.0), place))[:_LEADING]
    best = leading[0]
    enough = _NEARLY * (nodes[best].points or 0.0)
    equals = [place for place in leading[1:] if (nodes[place].points or 0.0) >= enough]
    around = nodes[best].parent
    while around > 0:
        if sum(around < place < nodes[around].end for place in equals) >= _EQUALS:
            return around
        around = nodes[around].parent
    return best


def _widened(nodes: list[_Node], best: int) -> int:
    """The element, or one around it that has more points or holds nothing else."""
    last = nodes[best].points or 0.0
    around = nodes[best].parent
    while around > 0 and (points := nodes[around].points) is not None and points >= last / 3:
        if points > last:
            best = around
            break
        last, around = points, nodes[around].parent
    while nodes[best].parent > 0 and len(nodes[nodes[best].parent].element) == 1:
        best = nodes[best].parent
    return best


def _belongs(node: _Node, most: float, kind: str | None) -> bool:
    bonus = 0.2 * most if kind and node.element.get("class") == kind else 0.0
    if (node.points or 0.0) + bonus >= max(10.0, 0.2 * most):
        return True
    if not node.chars or (node.name != "p" and (node.name != "div" or node.holds_blocks)):
        return False
    if node.chars > _SIBLING_CHARS:
        return node.link_density < 0.25
    return node.linked_chars == 0 and bool(_FULL_STOP.search(text_of(node.element)))


def _children(nodes: list[_Node], place: int) -> Iterator[int]:
    child = place + 1
    while child < nodes[place].end:
        yield child
        child = nodes[child].end


def _cut_furniture(nodes: list[_Node], place: int) -> None:
    """Mark the boxes within the article that hold links and pictures rather than prose."""
    inner = place + 1
    while inner < nodes[place].end:
        node = nodes[inner]
        is_box = node.name in _CLEANED and _is_furniture(node)
        node.is_cut = node.is_cut or is_box or (node.name in _HEADINGS and _class_points(node.element) < 0)
        inner = node.end if node.is_cut else inner + 1


def _is_furniture(node: _Node) -> bool:
    points = _class_points(node.element)
    if node.commas >= _MANY_COMMAS:
        # Prose, whatever its class says, unless it is a list of links.
        return points < 0 and node.link_density > 0.2
    if points < 0:
        return True
    is_list = node.name in {"ul", "ol"}
    if not is_list and node.chars < _PARAGRAPH_CHARS and (node.images == 0 or node.images > 2):
        return True
    return node.link_density > (0.2 if points < 25 else 0.5)


def _blocks(nodes: list[_Node], place: int) -> Iterator[Block]:
    """The paragraphs, headings, items and tables of an element in document order."""
    node = nodes[place]
    if node.is_cut:
        return
    if _is_block(node):
        yield from _block(_text(nodes, place), outer_html(node.element), node.name)
        return
    start = _SPACE.sub(" ", node.element.text or "")
    texts, html = [start], [escape(start)]
    for child in _children(nodes, place):
        inner = nodes[child]
        if inner.name in _BLOCKS or inner.holds_blocks:
            yield from _block("".join(texts), "".join(html))
            yield from _blocks(nodes, child)
            texts, html = [], []
        elif not inner.is_cut:
            texts.append(_text(nodes, child))
            html.append(outer_html(inner.element))
        tail = _SPACE.sub(" ", inner.element.tail or "")
        texts.append(tail)
        html.append(escape(tail))
    yield from _block("".join(texts), "".join(html))


def _is_block(node: _Node) -> bool:
    """Whether an element is one block: without others in it, or a table of figures."""
    if node.name == "table":
        return all(cell.find(".//p") is None and cell.find(".//table") is None for cell in node.element.iter("td"))
    return node.name in _BLOCKS and not node.holds_blocks


def _block(text: str, html: str, name: str = "") -> Iterator[Block]:
    lines = "\n".join(line for part in text.split("\n") if (line := one_line(part)))
    if lines:
        around = {"li": "ul", "": "p"}.get(name)
        yield Block(lines, f"<{around}>{html}</{around}>" if around else html)


def _text(nodes: list[_Node], place: int) -> str:
    """The text of an element without that of the elements left out; its own line ends are blanks."""
    node = nodes[place]
    if node.name == "br":
        return "\n"
    if node.is_cut:
        return ""
    parts = [_SPACE.sub(" ", node.element.text or "")]
    for child in _children(nodes, place):
        parts += (_text(nodes, child), _SPACE.sub(" ", nodes[child].element.tail or ""))
    text = "".join(parts)
    return f"{text}\n" if node.name == "tr" else f"{text} " if node.name in {"td", "th"} else text
