"""Rules against labels that people gave: precision, recall and F1 of each label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedwatch.model import Facet, Label
from feedwatch.rules.ruleset import Rule, RuleSet

#: Label as written (lower case) -> the rules that mean it.
LabelMap = Mapping[str, frozenset[str]]
Judged = tuple[frozenset[str], tuple[Label, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well the rules of one label find it."""

    label: str
    rules: tuple[str, ...]
    #: Documents that both have, only the rules, only the label.
    right: int
    wrong: int
    missed: int

    @property
    def support(self) -> int:
        """Documents with the label."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """Of the documents that the rules name, the part that has the label."""
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of the documents that have the label, the part that the rules name."""
        return _ratio(self.right, self.support)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return _ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The scores of one facet."""

    facet: Facet
    documents: int
    #: Documents whose main label is one of those that people gave.
    main_right: int
    scores: tuple[Score, ...]

    @property
    def macro_f1(self) -> float:
        """The mean of F1 over the labels that occur in the documents."""
        present = [score.f1 for score in self.scores if score.support]
        return sum(present) / len(present) if present else 0.0

    @property
    def micro_f1(self) -> float:
        """F1 over all decisions."""
        right, wrong, missed = (sum(getattr(s, name) for s in self.scores) for name in ("right", "wrong", "missed"))
        return _ratio(2 * right, 2 * right + wrong + missed)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def label_map(
    facet: Facet, labels: Iterable[str], ruleset: RuleSet, given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Which rules mean which label, and the labels that no rule means.

    A label means the rules that `given` names for it, else the rule with that id or code.
    """
    rules = ruleset.rules[facet]
    names: dict[str, str] = {}
    for rule in rules.values():
        if rule.code:
            names.setdefault(rule.code.lower(), rule.id)
    names.update({rule_id.lower(): rule_id for rule_id in rules})
    found: dict[str, frozenset[str]] = {}
    unknown = []
    for label in sorted(set(labels)):
        if label in given:
            found[label] = frozenset(rule for rule in given[label] if rule in rules)
        elif label in names:
            found[label] = frozenset({names[label]})
        else:
            unknown.append(label)
    return found, unknown


def scorecard(
    facet: Facet, judged: Iterable[Judged], known: LabelMap, ruleset: RuleSet, *, mentioned: bool = False
) -> Scorecard:
    """Score judgements of documents, each with the labels that people gave it.

    With `mentioned` every rule that fired counts, else only what a feed shows ("about"). Countries that fire
    and are nobody's label count as wrong; other such rules are left out, because nobody was asked for them.
    """
    known = {**known, **_never_asked(facet, known, ruleset.rules[facet])}
    means = _labels_of_rules(known)
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    documents = main_right = 0
    for given, labels in judged:
        documents += 1
        mine = [label for label in labels if label.facet == facet]
        found = {name for one in mine if mentioned or one.standing == "about" for name in means.get(one.rule, ())}
        wanted = given & known.keys()
        right.update(found & wanted)
        wrong.update(found - wanted)
        missed.update(wanted - found)
        main_right += any(one.main and not wanted.isdisjoint(means.get(one.rule, ())) for one in mine)
    return Scorecard(
        facet=facet,
        documents=documents,
        main_right=main_right,
        scores=tuple(
            Score(label=label, rules=tuple(sorted(rules)), right=right[label], wrong=wrong[label], missed=missed[label])
            for label, rules in sorted(known.items())
            if right[label] or wrong[label] or missed[label]
        ),
    )


def _labels_of_rules(known: LabelMap) -> dict[str, list[str]]:
    means: dict[str, list[str]] = {}
    for label, rules in known.items():
        for rule in rules:
            means.setdefault(rule, []).append(label)
    return means


def _never_asked(facet: Facet, known: LabelMap, rules: Mapping[str, Rule]) -> dict[str, frozenset[str]]:
    """A label for each country without one."""
    if facet != "region":
        return {}
    meant = frozenset[str]().union(*known.values())
    return {
        rule.id: frozenset({rule.id})
        for rule in rules.values()
        if rule.id not in meant and not rule.parent and not rule.members
    }
