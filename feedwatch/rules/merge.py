"""The parts of each rule -> the rule; and what only the whole can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from feedwatch.errors import Fault
from feedwatch.model import Facet
from feedwatch.rules.parts import Part
from feedwatch.rules.ruleset import BUILT_IN, MIN_SCORE, MIN_SHARE, Rule, canonical
from feedwatch.rules.terms import Term
from feedwatch.tomlfile import suggest

_T = TypeVar("_T")
#: Any of these lets a rule fire.
_POSITIVE = ("strong", "terms", "weak", "need", "near", "regex", "members")


@dataclass(slots=True)
class Draft:
    """A rule on its way: its parts in the order of the packs."""

    parts: list[Part] = field(default_factory=list)


def merge_rules(facet: Facet, drafts: Mapping[str, Draft], faults: list[Fault]) -> dict[str, Rule]:
    """The rules by id, sorted; faults of rules as a whole are added to `faults`."""
    rules: dict[str, Rule] = {}
    tables = {}
    off = set()
    for rule_id in sorted(drafts):
        parts = _effective(facet, rule_id, drafts, faults)
        if any(part.off for part in parts):
            off.add(rule_id)
        elif parts:
            tables[rule_id] = parts
            rules[rule_id] = _merge(facet, rule_id, parts)
    for rule_id, rule in rules.items():
        _check_references(rule, tables[rule_id], rules, off, faults)
    rules = {rule_id: _without(rule, off) for rule_id, rule in rules.items()}
    _check_cycles(rules, tables, faults)
    _check_positive(rules, tables, faults)
    return rules


def _effective(facet: Facet, rule_id: str, drafts: Mapping[str, Draft], faults: list[Fault]) -> list[Part]:
    """The parts that count, the basic one first."""
    parts = drafts[rule_id].parts
    bases = [part for part in parts if not (part.extend or part.off or part.replace)]
    if not bases:
        first = parts[0]
        verb = "replace" if first.replace else "switch off" if first.off else "extend"
        others = [i for i, draft in drafts.items() if i != rule_id and not all(p.extend for p in draft.parts)]
        first.table.fault(
            f"there is no {facet} {rule_id!r} to {verb}", suggest(rule_id, others) or f"take out {_flag(first)}"
        )
        return []
    for again in bases[1:]:
        again.table.fault(
            f"the {facet} {rule_id!r} is also in {bases[0].table.file.name}",
            "add extend = true, replace = true or off = true",
        )
    replacing = [n for n, part in enumerate(parts) if part.replace]
    if replacing:
        last = replacing[-1]
        return [parts[last], *(part for part in parts[last + 1 :] if part.extend or part.off)]
    return [bases[0], *(part for part in parts if part.extend or part.off)]


def _flag(part: Part) -> str:
    return "replace = true" if part.replace else "off = true" if part.off else "extend = true"


def _merge(facet: Facet, rule_id: str, parts: list[Part]) -> Rule:
    scalars: dict[str, Any] = {}
    for part in parts:
        scalars.update(part.scalars)
    return Rule(
        facet=facet,
        id=rule_id,
        name=scalars.get("name", rule_id),
        code=scalars.get("code"),
        parent=scalars.get("parent"),
        members=tuple(sorted({member for part in parts for member in part.members})),
        min_score=float(scalars.get("min_score", MIN_SCORE)),
        min_share=float(scalars.get("min_share", MIN_SHARE[facet])),
        **{_FIELD.get(key, key): _terms(parts, key) for key in ("strong", "terms", "weak", "unsure", "except", "veto")},
        need=_needs(parts),
        near=_unique([near for part in parts for near in part.near]),
        regex=_unique([regex for part in parts for regex in part.regex]),
    )


_FIELD = {"except": "excepts"}


def _terms(parts: list[Part], key: str) -> tuple[Term, ...]:
    """The terms of a list; of equal ones in the same languages those whose points were chosen last.

    Own points outdo none, those in files of the user's outdo those that come with the program, and those of a part
    that extends the rule outdo the rule's. Terms of the same rank all stay, so that the order of the packs decides
    nothing: the highest points count.
    """
    terms = {term for part in parts for term in part.lists.get(key, ())}
    if any(term.points is not None for term in terms):
        terms = _chosen_last(parts, key)
    return tuple(sorted(terms, key=_order))


def _chosen_last(parts: list[Part], key: str) -> set[Term]:
    found: dict[tuple[str, frozenset[str] | None], tuple[tuple[bool, ...], set[Term]]] = {}
    for part in parts:
        is_own = not part.table.file.name.startswith(BUILT_IN)
        for term in part.lists.get(key, ()):
            rank = (False,) if term.points is None else (True, is_own, part.extend)
            best, terms = found.setdefault((term.key, term.langs), (rank, set()))
            if rank > best:
                found[term.key, term.langs] = rank, {term}
            elif rank == best:
                terms.add(term)
    return {term for _, terms in found.values() for term in terms}


def _needs(parts: list[Part]) -> tuple[tuple[Term, ...], ...]:
    """Flat lists of all parts are one group: a part per language must not ask for proof in every language."""
    flat = [term for part in parts for term in part.need_any]
    groups = [*(group for part in parts for group in part.need), *([tuple(flat)] if flat else [])]
    return _unique([tuple(sorted(set(group), key=_order)) for group in groups])


def _order(term: Term) -> tuple[tuple[str, ...], str, float, list[str]]:
    return term.words, term.text, -1.0 if term.points is None else term.points, sorted(term.langs or ())


def _unique(things: list[_T]) -> tuple[_T, ...]:
    """Without repetitions, in an order that does not depend on that of the packs."""
    return tuple(sorted(dict.fromkeys(things), key=canonical))


def _check_references(
    rule: Rule, parts: list[Part], rules: Mapping[str, Rule], off: set[str], faults: list[Fault]
) -> None:
    for part in parts:
        table = part.table
        named: list[tuple[str, tuple[str | int, ...]]] = [(m, ("members", n)) for n, m in table.texts("members")]
        if "parent" in part.scalars:
            named.append((part.scalars["parent"], ("parent",)))
        for other, place in named:
            if other == rule.id:
                table.fault(f"{rule.id!r} cannot stand above itself", "take it out", *place)
            elif other not in rules and other not in off:
                near = suggest(other, [rule_id for rule_id in rules if rule_id != rule.id])
                table.fault(f"there is no {rule.facet} {other!r}", near or "define it, or take it out", *place)


def _without(rule: Rule, off: set[str]) -> Rule:
    """The rule without references to rules that were switched off."""
    if rule.parent not in off and off.isdisjoint(rule.members):
        return rule
    values = {name: getattr(rule, name) for name in Rule.__slots__}
    values["parent"] = None if rule.parent in off else rule.parent
    values["members"] = tuple(member for member in rule.members if member not in off)
    return Rule(**values)


def upward(rules: Mapping[str, Rule]) -> dict[str, set[str]]:
    """For each rule those directly above it: its parent and the groups it is a member of."""
    above: dict[str, set[str]] = {rule_id: set() for rule_id in rules}
    for rule in rules.values():
        if rule.parent in above:
            above[rule.id].add(rule.parent)
        for member in rule.members:
            if member in above:
                above[member].add(rule.id)
    return above


def _check_cycles(rules: Mapping[str, Rule], tables: Mapping[str, list[Part]], faults: list[Fault]) -> None:
    sorter = TopologicalSorter({i: sorted(above - {i}) for i, above in upward(rules).items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = error.args[1]
        tables[circle[0]][0].table.fault(
            f"parents and members run in a circle: {' > '.join(circle)}", "take one of them out"
        )


def _check_positive(rules: Mapping[str, Rule], tables: Mapping[str, list[Part]], faults: list[Fault]) -> None:
    parents = {rule.parent for rule in rules.values()}
    for rule in rules.values():
        # The raw lists decide: a term that is reported as bad is not reported again as missing.
        if rule.id in parents or any(part.table.data.get(key) for part in tables[rule.id] for key in _POSITIVE):
            continue
        table = tables[rule.id][0].table
        if rule.unsure:
            table.fault("has only unsure terms, which count beside others only", 'add some under "strong" or "terms"')
        else:
            table.fault("nothing in it can make it fire", 'add terms under "strong", "terms" or "weak"')
