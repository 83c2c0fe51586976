"""Pages that list articles: the teasers among all the links, found by their shape (pure).

A teaser is a link whose text, or the heading beside it, reads like a headline; teasers of one list are
built alike. Menus, tag clouds, boxes of what is read most, page numbers and counts of comments are built
alike, too: they lack headlines, or stand in furniture, or repeat what the list has already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from urllib.parse import urlsplit

from feedwatch.model import Item
from feedwatch.parse.cards import (
    HEADINGS,
    CardText,
    heading_in,
    inner,
    line_card,
    read_card,
    teaser,
    title_of,
    unwritten_title,
)
from feedwatch.parse.events import is_event
from feedwatch.parse.head import Head, attribute
from feedwatch.parse.nodes import to_url
from feedwatch.soup import Soup, Tag
from feedwatch.text import count_words, fold_plain, one_line, weigh

#: A page with fewer headlines that are built alike is no list; sections of small papers have three or four.
MIN_TEASERS = 3
#: Links looked at; a page with more is no list that anybody reads.
MAX_LINKS = 12_000
_HEADLINE_CHARS = (15, 300)
_FEW_WORDS = 4
#: Of a headline's surroundings; deeper is the page's own frame.
_CARD_DEPTH = 8
#: Of the best list's points, what another list of the page must have to be read, too.
_SECOND_BEST = 0.45
#: Members of a list that are asked whether they announce events.
_LOOKED_AT = 20
#: Clocks and zones of publishers are wrong by less.
_SOON = timedelta(days=1)
_ENTRIES = frozenset(("article", "li", "main", "section"))
_FURNITURE = frozenset(("nav", "footer", "aside", "form", "noscript", "template", "select", "dialog"))
_BARE = frozenset((*HEADINGS, "dt", "a", "b", "strong"))
_BOLD = frozenset(("b", "strong"))
_CELLS = frozenset(("td", "th"))
_MAX_CELLS = 12
_LINES = frozenset(("li", "p", "dd"))
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|rtf)$", re.IGNORECASE)
_PAGE_TAGS = frozenset(("body", "html", "main", "[document]"))
#: Words in class and id of what stands around the content.
_AROUND = re.compile(
    r"(?:^|[-_\s])(?:side-?bar|widgets?|related|similar|popular|most-?(?:read|viewed|popular|commented)|trending|"
    r"top-?(?:stories|posts|news|10|5)|plus-?lus|les-plus|mas-?leid[oa]s?|mais-?lid[oa]s?|menus?|nav(?:bar|igation)?|"
    r"breadcrumbs?|foot(?:er)?|pagination|pager|tags?|tag-?cloud|share|social|comments?|partners?|promo|newsletter|"
    r"a-?la-?une-lien|ticker|cookie|lang(?:uage)?s?|submenu|topbar|toolbar)(?:$|[-_\s])",
    re.IGNORECASE,
)
_BOX_TITLE = re.compile(
    r"^\W*(?:(?:les )?(?:articles? )?(?:les )?plus (?:lus?|consultes?|populaires?|partages?|commentes?)|most (?:read|"
    r"popular|viewed|shared|commented)|trending(?: now)?|popular(?: posts)?|related(?: (?:posts|articles|stories))?|"
    r"(?:articles?|sujets) (?:similaires|lies|connexes|recommandes)|(?:a )?lire aussi|a ne pas manquer|"
    r"you may also like|recommended|mots?[- ]cles|tags?|etiquettes|archives?|lo mas (?:leido|visto)|mas leid[oa]s|"
    r"(?:as )?mais lidas?|"
    r"veja tambem|leia tambem|الاكثر (?:قراءة|مشاهدة|تداولا)|اقرا (?:ايضا|المزيد)|مواضيع (?:ذات صلة|مشابهة)|"
    r"an fi karantawa|wadanda aka fi karantawa)\W*$",
)
_MORE = re.compile(
    r"^\W*(?:(?:read|see|view|learn) more|more|continue reading|full story|details?|"
    r"lire(?: la suite| plus| l['’]article)?|"
    r"(?:en )?savoir plus|suite|la suite|voir(?: plus)?|leer(?: más| mas)?|seguir leyendo|ver más|leia mais|ler mais|"
    r"saiba mais|ver mais|اقرأ(?: المزيد| أيضا)?|المزيد|التفاصيل|ci gaba(?: da karatu)?|karanta(?: ƙari)?|"
    r"\d+\s*(?:comments?|commentaires?|comentarios?|comentários?|تعليقات?|réactions?|vues?|views?|min(?:utes?)?)?|"
    r"(?:no|leave a|add a|aucun|laisser un|sin|sem) (?:comments?|commentaires?|comentarios?|comentários?)|"
    r"(?:share|partager|imprimer|print|e?-?mail|facebook|twitter|whatsapp|telegram)\b.{0,20})\W*$",
    re.IGNORECASE,
)
_ARTICLE_PATH = re.compile(
    r"(?:[^/-]+-){3,}[^/]*|/\d{4}/\d{1,2}(?:/|$)|\d{5,}|article|story|%[0-9a-f]{2}.{20,}",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie|ia)|author|auteur|autor|etiquette|topics?|rubrique|page|login|wp-login|search|feed|"
    r"comments?)(?:/|$)|\.(?:jpe?g|png|gif|webp|svg|mp3|mp4|zip|css|js)$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Link:
    """All anchors of a page that lead to one address."""

    address: str
    anchors: list[Tag] = field(default_factory=list)
    #: By place in `anchors`: in a heading; in furniture by the words of class and id.
    in_heading: list[bool] = field(default_factory=list)
    around: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A headline with the element that holds it and nothing of another."""

    address: str
    anchor: Tag
    card: Tag
    text: CardText
    in_heading: bool
    around: bool


def find_teasers(soup: Soup, head: Head, locator: str, seen_at: datetime | None = None) -> list[Item]:
    """The teasers of the page's lists, in document order; none when it lists nothing.

    `seen_at` is when the page was fetched: what is mostly dated later announces events.
    """
    return [
        teaser(found.text, found.address, head, locator, position)
        for position, found in enumerate(_chosen(list(_candidates(soup, head)), head, seen_at))
    ]


# --- candidates -------------------------------------------------------------------------------------


def _candidates(soup: Soup, head: Head) -> Iterator[Found]:
    """Every link that has a headline, with its card."""
    links = _links(soup, head)
    shared = {id(tag) for tag in _shared(links)}
    heads = [link for link in links if _headline_anchor(link) is not None]
    inside: Counter[int] = Counter()
    for link in heads:
        inside.update({id(parent) for anchor in link.anchors for parent in _near(anchor)})
    for link in links:
        anchor = _headline_anchor(link)
        if anchor is None:
            if (found := _beside_heading(link, head, inside, shared)) is not None:
                yield found
            continue
        place = next(index for index, each in enumerate(link.anchors) if each is anchor)
        card = _card(anchor, inside)
        text = read_card(card, anchor, head.base, _followers(card, inside))
        yield Found(link.address, anchor, card, text, link.in_heading[place], link.around[place])


def _links(soup: Soup, head: Head) -> list[Link]:
    """The addresses that the page links to outside its furniture, in document order; its own left out."""
    links: dict[str, Link] = {}
    own = (head.url or "").partition("#")[0]
    for anchor, in_heading, around in islice(_anchors(soup), MAX_LINKS):
        href = attribute(anchor, "href")
        if href.lstrip().startswith("#"):
            continue
        address = (to_url(href, head.base) or "").partition("#")[0]
        if not address or address == own or (urlsplit(address).path in ("", "/") and not urlsplit(address).query):
            continue
        link = links.setdefault(address, Link(address))
        link.anchors.append(anchor)
        link.in_heading.append(in_heading)
        link.around.append(around)
    return list(links.values())


def _anchors(soup: Soup) -> Iterator[tuple[Tag, bool, bool]]:
    """The links outside the page's furniture in document order; whether in a heading, and in what stands around."""
    stack: list[tuple[Tag, bool, bool, bool]] = [(soup, False, False, False)]
    while stack:
        tag, in_heading, in_entry, around = stack.pop()
        # The page's own header is furniture; an entry's header is its headline.
        if tag.name in _FURNITURE or (tag.name == "header" and not in_entry):
            continue
        if tag.name == "a" and tag.has_attr("href"):
            yield tag, in_heading, around
        if not in_entry and tag.name not in _PAGE_TAGS:
            around = around or bool(_AROUND.search(f"{attribute(tag, 'class')} {attribute(tag, 'id')}"))
        in_heading, in_entry = in_heading or tag.name in HEADINGS, in_entry or tag.name in _ENTRIES
        children = [(child, in_heading, in_entry, around) for child in tag.children if isinstance(child, Tag)]
        stack.extend(reversed(children))


def _headline_anchor(link: Link) -> Tag | None:
    """The anchor that reads like a headline; the one in a heading, else the longest."""
    shortest, longest = _HEADLINE_CHARS
    best: tuple[int, bool, int, Tag] | None = None
    for place, anchor in enumerate(link.anchors):
        text = title_of(anchor)
        marked = link.in_heading[place] or heading_in(anchor) is not None
        length = weigh(text)
        if not (shortest if not marked else 4) <= length <= longest or _MORE.match(text):
            continue
        if not marked and (count_words(text) < _FEW_WORDS or _NO_ARTICLE.search(urlsplit(link.address).path)):
            continue
        rank = (int(marked), text != unwritten_title(anchor), length)
        if best is None or rank > best[:3]:
            best = (*rank, anchor)
    return best[3] if best else None


def _shared(links: Sequence[Link]) -> Iterator[Tag]:
    """Anchors of addresses that many places of the page link to with the same words: sections, authors."""
    for link in links:
        if len(link.anchors) >= MIN_TEASERS and len({one_line(each.get_text(" ")) for each in link.anchors}) == 1:
            yield from link.anchors


def _beside_heading(link: Link, head: Head, inside: Counter[int], shared: set[int]) -> Found | None:
    """A "read more" or a picture beside or below a heading that is no link itself."""
    anchor = link.anchors[-1]
    if id(anchor) in shared or _NO_ARTICLE.search(urlsplit(link.address).path):
        return None
    below = anchor
    for parent in islice(anchor.parents, 4):
        if parent.name in _PAGE_TAGS or inside[id(parent)]:
            break
        is_line = parent.name in _LINES and _DOCUMENT.search(urlsplit(link.address).path) is not None
        if is_line and (line := line_card(parent)) is not None:
            return Found(link.address, anchor, parent, line, True, link.around[-1])
        headings = list(inner(parent, HEADINGS, 3))
        # A headline and a lower heading below it, or one alone.
        if len(headings) == 1 or (len(headings) == 2 and headings[0].name < headings[1].name):
            return _headed(link, headings[0], parent, head, ())
        if headings:
            break
        if parent.name == "tr" and (cell := _told_cell(parent)) is not None:
            return _headed(link, cell, parent, head, ())
        below = parent
    heading = next((tag for tag in islice(_tags(below.previous_siblings), 5) if tag.name in HEADINGS), None)
    if heading is not None:
        return _headed(link, heading, heading, head, _followers(heading, inside))
    before = list(islice(_tags(anchor.previous_siblings), 5)) if _MORE.match(one_line(anchor.get_text(" "))) else []
    bold = next((place for place, tag in enumerate(before) if _is_bold(tag)), None)
    return _headed(link, before[bold], before[bold], head, before[:bold]) if bold is not None else None


def _tags(nodes: Iterable[object]) -> Iterator[Tag]:
    return (each for each in nodes if isinstance(each, Tag))


def _is_bold(tag: Tag) -> bool:
    """Whether an element is a headline in bold and nothing else, as old pages have them."""
    bold = next(inner(tag, _BOLD, 1), None) if tag.name not in _BOLD else tag
    text = one_line(tag.get_text(" "))
    return bold is not None and one_line(bold.get_text(" ")) == text and count_words(text) >= _FEW_WORDS


def _told_cell(row: Tag) -> Tag | None:
    """The cell of a table's row that is its headline: beside a link to a document that says only "Download"."""
    cells = [cell for cell in inner(row, _CELLS, _MAX_CELLS) if next(inner(cell, ("a",), 1), None) is None]
    longest = max(cells, key=lambda cell: len(one_line(cell.get_text(" "))), default=None)
    return longest if longest is not None and count_words(longest.get_text(" ")) >= _FEW_WORDS else None


def _headed(link: Link, heading: Tag, card: Tag, head: Head, followers: Sequence[Tag]) -> Found | None:
    text = read_card(card, heading, head.base, followers)
    if not 4 <= len(text.title) <= _HEADLINE_CHARS[1]:
        return None
    return Found(link.address, link.anchors[-1], card, text, True, link.around[-1])


def _near(anchor: Tag) -> Iterator[Tag]:
    """The elements around the link that may be its card, innermost first."""
    return (parent for parent in islice(anchor.parents, _CARD_DEPTH) if parent.name not in _PAGE_TAGS)


def _card(anchor: Tag, inside: Counter[int]) -> Tag:
    """The largest element around a headline that holds no other; of a list of terms, term and definition."""
    card = anchor
    for parent in _near(anchor):
        if inside[id(parent)] != 1:
            break
        card = parent
    return card


def _followers(card: Tag, inside: Counter[int]) -> list[Tag]:
    """What follows a bare headline and belongs to it: a definition, or paragraphs up to the next headline."""
    if card.name == "dd":
        return [before for before in islice(_tags(card.previous_siblings), 1) if before.name == "dt"]
    if card.name not in _BARE:
        return []
    following: list[Tag] = []
    for tag in islice(_tags(card.next_siblings), 4):
        if inside[id(tag)] or tag.name in HEADINGS or tag.name in ("dt", "hr"):
            break
        following.append(tag)
    return following


# --- lists ------------------------------------------------------------------------------------------


def _chosen(found: Sequence[Found], head: Head, seen_at: datetime | None) -> list[Found]:
    """The members of the page's lists: the best one, and others that are nearly as good."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    boxes: dict[int, bool] = {}
    for each in found:
        groups.setdefault((each.around, _in_box(each.card, boxes), *_shape(each)), []).append(each)
    rated = [
        (points, group) for key, group in groups.items() if (points := _points(group, head, seen_at, bool(key[1]))) > 0
    ]
    best = max((points for points, _ in rated), default=0.0)
    kept = {id(each) for points, group in rated if points >= _SECOND_BEST * best for each in group}
    chosen: dict[str, Found] = {}
    for each in found:
        if id(each) in kept:
            chosen.setdefault(each.address, each)
    return list(chosen.values()) if len(chosen) >= MIN_TEASERS else []


def _shape(found: Found) -> tuple[str, ...]:
    """How the headline is built in: the names of the tags around it, its heading's included."""
    names = [parent.name for parent in islice(found.anchor.parents, 4)]
    heading = heading_in(found.anchor)
    return (heading.name if heading is not None else "", *names)


def _in_box(card: Tag, known: dict[int, bool]) -> bool:
    """Whether the list stands under a title such as "Most read"; `known` remembers the answer of each element."""
    climbed: list[int] = []
    above, answer = card, False
    for _ in range(4):
        if id(above) in known:
            answer = known[id(above)]
            break
        climbed.append(id(above))
        first = next((each for each in _tags(above.parent.children)), None) if above.parent is not None else None
        for before in (next(_tags(islice(above.previous_siblings, 3)), None), first):
            if before is not None and before is not above and next(islice(before.descendants, 12, None), None) is None:
                answer = answer or bool(_BOX_TITLE.match(fold_plain(one_line(before.get_text(" "))[:80])))
        if answer or above.parent is None or above.parent.name in _PAGE_TAGS:
            break
        above = above.parent
    known.update(dict.fromkeys(climbed[1:], answer))
    return answer


def _points(group: Sequence[Found], head: Head, seen_at: datetime | None, in_box: bool) -> float:
    """How much a group looks like the list that the page is for; 0 for none."""
    if len(group) < MIN_TEASERS:
        return 0.0
    size = len(group)
    words = median(count_words(each.text.title) for each in group)
    headed = sum(each.in_heading or heading_in(each.anchor) is not None for each in group) / size
    dated = sum(each.text.published_at is not None for each in group) / size
    told = sum(bool(each.text.summary) for each in group) / size
    pictured = sum(each.text.image is not None for each in group) / size
    articles = sum(bool(_ARTICLE_PATH.search(each.address)) for each in group) / size
    at_home = sum(_same_site(each.address, head.url) for each in group) / size
    worth = 1 + 2 * headed + 2 * dated + 2 * told + 0.5 * pictured + articles + min(words, 12) / 6
    if group[0].around:
        worth *= 0.3
    if in_box or _announces(group[:_LOOKED_AT], seen_at):
        worth *= 0.15
    return float(worth * (0.3 + 0.7 * at_home) * min(size, 40) ** 0.5)


def _announces(group: Sequence[Found], seen_at: datetime | None) -> bool:
    """Whether most of a group are events: by what they say, or because they are yet to come, as no article is."""
    dates = [each.text.published_at for each in group if each.text.published_at is not None]
    coming = sum(date > seen_at + _SOON for date in dates) if seen_at is not None else 0
    return 2 * max(coming, sum(is_event(each.card, each.address) for each in group)) > len(group)


def _same_site(address: str, own: str | None) -> bool:
    """Whether the address is on the page's site, subdomains included; all are where that is not known."""
    if own is None:
        return True
    mine = (urlsplit(own).hostname or "").removeprefix("www.")
    other = (urlsplit(address).hostname or "").removeprefix("www.")
    return mine == other or other.endswith("." + mine) or mine.endswith("." + other)


def chars_of(items: Iterable[Item]) -> int:
    """What titles and summaries say together, as `text.weigh` counts it."""
    return sum(weigh(item.title) + weigh(item.summary) for item in items)
