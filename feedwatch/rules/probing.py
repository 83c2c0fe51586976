"""The same rules with nothing held back: every term that stands in a text shows up as evidence of its own rule."""

from __future__ import annotations

from dataclasses import replace

from feedwatch.model import Facet
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.terms import Term

#: The lists of terms that earn points, by name, with the points of one mention.
LIST_POINTS = {"strong": 4.0, "terms": 2.0, "weak": 1.0, "unsure": 2.0}


def probing(ruleset: RuleSet) -> RuleSet:
    """Rules that fire on any hit: no least score, proof or veto, and each rule by itself.

    Exceptions, masks and the longest mention decide as ever.
    """
    rules = {
        facet: {rule_id: _bare(rule) for rule_id, rule in rules.items() if _has_terms(rule)}
        for facet, rules in ruleset.rules.items()
    }
    return RuleSet(rules=rules, masks=ruleset.masks)


def probing_family(ruleset: RuleSet, facet: Facet, rule_id: str) -> RuleSet:
    """One rule with the terms of all that count for it (children and members), as `probing` has it."""
    rules = ruleset.rules[facet]
    family = _family(rules[rule_id], ruleset)
    merged = replace(
        rules[rule_id],
        strong=tuple(term for rule in family for term in (*rule.strong, *rule.unsure)),
        terms=tuple(term for rule in family for term in rule.terms),
        weak=tuple(term for rule in family for term in rule.weak),
        near=tuple(near for rule in family for near in rule.near),
        regex=tuple(regex for rule in family for regex in rule.regex),
        unsure=(),
        excepts=(),
    )
    empty: dict[Facet, dict[str, Rule]] = {"region": {}, "topic": {}}
    return RuleSet(rules={**empty, facet: {rule_id: _bare(merged)}})


def scoring_terms(rule: Rule) -> list[tuple[str, Term]]:
    """The terms that earn points, each with the name of its list."""
    return [(name, term) for name in LIST_POINTS for term in getattr(rule, name)]


def points_of(name: str, term: Term) -> float:
    """The points of one mention of a term that stands in the list `name`."""
    return LIST_POINTS[name] if term.points is None else term.points


def _family(rule: Rule, ruleset: RuleSet) -> list[Rule]:
    rules = ruleset.rules[rule.facet]
    found = {rule.id: rule}
    front = [rule]
    while front:
        one = front.pop()
        below = [other for other in rules.values() if other.parent == one.id or other.id in one.members]
        for other in below:
            if other.id not in found:
                found[other.id] = other
                front.append(other)
    return [found[rule_id] for rule_id in sorted(found)]


def _has_terms(rule: Rule) -> bool:
    return bool(rule.strong or rule.terms or rule.weak or rule.near or rule.regex)


def _bare(rule: Rule) -> Rule:
    return replace(rule, min_score=0.0, min_share=0.0, need=(), veto=(), parent=None, members=())
