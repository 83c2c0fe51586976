"""Who a page says has written its article: the places of names, most trusted first, and the names in each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile, zip_longest
from typing import Any

from feedwatch.datewords import FILLERS, ZONES, months, weekdays
from feedwatch.extract.survey import Survey
from feedwatch.markup import title_text
from feedwatch.text import fold_plain, one_line

MAX_AUTHORS = 20
#: Of several authors one link follows the other within so many elements.
_NEAR = 8
#: A name has no more.
_MAX_BLANKS = 5
_AUTHORS = ("parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author", "byl")
_BETWEEN_NAMES = re.compile(
    r"\s*(?:;|\||/|•|·|,(?!\s*(?:jr|sr|phd|md)\b)(?:\s*(?:and|und|et|y|e|&)\s)?|\s(?:and|und|et|y|e|&|with|mit|و)\s)\s*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:.{0,40}?\b(?:by|von|vom|par|por|door|przez)\s+|\W*(?:author|autor(?:in)?|auteur|text|de|di|da|av|af|daga|oleh|penulis|reporter|redaktur)\b\s*:?\s*|"
    r"\W*(?:بقلم|كتب)\s*:?\s*|[^\W\d_]{3,12} ?:\s+|\W+)",
    re.IGNORECASE,
)
#: What stands behind a name in a byline.
_AFTER_NAME = re.compile(
    r"\s*(?:\bon\b|\bam\b|\ble\b|\bel\b|(?<=\s)\d|\(|\||@|[–—-]\s|\bpublished\b|\bupdated\b|\bfollow\b|\bin\b|\bfor\b).*$",
    re.IGNORECASE,
)
_LINES = ("byline", "signed line")
_NO_NAME = re.compile(
    r"[!?]|\d.* |.* .*\d|https?:|www\.|@|admin|wordpress|webmaster|^(?:by|author|autor|name|gastbeitrag|stand|quelle|"
    r"publiziert|nachricht|jobs|hire|editor|staff|posted|share|follow|"
    r"datum|date|published|comments?|kommentare?|mehr|more|alle|all|view|read)\b|\.(?:com|de|org|net|fr|ch|at)$",
    re.IGNORECASE,
)
#: What somebody is, behind the name or in its place.
_ROLES = (
    r"(?:(?:our|the|a|an|senior|junior|executive|chief|staff|special|contributing|associate|assistant|deputy|"
    r"managing|foreign|political|national|regional|international|diplomatic|security|defen[cs]e|business|economics?|"
    r"health|science|technology|sports?|games|news|features?|opinion|africa|washington|white house|city|night|web|"
    r"digital|data|investigative|freelance|guest)\s+)*"
    r"(?:editor|correspondent|reporter|writer|columnist|journalist|photographer|envoy[ée]e?s? sp[ée]cia|"
    r"(?:notre )?correspondant|journaliste|r[ée]dact(?:eur|rice|or)|grand reporter|chroniqueu[rs]e?|[ée]ditorialiste|"
    r"기자|특파원|記者|corresponsal|enviad[oa]s? especia|periodista|correspondente|jornalista|rep[óo]rter|colunista|"
    r"redakteur|korrespondent|مراسل)[^\W\d_]*\b"
)
_ROLE = re.compile(rf"(?:^|\s+){_ROLES}.*$", re.IGNORECASE)
_ROLE_BEFORE = re.compile(rf"^(?i:{_ROLES}):?\s+(?=[A-ZÀ-Þ])")
_WORD = re.compile(r"[^\W\d_]+")
_IN_DATES = frozenset({"am", "pm", *FILLERS})


def authors_of(seen: Survey, linked: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """The authors' names and where they stood: of the first place that names any."""
    site = one_line(seen.meta.get("og:site_name", ""))
    given = linked.get("author")
    people = [_person(author, seen) for author in (given if isinstance(given, list) else [given])[:MAX_AUTHORS]]
    places: list[tuple[list[str], str]] = [
        (people, "json-ld author"),
        (seen.meta_authors, "meta author"),
        ([seen.meta[name] for name in _AUTHORS if name in seen.meta], "meta creator"),
        (seen.properties.get("author", [])[:3], "itemprop author"),
        (_first_group(seen.author_links), "link rel=author"),
        (_first_group(seen.author_pages), "link to an author"),
        *(([text], "byline") for text in seen.bylines[:6]),
        *(([text], "signed line") for text in seen.signed[:2]),
    ]
    for texts, origin in places:
        people_of = _people_of_line if origin in _LINES else _people
        names = [bare for text in texts for name in people_of(text) if (bare := _without_site(name, site))]
        if names:
            return tuple(dict.fromkeys(names))[:MAX_AUTHORS], origin
    return (), ""


def _first_group(links: Sequence[tuple[int, str]]) -> list[str]:
    """The texts of the first link and of those that stand closely behind: later ones are of other articles."""
    near = takewhile(lambda pair: pair[1][0] - pair[0][0] <= _NEAR, pairwise(links))
    return [text for _, text in [*links[:1], *(pair[1] for pair in near)]]


def _without_site(name: str, site: str) -> str:
    """The name without that of the site behind it; "" when it is the site's."""
    is_behind = bool(site) and name.casefold().endswith(site.casefold())
    return name[: -len(site)].rstrip(" ,-–|") if is_behind else name


def _person(value: Any, seen: Survey) -> str:
    """The name of a JSON-LD author, who may only be referred to."""
    name = string(value)
    known = value.get("@id") if isinstance(value, dict) else None
    return seen.names.get(known, name) if isinstance(known, str) and "://" in name else name


def _people(text: str) -> Iterator[str]:
    """The names in a byline."""
    if "://" in text or (text.rstrip().endswith(".") and text.count(" ") > _MAX_BLANKS):
        return
    parts = _BETWEEN_NAMES.split(_BY.sub("", title_text(text[:2_000])))
    for place, (part, after) in enumerate(zip_longest(parts, parts[1:], fillvalue="")):
        # What is said of somebody goes on in small letters: "in São Paulo".
        if _is_date(part) or (place > 0 and part[:1].islower()):
            continue
        bare = _ROLE_BEFORE.sub("", _AFTER_NAME.sub("", _BY.sub("", part)))
        name = _ROLE.sub("", bare).strip(" ,.:;–-|*")
        if _is_date(after) and fold_plain(name.rpartition(" ")[2]) in weekdays():
            name = name.rpartition(" ")[0]
        name = _once(name)
        is_short = 2 <= len(name) <= 60 and name.count(" ") <= _MAX_BLANKS
        if is_short and any(map(str.isalpha, name)) and not _NO_NAME.search(name):
            yield name


def _people_of_line(text: str) -> Iterator[str]:
    """The names in a line that readers see: what is one word behind a whole name is a place or an agency."""
    is_whole = False
    for name in _people(text):
        if not is_whole or " " in name:
            yield name
        is_whole = is_whole or " " in name


def _once(name: str) -> str:
    """The name that is written twice, for readers and for programs that read aloud, as one."""
    words = name.split()
    half = len(words) // 2
    return " ".join(words[:half]) if words[:half] == words[half:] else name


def _is_date(part: str) -> bool:
    """Whether a part of a byline is of a date or time and nothing else."""
    words = _WORD.findall(fold_plain(part))
    known = (months(), weekdays(), ZONES, _IN_DATES)
    return any(map(str.isdigit, part)) and all(any(word in names for names in known) for word in words)


def string(value: Any) -> str:
    """The text of a JSON-LD value: itself, its name or address, or that of the first of several."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("url") or value.get("@id") or value.get("@value") or ""
    return value if isinstance(value, str) else ""
