"""From the hits of one rule to its score and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, inf
from operator import attrgetter

from feedwatch.model import Evidence, Facet
from feedwatch.rules.gather import Run
from feedwatch.rules.layout import DATELINE, FIELDS, LEAD, TITLE
from feedwatch.rules.postings import NO_RULE, Posting, Role

#: A term counts at most this often in one field.
CAP: Mapping[Facet, int] = {"region": 20, "topic": 5}
DATELINE_POINTS = 8.0

_DATELINE = Posting(rule=NO_RULE, role=Role.SCORE, term="dateline", key="dateline", points=DATELINE_POINTS)
_UNSURE = Role.UNSURE
_PREFERENCE = attrgetter("preference")
# The constructor of a named tuple is Python code.
_new = tuple.__new__
# Nearer than this to its neighbour a value is no tie, whatever its last digits.
_SURELY = 0.499


@dataclass(slots=True)
class Tally:
    """What one rule has in one article."""

    score: float
    #: Each span once, all that counts together in one run.
    counted: list[Run]
    #: The same before all that stands in the dateline became one.
    settled: list[Run]
    #: Of a group: what its members have.
    members: Sequence[Tally]
    strong_in_title: bool
    #: Whether all that counts stands in the dateline.
    only_dateline: bool
    evidence: tuple[Evidence, ...] | None = field(default=None)

    def first(self) -> tuple[int, int]:
        """The field and the place in it of the first hit."""
        own = [(LEAD if field == DATELINE else field, min(places)[0]) for field, _, places in self.counted]
        return min((*own, *(member.first() for member in self.members)), default=(len(FIELDS), 0))


def settle(runs: list[Run], below: list[Run]) -> list[Run]:
    """A rule's own runs and those of its children: each span once, at its highest points."""
    if not below:
        return _together(runs)
    best: dict[tuple[int, int, int, bool], Posting] = {}
    for number, posting, places in (*runs, *below):
        for start, end in places:
            span = (number, start, end, posting.is_near)
            best[span] = max(best.get(span, posting), posting, key=_PREFERENCE)
    return _together([(number, posting, [(start, end)]) for (number, start, end, _), posting in best.items()])


def _together(runs: Iterable[Run]) -> list[Run]:
    """Runs of the same field, key and points as one, which goes by the first of their terms; each span once."""
    merged: dict[tuple[int, str | int, float], Run] = {}
    several: dict[tuple[int, str | int, float], dict[tuple[int, int], None]] = {}
    for run in runs:
        number, posting, places = run
        place = (number, posting.key, posting.points)
        there = merged.setdefault(place, run)
        if there is run:
            continue
        if place not in several:
            several[place] = dict.fromkeys(there[2])
        several[place].update(dict.fromkeys(places))
        if (not posting.strong, posting.term) < (not there[1].strong, there[1].term):
            merged[place] = run
    for place, spans in several.items():
        merged[place] = (place[0], merged[place][1], list(spans))
    return list(merged.values())


def tally(cap: int, settled: list[Run], members: Sequence[Tally], is_sure: bool) -> Tally:
    """Score settled runs (weight x points x capped count over fields), and add the scores of members.

    If all runs are unsure, they count only if `is_sure` says that something else was seen.
    """
    worth = []
    strong_in_title = has_dateline = False
    for number, posting, places in settled:
        if not is_sure and posting.role is not _UNSURE:
            is_sure = True
        if number == DATELINE:
            has_dateline = True
            continue
        count = len(places)
        worth.append(posting.worth[number] * (count if count < cap else cap))  # noqa: FURB136 - faster
        if number == TITLE and posting.strong:
            strong_in_title = True
    if not is_sure:
        settled, worth, has_dateline = [], [], False
    only_dateline = not worth
    counted = settled
    if has_dateline:
        counted = [run for run in settled if run[0] != DATELINE]
        dateline = min([min(places) for number, _, places in settled if number == DATELINE])
        counted.append((DATELINE, _DATELINE, [dateline]))
        worth.append(_DATELINE.worth[DATELINE])
    # Not the sum of one after the other, which would depend on their order.
    score = fsum(worth) if len(worth) != 1 else worth[0]
    for member in members:
        score += member.score
        strong_in_title = strong_in_title or member.strong_in_title
        only_dateline = only_dateline and member.only_dateline
    return Tally(score, counted, settled, members, strong_in_title, only_dateline)


def at_most(runs: list[Run]) -> float:
    """No score of these runs is higher (but for what members add)."""
    most = 0.0
    for number, posting, places in runs:
        if number == DATELINE:
            return inf
        most += posting.worth[number] * len(places)
    return most


#: What stands in the evidence for one run behind what it is sorted by; no two of a rule have the same spans.
Row = tuple[float, int, str, float, tuple[tuple[int, int], ...], Evidence, Run]
#: The rows of an article by the identity of their runs (which they keep): a rule shares them with its groups.
Rows = dict[int, Row]


def rounded(value: float, digits: int) -> float:
    """The same as `round`, which takes several times as long, for values from 0 to 2 ** 40."""
    power = 10.0**digits
    scaled = value * power
    near = int(scaled + 0.5)
    return near / power if abs(scaled - near) < _SURELY else round(value, digits)


def evidence_of(result: Tally, rows: Rows) -> tuple[Evidence, ...]:
    """What counted, strongest first."""
    if result.evidence is None:
        if len(result.members) == 1 and not result.counted:
            result.evidence = evidence_of(result.members[0], rows)
        else:
            if result.members:
                mine = [rows.get(id(run)) or _row(run, rows) for run in _together(_all_counted(result))]
            else:
                mine = [_row(run, rows) for run in result.counted]
            if len(mine) > 1:
                mine.sort()
            result.evidence = tuple([row[5] for row in mine])
    return result.evidence


def _all_counted(result: Tally) -> Iterator[Run]:
    yield from result.counted
    for member in result.members:
        yield from _all_counted(member)


def _row(run: Run, rows: Rows) -> Row:
    number, posting, places = run
    if number == DATELINE:
        number, places = LEAD, [min(places)]
    elif len(places) > 1:
        places.sort()
    count, points, term, spans = len(places), posting.points, posting.term, tuple(places)
    evidence = _new(Evidence, (term, FIELDS[number], count, points, spans))
    row = rows[id(run)] = -posting.worth[number] * count, number, term, points, spans, evidence, run
    return row
