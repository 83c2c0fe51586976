"""RSS 2.0 (rssboard.org/rss-specification, and its profile): the RSS side of feedgen is driven here alone.

What feedgen 1.0.0 does not do right there, and what is done about it:

- dates: it writes them with `strftime` between two calls of `setlocale`, which changes the locale of the whole
  process under the feet of every other thread. It gets no date; the extension writes them.
- `lastBuildDate` is always there, and "now" unless set: the one field that is emptied from outside.
- people: `author` wants a mail address, which most have not; their names are written as dc:creator.
- the picture, and the reasons: as in Atom.
- texts: `&` and `<` in them are written as `&#x26;` and `&#x3C;`, the form of the profile that no reader takes
  for markup, although RSS has no word to say what is plain text. One that holds the end of a tag is taken for markup
  all the same, so it is written as markup that shows it.
"""

from __future__ import annotations

import mimetypes
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedwatch.formats import MEDIA_TYPES
from feedwatch.model import Article, FeedSpec
from feedwatch.publish.content import categories_of, text_of
from feedwatch.publish.extension import NAME, FeedExtension, add_picture, add_reason
from feedwatch.publish.languages import language_tag
from feedwatch.publish.links import Links
from feedwatch.publish.values import (
    PROGRAM,
    authors_of,
    label,
    looks_like_markup,
    media_type,
    named_url,
    one_line,
    plain_references,
    published_at,
)
from feedwatch.urls import http_url, is_iri
from feedwatch.views import FeedView, ViewEntry
from feedwatch.xmltree import Element, SubElement, cut, serialised

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
#: Only the table of the module: what this machine has installed must not change a feed.
_TYPES = mimetypes.MimeTypes()
_UNKNOWN_TYPE = "application/octet-stream"
_HOST = re.compile(r"https?://([a-z0-9-]+\.)+[a-z0-9][a-z0-9-]*(:\d+)?(?=[/?#]|$)")


class ChannelExtension(FeedExtension):
    """Completes the channel once feedgen has built it; `date` must have been called."""

    def __init__(self) -> None:
        super().__init__()
        self._updated_at: datetime | None = None
        #: Address of the hub that tells of changes; "" for none.
        self.hub = ""

    def date(self, updated_at: datetime) -> None:
        """Say when the feed last changed."""
        self._updated_at = updated_at

    def extend_ns(self) -> dict[str, str]:
        """Prefix to namespace, for the root element."""
        return {"dc": _DC, **super().extend_ns()}

    def extend_rss(self, feed: Element) -> Element:
        """Add the date."""
        if self._updated_at is not None:
            SubElement(feed[0], "lastBuildDate").text = _rfc822(self._updated_at)
        if self.hub:
            SubElement(feed[0], f"{{{_ATOM}}}link", {"href": self.hub, "rel": "hub"})
        return feed


class ItemExtension:
    """Completes one item once feedgen has built it; `show` must have been called."""

    def __init__(self) -> None:
        self._shown: tuple[FeedSpec, ViewEntry] | None = None

    def show(self, spec: FeedSpec, view: ViewEntry) -> None:
        """Say which entry of which feed this is."""
        self._shown = (spec, view)

    def extend_rss(self, item: Element) -> Element:
        """Add to feedgen's element what it lacks."""
        if self._shown is None:
            raise ValueError("the extension was not told which entry it completes")
        spec, view = self._shown
        entry = view.entry
        SubElement(item, "pubDate").text = _rfc822(published_at(entry) or entry.first_seen_at)
        for fields in authors_of(entry.article):
            SubElement(item, f"{{{_DC}}}creator").text = fields["name"]
        add_picture(item, entry.article.image)
        for reason in entry.reasons if spec.reasons else ():
            add_reason(item, reason)
        return item


def frame(view: FeedView, links: Links, *, empty: bool) -> tuple[bytes, bytes]:
    """What stands before and after the items.

    Raises:
        ValueError: the feed cannot be written.

    """
    del empty
    feed = FeedGenerator()
    feed.register_extension(NAME, ChannelExtension, atom=False)
    feed.feedwatch.reasons = view.spec.reasons
    feed.feedwatch.date(view.updated_at)
    feed.feedwatch.hub = _ascii(view.hub) if view.hub else ""
    title = label(view.spec.title) or view.spec.id
    feed.title(title)
    feed.description(label(view.spec.subtitle) or title)
    feed.link(href=_ascii(links.self_url("rss")), rel="self", type=MEDIA_TYPES["rss"])
    # The last link without a relation is the channel's.
    feed.link(href=_ascii(links.page_url), rel="alternate")
    feed.generator(PROGRAM)
    if lang := language_tag(view.spec.lang):
        feed.language(lang)
    # feedgen has no way to say "no date"; with one it calls setlocale (see above).
    feed._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001 - the only way to it
    document: bytes = feed.rss_str(pretty=True)
    head, foot = cut(document, b"</channel>")
    return _profiled(head), foot


def fragment(spec: FeedSpec, shown: ViewEntry) -> bytes:
    """One item.

    Raises:
        ValueError: the entry cannot be written.

    """
    entry, article = shown.entry, shown.entry.article
    if not is_iri(shown.id):
        raise ValueError("its id is no IRI")
    url = named_url(article.url)
    built = FeedEntry()
    built.register_extension(NAME, ItemExtension, atom=False)
    built.feedwatch.show(spec, shown)
    built.guid(shown.id, permalink=shown.id == url)
    title = one_line(article.title) or url or shown.id
    built.title(_shown(title))
    if url:
        built.link(href=url)
    text = text_of(spec, entry, title=title, linked=url is not None)
    if text.html or text.summary:
        built.description(text.html or text.summary_html)
    for category in categories_of(spec, entry):
        fields = {"term": category.label or label(category.term), "scheme": category.scheme}
        if fields["term"]:
            built.category({name: value for name, value in fields.items() if value})
    _enclose(built, article)
    if (source := named_url(article.origin.self_link) or named_url(article.origin.link)) is not None:
        built.source(url=source, title=label(article.origin.title or "") or article.source_id)
    return _profiled(serialised(built.rss_entry(), ChannelExtension().extend_ns()))


def _enclose(built: Any, article: Article) -> None:
    """The first enclosure: more than one is not read alike by readers (profile, section "enclosure")."""
    for enclosure in article.enclosures:
        if (url := _download(enclosure.url)) is not None:
            kind = media_type(enclosure.media_type) or _TYPES.guess_type(url.partition("?")[0])[0] or _UNKNOWN_TYPE
            # Zero says that the length is not known.
            length = max(enclosure.length_bytes or 0, 0)
            built.enclosure(url, length, kind)
            return


def _download(url: str) -> str | None:
    """The address as an enclosure needs it: a full host name, and a path."""
    found = _HOST.match(named_url(url) or "")
    return None if found is None else f"{found[0]}/{found.string[found.end() :].removeprefix('/')}"


def _shown(text: str) -> str:
    """Plain text for a field that is read as HTML when it looks like it."""
    return escape(text, quote=False) if looks_like_markup(text) else text


def _profiled(document: bytes) -> bytes:
    return plain_references(document).replace(b"&lt;", b"&#x3C;")


def _ascii(url: str) -> str:
    address = http_url(url)
    if address is None:
        raise ValueError(f"{url!r} is no http address; correct base_url")
    return address


def _rfc822(date: datetime) -> str:
    """With English names whatever the locale (RFC 5322 section 3.3)."""
    return format_datetime(date.astimezone(UTC))
