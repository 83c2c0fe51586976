"""What an entry says in a feed: its text, in the form the feed asks for, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feedwatch.markup import text_to_html
from feedwatch.model import Article, Category, Entry, Facet, FeedSpec, Reason
from feedwatch.text import one_line, shorten, xml_legal

#: Of the text in a feed whose content is "summary".
MAX_SUMMARY_CHARS = 500

#: ISO 3166 countries and their subdivisions, as an RFC 5141 name.
COUNTRY_SCHEME = "urn:iso:std:iso:3166"
#: IPTC Media Topics; scheme and term together are the address of the concept.
MEDIA_TOPIC_SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_MEDIA_TOPIC = re.compile(r"medtop:([0-9]{8})")
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


def text_of(spec: FeedSpec, entry: Entry, *, title: str, linked: bool) -> Text:
    """The entry's text as the feed wants it.

    An entry without an alternate link (`linked` False) needs a content (RFC 4287 section 4.1.2), so its
    text stands there in every form, at the least its `title` as published.
    """
    article = entry.article
    if spec.content == "full":
        body = xml_legal(article.html).strip() or text_to_html(article.body) or text_to_html(article.summary)
    else:
        short = shorten(article.summary or article.body, MAX_SUMMARY_CHARS) if spec.content == "summary" else ""
        if linked:
            return Text(summary=short)
        body = text_to_html(short)
    if not body and not linked:
        body = text_to_html(title)
    why = _footer(entry.reasons, spec.lang) if spec.reasons else ""
    return Text(html="\n".join(filter(None, (_directed(body, article), why))))


def categories_of(entry: Entry) -> list[Category]:
    """The publisher's own tags, then one category for each rule that put the entry into the feed."""
    found = [Category(term=term) for tag in entry.article.tags if (term := one_line(tag))]
    found += [_category(reason) for reason in entry.reasons]
    return list(dict.fromkeys(found))


def rule_scheme(facet: Facet) -> str:
    """The scheme of rules that have no standard code; the term is the rule's id."""
    return f"urn:feedwatch:{facet}"


def _category(reason: Reason) -> Category:
    code = reason.code or ""
    label = one_line(reason.name) or None
    if reason.facet == "region" and _COUNTRY.fullmatch(code):
        return Category(term=code, scheme=COUNTRY_SCHEME, label=label)
    if topic := _MEDIA_TOPIC.fullmatch(code):
        return Category(term=topic[1], scheme=MEDIA_TOPIC_SCHEME, label=label)
    return Category(term=one_line(reason.rule), scheme=rule_scheme(reason.facet), label=label)


def _directed(html: str, article: Article) -> str:
    """The HTML with its direction where a reader would guess wrong: Atom itself has no word for it."""
    if not html or not _RIGHT_TO_LEFT.fullmatch(article.language or ""):
        return html
    return f'<div dir="rtl" lang="{escape(article.language or "")}">{html}</div>'


def _footer(reasons: Sequence[Reason], lang: str | None) -> str:
    """One small line for people: the rules and the words that were found; no points.

    Rules found by the same words (a country and the groups it is in) share them, the country first.
    """
    together: dict[tuple[str, ...], list[Reason]] = {}
    for reason in reasons:
        together.setdefault(_words(reason.terms), []).append(reason)
    lines = [_line(same, words) for words, same in together.items()]
    if not lines:
        return ""
    label = "Pourquoi : " if (lang or "").lower().split("-")[0] == "fr" else "Why: "
    return f"<p><small>{label}{escape(' · '.join(lines), quote=False)}</small></p>"


def _words(terms: Sequence[str]) -> tuple[str, ...]:
    """The terms without the marks of the rule language."""
    return tuple(word for term in terms if (word := one_line(term).removeprefix("=").replace("*", "…")))


def _line(reasons: Sequence[Reason], words: Sequence[str]) -> str:
    ordered = sorted(reasons, key=lambda reason: reason.code is None)
    names = ", ".join(one_line(reason.name or reason.rule) for reason in ordered)
    return f"{names} – {', '.join(words)}" if words else names
