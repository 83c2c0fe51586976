"""A RuleSet made ready to judge: rules in working order, what stands above what, the automaton."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import TopologicalSorter
from typing import Any

from feedwatch.model import Facet
from feedwatch.rules.automaton import Automaton
from feedwatch.rules.merge import upward
from feedwatch.rules.parts import compile_regex
from feedwatch.rules.ruleset import Rule, RuleSet

FACETS: tuple[Facet, ...] = ("region", "topic")


class Plan:
    """Immutable once made. A rule's number is its place in `rules`: children and members come first."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.rules: list[Rule] = []
        #: By rule number: its parent and its groups.
        self.above: list[tuple[int, ...]] = []
        self.children: list[tuple[int, ...]] = []
        self.members: list[tuple[int, ...]] = []
        self.number: dict[tuple[Facet, str], int] = {}
        for facet in FACETS:
            self._add(facet, ruleset)
        self.regexes: dict[tuple[int, int], Any] = {
            (number, group): compile_regex(regex.text)
            for number, rule in enumerate(self.rules)
            for group, regex in enumerate(rule.regex)
        }
        self.automaton = Automaton(self.rules, ruleset.masks)

    def _add(self, facet: Facet, ruleset: RuleSet) -> None:
        rules = ruleset.rules[facet]
        above = upward(rules)
        below: dict[str, list[str]] = {rule_id: [] for rule_id in sorted(rules)}
        for rule_id in below:
            for other in above[rule_id]:
                below[other].append(rule_id)
        order = list(TopologicalSorter(below).static_order())
        self.number.update({(facet, rule_id): len(self.rules) + n for n, rule_id in enumerate(order)})

        def numbers(ids: Iterable[str]) -> tuple[int, ...]:
            return tuple(sorted(self.number[facet, rule_id] for rule_id in ids))

        for rule_id in order:
            self.rules.append(rules[rule_id])
            self.above.append(numbers(above[rule_id]))
            self.children.append(numbers(i for i in below[rule_id] if rules[i].parent == rule_id))
            self.members.append(numbers(i for i in rules[rule_id].members if i in rules))

    def with_all_above(self, numbers: Iterable[int]) -> list[int]:
        """The rules and all that stands above them, in working order."""
        found = set(numbers)
        stack = list(found)
        while stack:
            for other in self.above[stack.pop()]:
                if other not in found:
                    found.add(other)
                    stack.append(other)
        return sorted(found)
