"""Which items have so little text of their own that the page behind them is fetched for it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from feedwatch.model import Article, Item, Source
from feedwatch.text import one_line
from feedwatch.urls import path_words

#: A feed that gives articles in full rarely has shorter ones; summaries rarely are longer.
THIN_CHARS = 700
#: An item of its own text is whole at this length, unless it says that it goes on.
WHOLE_CHARS = 2_500
#: What stands at the end of a text that goes on elsewhere, in the languages of the packs.
_GOES_ON = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\(…\)|\(\.\.\.\)|&hellip;|»»|→|"
    r"(?:read|see|view) (?:more|on|the (?:full|rest|whole)[\w ]{0,20})|full (?:story|article)|"
    r"continue reading[\w :’'-]{0,80}|"
    r"lire (?:la suite|plus|l[’']article[\w ]{0,20})|en savoir plus|la suite (?:ici|sur)[\w .]{0,40}|"
    r"leia mais|ler mais|saiba mais|continue a ler|continuar a ler|leer más|seguir leyendo|continuar leyendo|"
    r"ci gaba da karat\w+|karanta (?:cikakke\w*|ƙari|kari)|"
    r"(?:اقرأ|إقرأ|اقرا) (?:المزيد|أيضا|أيضًا)|المزيد|للمزيد|تابع القراءة|تتمة المقال)[\s.…»›>→\])]*$",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|zip|gz|mp3|m4a|ogg|opus|wav|mp4|webm|mov|avi|jpe?g|png|gif|webp|svg)$",
    re.IGNORECASE,
)


def wants_page(source: Source, item: Item, article: Article) -> bool:
    """Whether the page behind an item is to be fetched for the article's text.

    With `full_text = "auto"` that is so for headlines, and for entries of a feed whose text is shorter than
    THIN_CHARS, or shorter than WHOLE_CHARS and says at its end that it goes on elsewhere, or is shorter than
    that and only a summary (the item has no content of its own). Podcasts and videos are whole as they are.
    """
    if source.full_text == "never" or item.shape not in ("entry", "teaser") or not _is_page(article.url):
        return False
    if source.full_text == "always" or item.shape == "teaser":
        return True
    if any((one.media_type or "").startswith(("audio", "video")) for one in article.enclosures):
        return False
    chars = len(article.body)
    if chars >= WHOLE_CHARS:
        return False
    only_summary = not item.content or one_line(item.content) == one_line(item.summary)
    return chars < THIN_CHARS or (only_summary and chars < WHOLE_CHARS) or bool(_GOES_ON.search(article.body[-200:]))


def _is_page(url: str | None) -> bool:
    """Whether the address may lead to an article: no home page, no file of another kind."""
    if url is None:
        return False
    parts = urlsplit(url)
    return (parts.path not in ("", "/") or bool(parts.query)) and not _FILE.search(parts.path)


def with_page_text(own: Article, page: Article) -> Article:
    """The article with the text of its page; what the source itself says of it goes before what the page says."""
    tags = {tag.casefold(): tag for tag in (*page.tags, *own.tags)}
    return replace(
        own,
        title=_title(own, page),
        body=page.body,
        html=page.html,
        summary=own.summary or page.summary,
        language=page.language,
        languages=page.languages,
        published_at=own.published_at or page.published_at,
        source_updated_at=own.source_updated_at or page.source_updated_at,
        authors=own.authors or page.authors,
        tags=tuple(tags[key] for key in dict.fromkeys(tag.casefold() for tag in (*own.tags, *page.tags)))[:50],
        image=own.image or page.image,
        tail=page.tail,
        provenance=_provenance(own, page),
    )


def _provenance(own: Article, page: Article) -> tuple[tuple[str, str], ...]:
    """The source's own places, and which lines were cut from the text: that is the page's."""
    kept = [pair for pair in own.provenance if pair[0] != "repeated"]
    return tuple(sorted([*kept, *(pair for pair in page.provenance if pair[0] == "repeated")]))


def _title(own: Article, page: Article) -> str:
    """The source's title, unless it is cut short or made of the address."""
    bare = own.title.rstrip(" .…")
    is_cut = bare != own.title and own.title.endswith(("…", "...")) and page.title.startswith(bare)
    return page.title if is_cut or own.title == path_words(own.url) else own.title
