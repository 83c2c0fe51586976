"""Our extension of feedgen: what its Atom entries drop, and why the entry is in the feed.

feedgen 1.0.0 loses these on the way (each was seen in its output):

- links: its loop variable hides the link it writes, so `rel`, `type`, `length` and `title` are gone and
  every link reads as an alternate one. It gets the alternate link only; all others are written here.
- atom:source: only title and one link; RFC 4287 section 4.2.11 wants id, title and updated too.
- xml:lang of an entry: there is no way to say it.

Elements are made without a namespace, as feedgen makes its own: the `xmlns` it puts on the feed covers
them. Everything outside Atom is in the namespace below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from feedwatch.model import Enclosure, FeedSpec, Person, Reason, ViewEntry
from feedwatch.text import one_line, xml_legal
from feedwatch.urls import http_url, is_iri, uuid_urn
from feedwatch.xmltree import Element, SubElement

#: Namespace of `reason` and `term`. A URN, since no host can go away from under it; the number at its end
#: is the version of the vocabulary.
REASON_NAMESPACE = "urn:feedwatch:reason:1"

#: Name under which feedgen knows the extension.
NAME = "feedwatch"

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
#: The start of an address, which may hold brackets (IPv6), or a character that must be escaped behind it.
_UNFIT = re.compile(r"(?P<host>^[^:]+://[^/?#]*)|%(?![0-9a-fA-F]{2})|[\[\]]")
_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(\.[\w-]+)+", re.ASCII)


class FeedExtension:
    """Declares the namespace once, on the feed."""

    def extend_ns(self) -> dict[str, str]:
        """Prefix to namespace, for the root element."""
        return {NAME: REASON_NAMESPACE}

    def extend_atom(self, feed: Element) -> Element:
        """The feed needs nothing more."""
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
        if lang := _entry_language(spec, view):
            entry.set(_LANG, lang)
        for link in entry.iterfind("link"):
            link.set("rel", "alternate")
        for source_id, origin in view.vias:
            _link(entry, "via", web_iri(origin.self_link) or web_iri(origin.link), title=origin.title or source_id)
        for enclosure in view.entry.article.enclosures:
            _enclosure(entry, enclosure)
        _source(entry, view, lang)
        for reason in view.entry.reasons if spec.reasons else ():
            _reason(entry, reason)
        return entry


def web_iri(url: str | None) -> str | None:
    """The http(s) address as it was given; None if it is none.

    What RFC 3987 forbids is escaped: a percent sign that escapes nothing, brackets behind the host, a
    second "#". User names and passwords go.
    """
    safe = http_url(url)
    if url is None or safe is None:
        return None
    chosen = url if is_iri(url) and urlsplit(url).username is None else safe
    start, mark, fragment = chosen.partition("#")
    whole = start + mark + fragment.replace("#", "%23")
    escaped = _UNFIT.sub(lambda found: found[0] if found["host"] else quote(found[0]), whole)
    return escaped if is_iri(escaped) else None


def language_tag(text: str | None) -> str | None:
    """The text if it is a language tag as RFC 4287 (appendix B) knows it."""
    return text if text and _LANGUAGE_TAG.fullmatch(text) else None


def person_fields(person: Person) -> dict[str, str]:
    """The parts of a person that are fit for atom:author, by element name; {} without a name."""
    name = one_line(person.name)
    if not name:
        return {}
    email = one_line(person.email or "")
    parts = {"name": name, "email": email if _EMAIL.fullmatch(email) else "", "uri": web_iri(person.url) or ""}
    return {key: value for key, value in parts.items() if value}


def _entry_language(spec: FeedSpec, view: ViewEntry) -> str | None:
    """The entry's language; where it is not known, the feed's must not be inherited ("und", RFC 5646)."""
    return language_tag(view.entry.article.language) or ("und" if language_tag(spec.lang) else None)


def _link(parent: Element, rel: str, href: str | None, **attributes: str | None) -> None:
    if href is None:
        return
    link = SubElement(parent, "link", {"rel": rel, "href": href})
    for name, value in attributes.items():
        if value:
            link.set(name, one_line(value))


def _enclosure(entry: Element, enclosure: Enclosure) -> None:
    # Without parameters: they say nothing of a sound or a film, and many are malformed.
    media_type = (enclosure.media_type or "").partition(";")[0].strip()
    length = enclosure.length_bytes
    _link(
        entry,
        "enclosure",
        web_iri(enclosure.url),
        type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
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
    known_id = origin.id if is_iri(origin.id) else self_url or home_url
    _text(source, "id", known_id or uuid_urn("source", article.source_id))
    _text(source, "title", one_line(origin.title or "") or article.source_id)
    _text(source, "updated", (origin.updated_at or view.entry.updated_at).isoformat())
    for fields in map(person_fields, origin.authors):
        if fields:
            _texts(SubElement(source, "author"), fields)
    _link(source, "self", self_url)
    _link(source, "alternate", home_url)
    if rights := xml_legal(origin.rights or "").strip():
        _text(source, "rights", rights)


def _reason(entry: Element, reason: Reason) -> None:
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


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _texts(parent: Element, texts: Mapping[str, str]) -> None:
    for tag, text in texts.items():
        _text(parent, tag, text)
