"""From the hits of one rule to its score and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from feedwatch.model import Evidence, Facet
from feedwatch.rules.automaton import Hit, Role
from feedwatch.rules.layout import WEIGHTS, Layout

#: A term counts at most this often in one field.
CAP: Mapping[Facet, int] = {"region": 20, "topic": 5}
DATELINE = "dateline"
DATELINE_POINTS = 8.0

_UNSURE = Role.UNSURE
_START = attrgetter("start", "end")
_RANK: Mapping[str, int] = {name: rank for rank, name in enumerate(WEIGHTS)}
#: Field, key of the term, points of a mention.
_Place = tuple[str, str, float]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one rule has in one article."""

    score: float = 0.0
    #: Each span once.
    hits: list[Hit] = field(default_factory=list)
    counted: dict[_Place, list[Hit]] = field(default_factory=dict)
    #: Of a group: what its members have.
    members: tuple[Tally, ...] = ()
    #: Where the first hit is in the folded text.
    first: int = 1 << 60
    strong_in_title: bool = False
    #: Whether all that counts stands in the dateline.
    only_dateline: bool = True


def settle(hits: list[Hit]) -> list[Hit]:
    """Each span once, at its highest points; unsure hits only beside others."""
    if all(hit.posting.role is _UNSURE for hit in hits):
        return []
    if len({(hit.start, hit.end) for hit in hits}) == len(hits):
        return hits
    best: dict[tuple[int, int, bool], Hit] = {}
    for hit in hits:
        # The span of two near terms is not that of a phrase, even where both are equal.
        place = (hit.start, hit.end, hit.posting.is_near)
        other = best.setdefault(place, hit)
        if other is not hit and _preference(hit) > _preference(other):
            best[place] = hit
    return list(best.values())


def _preference(hit: Hit) -> tuple[float, bool, bool, str]:
    # The term's text makes the choice the same in whatever order the rules were read.
    posting = hit.posting
    return posting.points, posting.strong, posting.role == Role.SCORE, posting.term


def tally(facet: Facet, hits: list[Hit], layout: Layout, members: tuple[Tally, ...] = ()) -> Tally:
    """Score settled hits (weight x points x capped count over fields), and add the scores of members."""
    result = Tally(hits=hits, members=members)
    if hits:
        _count(result, layout.dateline_end if facet == "region" else 0)
    cap = CAP[facet]
    for (name, key, points), found in result.counted.items():
        count = 1 if key == DATELINE else min(len(found), cap)
        result.score += WEIGHTS[name] * points * count
    for member in members:
        result.score += member.score
        result.first = min(result.first, member.first)
        result.strong_in_title = result.strong_in_title or member.strong_in_title
        result.only_dateline = result.only_dateline and member.only_dateline
    return result


def _count(result: Tally, dateline_end: int) -> None:
    counted = result.counted
    result.first = min([hit.start for hit in result.hits])
    for hit in result.hits:
        posting = hit.posting
        name = hit.field
        if hit.end <= dateline_end and name == "lead":
            counted.setdefault((name, DATELINE, DATELINE_POINTS), []).append(hit)
            continue
        result.only_dateline = False
        if name == "title" and posting.strong:
            result.strong_in_title = True
        place = (name, posting.key, posting.points)
        if place in counted:
            counted[place].append(hit)
        else:
            counted[place] = [hit]


def evidence_of(result: Tally, layout: Layout) -> tuple[Evidence, ...]:
    """What counted, strongest first."""
    merged = result.counted
    if result.members:
        merged = {}
        _merge(result, merged)
    # A group shows the same lists of hits as its members.
    made = layout.evidence
    found = []
    for place, hits in merged.items():
        if id(hits) not in made:
            made[id(hits)] = (hits, _evidence(place, hits, layout))
        found.append(made[id(hits)][1])
    found.sort(key=_by_strength)
    return tuple(found)


def _by_strength(evidence: Evidence) -> tuple[float, int, str, float]:
    name, points = evidence.field, evidence.points
    return -WEIGHTS[name] * points * evidence.count, _RANK[name], evidence.term, points


def _merge(result: Tally, merged: dict[_Place, list[Hit]]) -> None:
    """The hits of a group and its members by place, each span once."""
    for place, hits in result.counted.items():
        there = merged.get(place)
        if there is None:
            merged[place] = hits
        else:
            spans = {(hit.start, hit.end) for hit in there}
            merged[place] = there + [hit for hit in hits if (hit.start, hit.end) not in spans]
    for member in result.members:
        _merge(member, merged)


def _evidence(place: _Place, hits: Sequence[Hit], layout: Layout) -> Evidence:
    name, key, points = place
    offset = layout.offset_of(name)
    if key == DATELINE:
        first = min(hits, key=_START)
        span = (first.first - offset, first.last - offset)
        return Evidence(term=DATELINE, field=name, count=1, points=points, spans=(span,))
    # Terms that differ in spelling only may share a key.
    term = min([hit.posting.term for hit in hits])
    spans = tuple(sorted([(hit.first - offset, hit.last - offset) for hit in hits]))
    return Evidence(term=term, field=name, count=len(hits), points=points, spans=spans)
