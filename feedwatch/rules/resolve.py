"""Which of the hits in a text count: masks, exceptions, the longest mention, terms close together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from feedwatch.rules.automaton import Hit
from feedwatch.rules.fold import GAP
from feedwatch.rules.postings import Posting, Role
from feedwatch.rules.ruleset import Near

#: Told of each hit that does not count: what it means, and in what it stands or why not.
OnLoss = Callable[[Posting, Posting | str], None]

_BY_START = attrgetter("start", "end")
#: No gap between near terms is looked at that is longer than this for each word.
_MAX_WORD = 64


class Cover:
    """Spans, and whether something lies inside one of them."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        # Only spans that no earlier one contains, so that starts and ends both rise.
        self._hits: list[Hit] = []
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
            if not self._hits or hit.end > self._hits[-1].end:
                self._hits.append(hit)
        self._starts = [hit.start for hit in self._hits]

    def around(self, hit: Hit) -> Hit | None:
        """The span that contains `hit` (or equals it); None if there is none."""
        place = bisect_right(self._starts, hit.start) - 1
        if place >= 0 and self._hits[place].end >= hit.end:
            return self._hits[place]
        return None


def outside(hits: list[Hit], cover: Cover | None, on_loss: OnLoss | None) -> list[Hit]:
    """The hits that are in none of the cover's spans."""
    if cover is None:
        return hits
    kept = []
    for hit in hits:
        around = cover.around(hit)
        if around is None:
            kept.append(hit)
        elif on_loss is not None:
            on_loss(hit.posting, around.posting)
    return kept


def longest(hits: list[Hit], on_loss: OnLoss | None) -> list[Hit]:
    """Of overlapping spans the longest in words, then in characters, then the earliest; in text order.

    Equal spans all stay, but none beside a mask; what loses removes nothing; masks are not returned.
    """
    kept: list[Hit] = []
    cluster: list[Hit] = []
    reach = -1
    mixed = False
    for hit in sorted(hits, key=_BY_START):
        if hit.start < reach:
            mixed = mixed or hit.end != reach or hit.start != cluster[0].start or hit.posting.role == Role.MASK
            cluster.append(hit)
            reach = max(reach, hit.end)
            continue
        kept += _winners(cluster, on_loss) if mixed else cluster
        cluster, reach, mixed = [hit], hit.end, hit.posting.role == Role.MASK
    return kept + (_winners(cluster, on_loss) if mixed else cluster)


def _winners(cluster: list[Hit], on_loss: OnLoss | None) -> list[Hit]:
    """`longest` for hits that overlap one another."""
    ranked = sorted(
        cluster,
        key=lambda hit: (-hit.posting.words, hit.start - hit.end, hit.start, hit.posting.role != Role.MASK),
    )
    starts: list[int] = []
    taken: list[Hit] = []
    kept = []
    for hit in ranked:
        place = bisect_right(starts, hit.start)
        before = taken[place - 1] if place and taken[place - 1].end > hit.start else None
        after = taken[place] if place < len(taken) and taken[place].start < hit.end else None
        winner = before or after
        if winner is None:
            starts.insert(place, hit.start)
            taken.insert(place, hit)
        elif (winner.start, winner.end) != (hit.start, hit.end) or winner.posting.role == Role.MASK:
            if on_loss is not None and hit.posting.role != Role.MASK:
                on_loss(hit.posting, winner.posting)
            continue
        if hit.posting.role != Role.MASK:
            kept.append(hit)
    return sorted(kept, key=_BY_START)


def near_hits(text: str, near: Near, a_hits: Sequence[Hit], b_hits: Sequence[Hit]) -> list[Hit]:
    """One hit for each *a* that has a *b* within reach, spanning both; its term is "a … b"."""
    by_start = sorted(b_hits, key=_BY_START)
    by_end = sorted(b_hits, key=attrgetter("end", "start"))
    starts, ends = [hit.start for hit in by_start], [hit.end for hit in by_end]
    found: dict[tuple[int, int], Hit] = {}
    for a in sorted(a_hits, key=_BY_START):
        if (a.start, a.end) in found:
            continue
        after = bisect_left(starts, a.end)
        before = bisect_right(ends, a.start) - 1
        if after < len(by_start) and _is_near(text, a.end, starts[after], near.within):
            found[a.start, a.end] = _joined(a, by_start[after], near)
        elif not near.ordered and before >= 0 and _is_near(text, ends[before], a.start, near.within):
            found[a.start, a.end] = _joined(a, by_end[before], near)
    return list(found.values())


def _is_near(text: str, start: int, end: int, within: int) -> bool:
    if end - start > (within + 1) * _MAX_WORD:
        return False
    gap = text[start:end]
    return GAP not in gap and gap.count(" ") - 1 <= within


def _joined(a: Hit, b: Hit, near: Near) -> Hit:
    posting: Posting = replace(
        a.posting,
        role=Role.SCORE,
        term=f"{a.posting.term} … {b.posting.term}",
        key=f"near {a.posting.rule}.{a.posting.group}",
        points=near.points,
        strong=False,
        is_near=True,
    )
    span = min(a.span[0], b.span[0]), max(a.span[1], b.span[1])
    return Hit(posting, min(a.start, b.start), max(a.end, b.end), min(a.field, b.field), span)
