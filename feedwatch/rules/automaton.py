"""The one automaton over all terms of all rules."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from ahocorasick_rs import AhoCorasick

from feedwatch.rules.postings import NO_RULE, Filing, Meaning, Posting, Role, senses
from feedwatch.rules.ruleset import Rule
from feedwatch.rules.terms import Term


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
#: What is to be known of a pattern first: None, or whether it has any ending and what may stand before it; and
#: what it means where it overlaps nothing, or None if more is to be decided then.
_Head = tuple[tuple[bool, frozenset[str] | None] | None, tuple[Posting, ...] | None]
#: A hit that neither scores nor overlaps one that counts, and what it means: a veto, a proof, a side of near.
Other = tuple[int, int, Posting]
#: What is left of hits that overlap: the lone ones that make up for them, the last first, and those that do not
#: score, places counted from where the first of them begins; None if more than the words in question decides.
Outcome = tuple[tuple[Lone, ...], tuple[Other, ...]] | None
#: Outcomes by the words that the hits cover together, which is all that they depend on.
Outcomes = dict[str, Outcome]


class _Heads(dict[int, _Head | None]):
    """The heads of patterns by number (None: it means nothing), each made when it is first seen.

    A text sees a hundred patterns of a hundred thousand, and all texts together a tenth of them.
    """

    def __init__(self, make: Callable[[int], _Head | None]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> _Head | None:
        head = self[number] = self._make(number)
        return head


#: For the languages of a text: which gates are open, the heads of patterns then, and how overlaps that were seen before
#: came out.
_View = tuple[list[bool], _Heads, Outcomes]
_MAX_VIEWS = 64
_MAX_OUTCOMES = 2048
_UNKNOWN: Outcome = ((0, 0, ()),), ()
#: From regular expressions to their hits.
Look = Callable[[list[Posting]], list[Hit]]
_OTHER = frozenset({""})


@dataclass(slots=True)
class Scan:
    """The hits of one text: those that need no resolving, and the crowd."""

    #: From the end of the text to its beginning.
    lone: list[Lone] = field(default_factory=list)
    #: Of hits that were seen before with the same words: what neither scores nor needs any resolving.
    others: list[Other] = field(default_factory=list)
    #: In the order of their ends.
    crowd: list[Hit] = field(default_factory=list)
    #: What regular expressions found.
    by_regex: list[Hit] = field(default_factory=list)
    #: Parts of the crowd that overlap nothing else and were never seen before, by the words they cover.
    unknown: list[tuple[str, list[Hit]]] = field(default_factory=list)
    #: Where their outcome is to be written down.
    outcomes: Outcomes = field(default_factory=dict)

    def learn(self, words: str, outcome: Outcome) -> None:
        """Write down how the hits that cover these words come out."""
        if len(self.outcomes) >= _MAX_OUTCOMES:
            self.outcomes.clear()
        self.outcomes[words] = outcome


@dataclass(slots=True)
class Tables:
    """All that an automaton is made of; plain values, so that they can be kept.

    What stays comes before the patterns, which go again: read back in turns, they would lie in turns in memory.
    """

    #: What each pattern means.
    meanings: list[Meaning]
    #: By pattern that starts regular expressions.
    triggers: dict[int, list[Posting]]
    #: By pattern: 1 if it stands for words of any ending.
    any_ending: bytes
    #: The sets of languages that terms are gated by, as numbered in the postings (0 is open to all).
    gates: list[frozenset[str]]
    #: In order.
    patterns: list[str]


def tabulate(rules: Sequence[Rule], masks: Iterable[Term]) -> Tables:
    """What to look for on behalf of rules, which postings name by their places, and of masks."""
    filing = Filing()
    for term in masks:
        filing.add(NO_RULE, Role.MASK, (term,))
    for number, rule in enumerate(rules):
        filing.add_rule(number, rule)
    places = filing.places()
    patterns = sorted(places)
    triggers = {bisect_left(patterns, text): triggers for text, triggers in filing.triggers.items()}
    in_order = [places[pattern] for pattern in patterns]
    del places
    return Tables(
        meanings=filing.meanings(in_order),
        triggers=triggers,
        any_ending=bytes([pattern[-1] != " " for pattern in patterns]),
        gates=filing.number_gates(),
        patterns=patterns,
    )


class Automaton:
    """All postings, and one pass over a text that finds them."""

    def __init__(self, tables: Tables) -> None:
        # The patterns themselves, some hundred thousand, are the library's alone: a copy of them costs 9 MB.
        self._find = AhoCorasick(tables.patterns).find_matches_as_indexes if tables.patterns else None
        self._any_ending, self._triggers, self._meanings = tables.any_ending, tables.triggers, tables.meanings
        self._gates = tables.gates
        self._languages = frozenset().union(*self._gates)
        #: By languages of a text. Only saves time.
        self._views: dict[frozenset[str], _View] = {}
        self._heads: dict[_Head, _Head] = {}

    def scan(
        self,
        text: str,
        languages: frozenset[str],
        *,
        is_crowd: bool = False,
        look: Look | None = None,
    ) -> Scan:
        """Every hit in a folded text whose term holds in one of `languages` (none: in any).

        If `is_crowd`, none is told apart as alone.
        `look` is asked for the hits of those regular expressions of which a trigger stands in the text.
        """
        scan = Scan()
        if self._find is None:
            return scan
        matches = self._find(text, overlapping=True)
        is_open, heads, scan.outcomes = self._view(languages)
        if look is not None and self._triggers:
            seen = self._triggers.keys() & {number for number, _, _ in matches}
            triggered = [posting for number in sorted(seen) for posting in self._triggers[number]]
            if triggered := [posting for posting in triggered if is_open[posting.gate]]:
                scan.by_regex = look(list(dict.fromkeys(triggered)))
        # What an expression finds may overlap anything.
        is_crowd = is_crowd or bool(scan.by_regex)
        for words, cluster in _sort_out(scan, text, matches, heads, is_crowd=is_crowd):
            hits = [
                Hit(posting, first, last)
                for number, start, first, last in cluster
                for posting, proclitics in senses(self._meanings[number])
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
            view = self._views[known] = is_open, _Heads(lambda number: self._head(number, is_open)), {}
        return view

    def _head(self, number: int, is_open: list[bool]) -> _Head | None:
        head = _head(bool(self._any_ending[number]), self._meanings[number], is_open)
        # Forms of one term share their head, also with other views.
        return self._heads.setdefault(head, head) if head else None


#: A pattern, where it begins, and the first and the last place of the words it stands in.
_Place = tuple[int, int, int, int]
_NO_PLACES: list[_Place] = []


def _sort_out(
    scan: Scan, text: str, matches: list[tuple[int, int, int]], heads: _Heads, *, is_crowd: bool
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
            _part(scan, crowd, cluster, text[low:high], low, is_crowd=is_crowd)
            cluster = _NO_PLACES
        low, high = first, last
        latest = (number, start, first, last)
        if alone is not None and not is_crowd:
            lone.append((first, last, alone))
        else:
            cluster = [latest]
    if cluster:
        _part(scan, crowd, cluster, text[low:high], low, is_crowd=is_crowd)
    return crowd


def _part(
    scan: Scan, crowd: list[tuple[str, list[_Place]]], cluster: list[_Place], words: str, low: int, *, is_crowd: bool
) -> None:
    """Hits that overlap: what is left of them goes to those that are alone, or all of them to the crowd."""
    if is_crowd:
        crowd.append(("", cluster))
        return
    outcome = scan.outcomes.get(words, _UNKNOWN)
    if outcome is None or outcome is _UNKNOWN:
        crowd.append(("" if outcome is None else words, cluster))
    else:
        lone, others = outcome
        scan.lone += [(low + first, low + last, postings) for first, last, postings in lone]
        if others:
            scan.others += [(low + first, low + last, posting) for first, last, posting in others]


def _head(has_any_ending: bool, meaning: Meaning, is_open: list[bool]) -> _Head | None:
    """What a pattern means by itself while some gates are open."""
    if isinstance(meaning, Posting):
        # Nearly all patterns mean one thing.
        return _only_head(has_any_ending, meaning, None) if is_open[meaning.gate] else None
    parts = tuple((posting, before) for posting, before in meaning if is_open[posting.gate])
    if len(parts) <= 1:
        return _only_head(has_any_ending, *parts[0]) if parts else None
    befores = {before for _, before in parts}
    if len(befores) > 1:
        # Each posting is looked at again in the crowd.
        return (has_any_ending, frozenset().union(*(before or () for before in befores))), None
    before = befores.pop()
    form = (has_any_ending, before) if has_any_ending or before is not None else None
    return form, _best(posting for posting, _ in parts)


def _only_head(has_any_ending: bool, posting: Posting, before: frozenset[str] | None) -> _Head:
    form = (has_any_ending, before) if has_any_ending or before is not None else None
    return form, (posting,) if posting.role <= Role.UNSURE else None


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
