"""HTML: an article's page is one item, a page that lists articles is one teaser for each."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import replace
from datetime import datetime

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Item, Person, Selectors
from feedwatch.parse.feed import MAX_ITEMS, collect
from feedwatch.parse.head import Head, headline, own_link, page_tree, read_head, site_name
from feedwatch.parse.listing import chars_of, find_teasers
from feedwatch.parse.nextpage import next_page
from feedwatch.parse.nodes import to_url
from feedwatch.parse.selected import selected_teasers
from feedwatch.parse.told import told_teasers
from feedwatch.soup import Soup, parse_html
from feedwatch.text import one_line, weigh
from feedwatch.xmltree import Element, text_of

#: Characters of running text in one place that make a page an article whatever stands beside it.
ARTICLE_CHARS = 800
#: Of the page's text that the headlines with their summaries must make up.
LIST_SHARE = 0.3
#: A paragraph, not a caption or a button.
_PARAGRAPH_CHARS = 80
_BARE_TEXT = frozenset(("div", "td", "article", "section", "main", "body", "font", "center", "blockquote"))


def read_page(text: str, *, url: str | None, locator: str, seen_at: datetime | None = None) -> Parsed:
    """The page as one item of shape "page", or the headlines of a listing page as items of shape "teaser".

    Without `url` (a saved page) relative links are resolved against what the page says of itself. `seen_at` is when
    it was fetched.
    """
    tree = page_tree(text)
    head = read_head(tree, to_url(url))
    if _prose(tree) < _enough(head):
        # Only lists need the tree that can be searched in all directions: it takes twenty times as long to build.
        soup = parse_html(text)
        teasers = find_teasers(soup, head, locator, seen_at)
        if teasers and chars_of(teasers) >= LIST_SHARE * _length(soup):
            return collect(teasers[:MAX_ITEMS], len(teasers))
    return Parsed(items=(_page(tree, text, head, locator),))


def read_listing(
    text: str,
    *,
    url: str | None,
    locator: str,
    selectors: Selectors | None,
    only_lists: bool = False,
    seen_at: datetime | None = None,
) -> Parsed:
    """The teasers of a page that a person named as a list, found by `selectors` or else by their shape.

    A page without a list is one item if it is an article: some sites put all they have on one page. With
    `only_lists` it is an error: where a list was before, an article is no news but a notice of maintenance.

    Raises:
        ParseError: it is neither; says what was looked for.

    """
    tree = page_tree(text)
    head = read_head(tree, to_url(url))
    soup = parse_html(text)
    if selectors is not None:
        items, problems = selected_teasers(soup, head, selectors, locator)
        return collect(items, len(items), problems)
    teasers, prose = find_teasers(soup, head, locator, seen_at), _prose(tree)
    if teasers and (prose < ARTICLE_CHARS or prose <= 2 * chars_of(teasers)):
        return collect(teasers[:MAX_ITEMS], len(teasers))
    if prose >= ARTICLE_CHARS and not only_lists:
        return Parsed(items=(_page(tree, text, head, locator),))
    if told := told_teasers(tree, head, locator):
        return collect(told[:MAX_ITEMS], len(told))
    cure = "is it built by scripts, an error page, or a login? name the list with selectors, or look for a feed"
    raise ParseError(locator, f"shows no list of articles and no article ({cure})")


def next_address(text: str, url: str | None) -> str | None:
    """The address of the page after this one in its list; None on the last."""
    return next_page(parse_html(text), read_head(page_tree(text), to_url(url)))


def _page(tree: Element, text: str, head: Head, locator: str) -> Item:
    link = own_link(head)
    author = head.meta("author", "article:author", "dc.creator")
    title = headline(tree, head)
    return Item(
        shape="page",
        locator=locator,
        position=0,
        link=link,
        title=html.escape(title, quote=False),
        summary=html.escape(head.meta("og:description", "description", "twitter:description"), quote=False),
        content=text,
        published_at=parse_date(head.meta("article:published_time", "datePublished", "og:published_time")),
        updated_at=parse_date(head.meta("article:modified_time", "dateModified", "og:updated_time")),
        authors=(Person(name=author),) if author and "://" not in author else (),
        image=to_url(head.meta("og:image", "og:image:url", "twitter:image"), head.base),
        language=head.language,
        base_url=head.base or link,
        origin=replace(head.origin, title=site_name(head, title)),
    )


def _prose(tree: Element) -> int:
    """Characters of running text in the place of the page that has most of it."""
    prose: Counter[Element] = Counter()
    for paragraph in tree.iter("p"):
        text = one_line(text_of(paragraph, " "))
        around = paragraph.getparent()
        length = weigh(text)
        if length < _PARAGRAPH_CHARS or around is None:
            continue
        linked = sum(weigh(text_of(anchor)) for anchor in paragraph.iter("a"))
        if linked * 3 < length:
            prose[around] += length
    # Old pages write their paragraphs as bare text between line breaks.
    for element in tree.iter(*_BARE_TEXT):
        bare = (element.text, *(child.tail for child in element))
        prose[element] += sum(weigh(one_line(text)) for text in bare if text and weigh(text) >= _PARAGRAPH_CHARS)
    return max(prose.values(), default=0)


def _enough(head: Head) -> int:
    """How much running text makes the page an article."""
    says_so = head.meta("og:type").lower() == "article" or bool(head.meta("article:published_time"))
    return ARTICLE_CHARS // 4 if says_so else ARTICLE_CHARS


def _length(soup: Soup) -> int:
    return weigh(one_line(soup.body.get_text(" "))) if soup.body is not None else 0
