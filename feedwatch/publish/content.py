"""What an entry says in a feed: its text, in the form the feed asks for, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feedwatch.markup import sanitise, text_to_html
from feedwatch.model import Article, Category, Entry, Facet, FeedSpec, Reason
from feedwatch.publish.values import label, legal, one_line, web_iri
from feedwatch.text import shorten

#: Of the text in a feed whose content is "summary".
MAX_SUMMARY_CHARS = 500

#: Words that the line for people gives of one rule.
MAX_WORDS = 6

#: ISO 3166 countries and their subdivisions, as an RFC 5141 name.
COUNTRY_SCHEME = "urn:iso:std:iso:3166"
#: IPTC Media Topics; scheme and term together are the address of the concept.
MEDIA_TOPIC_SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_MEDIA_TOPIC = re.compile(r"medtop:([0-9]{8})")
# What nh3 writes: lower case, every attribute in double quotes.
#: One without another in it.
_PLAYER = re.compile(r"<(audio|video)\b((?!<(?:audio|video)\b).)*?</\1>", re.DOTALL)
_SOURCE = re.compile(r' src="([^"]+)"')
_OVERRIDE = re.compile(r"(</?)bdo\b")
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_VOID = frozenset({"br", "col", "hr", "img", "source", "wbr"})
#: What must be around, nearer than another of its kind.
_HOLDERS = {"dt": ("dl",), "dd": ("dl",), "li": ("ul", "ol"), "rt": ("ruby",), "rp": ("ruby",)}
#: A word or phrase of a list in one of their scripts.
_FROM_RIGHT = re.compile("[^\\s,·–&<>]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[^,·–&<>]*[^\\s,·–&<>])?")
#: Languages written from right to left; a script subtag says so too.
_RIGHT_TO_LEFT = re.compile(
    r"(ar|arc|ckb|dv|fa|glk|he|iw|ks|lrc|mzn|nqo|pnb|ps|sd|syr|ug|ur|yi|[a-z]{2,3}-(arab|hebr|nkoo|syrc|thaa|adlm))"
    r"(-.*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The text of an entry: HTML for atom:content, or plain text for atom:summary; "" for none."""

    html: str = ""
    summary: str = ""

    @property
    def summary_html(self) -> str:
        """The summary where a format takes every text for HTML."""
        return escape(self.summary, quote=False)


def text_of(spec: FeedSpec, entry: Entry, *, title: str, linked: bool) -> Text:
    """The entry's text as the feed wants it; never nothing, for an entry without text passes for broken.

    An entry without an alternate link (`linked` False) needs a content (RFC 4287 section 4.1.2), so its
    text stands there in every form, at the least its `title` as published.
    """
    article = entry.article
    if spec.content == "full":
        body = _plain(legal(article.html).strip())
        body = body or text_to_html(legal(article.body)) or text_to_html(legal(article.summary))
    else:
        short = shorten(legal(article.summary or article.body), MAX_SUMMARY_CHARS) if spec.content == "summary" else ""
        if short and linked:
            return Text(summary=short)
        body = text_to_html(short)
    why = reasons_html(spec, entry)
    footer = f"<p><small>{why}</small></p>" if why else ""
    if not body and not (linked and footer):
        body = _linked(title, article)
    return Text(html="\n".join(filter(None, (_directed(body, article), footer))))


def _linked(title: str, article: Article) -> str:
    """The title, as a link where the entry has a page."""
    text, url = escape(title, quote=False), web_iri(article.url)
    return f'<p><a href="{escape(url)}">{text}</a></p>' if url else f"<p>{text}</p>"


def categories_of(spec: FeedSpec, entry: Entry) -> list[Category]:
    """The publisher's own tags, then one category for each rule that put the entry into the feed."""
    found = [Category(term=term) for tag in entry.article.tags if (term := one_line(tag))]
    if spec.reasons:
        found += [_category(reason) for reason in entry.reasons]
    return list(dict.fromkeys(found))


def right_to_left(language: str | None) -> bool:
    """Whether the language is written from right to left."""
    return _RIGHT_TO_LEFT.fullmatch(language or "") is not None


def rule_scheme(facet: Facet) -> str:
    """The scheme of rules that have no standard code; the term is the rule's id."""
    return f"urn:feedwatch:{facet}"


def _category(reason: Reason) -> Category:
    code = reason.code or ""
    name = label(reason.name) or None
    if reason.facet == "region" and _COUNTRY.fullmatch(code):
        return Category(term=code, scheme=COUNTRY_SCHEME, label=name)
    if topic := _MEDIA_TOPIC.fullmatch(code):
        return Category(term=topic[1], scheme=MEDIA_TOPIC_SCHEME, label=name)
    return Category(term=one_line(reason.rule), scheme=rule_scheme(reason.facet), label=name)


def _plain(html: str) -> str:
    """Sounds and films as links, no override of direction, no part of a list or of ruby outside its own.

    Only their `controls` make players visible in a browser, and readers and validators alike take those for a
    risk; an override ("bdo") turns text around, an isolate does not; parts that stand alone are read differently
    by readers of different age.
    """
    if "<audio" in html or "<video" in html:
        found = 1
        while found:
            html, found = _PLAYER.subn(_link_to_media, html)
        # A link in a link, and what stood in a player: read once more.
        html = sanitise(html)
    if "<dt" in html or "<dd" in html or "<rt" in html or "<rp" in html or "<li" in html:
        html = _without_strays(html)
    return _OVERRIDE.sub(r"\1bdi", html) if "<bdo" in html else html


def _without_strays(html: str) -> str:
    around: list[str] = []
    strays: set[str] = set()
    for closing, name in _TAG.findall(html):
        if closing:
            if around:
                around.pop()
            continue
        if name in _VOID:
            continue
        holders = _HOLDERS.get(name)
        if holders and not _is_held(name, holders, around):
            strays |= {name, *(other for other in _HOLDERS if _HOLDERS[other] == holders)}
        around.append(name)
    # What they held apart may not stand together.
    return sanitise(_TAG.sub(lambda tag: "" if tag[2] in strays else tag[0], html)) if strays else html


def _is_held(name: str, holders: Sequence[str], around: Sequence[str]) -> bool:
    """Whether an element stands in what it belongs to."""
    if "ruby" in holders:
        return bool(around) and around[-1] == "ruby"
    nearest = next((each for each in reversed(around) if each in holders or _HOLDERS.get(each) == holders), None)
    return nearest is None or nearest in holders


def _link_to_media(found: re.Match[str]) -> str:
    """The first address in a player, as a link."""
    source = _SOURCE.search(found[0])
    return f'<a href="{source[1]}">{found[1]}: {source[1]}</a>' if source else ""


def _directed(html: str, article: Article) -> str:
    """The HTML with its direction where a reader would guess wrong: Atom itself has no word for it."""
    if not html or not right_to_left(article.language):
        return html
    return f'<div dir="rtl" lang="{escape(article.language or "")}">{html}</div>'


#: How the line of reasons begins. Not in Arabic: the names of rules run from left to right, and so the line does.
_WHY = {"es": "Por qué: ", "fr": "Pourquoi : ", "ha": "Dalili: ", "pt": "Porquê: "}


def reasons_line(spec: FeedSpec, entry: Entry) -> str:
    """One small line for people: the rules and the words that were found; no points. "" if it is not wanted.

    A region without a code of its own (a group of countries) only says what the countries have not said, and
    nothing where that is nothing; of many words the first are given.
    """
    reasons = entry.reasons if spec.reasons and spec.footer else ()
    lines: list[str] = []
    said: set[str] = set()
    for reason in sorted(reasons, key=_is_group):
        words = [word for word in _words(reason.terms) if not (_is_group(reason) and word in said)]
        if words or not reason.terms:
            said.update(words)
            lines.append(_line(reason, words))
    if not lines:
        return ""
    return _WHY.get((spec.lang or "").lower().split("-")[0], "Why: ") + " · ".join(lines)


def reasons_html(spec: FeedSpec, entry: Entry) -> str:
    """The same as HTML, each word from right to left by itself: a list of them would run backwards otherwise."""
    # Once more legal: what was mixed with another script stands by itself now.
    return legal(_FROM_RIGHT.sub(r"<bdi>\g<0></bdi>", escape(reasons_line(spec, entry), quote=False)))


def _is_group(reason: Reason) -> bool:
    return reason.facet == "region" and reason.code is None


def _words(terms: Sequence[str]) -> tuple[str, ...]:
    """The terms without the marks of the rule language."""
    return tuple(word for term in terms if (word := one_line(term).removeprefix("=").replace("*", "…")))


def _line(reason: Reason, words: Sequence[str]) -> str:
    name = one_line(reason.name or reason.rule)
    more = ["…"] if len(words) > MAX_WORDS else []
    return f"{name} – {', '.join([*words[:MAX_WORDS], *more])}" if words else name
