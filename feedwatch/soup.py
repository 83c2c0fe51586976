"""The owner of bs4: pages as trees that CSS selectors find their way in.

Whoever imports this takes 2 MB more, so modules that all of the program needs do not.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bs4 import BeautifulSoup as Soup
from bs4 import Tag
from bs4.filter import SoupStrainer

from feedwatch.bounds import MAX_PAGE_CHARS, MAX_PAGE_TAGS, within

__all__ = ["Soup", "Tag", "parse_html"]

_XML_DECLARATION = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)


def parse_html(html: str, only: Collection[str] = ()) -> Soup:
    """The page as a tree (lxml's parser); `only` keeps the named elements and drops the rest, which is faster.

    What lies beyond MAX_PAGE_CHARS or MAX_PAGE_TAGS is not read.
    """
    # bs4 warns of text that looks like an address or like XML; both are read as HTML all the same.
    bounded = _XML_DECLARATION.sub("", within(html, MAX_PAGE_CHARS, MAX_PAGE_TAGS))
    markup = bounded if "<" in bounded else f"<p>{bounded}</p>"
    return Soup(markup, "lxml", parse_only=SoupStrainer(list(only)) if only else None)
