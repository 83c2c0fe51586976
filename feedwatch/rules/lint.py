"""Lints: terms that work, but hardly as their writer thinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feedwatch.model import Article, Facet
from feedwatch.rules.classify import Classifier
from feedwatch.rules.fold import words_of
from feedwatch.rules.origins import Origin
from feedwatch.rules.probing import LIST_POINTS, points_of, probing
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.terms import Term

#: Articles of a language that must have been seen before "never matched" says anything.
MIN_ARTICLES = 200
COMMON_PART = 0.10
#: A wildcard's word in more than this part of the articles is a frequent one.
FREQUENT_PART = 0.05
SHORT_LETTERS = 2
MAX_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One thing to look at."""

    #: short, capitals, begins, swallows, frequent, twice, never, common, untested.
    kind: str
    facet: Facet
    rule: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place or 'rules'} {self.facet}:{self.rule}: {self.message}"


def lint_rules(ruleset: RuleSet, places: Sequence[Origin]) -> list[Lint]:
    """What the rules alone tell, in the order of files and lines."""
    scoring = [place for place in places if place.list in LIST_POINTS]
    found = [
        *_capitals(scoring),
        *_beginnings(scoring, ruleset),
        *_swallowed(scoring),
        *_twice(scoring, ruleset),
        *_untested(ruleset, places),
    ]
    return sorted(dict.fromkeys(found), key=lambda lint: (lint.file, lint.line or 0, lint.kind, lint.message))


def _lint(kind: str, place: Origin, message: str) -> Lint:
    return Lint(kind=kind, facet=place.facet, rule=place.rule, message=message, file=place.file, line=place.line)


def _capitals(places: Iterable[Origin]) -> Iterator[Lint]:
    for place in places:
        term = place.term
        letters = [char for char in term.text if char.isalpha()]
        # A script without capitals gives nothing to be exact about.
        if term.exact or term.wild or len(term.words) > 1 or not any(c.upper() != c.lower() for c in letters):
            continue
        if len(letters) > 1 and all(char.isupper() for char in letters):
            yield _lint("capitals", place, f'"{term.text}" also matches small letters (write "={term.text}")')
        elif len(letters) <= SHORT_LETTERS:
            yield _lint("short", place, f'"{term.text}" is short and matches in any case (write it with "=")')


def _beginnings(places: Sequence[Origin], ruleset: RuleSet) -> Iterator[Lint]:
    """Terms of a region that a term of another region starts with."""
    names: dict[tuple[str, ...], list[Origin]] = {}
    for place in places:
        if place.facet == "region" and not place.term.wild:
            names.setdefault(place.term.words, []).append(place)
    for place in places:
        words = place.term.words
        if place.facet != "region":
            continue
        for end in range(1, len(words)):
            for short in names.get(words[:end], ()):
                if (
                    not _are_kin(short.rule, place.rule, ruleset)
                    and _share_language(short.term, place.term)
                    and not _is_excepted(words, ruleset.rules["region"][short.rule])
                ):
                    yield _lint(
                        "begins",
                        short,
                        f'"{short.term.text}" begins "{place.term.text}" of region:{place.rule}; '
                        "the longer one wins where it stands whole",
                    )


def _swallowed(places: Sequence[Origin]) -> Iterator[Lint]:
    """Wildcards that match a term of another rule of the facet."""
    words: dict[str, list[Origin]] = {}
    for place in places:
        if len(place.term.words) == 1 and not place.term.exact:
            words.setdefault(place.term.words[0], []).append(place)
    order = sorted(words)
    for place in places:
        if not place.term.wild or len(place.term.words) > 1:
            continue
        stem = place.term.words[0]
        for other in _with_prefix(order, words, stem):
            is_own = (other.facet, other.rule) == (place.facet, place.rule)
            # The same wildcard in two rules is meant, or told of as a term that stands twice.
            is_same = other.term.key == place.term.key
            if not is_own and not is_same and other.facet == place.facet and _share_language(place.term, other.term):
                yield _lint(
                    "swallows",
                    place,
                    f'"{place.term.text}" also matches "{other.term.text}" of {other.facet}:{other.rule}',
                )


def _with_prefix(order: Sequence[str], words: Mapping[str, list[Origin]], stem: str) -> Iterator[Origin]:
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if order[middle] < stem else (low, middle)
    while low < len(order) and order[low].startswith(stem):
        yield from words[order[low]]
        low += 1


def _twice(places: Sequence[Origin], ruleset: RuleSet) -> Iterator[Lint]:
    """The same term at equal points in two regions."""
    seen: dict[tuple[str, float], list[Origin]] = {}
    for place in places:
        if place.facet != "region" or place.list == "unsure":
            continue
        same = seen.setdefault((place.term.key, points_of(place.list, place.term)), [])
        for other in same:
            if not _are_kin(other.rule, place.rule, ruleset) and _share_language(other.term, place.term):
                yield _lint(
                    "twice",
                    place,
                    f'"{place.term.text}" has the same points in region:{other.rule} ({other.file}:{other.line})',
                )
        same.append(place)


def _untested(ruleset: RuleSet, places: Sequence[Origin]) -> Iterator[Lint]:
    """Rules that no test names; those of a file in one lint."""
    named = {item for test in ruleset.tests for item in (*test.expect, *test.reject)}
    first: dict[tuple[Facet, str], Origin] = {}
    for place in places:
        first.setdefault((place.facet, place.rule), place)
    files: dict[tuple[str, Facet], list[Origin]] = {}
    for (facet, rule_id), place in first.items():
        if named.isdisjoint({f"{facet}:{rule_id}", f"mentions:{rule_id}", f"main:{rule_id}"}):
            files.setdefault((place.file, facet), []).append(place)
    for group in files.values():
        rules = sorted(place.rule for place in group)
        yield _lint("untested", group[0], f"no test names {_some(rules)}")


def _some(words: Sequence[str]) -> str:
    more = len(words) - MAX_NAMED
    return ", ".join(words[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _are_kin(one: str, other: str, ruleset: RuleSet) -> bool:
    """Whether hits of one rule count for the other as well, by parent or group."""
    rules = ruleset.rules["region"]
    first, second = rules[one], rules[other]
    return (
        one == other
        or (first.parent or one) == (second.parent or other)
        or other in first.members
        or one in second.members
    )


def _share_language(one: Term, other: Term) -> bool:
    return one.langs is None or other.langs is None or not one.langs.isdisjoint(other.langs)


def _is_excepted(words: tuple[str, ...], rule: Rule) -> bool:
    return any(term.words == words[: len(term.words)] for term in rule.excepts)


@dataclass(slots=True)
class _Seen:
    """In how many articles a term matched, and with which words."""

    articles: int = 0
    recent: int = 0
    words: Counter[str] = field(default_factory=Counter)


class Archive:
    """Counts what the terms match in stored articles."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._classifier = Classifier(probing(ruleset))
        self._ruleset = ruleset
        self._seen: dict[tuple[Facet, str, str], _Seen] = {}
        #: Articles by language, and those of the last days.
        self._articles: Counter[str] = Counter()
        self._recent: Counter[str] = Counter()
        self._wild = {
            (facet, rule.id, term.text)
            for facet, rules in ruleset.rules.items()
            for rule in rules.values()
            for name in LIST_POINTS
            for term in getattr(rule, name)
            if term.wild
        }

    def add(self, article: Article, *, is_recent: bool) -> None:
        """Take note of an article."""
        langs = article.languages or frozenset({""})
        self._articles.update(langs)
        if is_recent:
            self._recent.update(langs)
        texts = {"title": article.title, "lead": article.body, "body": article.body}
        for label in self._classifier.classify(article):
            terms: set[str] = set()
            for one in label.evidence:
                seen = self._seen.setdefault((label.facet, label.rule, one.term), _Seen())
                if one.term not in terms:
                    terms.add(one.term)
                    seen.articles += 1
                    seen.recent += is_recent
                if (label.facet, label.rule, one.term) in self._wild and one.field in texts:
                    spans = one.spans[:MAX_NAMED]
                    seen.words.update({" ".join(words_of(texts[one.field][a:b])) for a, b in spans})

    def lints(self, places: Sequence[Origin], *, days: int) -> list[Lint]:
        """What the archive tells: terms never or too often matched, wildcards on frequent words."""
        found: list[Lint] = []
        never: dict[tuple[str, int, str, Facet], list[Origin]] = {}
        for place in places:
            if place.list not in LIST_POINTS:
                continue
            read, recent = self._read(place.term, self._articles), self._read(place.term, self._recent)
            seen = self._seen.get((place.facet, place.rule, place.term.text), _Seen())
            if recent >= MIN_ARTICLES and not seen.recent and place.list != "unsure":
                never.setdefault((place.file, place.line, place.rule, place.facet), []).append(place)
            if read >= MIN_ARTICLES:
                found += self._often(place, seen, read)
        for group in never.values():
            terms = [f'"{place.term.text}"' for place in group]
            found.append(_lint("never", group[0], f"not matched in {days} days: {_some(terms)}"))
        return sorted(found, key=lambda lint: (lint.file, lint.line or 0, lint.kind, lint.message))

    def _often(self, place: Origin, seen: _Seen, read: int) -> Iterator[Lint]:
        if seen.articles > COMMON_PART * read:
            yield _lint(
                "common", place, f'"{place.term.text}" is in {seen.articles} of {read} articles; it tells little'
            )
        for word, count in seen.words.most_common():
            if count > FREQUENT_PART * read and word != place.term.words[-1]:
                yield _lint(
                    "frequent", place, f'"{place.term.text}" matches the frequent word "{word}" ({count} of {read})'
                )

    def _read(self, term: Term, articles: Mapping[str, int]) -> int:
        """Articles in which the term could have matched; one in several languages counts for the best."""
        if term.langs is None:
            return sum(articles.values())
        return max([articles.get(lang, 0) for lang in term.langs], default=0) + articles.get("", 0)
