"""One walk over a page's tree that collects what may speak of its article: meta elements, headings, dates, bylines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from feedwatch.text import one_line
from feedwatch.xmltree import Element, count_elements, shown_text, text_of

MAX_JSON_CHARS = 500_000
_MAX_JSON_NODES = 2_000
_MAX_META = 500
_MAX_OF_A_KIND = 60
_MAX_HEADING_CHARS = 300
#: A date or an author's name with a word or two around it.
_MAX_MARKED_CHARS = 150

_ARTICLE_TYPE = re.compile(
    r"(?:\w*Article|BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|\w*Page|VideoObject|HowTo|Recipe|CreativeWork|PodcastEpisode)$"
)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|published|publish|pubdate|posted|posted-on|timestamp|time|created|meta|info|"
    r"byline|dateline)(?:$|[\s_-])|date\b|Date(?:\b|[A-Z_-])|dateline|publish|posted",
    re.IGNORECASE,
)
_DATE_ATTRIBUTES = ("datetime", "title", "content", "data-datetime", "data-date", "data-time", "data-published")
_YEAR = re.compile(r"(?:19|20)\d\d")
#: The foot of an article, where its date and author may stand.
_OF_ENTRY = re.compile(r"(?:entry|post|article|node|story)[\w-]*?(?:meta|info|footer|submitted)", re.IGNORECASE)
#: What speaks of a change rather than of publication.
CHANGED = re.compile(
    r"updated?\b|modified|last edited|aktualisiert|letzte änderung|geändert|bearbeitet|"
    r"mise? à jour|modifié|actualizado|atualizado|"
    r"aggiornat[oa]|modificat[oa]|bijgewerkt|güncelle|تحديث",
    re.IGNORECASE,
)
#: What can still be read of JSON that is broken, or wrapped so that old readers of XML do not stumble.
_PAIR = re.compile(r'"(@type|headline|datePublished|dateModified|dateCreated)"\s*:\s*"([^"\\]{1,300})"')
_LINES = frozenset(("p", "div", "span", "li", "td", "small", "em", "i", "h1", "h2", "h3", "h4", "h5"))
_MAX_PIECES = 4
#: So many elements above a heading its date may stand; today's date stands at the head of the page.
_REACH = 12
_MIN_DATE_CHARS = 6
_MAX_PRINTED = 2_000
_MAX_OPENINGS = 8
_MAX_TIMES = 200
_AUTHOR_CLASS = re.compile(
    r"author|byline|auteur|autor|writer|columnist|signature|(?:^|\s)firma(?:$|\s)|posted-by|submitted|^user-name$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\s*(?:(?:(?:Words|Interview|Story|Reporting)(?: by| ?:)|[Vv]on|VON|[Bb]y|BY|[Pp]ar|PAR|[Pp]or|POR|Daga) +[A-ZÀ-Þ]"
    r"|بقلم|كتب |"
    r"(?:Text[eo]?|Autor(?:in)?|Auteur|Author|Foto und Text) ?: ?[A-ZÀ-Þ])"
)
#: The name is in an element of its own.
_BY_ALONE = re.compile(r"\s*(?:[Vv]on|VON|[Bb]y|BY|[Pp]ar|PAR|[Pp]or|POR|[Oo]leh|Daga|بقلم|كتب)\s*:?\s*")
#: The address of what an author has written.
_AUTHOR_PAGE = re.compile(
    r"(?:/(?:authors?|auteurs?|autor(?:e|a|es|en)?|author-profile|journalistes?|journalists?|reporters|columnists?|"
    r"contributors?|writers?|profiles?|staff|penulis|redakteur)/|[?&]author=)[^/?&#]|"
    r"^(?!.*(?:youtube|tiktok|threads|mastodon|instagram|flickr)).*/@[\w.-]+/?(?:[?#]|$)",
    re.IGNORECASE,
)
#: The year of a date.
_YEAR_FIGURES = re.compile(r"\d{4}")
#: Other people than the article's author, and dates of other articles.
_FOOT_OF_ENTRY = re.compile(
    r"(?:^|\s)(?:post|entry|article|story|headline|title|header)(?:-|_{1,2})?footer(?:$|\s)", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"comment|related|(?<!no-)(?<!has-)(?<!with-)(?<!lay-)(?<!layout-)sidebar(?![_-]*main)|teaser|"
    r"(?<!elementor-)widget(?! blog)|recommend|more-|latest|footer|popular",
    re.IGNORECASE,
)


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
    #: Short texts that tell of a change, and `time` elements in them.
    changed: list[str] = field(default_factory=list)
    changed_times: list[str] = field(default_factory=list)
    #: The same closely above that heading.
    above: list[str] = field(default_factory=list)
    #: Long texts below the first heading of level 1: their beginnings.
    openings: list[str] = field(default_factory=list)
    #: Of each printed line the number of its element, and that of the present one.
    places: list[int] = field(default_factory=list)
    at: int = 0
    #: Number of the first heading of level 1.
    heading_at: int = 0
    #: Scripts that are no JSON-LD, to be read where nothing else is found.
    scripts: list[Element] = field(default_factory=list)
    #: What the page hands to the program in it, as JSON.
    program: str = ""
    #: itemprop -> texts.
    properties: dict[str, list[str]] = field(default_factory=dict)
    #: Short texts of elements whose class speaks of a date, with the elements' numbers.
    dated: list[tuple[int, str]] = field(default_factory=list)
    #: The same far above the first heading of level 1: mostly of today.
    dated_head: list[tuple[int, str]] = field(default_factory=list)
    #: Short lines with a figure below the first heading of level 1.
    printed: list[str] = field(default_factory=list)
    #: Short lines that begin with "by", in the languages of the packs and some more.
    signed: list[str] = field(default_factory=list)
    #: Names of the JSON-LD objects that others refer to, by `@id`.
    names: dict[str, str] = field(default_factory=dict)
    #: Numbers and texts of links with rel=author, and of those to an author's page.
    author_links: list[tuple[int, str]] = field(default_factory=list)
    author_pages: list[tuple[int, str]] = field(default_factory=list)
    #: Short texts of elements whose class speaks of an author.
    bylines: list[str] = field(default_factory=list)


#: What a name speaks of: other articles or people, an author, a date.
_Words = tuple[bool, bool, bool]
_SILENT: _Words = (False, False, False)


def survey(tree: Element) -> Survey:
    """Walk over the page once."""
    found = Survey()
    found.language = tree.get("lang") or ""
    # A page has few classes, and many elements of each.
    known: dict[str | None, _Words] = {None: _SILENT}
    #: The number of the last element in the box of others that is walked through.
    last_foreign = 0
    for found.at, element in enumerate(tree.iterdescendants(), 1):
        name = str(element.tag)
        reader = _READERS.get(name)
        if reader is not None:
            reader(found, element)
        if found.at <= last_foreign:
            if (text := element.text) and _MIN_DATE_CHARS <= len(text) <= _MAX_MARKED_CHARS:
                _note_change(found, text)
            continue
        if (tail := element.tail) and len(tail) >= _MIN_DATE_CHARS and not tail.isspace():
            _print(found, tail, element.getparent())
        if name in _NEVER_MARKED:
            continue
        if name == "time":
            _read_time(found, element)
        is_foreign, of_author, of_date = _SILENT if name in _WHOLE_PAGE else _words_of(element, known)
        if (is_foreign or name in _OTHERS) and not _is_of_article(found, element, name):
            last_foreign = found.at + count_elements(element) - 1
        else:
            _marked(found, element, name, of_author, of_date)
    found.linked.sort(key=lambda node: "headline" not in node)
    return found


def _is_of_article(found: Survey, element: Element, name: str) -> bool:
    """Whether what looks like a box beside the article holds it, or is the line of its date and author."""
    names = element.get("class") or ""
    if name in _OTHERS:
        is_below = name == "aside" and found.heading_at > 0 and found.at <= found.heading_at + _REACH
        if is_below and (element.find(".//address") is not None or element.find(".//a[@rel='author']") is not None):
            return True
        return name == "footer" and bool(_OF_ENTRY.search(names))
    if _FOOT_OF_ENTRY.search(names) or next(element.iter("h1"), None) is not None:
        return True
    return "footer" in names and element.find(".//*[@itemprop='datePublished']") is not None


def _words_of(element: Element, known: dict[str | None, _Words]) -> _Words:
    """What the class and id of an element speak of, or what its programmers call it where classes say nothing."""
    names, own = element.get("class"), element.get("id") or element.get("data-testid") or element.get("data-hook")
    words = known[names] if names in known else known.setdefault(names, _read_words(names or ""))
    if own is None:
        return words
    others = _read_words(own)
    return words[0] or others[0], words[1] or others[1], words[2] or others[2]


def _read_words(names: str) -> _Words:
    return bool(_FOREIGN.search(names)), bool(_AUTHOR_CLASS.search(names)), bool(_DATE_CLASS.search(names))


def _marked(found: Survey, element: Element, name: str, of_author: bool, of_date: bool) -> None:
    """Note what an element says of dates and authors."""
    if (prop := element.get("itemprop") or element.get("property")) and len(found.properties) < _MAX_META:
        _note_property(found, element, prop)
    if name == "a" and "author" in (element.get("rel") or "").lower().split():
        _append_placed(found.author_links, found.at, element)
    else:
        if name == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
            _append_placed(found.author_pages, found.at, element)
        if of_author:
            _append(found.bylines, element)
        if of_date and name != "time":
            _append_placed(found.dated, found.at, element)
            for key in _DATE_ATTRIBUTES:
                if (value := element.get(key)) and _YEAR.search(value) and len(value) <= _MAX_MARKED_CHARS:
                    found.dated.append((found.at, one_line(value)))
    if text := element.text:
        is_line = len(text) <= _MAX_MARKED_CHARS
        if is_line and (_BY.match(text) if len(element) == 0 else _BY_ALONE.fullmatch(text)):
            _append(found.signed, element)
        if len(text) >= _MIN_DATE_CHARS and not text.isspace():
            _print(found, text, element)


def _print(found: Survey, text: str, around: Element | None) -> None:
    """Note a piece of text that may be a date, or begin with one."""
    if len(found.printed) >= _MAX_PRINTED or not _YEAR_FIGURES.search(text, 0, _MAX_MARKED_CHARS):
        return
    line = one_line(text[: 2 * _MAX_MARKED_CHARS])
    if len(line) > _MAX_MARKED_CHARS:
        if len(found.openings) < _MAX_OPENINGS:
            found.openings.append(line)
        return
    if around is not None and around.tag in _LINES and 0 < len(around) <= _MAX_PIECES:
        # A line in several pieces: "<b>Updated</b> 12 March 2025".
        whole = one_line(text_of(around, " "))
        line = whole if len(whole) <= _MAX_MARKED_CHARS and CHANGED.search(whole) else line
    found.printed.append(line)
    found.places.append(found.at)
    if CHANGED.search(line):
        found.changed.append(line)


def _note_change(found: Survey, text: str) -> None:
    """The last change of a page is often told at its foot."""
    if _YEAR_FIGURES.search(text) and CHANGED.search(text):
        found.changed.append(one_line(text))


def _append(texts: list[str], element: Element) -> None:
    if len(texts) < _MAX_OF_A_KIND and 0 < len(text := one_line(shown_text(element))) <= _MAX_MARKED_CHARS:
        texts.append(text)


def _append_placed(texts: list[tuple[int, str]], place: int, element: Element) -> None:
    """The same with the element's number; an author's picture is a link, too, and has no text."""
    if len(texts) < _MAX_OF_A_KIND and 0 < len(text := one_line(shown_text(element))) <= _MAX_MARKED_CHARS:
        texts.append((place, text))


def _note_property(found: Survey, element: Element, names: str) -> None:
    value = element.get("content") or element.get("datetime") or ""
    for given in names.lower().split():
        name = given.rpartition(":")[2]
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
        found.above = [
            line for place, line in zip(found.places, found.printed, strict=True) if place > found.at - _REACH
        ]
        found.heading_at = found.at
        found.author_pages.clear()
        found.dated_head = [one for one in found.dated if one[0] <= found.at - _REACH]
        found.dated = found.dated[len(found.dated_head) :]
        found.printed.clear()
        found.places.clear()
        found.openings.clear()
    if len(found.headings) < _MAX_OF_A_KIND and 0 < len(text := one_line(text_of(element))) <= _MAX_HEADING_CHARS:
        found.headings.append((int(str(element.tag)[1]), text))


def _read_time(found: Survey, element: Element) -> None:
    if len(found.times) >= _MAX_TIMES:
        return
    marks = f"{element.get('class', '')} {element.get('itemprop', '')}"
    value = element.get("datetime") or one_line(text_of(element))[:_MAX_MARKED_CHARS]
    if _CHANGED_MARK.search(marks) and not _PUBLISHED_MARK.search(marks):
        found.changed_times.append(value)
        return
    is_marked = "pubdate" in element.attrib or bool(_PUBLISHED_MARK.search(marks))
    found.times.append((value, is_marked))


_CHANGED_MARK = re.compile(r"updated|modified", re.IGNORECASE)
_PUBLISHED_MARK = re.compile(r"publish|entry-date|post-date|date-posted|posted-on|article-date|pubdate", re.IGNORECASE)


def _read_script(found: Survey, element: Element) -> None:
    kind = (element.get("type") or "").lower()
    if kind == "application/json" and (element.get("id") or "").startswith("__"):
        found.program = found.program or element.text or ""
    if "ld+json" not in kind:
        if len(found.scripts) < _MAX_META:
            found.scripts.append(element)
        return
    if len(found.linked) >= _MAX_OF_A_KIND:
        return
    for node in _objects(_json((element.text or "")[:MAX_JSON_CHARS])):
        known, named = node.get("@id"), node.get("name")
        if isinstance(known, str) and isinstance(named, str):
            found.names.setdefault(known, named)
        if _is_article(node):
            found.linked.append(node)


def _json(text: str) -> Any:
    """The value of a JSON text; of one that is broken, its first kind, headline and dates."""
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        return None
    except ValueError:
        start, end = text.find("{"), text.rfind("}")
    try:
        return json.loads(text[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return {match[1]: match[2] for match in reversed(list(islice(_PAIR.finditer(text), _MAX_META)))}


_READERS = {
    "meta": _read_meta,
    "link": _read_link,
    "base": _read_base,
    "title": _read_title,
    "script": _read_script,
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
