"""Points of terms, fitted to documents with labels, as a pack that extends the rules.

The aim is each rule's share of its document's score, by which the program decides what an article is about: the
logarithm of the right rules' share is raised by gradient steps (AdaGrad), pulled back to the points as they were.
Points stay within 0 to 9 in halves. Everything is deterministic.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feedwatch.model import Facet, Label
from feedwatch.rules.layout import WEIGHTS
from feedwatch.rules.probing import LIST_POINTS, points_of, scoring_terms
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.score import CAP
from feedwatch.rules.terms import Term

MAX_POINTS = 9.0
MIN_POINTS = 0.5
#: Terms in fewer documents keep their points.
MIN_DOCUMENTS = 3
EPOCHS = 8
_RATE = 0.3
#: Pull towards the points as they were, over all documents.
_PULL = 1.0
_SEED = 7

#: A term of a rule: rule id, name of the list, the term.
Place = tuple[str, str, Term]
Points = Mapping[Place, float]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled document as the fit sees it."""

    #: By rule: what one point of each term adds to the score.
    weights: Mapping[str, Mapping[Place, float]]
    #: By rule: score of what has no points to fit.
    fixed: Mapping[str, float]
    #: The rules that are right.
    right: frozenset[str]


class Terms:
    """Finds the term that a piece of evidence is of."""

    def __init__(self, ruleset: RuleSet, facet: Facet) -> None:
        self.facet = facet
        self._places: dict[tuple[str, str], list[Place]] = {}
        for rule in ruleset.rules[facet].values():
            for name, term in scoring_terms(rule):
                self._places.setdefault((rule.id, term.text), []).append((rule.id, name, term))

    def example(
        self, labels: Iterable[Label], languages: frozenset[str], right: frozenset[str], asked: frozenset[str]
    ) -> Example:
        """A document with the labels that probing rules gave it; rules that nobody was asked for are left out."""
        weights: dict[str, dict[Place, float]] = {}
        fixed: dict[str, float] = {}
        for label in labels:
            if label.facet != self.facet or label.rule not in asked:
                continue
            mine = weights.setdefault(label.rule, {})
            for one in label.evidence:
                weight = WEIGHTS.get(one.field, 0.0) * min(one.count, CAP[self.facet])
                place = self._place(label.rule, one.term, languages)
                if place is None:
                    fixed[label.rule] = fixed.get(label.rule, 0.0) + weight * one.points
                else:
                    mine[place] = mine.get(place, 0.0) + weight
        return Example(weights, fixed, right)

    def _place(self, rule_id: str, text: str, languages: frozenset[str]) -> Place | None:
        """The term that earned the points: of equal ones that with the most."""
        places = [
            place
            for place in self._places.get((rule_id, text), ())
            if place[2].langs is None or not languages or not place[2].langs.isdisjoint(languages)
        ]
        return max(places, key=lambda place: (points_of(place[1], place[2]), place[1]), default=None)


def fit(examples: Sequence[Example], *, lower: bool = False, lang: str | None = None) -> dict[Place, float]:
    """Points for the terms that are worth others than they have; with `lower` also fewer.

    With `lang` those of terms that hold in that language and not in all, if there are any: documents in one
    language tell nothing of what a term is worth in the others.
    """
    counts: dict[Place, int] = {}
    for example in examples:
        for terms in example.weights.values():
            for place in terms:
                counts[place] = counts.get(place, 0) + 1
    before = {place: points_of(place[1], place[2]) for place, n in counts.items() if n >= MIN_DOCUMENTS}
    # Points of 0 are meant: a term that only proves or stands in a longer phrase.
    before = {place: points for place, points in before.items() if points > 0}
    if lang is not None:
        of_lang = {place: points for place, points in before.items() if lang in (place[2].langs or ())}
        before = of_lang or before
    points = dict(before)
    gradients = dict.fromkeys(points, 1e-2)
    order = list(range(len(examples)))
    shuffle = random.Random(_SEED).shuffle  # noqa: S311 - the order of steps is no secret, only always the same
    for _ in range(EPOCHS):
        shuffle(order)
        for number in order:
            _step(examples[number], points, before, gradients, lower=lower, pull=_PULL / len(examples))
    rounded = {place: round(value * 2) / 2 for place, value in points.items()}
    return {place: value for place, value in rounded.items() if value != before[place]}


def _step(
    example: Example,
    points: dict[Place, float],
    before: Mapping[Place, float],
    gradients: dict[Place, float],
    *,
    lower: bool,
    pull: float,
) -> None:
    """One gradient step on one document."""
    scores = {
        rule: example.fixed.get(rule, 0.0) + sum(points.get(p, points_of(p[1], p[2])) * w for p, w in terms.items())
        for rule, terms in example.weights.items()
    }
    # A weak term's worth, so that documents without any evidence for the right rule do not decide.
    total = sum(scores.values()) + 1.0
    good = sum(score for rule, score in scores.items() if rule in example.right) + 0.2
    for rule, terms in example.weights.items():
        slope = 1 / total - (1 / good if rule in example.right else 0.0)
        for place, weight in terms.items():
            if place not in before:
                continue
            base, value = before[place], points[place]
            gradient = slope * weight + pull * (value - base) / base
            gradients[place] += gradient * gradient
            least = min(base, MIN_POINTS) if lower else base
            points[place] = min(MAX_POINTS, max(least, value - _RATE * gradient / math.sqrt(gradients[place])))


def with_points(ruleset: RuleSet, points: Points) -> RuleSet:
    """The rules with these points, as a pack with them would make them."""
    by_rule: dict[str, dict[str, dict[Term, float]]] = {}
    facets: dict[Facet, dict[str, Rule]] = {facet: dict(rules) for facet, rules in ruleset.rules.items()}
    for (rule_id, name, term), value in points.items():
        by_rule.setdefault(rule_id, {}).setdefault(name, {})[term] = value
    for rules in facets.values():
        for rule_id in rules.keys() & by_rule.keys():
            changed: dict[str, Any] = {
                name: tuple(
                    replace(term, points=terms[term]) if term in terms else term
                    for term in getattr(rules[rule_id], name)
                )
                for name, terms in by_rule[rule_id].items()
            }
            rules[rule_id] = replace(rules[rule_id], **changed)
    return RuleSet(rules=facets, masks=ruleset.masks, tests=ruleset.tests)


def folds(count: int, number: int) -> list[frozenset[int]]:
    """The places 0 to `count` - 1 dealt out into `number` parts, the same every time."""
    order = list(range(count))
    random.Random(_SEED).shuffle(order)  # noqa: S311 - see above
    return [frozenset(order[part::number]) for part in range(number)]


def overlays(facet: Facet, points: Points, note: str) -> dict[str, str]:
    """The packs that hold the points, by language ("" for terms of every language), as TOML."""
    files: dict[str, dict[str, dict[str, list[str]]]] = {}
    for rule_id, name, term in sorted(points, key=_order):
        langs = "-".join(sorted(term.langs or ()))
        lists = files.setdefault(langs, {}).setdefault(rule_id, {})
        lists.setdefault(name, []).append(f"{term.text} ^{points[rule_id, name, term]:g}")
    return {langs: _toml(facet, langs, rules, note) for langs, rules in files.items()}


def _order(place: Place) -> tuple[str, int, str, list[str]]:
    rule_id, name, term = place
    return rule_id, [*LIST_POINTS].index(name), term.text, sorted(term.langs or ())


def _toml(facet: Facet, langs: str, rules: Mapping[str, Mapping[str, Sequence[str]]], note: str) -> str:
    lines = [f"# {line}" for line in note.splitlines()]
    if langs:
        parts = langs.split("-")
        lines.append(f"lang = {_quoted(parts[0]) if len(parts) == 1 else _listed(parts)}")
    for rule_id, lists in rules.items():
        lines += ["", f"[{facet}s.{_quoted(rule_id) if not _is_bare(rule_id) else rule_id}]", "extend = true"]
        for name, terms in lists.items():
            lines += [f"{name} = [", *(f"  {_quoted(term)}," for term in terms), "]"]
    return "\n".join(lines) + "\n"


def _is_bare(key: str) -> bool:
    return key.isascii() and key.replace("-", "").replace("_", "").isalnum()


def _listed(items: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, items))}]"


def _quoted(text: str) -> str:
    # A basic TOML string is a JSON string, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
