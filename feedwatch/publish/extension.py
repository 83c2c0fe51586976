"""Our extension of feedgen: what its Atom entries drop, and why the entry is in the feed.

feedgen 1.0.0 loses these on the way (each was seen in its output):

- links: its loop variable hides the link it writes, so `rel`, `type`, `length` and `title` are gone and
  every link reads as an alternate one. It gets the alternate link only; all others are written here.
- atom:source: only title and one link; RFC 4287 section 4.2.11 wants id, title and updated too.
- xml:lang of an entry: there is no way to say it.
- images: its media extension writes an empty media:group around them.
- texts that hold the end of a tag ("</b>"): it has no way to say that a title, right or subtitle is HTML. They are
  written escaped as HTML, since readers take the plain form for markup, whatever its type says.

Elements are made without a namespace, as feedgen makes its own: the `xmlns` it puts on the feed covers
them. Everything outside Atom is in a namespace of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from feedwatch.formats import MEDIA_TYPES
from feedwatch.model import Enclosure, FeedSpec, Origin, Reason
from feedwatch.publish.languages import language_tag
from feedwatch.publish.values import (
    entry_language,
    label,
    looks_like_markup,
    media_type,
    named_url,
    one_line,
    origin_updated_at,
    person_fields,
    web_iri,
)
from feedwatch.urls import is_permanent, uuid_urn
from feedwatch.views import ViewEntry
from feedwatch.xmltree import Element, SubElement

#: Namespace of `reason` and `term`. A URN, since no host can go away from under it; the number at its end
#: is the version of the vocabulary.
REASON_NAMESPACE = "urn:feedwatch:reason:1"
#: Media RSS, for pictures.
MEDIA_NAMESPACE = "http://search.yahoo.com/mrss/"
#: Feed paging and archiving (RFC 5005).
HISTORY_NAMESPACE = "http://purl.org/syndication/history/1.0"

#: Name under which feedgen knows the extension.
NAME = "feedwatch"

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: Text constructs that may be written as HTML.
_TEXTS = ("title", "subtitle", "summary", "rights")
_NORMAL = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(?<!-)(:(?!80/|443/)[1-9]\d*)?/[!-$&-~]*")


class FeedExtension:
    """Declares the namespaces once, on the feed: of the reasons only where the feed shows reasons."""

    def __init__(self) -> None:
        self.reasons = True
        #: Links of RFC 5005; feedgen's feed refuses their relations.
        self.history: list[tuple[str, str]] = []
        self.is_archive = False

    def extend_ns(self) -> dict[str, str]:
        """Prefix to namespace, for the root element."""
        spaces = {"media": MEDIA_NAMESPACE}
        if self.is_archive:
            spaces["fh"] = HISTORY_NAMESPACE
        return spaces | {NAME: REASON_NAMESPACE} if self.reasons else spaces

    def extend_atom(self, feed: Element) -> Element:
        """Add what makes the feed's history complete (RFC 5005 section 4)."""
        _declare_markup(feed)
        for rel, href in self.history:
            _link(feed, rel, href, type=MEDIA_TYPES["atom"])
        if self.is_archive:
            SubElement(feed, f"{{{HISTORY_NAMESPACE}}}archive")
        return feed


class EntryExtension:
    """Completes one entry once feedgen has built it; `show` must have been called."""

    def __init__(self) -> None:
        self._shown: tuple[FeedSpec, ViewEntry] | None = None

    def show(self, spec: FeedSpec, view: ViewEntry) -> None:
        """Say which entry of which feed this is."""
        self._shown = (spec, view)

    def extend_atom(self, entry: Element) -> Element:
        """Add to feedgen's element what it lacks."""
        if self._shown is None:
            raise ValueError("the extension was not told which entry it completes")
        spec, view = self._shown
        article = view.entry.article
        lang = entry_language(spec, view)
        if lang:
            entry.set(_LANG, lang)
        _declare_markup(entry)
        for link in entry.iterfind("link"):
            link.set("rel", "alternate")
            if lang and lang != "und":
                link.set("hreflang", lang)
        for source_id, origin in view.vias:
            _via(entry, source_id, origin)
        for enclosure in article.enclosures:
            _enclosure(entry, enclosure)
        _source(entry, view, lang)
        add_picture(entry, article.image)
        for reason in view.entry.reasons if spec.reasons else ():
            add_reason(entry, reason)
        return entry


def add_picture(entry: Element, url: str | None) -> None:
    """The picture that belongs to an entry, as Media RSS has it; nothing without an address."""
    if (address := named_url(url)) is not None:
        SubElement(entry, f"{{{MEDIA_NAMESPACE}}}thumbnail", {"url": address})


def add_reason(entry: Element, reason: Reason) -> None:
    """A `reason` for machines: which rule, how strongly, and the terms found."""
    element = SubElement(entry, f"{{{REASON_NAMESPACE}}}reason")
    attributes = {
        "facet": reason.facet,
        "rule": reason.rule,
        "name": reason.name,
        "code": reason.code or "",
        "standing": reason.standing,
        "score": format(reason.score, ".6g"),
    }
    for name, value in attributes.items():
        if value:
            element.set(name, one_line(value))
    for term in filter(None, map(one_line, reason.terms)):
        _text(element, f"{{{REASON_NAMESPACE}}}term", term)


def _declare_markup(parent: Element) -> None:
    """Texts in which readers would see markup, as HTML that shows them as they are."""
    for name in _TEXTS:
        for element in parent.iterfind(name):
            if looks_like_markup(text := element.text or ""):
                element.set("type", "html")
                element.text = escape(text, quote=False)


def _link(parent: Element, rel: str, href: str | None, **attributes: str | None) -> None:
    if href is None:
        return
    link = SubElement(parent, "link", {"rel": rel, "href": href})
    for name, value in attributes.items():
        if value:
            link.set(name, value)


def _via(entry: Element, source_id: str, origin: Origin) -> None:
    _link(entry, "via", web_iri(origin.self_link) or web_iri(origin.link), title=label(origin.title or "") or source_id)


def _enclosure(entry: Element, enclosure: Enclosure) -> None:
    length = enclosure.length_bytes
    _link(
        entry,
        "enclosure",
        web_iri(enclosure.url),
        type=media_type(enclosure.media_type),
        length=str(length) if length is not None and length >= 0 else None,
    )


def _source(entry: Element, view: ViewEntry, entry_lang: str | None) -> None:
    """atom:source (RFC 4287 section 4.2.11) with all that is known of the origin.

    What a source does not say of itself is filled so that a reader can tell sources apart: an id made
    of its addresses or its configured id, that id as title, and the entry's `updated`.
    """
    article = view.entry.article
    origin = article.origin
    self_url, home_url = web_iri(origin.self_link), web_iri(origin.link)
    source = SubElement(entry, "source")
    if (lang := language_tag(origin.language)) and lang != entry_lang:
        source.set(_LANG, lang)
    known_id = origin.id if is_permanent(origin.id) else next(filter(_is_normal, (self_url, home_url)), None)
    _text(source, "id", known_id or uuid_urn("source", article.source_id))
    _text(source, "title", one_line(origin.title or "") or article.source_id)
    _text(source, "updated", origin_updated_at(origin, view.entry).isoformat())
    for fields in map(person_fields, origin.authors):
        if fields:
            _texts(SubElement(source, "author"), fields)
    _link(source, "self", self_url)
    _link(source, "alternate", home_url)
    if rights := one_line(origin.rights or ""):
        _text(source, "rights", rights)
    _declare_markup(source)


def _is_normal(url: str | None) -> bool:
    """Whether an address is surely in its normal form (RFC 3986 section 6), as a permanent id should be."""
    return url is not None and _NORMAL.fullmatch(url) is not None and "/." not in url


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _texts(parent: Element, texts: Mapping[str, str]) -> None:
    for tag, text in texts.items():
        _text(parent, tag, text)
