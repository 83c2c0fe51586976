"""Which rule somebody means who does not know its id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from feedwatch.rules.fold import words_of
from feedwatch.rules.ruleset import Rule


def suggest_rule(word: str, *known: Collection[str]) -> str:
    """The words "did you mean 'ne' (Niger)?" for the rule that a word names or nearly names, or nothing.

    `known` are ids, those of one facet before those of another; where they lead to rules, the names and strong terms of
    these count, too.
    """
    return next((found for ids in known if (found := _suggestion(word, ids))), "")


def _suggestion(word: str, known: Collection[str]) -> str:
    rules = [rule for rule in known.values() if isinstance(rule, Rule)] if isinstance(known, Mapping) else []
    found = _same_id(word, known) or _named(word, rules) or _like(word, known, rules)
    name = next((f" ({rule.name})" for rule in rules if rule.id == found), "")
    return f"did you mean {found!r}{name}?" if found else ""


def _same_id(word: str, known: Collection[str]) -> str | None:
    return next((rule_id for rule_id in known if rule_id.casefold() == word.casefold()), None)


def _named(word: str, rules: Collection[Rule]) -> str | None:
    """The id of the first rule that is called so: by its name, else by a strong term."""
    wanted = words_of(word.replace("-", " ").replace("_", " "))
    by_name = (rule.id for rule in rules if words_of(rule.name) == wanted)
    by_term = (rule.id for rule in rules if wanted in _strong(rule))
    return next(by_name, None) or next(by_term, None) if wanted else None


def _like(word: str, known: Collection[str], rules: Collection[Rule]) -> str | None:
    """The id of the rule whose id or name is written nearly so."""
    ids = {rule.name.casefold(): rule.id for rule in rules} | {rule_id: rule_id for rule_id in known}
    near = get_close_matches(word.casefold(), ids, n=1)
    return ids[near[0]] if near else None


def _strong(rule: Rule) -> Iterator[list[str]]:
    return (words_of(term.text.strip("=*")) for term in rule.strong)
