"""Makes an article of an item, whatever shape its content has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import dropwhile, islice

from feedwatch.errors import ExtractError
from feedwatch.extract.beside import beside, page_teasers
from feedwatch.extract.days import day_beside
from feedwatch.extract.facts import PageFacts, page_facts
from feedwatch.extract.furniture import kind_of
from feedwatch.extract.language import LanguageDetector
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.programs import told_by_program
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.scrape import read_scrape
from feedwatch.ledger import Identity
from feedwatch.markup import html_to_text, sanitise, text_of_sanitised, title_text
from feedwatch.model import Article, Category, Enclosure, Item, Person, Source, Teaser
from feedwatch.text import one_line, paragraphs, shorten, xml_legal
from feedwatch.urls import canonical, http_url, path_words

MAX_TITLE_CHARS = 500
MAX_BODY_CHARS = 200_000
MAX_HTML_CHARS = 400_000
MAX_SUMMARY_CHARS = 10_000
MAX_TAIL_CHARS = 50_000
MAX_TAGS = 50
MAX_TAG_CHARS = 100
MAX_AUTHORS = 50
MAX_ENCLOSURES = 50
#: Lines named as cut; `tail` has all.
MAX_CUT_LINES = 20
_CUT_LINE_CHARS = 200

#: What a page tells machines of its article may be only the beginning; what is shorter than this is.
_MIN_TOLD_CHARS = 400
#: How long a title made of a text's first words becomes.
_MADE_TITLE_CHARS = 120
_EMAIL = re.compile(r"[^\s<>@\"'(),:;\\]{1,64}@[^\s<>@\"'(),:;\\]{1,190}")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}")
#: What WordPress appends to every entry, in the languages of the packs.
_APPENDED = re.compile(
    r"(?:The post .{1,500} (?:appeared first|first appeared) on|L[’']article .{1,500} est apparu en premier sur|"
    r"O post .{1,500} apareceu primeiro em|La entrada .{1,500} (?:se publicó|apareció) primero en|"
    r"(?:ظهرت المقالة|ظهر) .{1,500} (?:أولاً|أولا) على|Der Beitrag .{1,500} erschien zuerst auf) .{1,200}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What one shape of content gives; "" and None stand for nothing found."""

    title: str = ""
    body: str = ""
    html: str = ""
    summary: str = ""
    url: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    teasers: tuple[Teaser, ...] = ()
    tail: str = ""
    #: Lines that were cut because other documents of the source have them.
    repeated: tuple[str, ...] = ()
    #: Where each field stood.
    origins: Mapping[str, str] = field(default_factory=dict)


class Extractor:
    """Turns items into articles. Safe for several threads."""

    def __init__(self, detector: LanguageDetector | None = None) -> None:
        self._detector = detector or LanguageDetector()

    def extract(self, item: Item, source: Source, identity: Identity, repeats: Repeats = NO_REPEATS) -> Article:
        """The article of an item: plain text without furniture, sanitised HTML, languages.

        What a feed's item says (address, dates, authors) goes before what is found in its content. Of a page, what
        it says for machines in its markup goes first (see `facts`). `repeats` is what other documents of the source
        have, too: furniture, which is cut, kept in `tail` and named in the provenance ("repeated", a line each).

        Raises:
            ExtractError: there is neither a title nor a text.

        """
        found = _read(item, repeats, with_teasers=source.teasers)
        given = _given(item)
        if item.shape == "page":
            item = _without_found(item, found)
        body = _cut(found.body, MAX_BODY_CHARS)
        url = http_url(item.link) or found.url
        title = _named(item, found, body, url)
        languages = self._detector.languages(
            title,
            body or found.summary,
            configured=source.lang,
            declared=item.language or found.language or item.origin.language,
        )
        return Article(
            source_id=source.id,
            guid=identity.guid,
            id=identity.id,
            item_hash=identity.item_hash,
            url=url,
            canonical_url=canonical(url),
            title=title,
            body=body,
            # Cutting HTML would leave open tags; a text this long is read as plain text.
            html=found.html if len(found.html) <= MAX_HTML_CHARS else "",
            summary=_cut(found.summary, MAX_SUMMARY_CHARS),
            language=languages.best,
            languages=languages.possible,
            published_at=item.published_at or found.published_at,
            source_updated_at=item.updated_at or found.updated_at,
            authors=_people(item.authors) or _people(found.authors),
            tags=_tags([*found.tags, *map(_category_name, item.categories)]),
            enclosures=_enclosures(item.enclosures),
            image=http_url(item.image) or found.image,
            rights=shorten(title_text(item.rights), 1_000) if item.rights else None,
            origin=item.origin,
            teasers=found.teasers,
            tail=_cut(found.tail, MAX_TAIL_CHARS),
            provenance=tuple(sorted({**given, **found.origins, **_kept(given), **_cut_lines(found)}.items())),
        )


def _named(item: Item, found: _Content, body: str, url: str | None) -> str:
    """The title of the item's article."""
    # A page that shows nothing is no article, whatever its address says; an item of a feed may be a bare link.
    if title := _title(found, body, None if item.shape == "page" else url):
        return title
    raise ExtractError(item.locator, f"no text found in item {item.position} ({item.shape})")


def _read(item: Item, repeats: Repeats, *, with_teasers: bool) -> _Content:
    """What the item's content gives, by its shape."""
    if item.shape == "scrape":
        return _from_scrape(item, repeats)
    if item.shape == "page":
        return _from_page(item, repeats, with_teasers=with_teasers)
    return _READERS[item.shape](item)


def _given(item: Item) -> dict[str, str]:
    """Where the fields stand that the item brings with it."""
    values: dict[str, object] = {
        "title": item.title,
        "published": item.published_at,
        "updated": item.updated_at,
        "authors": item.authors,
        "image": item.image,
        "language": item.language,
        "url": item.link,
        "summary": item.summary,
    }
    place = "page" if item.shape == "page" else "item"
    return {name: place for name, value in values.items() if value}


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    """Of what the item brings, that which goes before what its page says."""
    return {name: given[name] for name in ("url", "summary") if name in given}


def _cut_lines(found: _Content) -> dict[str, str]:
    """The first lines that were cut because other documents of the source have them, for explanation."""
    lines = dict.fromkeys(shorten(line, _CUT_LINE_CHARS) for line in found.repeated)
    return {"repeated": "\n".join(islice(lines, MAX_CUT_LINES))} if lines else {}


def _without_found(item: Item, found: _Content) -> Item:
    """The item of a page without what its content says better."""
    return replace(
        item,
        published_at=found.published_at or item.published_at,
        updated_at=found.updated_at or item.updated_at,
        authors=found.authors or item.authors,
        image=found.image or item.image,
        language=found.language or item.language,
    )


def _title(found: _Content, body: str, url: str | None) -> str:
    """The title found, else the first words of the text, else those of the address; "" when none has a letter."""
    title = found.title
    if not any(map(str.isalnum, title)):
        made = shorten(body or found.summary, _MADE_TITLE_CHARS)
        title = next((text for text in (made, path_words(url)) if any(map(str.isalnum, text))), "")
    return shorten(title, MAX_TITLE_CHARS)


def _from_entry(item: Item) -> _Content:
    """The HTML fragment of a feed item."""
    base = item.base_url or item.link
    html = sanitise(item.content or item.summary, base)
    body = _without_appendix(text_of_sanitised(html))
    summary = _without_appendix(html_to_text(item.summary)) if item.content else body
    return _Content(title=title_text(item.title), body=body, html=html, summary=summary if item.summary else "")


def _from_page(item: Item, repeats: Repeats, *, with_teasers: bool) -> _Content:
    """A whole HTML page."""
    url = item.link or item.base_url
    tree = page_tree(item.content)
    facts = page_facts(tree, url)
    around = page_teasers(tree, facts.base_url) if with_teasers and tree is not None else ()
    main = main_text(tree, facts.base_url, repeats)
    title = facts.title or title_text(item.title)
    html, body = _page_text(main.html, item.content, title, facts)
    return _Content(
        title=title,
        body=_without_title(body, title),
        html=html,
        summary=html_to_text(item.summary) or facts.description,
        url=facts.canonical or http_url(item.base_url),
        language=facts.language,
        published_at=facts.published_at,
        updated_at=facts.updated_at,
        authors=tuple(Person(name=name) for name in facts.authors),
        tags=((facts.section,) if facts.section else ()) + facts.keywords,
        image=facts.image,
        teasers=beside(around, title, body),
        tail="\n".join(main.repeated),
        repeated=main.repeated,
        origins=facts.origins,
    )


def _page_text(html: str, page: str, title: str, facts: PageFacts) -> tuple[str, str]:
    """The HTML and text of a page's article: of its markup, else of its text, else as the page tells it to machines."""
    # A page without an article in its markup may still have one in its text.
    body = text_of_sanitised(html) if html else "\n\n".join(read_scrape(html_to_text(page), title).paragraphs)
    told = facts.told or (told_by_program(facts.program) if len(body) < _MIN_TOLD_CHARS else "")
    if len(told) < _MIN_TOLD_CHARS or len(body) > len(told) / 2:
        return html, body
    # A program in the page would show it.
    text = html_to_text(told) if "<" in told else "\n\n".join(paragraphs(told))
    return ("", text) if len(body) <= len(text) / 2 else (html, body)


def _from_scrape(item: Item, repeats: Repeats) -> _Content:
    """The text of a page with its furniture."""
    title, text = title_text(item.title), item.content or item.summary
    scrape = read_scrape(text, title, repeats)
    day = day_beside(title, text)
    return _Content(
        title=scrape.title,
        body="\n\n".join(scrape.paragraphs),
        published_at=day,
        origins={"published": "byline"} if day else {},
        tags=(scrape.section,) if scrape.section else (),
        teasers=scrape.teasers,
        tail=scrape.tail,
        repeated=scrape.repeated,
    )


def _from_text(item: Item) -> _Content:
    """Clean plain text; without a title of its own, a short first line is the title."""
    parts = paragraphs((item.content or item.summary)[: 2 * MAX_BODY_CHARS])
    title = title_text(item.title)
    if not title and len(parts) > 1 and len(parts[0]) <= 200 and not parts[0].endswith((".", ",", ";", "؛")):
        title = parts[0]
    summary = html_to_text(item.summary) if item.content else ""
    return _Content(title=title, body=_without_title("\n\n".join(parts), title), summary=summary)


def _from_teaser(item: Item) -> _Content:
    """A headline with at most a summary."""
    summary = html_to_text(item.summary or item.content)
    return _Content(title=title_text(item.title), body=summary, summary=summary)


_READERS = {
    "entry": _from_entry,
    "text": _from_text,
    "teaser": _from_teaser,
}


def _without_title(body: str, title: str) -> str:
    """The body without a first line that only repeats the title, and without the bylines that follow it."""
    first, _, rest = body.partition("\n\n")
    line, _, below = first.partition("\n")
    if not title or one_line(line).casefold() != title.casefold():
        return body
    kept = "\n".join(dropwhile(lambda text: kind_of(text) == "byline", below.split("\n"))) if below else ""
    return "\n\n".join(part for part in (kept, rest) if part)


def _without_appendix(body: str) -> str:
    before, _, last = body.rpartition("\n\n")
    return before if _APPENDED.fullmatch(one_line(last)) else body


def _cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters, XML-legal, cut at the end of a paragraph or word where there is one."""
    legal = xml_legal(text).strip()
    if len(legal) <= limit:
        return legal
    cut = legal[: limit - 1]
    place = max(cut.rfind("\n\n", limit // 2), cut.rfind(" ", limit - 1_000))
    return (cut[:place] if place > 0 else cut).rstrip() + "…"


def _category_name(category: Category) -> str:
    return title_text(category.label or category.term)


def _tags(names: list[str]) -> tuple[str, ...]:
    """The names as tags: each once, whatever its capitals, no addresses, bounded."""
    found: dict[str, str] = {}
    for name in names[: 20 * MAX_TAGS]:
        tag = one_line(name)
        if tag and len(tag) <= MAX_TAG_CHARS and "://" not in tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:MAX_TAGS]


def _people(authors: tuple[Person, ...]) -> tuple[Person, ...]:
    people = []
    for author in authors[:MAX_AUTHORS]:
        name = shorten(title_text(author.name), 200)
        email = author.email if author.email and _EMAIL.fullmatch(author.email) else None
        if name or email:
            people.append(Person(name=name or email or "", email=email, url=http_url(author.url)))
    return tuple(dict.fromkeys(people))


def _enclosures(enclosures: tuple[Enclosure, ...]) -> tuple[Enclosure, ...]:
    """Those with an address that a reader may follow."""
    kept = []
    for enclosure in enclosures[:MAX_ENCLOSURES]:
        url = http_url(enclosure.url)
        kind = enclosure.media_type if enclosure.media_type and _MEDIA_TYPE.fullmatch(enclosure.media_type) else None
        length = enclosure.length_bytes if enclosure.length_bytes is not None and enclosure.length_bytes >= 0 else None
        if url:
            kept.append(Enclosure(url=url, media_type=kind, length_bytes=length))
    return tuple(dict.fromkeys(kept))
