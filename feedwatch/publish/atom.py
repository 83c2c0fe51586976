"""An Atom document (RFC 4287) from a view: the one place that drives feedgen.

Traps of feedgen 1.0.0 that are closed here or in `extension`: `updated` of feed and entry is "now" unless
it is set; `add_entry` puts the newest last unless told to append; its generator carries its version, so
that an upgrade would change every feed; a control character, a lone surrogate or an entry with neither
link nor content raises and would take the whole feed along. The Atom side of feedgen keeps no state
between feeds (only its RSS side sets the process's locale), so threads may render at the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedwatch.errors import PublishError
from feedwatch.model import Article, FeedView, ViewEntry
from feedwatch.publish.content import categories_of, text_of
from feedwatch.publish.extension import NAME, EntryExtension, FeedExtension, language_tag, person_fields, web_iri
from feedwatch.text import one_line, xml_legal
from feedwatch.urls import is_iri

MEDIA_TYPE = "application/atom+xml"
PROGRAM = "feedwatch"

#: Called for each entry that could not be written with feed id, entry id and what was wrong.
OnSkip = Callable[[str, str, str], None]


def render_atom(view: FeedView, *, on_skip: OnSkip | None = None) -> bytes:
    """The view as an Atom document in UTF-8; equal views give equal bytes.

    An entry that cannot be written is left out and reported to `on_skip`; the others are published.

    Raises:
        PublishError: the feed itself cannot be written.

    """
    try:
        feed = _feed(view)
    except ValueError as error:
        raise PublishError(view.spec.id, f"cannot be written as Atom: {error}") from error
    for entry in view.entries:
        try:
            built = _entry(view, entry)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one entry, the others are published
            if on_skip:
                on_skip(view.spec.id, entry.id, f"{type(error).__name__}: {error}")
        else:
            feed.add_entry(built, order="append")
    if not feed.entry():
        # Every entry names an author; a feed without entries does it itself (section 4.1.1).
        feed.author({"name": PROGRAM})
    document: bytes = feed.atom_str(pretty=True)
    return document


def _feed(view: FeedView) -> Any:
    """Everything of the feed but its entries."""
    if not is_iri(view.id):
        raise ValueError(f"its id {view.id!r} is no IRI")
    feed = FeedGenerator()
    feed.register_extension(NAME, FeedExtension, EntryExtension, rss=False)
    feed.id(view.id)
    feed.title(one_line(view.spec.title) or view.spec.id)
    feed.updated(view.updated_at)
    # No version: an upgrade must not change the bytes of every feed.
    feed.generator(PROGRAM)
    feed.link(href=_address(view.self_url), rel="self", type=MEDIA_TYPE)
    feed.link(href=_address(view.home_url), rel="alternate", type="text/html")
    if subtitle := one_line(view.spec.subtitle):
        feed.subtitle(subtitle)
    if lang := language_tag(view.spec.lang):
        feed.language(lang)
    return feed


def _address(url: str) -> str:
    address = web_iri(url)
    if address is None:
        raise ValueError(f"{url!r} is no http address; correct base_url")
    return address


def _entry(view: FeedView, shown: ViewEntry) -> Any:
    """One entry, built at once so that a fault in it shows here and not in the whole feed."""
    entry, article = shown.entry, shown.entry.article
    if not is_iri(shown.id):
        raise ValueError("its id is no IRI")
    url = web_iri(article.url)
    built = FeedEntry()
    built.register_extension(NAME, EntryExtension, rss=False)
    built.feedwatch.show(view.spec, shown)
    built.id(shown.id)
    title = xml_legal(article.title).strip() or url or shown.id
    built.title(title)
    built.updated(entry.updated_at)
    built.published(article.published_at)
    built.author(_authors(article))
    if url:
        built.link(href=url)
    text = text_of(view.spec, entry, title=title, linked=url is not None)
    if text.html:
        built.content(text.html, type="html")
    if text.summary:
        built.summary(text.summary)
    for category in categories_of(entry):
        fields = {"term": category.term, "scheme": category.scheme, "label": category.label}
        built.category({name: value for name, value in fields.items() if value})
    if rights := xml_legal(article.rights or "").strip():
        built.rights(rights)
    element = built.atom_entry()
    # feedgen asks each entry for its element once more when it writes the feed.
    built.atom_entry = lambda: element
    return built


def _authors(article: Article) -> list[dict[str, str]]:
    """The entry's authors, else the source's, else the source by name: never none (section 4.1.2)."""
    for people in (article.authors, article.origin.authors):
        if found := [fields for fields in map(person_fields, people) if fields]:
            return found
    return [{"name": one_line(article.origin.title or "") or article.source_id}]
