"""Words that mark the articles of a rule and that none of its terms covers.

Ranked by the log-odds ratio with an informative Dirichlet prior, in standard deviations (Monroe, Colaresi and
Quinn 2008, "Fightin' Words"), over document counts and within one language, so that common words cancel out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from feedwatch.model import Article, Facet
from feedwatch.rules.classify import Classifier
from feedwatch.rules.fold import fold
from feedwatch.rules.probing import probing_family
from feedwatch.rules.ruleset import RuleSet
from feedwatch.text import shorten

#: Documents of the rule that must hold a phrase.
MIN_COUNT = 3
MIN_LETTERS = 3
#: Strength of the prior, in documents.
_PRIOR = 10.0
#: Only phrases this clearly more frequent among the rule's articles are worth a look (two-sided 5 %).
_LEAST_Z = 1.96
#: A phrase and a longer one that holds it are one find if they stand in about the same documents.
_SAME = 0.8
_EXAMPLES = 2
_CONTEXT = 40
#: A phrase must be so many times as frequent among the rule's articles as elsewhere.
_LEAST_LIFT = 3.0
_GAP = "\n\n"
#: Ends a phrase.
_CUT = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A word or pair of words that the rule might want."""

    #: As most articles write it.
    phrase: str
    lang: str
    #: Documents of the rule with the phrase, and other documents with it.
    inside: int
    outside: int
    #: Log-odds ratio in standard deviations.
    z: float
    examples: tuple[str, ...]

    @property
    def precision(self) -> float:
        """The part of the documents with the phrase that the rule has."""
        return self.inside / (self.inside + self.outside)


@dataclass(frozen=True, slots=True)
class _Read:
    """What is remembered of one article."""

    #: Folded words, with breaks in place of what the rule's terms cover.
    text: str
    #: The text as it is, and with the same cuts, equally long; only for articles of the rule.
    original: str
    cut: str


class Suggester:
    """Collects articles, then suggests."""

    def __init__(self, ruleset: RuleSet, facet: Facet, rule_id: str) -> None:
        self._classifier = Classifier(probing_family(ruleset, facet, rule_id))
        self._inside: dict[str, list[_Read]] = {}
        self._outside: dict[str, list[_Read]] = {}

    def add(self, article: Article, *, inside: bool) -> None:
        """Take note of an article of the rule, or of another one."""
        cut = self._uncovered(article)
        side = self._inside if inside else self._outside
        text = fold(cut).text
        read = _Read(text, _GAP.join((article.title, article.body)), cut) if inside else _Read(text, "", "")
        side.setdefault(article.language or "", []).append(read)

    def _uncovered(self, article: Article) -> str:
        """Title and body with breaks, as long, in place of everything that the rule's terms cover."""
        fields = {"title": article.title, "body": article.body}
        spans: dict[str, list[tuple[int, int]]] = {"title": [], "body": []}
        for label in self._classifier.classify(article):
            for one in label.evidence:
                name = "body" if one.field == "lead" else one.field
                spans.get(name, []).extend(one.spans)
        texts = []
        for name, text in fields.items():
            pieces, place = [], 0
            for start, end in sorted(spans[name]):
                pieces += [text[place:start], _CUT * (end - max(start, place))]
                place = max(place, end)
            texts.append("".join([*pieces, text[place:]]))
        return _GAP.join(texts)

    def counts(self) -> tuple[int, int]:
        """Articles of the rule, and others."""
        return sum(map(len, self._inside.values())), sum(map(len, self._outside.values()))

    def suggest(self, *, limit: int, min_count: int = MIN_COUNT) -> list[Suggestion]:
        """The `limit` best phrases of all languages, best first."""
        found: list[Suggestion] = []
        for lang in sorted(self._inside):
            found += self._of_language(lang, limit, min_count)
        return sorted(found, key=lambda one: (-one.z, one.lang, one.phrase))[:limit]

    def _of_language(self, lang: str, limit: int, min_count: int) -> list[Suggestion]:
        inside, outside = self._inside[lang], self._outside.get(lang, [])
        ours = Counter(phrase for read in inside for phrase in _phrases(read.text))
        ours = Counter({phrase: count for phrase, count in ours.items() if count >= min_count})
        theirs = Counter(phrase for read in outside for phrase in _phrases(read.text) if phrase in ours)
        ranked = _ranked(ours, theirs, len(inside), len(outside))
        kept: list[tuple[float, str]] = []
        for z, phrase in ranked:
            if len(kept) == limit:
                break
            if not any(_is_same(phrase, other, ours) for _, other in kept):
                kept.append((z, phrase))
        return [self._suggestion(z, phrase, lang, ours[phrase], theirs[phrase]) for z, phrase in kept]

    def _suggestion(self, z: float, phrase: str, lang: str, inside: int, outside: int) -> Suggestion:
        written: Counter[str] = Counter()
        examples: list[str] = []
        needle = f" {phrase} "
        for read in self._inside[lang]:
            if needle not in read.text:
                continue
            folded = fold(read.cut)
            place = folded.text.find(needle) + 1
            start, end = folded.span(place, place + len(phrase))
            written[" ".join(read.original[start:end].split())] += 1
            if len(examples) < _EXAMPLES:
                context = read.original[max(0, start - _CONTEXT) : end + _CONTEXT]
                examples.append(shorten(context, 2 * _CONTEXT + len(phrase)))
        best = min(written, key=lambda form: (-written[form], form != form.lower(), form))
        return Suggestion(
            phrase=best, lang=lang, inside=inside, outside=outside, z=round(z, 2), examples=tuple(examples)
        )


def _phrases(text: str) -> set[str]:
    """The words and pairs of words of a folded text; no pair crosses a break."""
    # A break gives empty words.
    words = text.split(" ")
    return {*_singles(words), *(f"{a} {b}" for a, b in pairwise(words) if _is_pair(a, b))}


def _singles(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if len(word) >= MIN_LETTERS and word.isalpha())


def _is_pair(a: str, b: str) -> bool:
    return a.isalpha() and b.isalpha() and max(len(a), len(b)) >= MIN_LETTERS


def _ranked(ours: Counter[str], theirs: Counter[str], inside: int, outside: int) -> list[tuple[float, str]]:
    """The phrases that mark our documents, best first."""
    ranked = []
    for phrase, count in ours.items():
        other = theirs[phrase]
        prior = _PRIOR * (count + other) / (inside + outside)
        a, b = count + prior, other + prior
        ratio = math.log(a / (inside + _PRIOR - a + 1)) - math.log(b / (outside + _PRIOR - b + 1))
        z = ratio / math.sqrt(1 / a + 1 / b)
        if z >= _LEAST_Z and count * outside >= _LEAST_LIFT * other * inside:
            ranked.append((z, phrase))
    return sorted(ranked, key=lambda one: (-one[0], one[1]))


def _is_same(phrase: str, other: str, counts: Counter[str]) -> bool:
    """Whether one phrase holds the other and both stand in about the same documents."""
    words, others = phrase.split(), other.split()
    if not (set(words) <= set(others) or set(others) <= set(words)):
        return False
    low, high = sorted((counts[phrase], counts[other]))
    return low >= _SAME * high or len(words) > len(others)
