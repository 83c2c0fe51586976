"""The one automaton over all terms of all rules."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from operator import attrgetter

from ahocorasick_rs import AhoCorasick

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


@dataclass(slots=True)
class Hit:
    """A place in the folded text where a term stands, from its first to its last letter."""

    posting: Posting
    start: int
    end: int
    #: The number of its field, see `layout.FIELDS`.
    field: int = 0
    #: Where it stands before folding.
    span: tuple[int, int] = (0, 0)
    #: Whether a regular expression found it, which need not match whole words.
    is_regex: bool = False


#: A hit that overlaps no other: start, end, what it means.
Lone = tuple[int, int, tuple[Posting, ...]]
#: What one pattern means (nothing if it is a trigger only): each posting with the proclitics that may stand
#: before it in the same word (None: it begins a word itself).
_Meaning = tuple[tuple[Posting, frozenset[str] | None], ...]
#: What is to be known of a pattern first: None, or whether it has any ending and what may stand before it; and
#: what it means where it overlaps nothing, or None if more is to be decided then.
_Head = tuple[tuple[bool, frozenset[str] | None] | None, tuple[Posting, ...] | None]
#: What is left of hits that overlap: the lone ones that make up for them, places counted from where the first of
#: them begins, the last first; None if other things than the words in question decide.
Outcome = tuple[Lone, ...] | None
#: Outcomes by the words that the hits cover together, which is all that they depend on.
Outcomes = dict[str, Outcome]
#: For the languages of a text: which gates are open, the head of each pattern (None: it means nothing then), and
#: how overlaps that were seen before came out.
_View = tuple[list[bool], list[_Head | None], Outcomes]
_MAX_VIEWS = 64
_MAX_OUTCOMES = 4096
_UNKNOWN: Outcome = ((0, 0, ()),)
_OTHER = frozenset({""})


@dataclass(slots=True)
class Scan:
    """The hits of one text: those that need no resolving, and the crowd."""

    #: From the end of the text to its beginning.
    lone: list[Lone] = field(default_factory=list)
    #: In the order of their ends.
    crowd: list[Hit] = field(default_factory=list)
    #: Of the regular expressions of which a trigger was seen.
    triggered: list[Posting] = field(default_factory=list)
    #: Parts of the crowd that overlap nothing else and were never seen before, by the words they cover.
    unknown: list[tuple[str, list[Hit]]] = field(default_factory=list)
    #: Where their outcome is to be written down.
    outcomes: Outcomes = field(default_factory=dict)

    def learn(self, words: str, outcome: Outcome) -> None:
        """Write down how the hits that cover these words come out."""
        if len(self.outcomes) >= _MAX_OUTCOMES:
            self.outcomes.clear()
        self.outcomes[words] = outcome


class Automaton:
    """All postings, and one pass over a text that finds them."""

    def __init__(self, rules: Sequence[Rule], masks: Iterable[Term]) -> None:
        filing = _Filing()
        for term in masks:
            filing.add(NO_RULE, Role.MASK, (term,))
        for number, rule in enumerate(rules):
            filing.add_rule(number, rule)
        patterns = sorted(filing.table)
        self._meanings = [filing.table[pattern] for pattern in patterns]
        # The patterns themselves, some sixty thousand, are the library's alone: a copy of them costs 4 MB.
        self._any_ending = [pattern[-1] != " " for pattern in patterns]
        #: The sets of languages that terms are gated by, as numbered in the postings (0 is open to all).
        self._gates = filing.number_gates()
        self._languages = frozenset().union(*self._gates)
        #: By languages of a text. Only saves time.
        self._views: dict[frozenset[str], _View] = {}
        self._heads: dict[_Head, _Head] = {}
        self._triggers = {bisect_left(patterns, text): triggers for text, triggers in filing.triggers.items()}
        self._find = AhoCorasick(patterns).find_matches_as_indexes if patterns else None

    def scan(self, text: str, languages: frozenset[str], *, late: int | None = None, is_crowd: bool = False) -> Scan:
        """Every hit in a folded text whose term holds in one of `languages` (none: in any).

        Behind `late` more than its own words decides whether a hit counts. If `is_crowd`, none is told apart as alone.
        """
        scan = Scan()
        if self._find is None:
            return scan
        matches = self._find(text, overlapping=True)
        is_open, heads, scan.outcomes = self._view(languages)
        if self._triggers:
            seen = [posting for number, _, _ in matches for posting in self._triggers.get(number, ())]
            scan.triggered = list(dict.fromkeys(posting for posting in seen if is_open[posting.gate]))
        # What an expression finds may overlap anything.
        if is_crowd or scan.triggered:
            late = -1
        for words, cluster in _sort_out(scan, text, matches, heads, len(text) if late is None else late):
            hits = [
                Hit(posting, first, last)
                for number, start, first, last in cluster
                for posting, proclitics in self._meanings[number]
                if is_open[posting.gate] and (proclitics is None or text[first:start] in proclitics)
            ]
            scan.crowd += hits
            if words:
                scan.unknown.append((words, hits))
        return scan

    def _view(self, languages: frozenset[str]) -> _View:
        # All languages that no term is written for are the same.
        known = languages & self._languages or (_OTHER if languages else languages)
        view = self._views.get(known)
        if view is None:
            if len(self._views) >= _MAX_VIEWS:
                self._views.clear()
            is_open = [True, *(not known or not gate.isdisjoint(known) for gate in self._gates)]
            # Forms of one term share their head, also with other views.
            shared = self._heads
            pairs = zip(self._any_ending, self._meanings, strict=True)
            heads = (_head(has_any_ending, meaning, is_open) for has_any_ending, meaning in pairs)
            known_heads = [shared.setdefault(head, head) if head else None for head in heads]
            view = self._views[known] = is_open, known_heads, {}
        return view


#: A pattern, where it begins, and the first and the last place of the words it stands in.
_Place = tuple[int, int, int, int]
_NO_PLACES: list[_Place] = []


def _sort_out(
    scan: Scan, text: str, matches: list[tuple[int, int, int]], heads: list[_Head | None], late: int
) -> list[tuple[str, list[_Place]]]:
    """Add the hits that need no resolving to `scan.lone`.

    The others come as those that overlap one another, with the words that they cover if nobody knows yet what is
    left of them and nothing else decides it.
    """
    lone, crowd = scan.lone, list[tuple[str, list[_Place]]]()
    # Matches come in the order of their ends. Backwards from there, a hit overlaps one before it in this
    # loop exactly if it ends behind `low`, where the latest of them that hang together begin.
    low = high = len(text)
    latest = (0, 0, 0, 0)
    cluster = _NO_PLACES
    for number, start, end in reversed(matches):
        head = heads[number]
        if head is None:
            continue
        form, alone = head
        first, last = start + 1, end - 1
        if form is not None:
            has_any_ending, proclitics = form
            if has_any_ending:
                last = text.index(" ", end)
            if proclitics is not None:
                first = text.rfind(" ", 0, start) + 1
                if text[first:start] not in proclitics:
                    continue
        if last > low:
            if not cluster:
                lone.pop()
                cluster = [latest]
            cluster.append((number, start, first, last))
            high = max(high, last)
            low = min(low, first)
            continue
        if cluster:
            _part(scan, crowd, cluster, text[low:high], low, is_late=low >= late)
            cluster = _NO_PLACES
        low, high = first, last
        latest = (number, start, first, last)
        if alone is not None and late >= 0:
            lone.append((first, last, alone))
        else:
            cluster = [latest]
    if cluster:
        _part(scan, crowd, cluster, text[low:high], low, is_late=low >= late)
    return crowd


def _part(
    scan: Scan, crowd: list[tuple[str, list[_Place]]], cluster: list[_Place], words: str, low: int, *, is_late: bool
) -> None:
    """Hits that overlap: what is left of them goes to those that are alone, or all of them to the crowd."""
    if is_late:
        crowd.append(("", cluster))
        return
    outcome = scan.outcomes.get(words, _UNKNOWN)
    if outcome is None or outcome is _UNKNOWN:
        crowd.append(("" if outcome is None else words, cluster))
    else:
        scan.lone += [(low + first, low + last, postings) for first, last, postings in outcome]


def _head(has_any_ending: bool, meaning: _Meaning, is_open: list[bool]) -> _Head | None:
    """What a pattern means by itself while some gates are open."""
    if len(meaning) == 1:
        # Nearly all patterns mean one thing.
        posting, before = meaning[0]
        if not is_open[posting.gate]:
            return None
        form = (has_any_ending, before) if has_any_ending or before is not None else None
        return form, (posting,) if posting.role <= Role.UNSURE else None
    parts = tuple((posting, before) for posting, before in meaning if is_open[posting.gate])
    if len(parts) <= 1:
        return _head(has_any_ending, parts, is_open) if parts else None
    befores = {before for _, before in parts}
    if len(befores) > 1:
        # Each posting is looked at again in the crowd.
        return (has_any_ending, frozenset().union(*(before or () for before in befores))), None
    before = befores.pop()
    form = (has_any_ending, before) if has_any_ending or before is not None else None
    return form, _best(posting for posting, _ in parts)


def _best(postings: Iterable[Posting]) -> tuple[Posting, ...] | None:
    """The one of each rule that counts where all stand; None if that is to be seen from the text."""
    best: dict[int, Posting] = {}
    for posting in postings:
        if posting.role > Role.UNSURE:
            return None
        other = best.setdefault(posting.rule, posting)
        if other is posting:
            continue
        if posting.caps or other.caps or posting.role is not other.role:
            return None
        best[posting.rule] = max(other, posting, key=attrgetter("preference"))
    return tuple(best.values())


class _Filing:
    """Puts together what every pattern means."""

    def __init__(self) -> None:
        self.table: dict[str, _Meaning] = {}
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
            shared: dict[frozenset[str] | None, _Meaning] = {}
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
