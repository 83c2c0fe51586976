"""What terms mean to rules, and every pattern that an automaton looks for on their behalf."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from feedwatch.rules.layout import FIELDS, WEIGHTS
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


@cache
def _worth(points: float) -> tuple[float, ...]:
    return tuple(WEIGHTS[name] * points for name in FIELDS)


@dataclass(slots=True, kw_only=True, eq=False)
class Posting:
    """What one term means to one rule; told from others by identity, and never changed once filed."""

    #: Place of the rule in the classifier's list.
    rule: int
    role: Role
    #: Which need, near or regex of the rule.
    group: int = 0
    #: As written, for people.
    term: str
    #: Equal for hits that are counted together.
    key: str | int
    points: float = 0.0
    #: What one mention adds to the score, by the number of its field.
    worth: tuple[float, ...] = ()
    strong: bool = False
    #: Whether it stands for two terms close together.
    is_near: bool = False
    #: In the term.
    words: int = 1
    #: See `fold.caps_of`; "" for any capitals.
    caps: str = ""
    #: None for all.
    langs: frozenset[str] | None = None
    #: The number of `langs` in the automaton.
    gate: int = 0

    def __post_init__(self) -> None:
        self.worth = _worth(self.points)

    @property
    def preference(self) -> tuple[float, bool, bool, str]:
        """Of the postings of a rule that share a span, the one with the highest counts."""
        # The term's text makes the choice the same in whatever order the rules were read.
        return self.points, self.strong, self.role is Role.SCORE, self.term


#: What one pattern means (nothing if it is a trigger only): each posting with the proclitics that may stand
#: before it in the same word (None: it begins a word itself).
Meaning = tuple[tuple[Posting, frozenset[str] | None], ...]


class Filing:
    """Puts together what every pattern means."""

    def __init__(self) -> None:
        self.table: dict[str, Meaning] = {}
        #: By pattern.
        self.triggers: dict[str, list[Posting]] = {}
        self._postings: list[Posting] = []
        self._numbers: dict[str, int] = {}
        #: Of the rule at hand.
        self._known: dict[tuple[object, ...], Posting] = {}

    def add_rule(self, number: int, rule: Rule) -> None:
        """File all terms of a rule."""
        self._known = {}
        self.add(number, Role.SCORE, rule.strong, 4.0, strong=True)
        self.add(number, Role.SCORE, rule.terms, 2.0)
        self.add(number, Role.SCORE, rule.weak, 1.0)
        self.add(number, Role.UNSURE, rule.unsure, 2.0)
        self.add(number, Role.EXCEPT, rule.excepts)
        self.add(number, Role.VETO, rule.veto)
        for group, needed in enumerate(rule.need):
            self.add(number, Role.NEED, needed, group=group)
        for group, near in enumerate(rule.near):
            self.add(number, Role.NEAR_A, near.a, group=group)
            self.add(number, Role.NEAR_B, near.b, group=group)
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
            self._postings.append(posting)
            for trigger in sorted(set(regex.triggers)):
                self.triggers.setdefault(trigger, []).append(posting)
                self.table.setdefault(trigger, ())

    def add(
        self,
        number: int,
        role: Role,
        terms: Iterable[Term],
        points: float = 0.0,
        *,
        strong: bool = False,
        group: int = 0,
    ) -> None:
        """File terms; one that differs from another in language and spelling only joins it."""
        for term in terms:
            own = points if term.points is None or not points else term.points
            key = term.key
            there = self._known.get((role, group, key, own, strong))
            if there is not None:
                there.langs = None if there.langs is None or term.langs is None else there.langs | term.langs
                there.term = min(there.term, term.text)
                continue
            posting = Posting(
                rule=number,
                role=role,
                group=group,
                term=term.text,
                # A number instead of another copy of the term.
                key=self._numbers.setdefault(key, len(self._numbers)),
                points=own,
                strong=strong,
                words=len(term.words),
                caps=term.caps,
                langs=term.langs,
            )
            self._known[role, group, key, own, strong] = posting
            self._postings.append(posting)
            # Forms of one term share what they mean.
            shared: dict[frozenset[str] | None, Meaning] = {}
            for text, proclitics in forms(term):
                meaning = shared.setdefault(proclitics, ((posting, proclitics),))
                others = self.table.get(text)
                self.table[text] = others + meaning if others else meaning

    def number_gates(self) -> list[frozenset[str]]:
        """The sets of languages in order; each posting is given its gate, 0 if it is open to all."""
        gates = sorted({posting.langs for posting in self._postings if posting.langs is not None}, key=sorted)
        numbers = {gate: number for number, gate in enumerate(gates, 1)}
        for posting in self._postings:
            posting.gate = 0 if posting.langs is None else numbers[posting.langs]
        return gates
