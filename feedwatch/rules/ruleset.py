"""What a set of packs says, checked and merged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from feedwatch.model import Facet
from feedwatch.rules.terms import Term

#: Part of every hash of rules: raised whenever the same rules may judge differently.
CLASSIFIER_VERSION = "3"

#: How errors call the files that come with the program: by a name that begins like this.
BUILT_IN = "pack "
MIN_SCORE = 4.0
MIN_SHARE: Mapping[Facet, float] = {"region": 0.2, "topic": 0.15}
NEAR_WITHIN = 12
NEAR_POINTS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two kinds of terms close together."""

    a: tuple[Term, ...]
    b: tuple[Term, ...]
    #: At most this many words between them.
    within: int = NEAR_WITHIN
    points: float = NEAR_POINTS
    #: Whether b must follow a.
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """A regular expression (RE2) on the original text, looked for only where a trigger stands."""

    text: str
    points: float
    #: Folded letters of which every match holds one.
    triggers: tuple[str, ...]
    langs: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One region or topic."""

    facet: Facet
    id: str
    #: For people.
    name: str
    #: ISO 3166-1 or IPTC code.
    code: str | None = None
    #: The rule that this one's hits count for too.
    parent: str | None = None
    #: Of a group: the rules whose scores it adds up.
    members: tuple[str, ...] = ()
    min_score: float = MIN_SCORE
    min_share: float = 0.0
    strong: tuple[Term, ...] = ()
    terms: tuple[Term, ...] = ()
    weak: tuple[Term, ...] = ()
    unsure: tuple[Term, ...] = ()
    excepts: tuple[Term, ...] = ()
    veto: tuple[Term, ...] = ()
    #: One hit of each is needed.
    need: tuple[tuple[Term, ...], ...] = ()
    near: tuple[Near, ...] = ()
    regex: tuple[Regex, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """What a rule file says of one text."""

    name: str
    #: File and line, for reports.
    where: str
    #: The document: a file, or the text itself.
    file: Path | None = None
    title: str = ""
    text: str = ""
    lang: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None
    #: Such as "region:ne", "mentions:bj", "feed:niger-security".
    expect: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """All rules of all packs."""

    rules: Mapping[Facet, Mapping[str, Rule]]
    masks: tuple[Term, ...] = ()
    #: The terms of each named list, as written; they decide nothing by themselves.
    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tests: tuple[RuleTest, ...] = ()
    #: Over everything that decides results.
    hash: str = field(default="")

    def has(self, facet: Facet, rule_id: str) -> bool:
        """Whether there is such a rule."""
        return rule_id in self.rules[facet]

    def lean(self) -> RuleSet:
        """The same without the terms that nobody looks at once they are tabulated: a fifth of what rules take."""
        gone: dict[str, Any] = dict.fromkeys(("strong", "terms", "weak", "unsure", "excepts", "veto"), ())
        rules = {
            facet: {rule.id: replace(rule, **gone) for rule in of_facet.values()}
            for facet, of_facet in self.rules.items()
        }
        return replace(self, rules=rules, masks=(), tests=())

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that any term is written for."""
        return frozenset(
            lang for rules in self.rules.values() for rule in rules.values() for lang in _languages_of(rule)
        )


def canonical(value: object) -> str:
    """A text that is the same for equal rules, terms and tuples of them, in every process."""
    return json.dumps(value, sort_keys=True, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Term):
        # Nearly all there is; its words are those of its text.
        return [value.text, value.exact, value.wild, value.points, value.langs]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"no canonical form of {type(value)}")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _languages_of(rule: Rule) -> set[str]:
    terms = [*rule.strong, *rule.terms, *rule.weak, *rule.unsure, *rule.veto]
    terms += [term for group in rule.need for term in group]
    terms += [term for near in rule.near for term in (*near.a, *near.b)]
    gates = [term.langs for term in terms] + [regex.langs for regex in rule.regex]
    return {lang for langs in gates for lang in langs or ()}
