"""Atom entries and the document around them (RFC 4287): the Atom side of feedgen is driven here alone.

Traps of feedgen 1.0.0 that are closed here or in `extension`: `updated` of feed and entry is "now" unless
it is set; its generator carries its version, so that an upgrade would change every feed; a control
character, a lone surrogate or an entry with neither link nor content raises and would take the whole feed
along. feedgen renders each entry by itself and the feed without any; `rendering` joins them. The Atom side
keeps no state between feeds, so threads may render at the same time.
"""

from __future__ import annotations

from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedwatch.formats import MEDIA_TYPES
from feedwatch.model import FeedSpec
from feedwatch.publish.content import categories_of, text_of
from feedwatch.publish.extension import NAME, EntryExtension, FeedExtension
from feedwatch.publish.languages import language_tag
from feedwatch.publish.links import Links
from feedwatch.publish.values import (
    PROGRAM,
    authors_of,
    one_line,
    plain_references,
    published_at,
    web_iri,
)
from feedwatch.urls import is_iri
from feedwatch.views import FeedView, ViewEntry
from feedwatch.xmltree import cut, serialised


def frame(view: FeedView, links: Links, *, empty: bool) -> tuple[bytes, bytes]:
    """What stands before and after the entries.

    Raises:
        ValueError: the feed cannot be written.

    """
    if not is_iri(view.id):
        raise ValueError(f"its id {view.id!r} is no IRI")
    feed = FeedGenerator()
    feed.register_extension(NAME, FeedExtension, rss=False)
    feed.feedwatch.reasons = view.spec.reasons
    feed.feedwatch.history = links.history
    feed.feedwatch.is_archive = bool(view.archive)
    feed.id(view.id)
    feed.title(one_line(view.spec.title) or view.spec.id)
    feed.updated(view.updated_at)
    # No version: an upgrade must not change the bytes of every feed.
    feed.generator(PROGRAM)
    feed.link(href=links.self_url("atom"), rel="self", type=MEDIA_TYPES["atom"])
    feed.link(href=links.page_url, rel="alternate", type=MEDIA_TYPES["html"])
    if view.hub:
        feed.link(href=view.hub, rel="hub")
    if subtitle := one_line(view.spec.subtitle):
        feed.subtitle(subtitle)
    if lang := language_tag(view.spec.lang):
        feed.language(lang)
    if empty:
        # Every entry names an author; a feed without entries does it itself (section 4.1.1).
        feed.author({"name": PROGRAM})
    document: bytes = feed.atom_str(pretty=True)
    return cut(plain_references(document), b"</feed>")


def fragment(spec: FeedSpec, shown: ViewEntry) -> bytes:
    """One entry.

    Raises:
        ValueError: the entry cannot be written.

    """
    entry, article = shown.entry, shown.entry.article
    if not is_iri(shown.id):
        raise ValueError("its id is no IRI")
    url = web_iri(article.url)
    built = FeedEntry()
    built.register_extension(NAME, EntryExtension, rss=False)
    built.feedwatch.show(spec, shown)
    built.id(shown.id)
    title = one_line(article.title) or url or shown.id
    built.title(title)
    built.updated(entry.updated_at)
    built.published(published_at(entry))
    built.author(authors_of(article))
    if url:
        built.link(href=url)
    text = text_of(spec, entry, title=title, linked=url is not None)
    if text.html:
        built.content(text.html, type="html")
    if text.summary:
        built.summary(text.summary)
    _categorise(built, spec, shown)
    if rights := one_line(article.rights or ""):
        built.rights(rights)
    namespaces = FeedExtension().extend_ns()
    return plain_references(serialised(built.atom_entry(), namespaces))


def _categorise(built: Any, spec: FeedSpec, shown: ViewEntry) -> None:
    for category in categories_of(spec, shown.entry):
        fields = {"term": category.term, "scheme": category.scheme, "label": category.label}
        built.category({name: value for name, value in fields.items() if value})
