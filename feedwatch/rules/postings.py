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


#: Each posting of a pattern with the proclitics that may stand before it in the same word (None: it begins a word).
Senses = tuple[tuple[Posting, frozenset[str] | None], ...]
#: What one pattern means: most often one posting that begins a word; nothing if it is a trigger only.
Meaning = Posting | Senses
#: The same by numbers of postings, while patterns are collected.
_Place = tuple[int, frozenset[str] | None]
Places = _Place | list[_Place]


def senses(meaning: Meaning) -> Senses:
    """A meaning, spelt out."""
    return ((meaning, None),) if isinstance(meaning, Posting) else meaning


class Filing:
    """Puts together what every pattern means.

    What stays is made first, then the patterns, which go again, then what holds of several postings: made in turns,
    they would lie in turns in memory, and the room of what goes would be lost between what stays (5 MB of 20).
    """

    def __init__(self) -> None:
        #: By pattern.
        self.triggers: dict[str, list[Posting]] = {}
        self._postings: list[Posting] = []
        #: In step with the postings; those of regular expressions, which come by their triggers, have none.
        self._terms: list[Term | None] = []
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
            self._terms.append(None)
            for trigger in sorted(set(regex.triggers)):
                self.triggers.setdefault(trigger, []).append(posting)

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
            self._terms.append(term)

    def places(self) -> dict[str, Places]:
        """Every pattern, with the numbers of the postings that it stands for."""
        found: dict[str, Places] = {trigger: [] for trigger in self.triggers}
        for number, term in enumerate(self._terms):
            shared: dict[frozenset[str] | None, _Place] = {}
            for text, proclitics in forms(term) if term else ():
                place = shared.setdefault(proclitics, (number, proclitics))
                others = found.setdefault(text, place)
                if others is not place:
                    found[text] = [*others, place] if isinstance(others, list) else [others, place]
        return found

    def meanings(self, places: Iterable[Places]) -> list[Meaning]:
        """What the patterns at these places mean; forms of one term share it."""
        known: dict[_Place, Meaning] = {}
        return [
            self._senses(place) if isinstance(place, list) else known.setdefault(place, self._meaning(place))
            for place in places
        ]

    def _meaning(self, place: _Place) -> Meaning:
        number, proclitics = place
        return self._postings[number] if proclitics is None else self._senses([place])

    def _senses(self, places: list[_Place]) -> Senses:
        return tuple([(self._postings[number], proclitics) for number, proclitics in places])

    def number_gates(self) -> list[frozenset[str]]:
        """The sets of languages in order; each posting is given its gate, 0 if it is open to all."""
        gates = sorted({posting.langs for posting in self._postings if posting.langs is not None}, key=sorted)
        numbers = {gate: number for number, gate in enumerate(gates, 1)}
        for posting in self._postings:
            posting.gate = 0 if posting.langs is None else numbers[posting.langs]
        return gates
