"""The one automaton over all terms of all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from ahocorasick_rs import AhoCorasick

from feedwatch.rules.ruleset import Rule
from feedwatch.rules.terms import Term, forms


class Role(IntEnum):
    """What a hit does for its rule."""

    SCORE = 0
    #: Scores beside a hit that is not unsure only.
    UNSURE = 1
    #: Nothing inside it is a mention for any rule.
    MASK = 2
    #: Nothing inside it is a mention for its own rule.
    EXCEPT = 3
    VETO = 4
    NEED = 5
    NEAR_A = 6
    NEAR_B = 7
    #: Starts a regular expression.
    TRIGGER = 8


#: Where masks belong: to no rule.
NO_RULE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What one form of one term means to one rule."""

    #: Place of the rule in the classifier's list.
    rule: int
    role: Role
    #: Which need, near or regex of the rule.
    group: int = 0
    #: As written, for people.
    term: str
    #: Equal for hits that are counted together.
    key: str
    points: float = 0.0
    strong: bool = False
    #: Whether it stands for two terms close together.
    is_near: bool = False
    #: In the term.
    words: int = 1
    wild: bool = False
    #: See `fold.caps_of`; "" for any capitals.
    caps: str = ""
    #: What may stand before it in the same word; None if it begins a word itself.
    proclitics: frozenset[str] | None = None
    #: None for all.
    langs: frozenset[str] | None = None


@dataclass(slots=True)
class Hit:
    """A place in the folded text where a term stands, from its first to its last letter."""

    posting: Posting
    start: int
    end: int
    #: Where that is in the text before folding, and in which field; see `layout.Layout.place`.
    first: int = 0
    last: int = 0
    field: str = ""


class Automaton:
    """All postings, and one pass over a text that finds them."""

    def __init__(self, rules: Sequence[Rule], masks: Iterable[Term]) -> None:
        table: dict[str, dict[Posting, Posting]] = {}
        for term in masks:
            _file(table, _of_term(NO_RULE, Role.MASK, term))
        for number, rule in enumerate(rules):
            _file(table, _of_rule(number, rule))
        patterns = sorted(table)
        self._postings = [tuple(table[pattern].values()) for pattern in patterns]
        self._find = AhoCorasick(patterns).find_matches_as_indexes if patterns else None

    def scan(self, text: str, languages: frozenset[str]) -> list[Hit]:
        """Every hit in a folded text whose term holds in one of `languages` (none: in any)."""
        if self._find is None:
            return []
        hits = []
        postings = self._postings
        for number, start, end in self._find(text, overlapping=True):
            for posting in postings[number]:
                langs = posting.langs
                if langs is not None and languages and langs.isdisjoint(languages):
                    continue
                first, last = start + 1, end - 1
                if posting.wild:
                    last = text.index(" ", end)
                if posting.proclitics is not None:
                    first = text.rfind(" ", 0, start) + 1
                    if text[first:start] not in posting.proclitics:
                        continue
                hits.append(Hit(posting, first, last))
        return hits


def _file(table: dict[str, dict[Posting, Posting]], postings: Iterable[tuple[Posting, list[str]]]) -> None:
    """Add postings; one that differs in language and spelling only joins the one that is there."""
    for posting, patterns in postings:
        plain = replace(posting, langs=None, term="")
        for pattern in patterns:
            others = table.setdefault(pattern, {})
            there = others.setdefault(plain, posting)
            if there != posting:
                langs = None if there.langs is None or posting.langs is None else there.langs | posting.langs
                others[plain] = replace(posting, langs=langs, term=min(there.term, posting.term))


def _of_rule(number: int, rule: Rule) -> Iterator[tuple[Posting, list[str]]]:
    scoring = ((rule.strong, 4.0, Role.SCORE), (rule.terms, 2.0, Role.SCORE), (rule.weak, 1.0, Role.SCORE))
    for terms, points, role in (*scoring, (rule.unsure, 2.0, Role.UNSURE)):
        for term in terms:
            yield from _of_term(number, role, term, points=points, strong=terms is rule.strong)
    for terms, role in ((rule.excepts, Role.EXCEPT), (rule.veto, Role.VETO)):
        for term in terms:
            yield from _of_term(number, role, term)
    for group, needed in enumerate(rule.need):
        for term in needed:
            yield from _of_term(number, Role.NEED, term, group=group)
    for group, near in enumerate(rule.near):
        for terms, role in ((near.a, Role.NEAR_A), (near.b, Role.NEAR_B)):
            for term in terms:
                yield from _of_term(number, role, term, group=group)
    for group, regex in enumerate(rule.regex):
        posting = Posting(
            rule=number,
            role=Role.TRIGGER,
            group=group,
            term=regex.text,
            key=f"regex {regex.text}",
            points=regex.points,
            langs=regex.langs,
        )
        yield posting, sorted(set(regex.triggers))


def _of_term(
    number: int, role: Role, term: Term, *, points: float = 0.0, strong: bool = False, group: int = 0
) -> Iterator[tuple[Posting, list[str]]]:
    own = points if term.points is None or not points else term.points
    patterns: dict[frozenset[str] | None, list[str]] = {}
    for form in forms(term):
        patterns.setdefault(form.proclitics, []).append(form.text)
    for proclitics, texts in patterns.items():
        posting = Posting(
            rule=number,
            role=role,
            group=group,
            term=term.text,
            key=term.key,
            points=own,
            strong=strong,
            words=len(term.words),
            wild=term.wild,
            caps=term.caps,
            proclitics=proclitics,
            langs=term.langs,
        )
        yield posting, texts
