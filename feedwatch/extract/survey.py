"""One walk over a page's tree that collects what may speak of its article: meta elements, headings, dates, bylines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from feedwatch.text import one_line
from feedwatch.xmltree import Element, text_of

MAX_JSON_CHARS = 500_000
_MAX_JSON_NODES = 2_000
_MAX_META = 500
_MAX_OF_A_KIND = 60
_MAX_HEADING_CHARS = 300
#: A date or an author's name with a word or two around it.
_MAX_MARKED_CHARS = 150

_ARTICLE_TYPE = re.compile(
    r"(?:\w*Article|BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|\w*Page|VideoObject)$"
)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|published|publish|pubdate|posted|posted-on|timestamp|time|created|meta|info|"
    r"byline|dateline)(?:$|[\s_-])|date\b|Date(?:\b|[A-Z_-])|dateline|publish|posted",
    re.IGNORECASE,
)
_AUTHOR_CLASS = re.compile(r"author|byline|auteur|autor|writer|posted-by|submitted", re.IGNORECASE)
_BY = re.compile(
    r"\s*(?:(?:[Vv]on|VON|[Bb]y|BY|[Pp]ar|PAR|[Pp]or|POR|Daga) +[A-ZÀ-Þ]|بقلم|كتب |"
    r"(?:Text|Autor(?:in)?|Auteur|Author|Foto und Text) ?: ?[A-ZÀ-Þ])"
)
_FIGURE = re.compile(r"\d")
#: Other people than the article's author, and dates of other articles.
_FOREIGN = re.compile(r"comment|related|sidebar|teaser|widget|recommend|more-|latest|footer|popular", re.IGNORECASE)


@dataclass(slots=True)
class Survey:
    """What one walk found, each list in document order and bounded."""

    #: The content of each meta element by lower-case name; the first of a name counts.
    meta: dict[str, str] = field(default_factory=dict)
    #: Contents of `article:tag`.
    meta_tags: list[str] = field(default_factory=list)
    #: All contents of `article:author` and `author`.
    meta_authors: list[str] = field(default_factory=list)
    #: rel -> href; the first of a relation counts.
    links: dict[str, str] = field(default_factory=dict)
    base: str = ""
    language: str = ""
    title: str = ""
    #: (level, text)
    headings: list[tuple[int, str]] = field(default_factory=list)
    #: JSON-LD objects that describe an article, those with a headline first.
    linked: list[dict[str, Any]] = field(default_factory=list)
    #: Values of `time` elements: (datetime or text, whether marked as the publication's).
    times: list[tuple[str, bool]] = field(default_factory=list)
    #: itemprop -> texts.
    properties: dict[str, list[str]] = field(default_factory=dict)
    #: Short texts of elements whose class speaks of a date.
    dated: list[str] = field(default_factory=list)
    #: Short lines with a figure below the first heading of level 1.
    printed: list[str] = field(default_factory=list)
    #: Short lines that begin with "by", in the languages of the packs and some more.
    signed: list[str] = field(default_factory=list)
    #: Names of the JSON-LD objects that others refer to, by `@id`.
    names: dict[str, str] = field(default_factory=dict)
    #: Texts of links with rel=author.
    author_links: list[str] = field(default_factory=list)
    #: Short texts of elements whose class speaks of an author.
    bylines: list[str] = field(default_factory=list)


#: What a name speaks of: other articles or people, an author, a date.
_Words = tuple[bool, bool, bool]
_SILENT: _Words = (False, False, False)


def survey(tree: Element) -> Survey:
    """Walk over the page once."""
    found = Survey()
    found.language = tree.get("lang") or ""
    foreign: set[Element] = set()
    # A page has few classes, and many elements of each.
    known: dict[str | None, _Words] = {None: _SILENT}
    for element in tree.iterdescendants():
        name = str(element.tag)
        reader = _READERS.get(name)
        if reader is not None:
            reader(found, element)
        if name in _NEVER_MARKED:
            continue
        if name in _OTHERS or element.getparent() in foreign:
            foreign.add(element)
            continue
        is_foreign, of_author, of_date = _SILENT if name in _WHOLE_PAGE else _words_of(element, known)
        if is_foreign:
            foreign.add(element)
        else:
            _marked(found, element, name, of_author, of_date)
    found.linked.sort(key=lambda node: "headline" not in node)
    return found


def _words_of(element: Element, known: dict[str | None, _Words]) -> _Words:
    """What the class and id of an element speak of."""
    names, own = element.get("class"), element.get("id")
    words = known[names] if names in known else known.setdefault(names, _read_words(names or ""))
    if own is None:
        return words
    others = _read_words(own)
    return words[0] or others[0], words[1] or others[1], words[2] or others[2]


def _read_words(names: str) -> _Words:
    return bool(_FOREIGN.search(names)), bool(_AUTHOR_CLASS.search(names)), bool(_DATE_CLASS.search(names))


def _marked(found: Survey, element: Element, name: str, of_author: bool, of_date: bool) -> None:
    """Note what an element says of dates and authors."""
    if (prop := element.get("itemprop")) and len(found.properties) < _MAX_META:
        _note_property(found, element, prop)
    if name == "a" and "author" in (element.get("rel") or "").lower().split():
        _append(found.author_links, element)
    else:
        if of_author:
            _append(found.bylines, element)
        if of_date and name != "time":
            _append(found.dated, element)
    if (text := element.text) and len(text) <= _MAX_MARKED_CHARS and len(element) == 0:
        if _BY.match(text):
            _append(found.signed, element)
        if _FIGURE.search(text):
            found.printed.append(one_line(text))


def _append(texts: list[str], element: Element) -> None:
    if len(texts) < _MAX_OF_A_KIND and 0 < len(text := one_line(text_of(element, " "))) <= _MAX_MARKED_CHARS:
        texts.append(text)


def _note_property(found: Survey, element: Element, names: str) -> None:
    value = element.get("content") or element.get("datetime") or ""
    for name in names.lower().split():
        texts = found.properties.setdefault(name, [])
        if len(texts) < _MAX_OF_A_KIND:
            texts.append(one_line(value or text_of(element))[:_MAX_HEADING_CHARS])


def _read_meta(found: Survey, element: Element) -> None:
    content = element.get("content") or ""
    if not content.strip() or len(found.meta) >= _MAX_META:
        return
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = (element.get(key) or "").strip().lower()
        if name:
            found.meta.setdefault(name, content)
            if name == "article:tag":
                found.meta_tags.append(content)
            if name in {"article:author", "author"} and len(found.meta_authors) < _MAX_OF_A_KIND:
                found.meta_authors.append(content)


def _read_link(found: Survey, element: Element) -> None:
    for relation in (element.get("rel") or "").lower().split()[:5]:
        if href := element.get("href"):
            found.links.setdefault(relation, href)


def _read_base(found: Survey, element: Element) -> None:
    found.base = found.base or element.get("href") or ""


def _read_title(found: Survey, element: Element) -> None:
    # Drawings have titles, too.
    found.title = found.title or one_line(text_of(element))


def _read_heading(found: Survey, element: Element) -> None:
    if element.tag == "h1" and not any(level == 1 for level, _ in found.headings):
        found.printed.clear()
    if len(found.headings) < _MAX_OF_A_KIND and 0 < len(text := one_line(text_of(element))) <= _MAX_HEADING_CHARS:
        found.headings.append((int(str(element.tag)[1]), text))


def _read_time(found: Survey, element: Element) -> None:
    if len(found.times) < 200:
        marks = f"{element.get('class', '')} {element.get('itemprop', '')}"
        is_marked = "pubdate" in element.attrib or bool(_PUBLISHED_MARK.search(marks))
        found.times.append((element.get("datetime") or one_line(text_of(element))[:_MAX_MARKED_CHARS], is_marked))


_PUBLISHED_MARK = re.compile(r"publish|entry-date|post-date|date-posted|posted-on|article-date|pubdate", re.IGNORECASE)


def _read_script(found: Survey, element: Element) -> None:
    if "ld+json" not in (element.get("type") or "").lower() or len(found.linked) >= _MAX_OF_A_KIND:
        return
    text = (element.text or "")[:MAX_JSON_CHARS]
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    for node in _objects(data):
        known, named = node.get("@id"), node.get("name")
        if isinstance(known, str) and isinstance(named, str):
            found.names.setdefault(known, named)
        if _is_article(node):
            found.linked.append(node)


_READERS = {
    "meta": _read_meta,
    "link": _read_link,
    "base": _read_base,
    "title": _read_title,
    "script": _read_script,
    "time": _read_time,
    "h1": _read_heading,
    "h2": _read_heading,
    "h3": _read_heading,
}
_OTHERS = frozenset(("footer", "aside", "nav"))
_WHOLE_PAGE = frozenset(("html", "body", "article", "main"))
_NEVER_MARKED = frozenset(("meta", "link", "script", "style", "img", "option", "svg", "path", "input", "br"))


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    """The objects in a JSON value, outer before inner."""
    waiting: list[Any] = [data]
    for _ in range(_MAX_JSON_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += node[:_MAX_JSON_NODES]


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    return any(_ARTICLE_TYPE.match(kind) for kind in named) and ("headline" in node or "datePublished" in node)
