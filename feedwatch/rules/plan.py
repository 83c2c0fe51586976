"""A RuleSet made ready to judge: rules in working order, what stands above what, the automaton."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from feedwatch.model import Facet
from feedwatch.rules.automaton import Automaton, Tables, tabulate
from feedwatch.rules.merge import upward
from feedwatch.rules.parts import compile_regex
from feedwatch.rules.ruleset import Rule, RuleSet

FACETS: tuple[Facet, ...] = ("region", "topic")


class Plan:
    """Immutable once made. A rule's number is its place in `rules`: children and members come first."""

    def __init__(self, ruleset: RuleSet, tables: Tables | None = None) -> None:
        self.rules: list[Rule] = []
        #: By rule number: its parent; the groups it is a member of; all rules that stand above it.
        self.parent: list[int | None] = []
        self.groups: list[tuple[int, ...]] = []
        self.above: list[frozenset[int]] = []
        self.number: dict[tuple[Facet, str], int] = {}
        for facet in FACETS:
            self._add(facet, ruleset)
        self.is_region = [rule.facet == "region" for rule in self.rules]
        #: Whether it has a part in the sum of its facet's scores: it is no child and no group.
        self.is_plain = [rule.parent is None and not rule.members for rule in self.rules]
        #: The expressions of a rule by rule and group.
        self.regexes: dict[tuple[int, int], Any] = {
            (number, group): compile_regex(regex.text)
            for number, rule in enumerate(self.rules)
            for group, regex in enumerate(rule.regex)
        }
        self.automaton = Automaton(tables or tabulated(ruleset))

    def _add(self, facet: Facet, ruleset: RuleSet) -> None:
        rules = ruleset.rules[facet]
        above = upward(rules)
        order = _working_order(rules)
        self.number.update({(facet, rule_id): len(self.rules) + n for n, rule_id in enumerate(order)})
        first = len(self.rules)
        for rule_id in order:
            rule = rules[rule_id]
            self.rules.append(rule)
            self.parent.append(self.number.get((facet, rule.parent)) if rule.parent else None)
            groups = (self.number[facet, other] for other in above[rule_id] if rule_id in rules[other].members)
            self.groups.append(tuple(sorted(groups)))
        self.above += [frozenset()] * len(order)
        # What stands above a rule has a higher number.
        for number in reversed(range(first, len(self.rules))):
            direct = {self.number[facet, other] for other in above[self.rules[number].id]}
            self.above[number] = frozenset(direct.union(*(self.above[other] for other in direct)))

    def with_all_above(self, numbers: Iterable[int]) -> list[int]:
        """The rules and all that stands above them, in working order."""
        found = set(numbers)
        for number in tuple(found):
            if above := self.above[number]:
                found |= above
        return sorted(found)


def tabulated(ruleset: RuleSet) -> Tables:
    """What the automaton of a RuleSet is made of."""
    facets = [ruleset.rules[facet] for facet in FACETS]
    return tabulate([rules[rule_id] for rules in facets for rule_id in _working_order(rules)], ruleset.masks)


def _working_order(rules: Mapping[str, Rule]) -> list[str]:
    """The rules of a facet: children and members first."""
    above = upward(rules)
    below: dict[str, list[str]] = {rule_id: [] for rule_id in sorted(rules)}
    for rule_id in below:
        for other in above[rule_id]:
            below[other].append(rule_id)
    return list(TopologicalSorter(below).static_order())
