"""Headlines beside a text as items of their own."""

from __future__ import annotations

import html

from feedwatch.model import Article, Category, Item
from feedwatch.text import digest, fold_plain


def teaser_items(article: Article, locator: str) -> list[Item]:
    """An item for each headline beside the article's text, with the line above it as tag.

    A headline without an address is known by its words: the same one beside many texts of a source is one item.
    """
    return [
        Item(
            shape="teaser",
            locator=locator,
            position=position,
            guid=None if teaser.url else digest("teaser", fold_plain(teaser.title)),
            link=teaser.url,
            title=html.escape(teaser.title, quote=False),
            categories=(Category(term=teaser.label),) if teaser.label else (),
            language=article.language,
            origin=article.origin,
        )
        for position, teaser in enumerate(article.teasers, start=1)
        if teaser.title != article.title
    ]
