"""What a page says about its article, and where it says so. Nothing is guessed.

The order of trust is that of the candidates below: what was written for machines before what was written for readers,
what speaks of this article before what speaks of the page (see docs/extraction.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedwatch.extract.authors import authors_of, string
from feedwatch.extract.days import published_days, read_day, updated_days
from feedwatch.extract.survey import Survey, survey
from feedwatch.markup import title_text
from feedwatch.text import one_line
from feedwatch.urls import http_url
from feedwatch.xmltree import Element

#: Behind a colon stands the name of a site only if it is so short.
_SITE_WORDS = 3
#: What a program that makes pages of documents has for a title.
_FILE_NAME = re.compile(r"\S{1,100}\.(?:pdf|docx?|odt|rtf|html?|php|aspx?|txt|indd)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[|–—·•»›:~-]+\s+|\s*[|»›•]\s*|_(?=[^\W\d])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says about its article; nothing is guessed."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    #: Absolute http(s) URLs.
    canonical: str | None = None
    image: str | None = None
    base_url: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    #: The article as the page tells it to machines; plain text or HTML.
    told: str = ""
    #: What it hands to the program in it, as JSON.
    program: str = ""
    #: Where each field above that was found stood: "json-ld datePublished", "meta og:title", "url".
    origins: dict[str, str] = field(default_factory=dict)


#: A value as written, and where it stood.
_Candidate = tuple[str, str]


def page_facts(tree: Element | None, url: str | None = None) -> PageFacts:
    """Title, authors, dates and the like of the page."""
    if tree is None:
        return PageFacts(base_url=url)
    seen = survey(tree)
    linked = seen.linked[0] if seen.linked else {}
    base_url = http_url(seen.base, url) or url
    found: dict[str, _Candidate] = {
        "title": _title(seen, linked),
        "summary": _first(_descriptions(seen, linked), title_text),
        "published": _first(published_days(seen, url), read_day),
        "updated": _first(updated_days(seen), read_day),
        "url": _first(_canonicals(seen), lambda text: http_url(text, base_url)),
        "image": _first(_images(seen, linked), lambda text: http_url(text, base_url)),
        "language": _first(_languages(seen, linked), one_line),
        "section": _first(_sections(seen, linked), title_text),
    }
    authors, origin = authors_of(seen, linked)
    return PageFacts(
        title=found["title"][0],
        description=title_text(found["summary"][0]),
        authors=authors,
        published_at=read_day(found["published"][0]),
        updated_at=read_day(found["updated"][0]),
        canonical=http_url(found["url"][0], base_url),
        image=http_url(found["image"][0], base_url),
        base_url=base_url,
        language=one_line(found["language"][0]) or None,
        section=title_text(found["section"][0]) or None,
        keywords=_keywords(seen, linked),
        told=string(linked.get("articleBody")),
        program=seen.program,
        origins={name: origin for name, (_, origin) in {**found, "authors": ("", origin)}.items() if origin},
    )


def _first(candidates: Iterable[_Candidate], accept: Callable[[str], object]) -> _Candidate:
    """The first candidate that can be read; ("", "") without any."""
    return next(((text, origin) for text, origin in candidates if text and text.strip() and accept(text)), ("", ""))


def _meta(seen: Survey, *names: str) -> Iterator[_Candidate]:
    return ((seen.meta[name], f"meta {name}") for name in names if name in seen.meta)


def _linked(linked: dict[str, Any], name: str) -> _Candidate:
    return string(linked.get(name)), f"json-ld {name}"


# --- title -------------------------------------------------------------------------------------------


def _title(seen: Survey, linked: dict[str, Any]) -> _Candidate:
    """The heading that the page's own title speaks of, else the title without the name of the site."""
    given = _first([*_meta(seen, "og:title"), _linked(linked, "headline"), *_meta(seen, "twitter:title")], title_text)
    of_page = "" if _FILE_NAME.fullmatch(seen.title) else seen.title
    named = (title_text(given[0]), given[1]) if given[0] else (of_page, "title")
    site = one_line(seen.meta.get("og:site_name", ""))
    heading = _heading(seen, [text for text in (named[0], of_page) if text], site)
    if heading:
        return heading
    title = _without_site(named[0], site, of_page)
    if title:
        return title, named[1]
    return next(((text, f"h{level}") for level, text in seen.headings), ("", ""))


def _heading(seen: Survey, titles: list[str], site: str) -> _Candidate | None:
    """The first heading that one of the titles holds or mostly says, too."""
    wanted = [_words(title) for title in titles]
    for level, text in sorted(seen.headings[:30], key=lambda heading: heading[0]):
        words = _words(text)
        if not words or (site and _words(site) == words) or (len(titles) > 0 and _is_tail(text, titles)):
            continue
        if level == 1 and any(_same_story(words, title) for title in wanted):
            # A kicker above the headline is often part of the heading.
            bare = next((t for t in titles if len(_words(t)) >= 4 and words[-len(_words(t)) :] == _words(t)), text)
            return bare, "h1"
        if level > 1 and len(words) >= 3 and any(_is_part(words, title) for title in wanted):
            return text, f"h{level}"
    only = [text for level, text in seen.headings if level == 1]
    if len(only) == 1 and len(_words(only[0])) >= 4 and not (site and site in only[0]):
        return only[0], "h1"
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _is_part(words: list[str], title: list[str]) -> bool:
    """Whether a title begins with a heading, or is that behind the shorter name of the site."""
    return title[: len(words)] == words or (2 * len(words) > len(title) and title[-len(words) :] == words)


def _same_story(words: list[str], title: list[str]) -> bool:
    """Whether a heading is a title in other words: it begins so, or shares most of its words."""
    if title[: len(words)] == words:
        return True
    one, other = set(words), set(title)
    common = len(one & other)
    return common >= 2 and common >= 0.5 * len(one) and common >= 0.35 * len(other)


def _is_tail(heading: str, titles: list[str]) -> bool:
    """Whether a heading is only the end of a title, behind a separator: the name of the site."""
    return any(
        title.endswith(heading) and len(heading) < len(title) / 2 and _SEPARATOR.search(title) is not None
        for title in titles
    )


def _without_site(title: str, site: str, of_page: str) -> str:
    """The title without the name of the site behind or before it."""
    if site and title != site:
        for bare in (title.removesuffix(site), title.removeprefix(site)):
            if bare != title and len(bare) > 3:
                return bare.strip(" -–—|•·:»›~_")
    if title != of_page:
        return title
    separators = [match for match in _SEPARATOR.finditer(title) if _may_part(match, title)]
    if separators and title[: separators[0].start()].strip() and title[separators[-1].end() :].strip():
        kept = title[: separators[0].start()]
        if len(_words(kept)) >= 2 or len(kept) >= len(title) / 3:
            # A separator within the headline: what stands before the last one is longer than what follows.
            last = separators[-1]
            if len(_words(kept)) < 4 and len(_words(title[: last.start()])) > len(_words(title[last.end() :])):
                kept = title[: last.start()]
            return kept.strip()
    return title


def _may_part(separator: re.Match[str], title: str) -> bool:
    """Whether a separator may stand before the name of a site: French headlines have colons between blanks, too."""
    return separator[0].strip() != ":" or len(_words(title[separator.end() :])) <= _SITE_WORDS


# --- the rest ----------------------------------------------------------------------------------------


def _descriptions(seen: Survey, linked: dict[str, Any]) -> Iterator[_Candidate]:
    yield _linked(linked, "description")
    yield from _meta(seen, "og:description", "description", "twitter:description")


def _canonicals(seen: Survey) -> Iterator[_Candidate]:
    yield seen.links.get("canonical", ""), "link canonical"
    yield from _meta(seen, "og:url")


def _images(seen: Survey, linked: dict[str, Any]) -> Iterator[_Candidate]:
    yield from _meta(seen, "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    yield _linked(linked, "image")
    yield seen.links.get("image_src", ""), "link image_src"


def _languages(seen: Survey, linked: dict[str, Any]) -> Iterator[_Candidate]:
    yield seen.language, "html lang"
    yield _linked(linked, "inLanguage")
    yield from _meta(seen, "og:locale", "content-language")


def _sections(seen: Survey, linked: dict[str, Any]) -> Iterator[_Candidate]:
    yield from _meta(seen, "article:section")
    yield _linked(linked, "articleSection")
    yield from ((text, "itemprop articleSection") for text in seen.properties.get("articlesection", ()))
    yield from _meta(seen, "section", "parsely-section", "sailthru.section", "cxenseparse:section")


def _keywords(seen: Survey, linked: dict[str, Any]) -> tuple[str, ...]:
    given = linked.get("keywords")
    words = given if isinstance(given, list) else string(given).split(",")
    cleaned = (title_text(word) for word in [*words, *seen.meta_tags] if isinstance(word, str))
    return tuple(dict.fromkeys(word for word in cleaned if word))
