"""The hits of an article that count: found, verified on the original, and resolved against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter

from feedwatch.rules.automaton import Hit, Lone, Outcome, Scan
from feedwatch.rules.fold import GAP, caps_of
from feedwatch.rules.layout import BODY, DATELINE, FIELDS, LEAD, TAIL, Layout
from feedwatch.rules.plan import Plan
from feedwatch.rules.postings import Posting, Role
from feedwatch.rules.resolve import Cover, OnLoss, longest, near_hits, outside

#: Where a posting has hits that count: the number of the field, the posting, starts and ends in the field.
Run = tuple[int, Posting, list[tuple[int, int]]]

_PREFERENCE = attrgetter("preference")


@dataclass(slots=True)
class Gathered:
    """The hits of one article that count, by rule number; each span once for each rule, at its highest points."""

    runs: defaultdict[int, list[Run]] = field(default_factory=lambda: defaultdict(list))
    #: Rules with a hit that is not unsure, though one of higher points took its span.
    sure: set[int] = field(default_factory=set)
    #: Rules of which several postings count together.
    mixed: set[int] = field(default_factory=set)
    #: Vetoes, proofs and the sides of near, by role and group.
    others: dict[int, dict[tuple[Role, int], list[Hit]]] = field(default_factory=dict)


def traced(plan: Plan, layout: Layout, languages: frozenset[str], on_loss: OnLoss) -> Gathered:
    """All hits of a text that count, near terms included; `on_loss` is told of the others."""
    # Whoever wants to know what is lost, and to what, has every hit resolved.
    return resolved(plan, layout, scanned(plan, layout, languages, is_crowd=True), on_loss)


def scanned(plan: Plan, layout: Layout, languages: frozenset[str], *, is_crowd: bool = False) -> Scan:
    """The hits of a text, those of regular expressions included; see `Automaton.scan`."""

    def look(expressions: list[Posting]) -> list[Hit]:
        return [
            hit
            for posting in sorted(expressions, key=lambda posting: (posting.rule, posting.group))
            for hit in _regex_hits(plan.regexes[posting.rule, posting.group], posting, layout)
        ]

    return plan.automaton.scan(layout.folded.text, languages, is_crowd=is_crowd, look=look)


def resolved(plan: Plan, layout: Layout, scan: Scan, on_loss: OnLoss | None = None) -> Gathered:
    """The hits of a scan that count."""
    found = Gathered()
    filing = _Filing(plan, layout, found.runs)
    if scan.crowd or scan.by_regex or scan.others:
        filing.add_crowd(_resolve(plan, layout, scan, found, on_loss), found)
    if scan.lone:
        filing.add_lone(scan.lone)
    for words, hits in scan.unknown:
        scan.learn(words, _outcome(plan, hits))
    return found


class _Filing:
    """Sorts hits that count into runs."""

    def __init__(self, plan: Plan, layout: Layout, runs: defaultdict[int, list[Run]]) -> None:
        self._is_region, self._layout, self._runs = plan.is_region, layout, runs
        #: By field and posting the places in the field.
        self._places: list[dict[Posting, list[tuple[int, int]]]] = [{} for _ in FIELDS]

    def add_lone(self, lone: list[Lone]) -> None:
        """File hits that need no resolving."""
        layout, of_rule = self._layout, self._runs
        bounds, dateline_end = layout.bounds, layout.dateline_end
        number, edge, offset = len(bounds), len(layout.text), 0
        for (_, _, postings), span in zip(lone, layout.folded.spans(lone), strict=True):
            first, last = span
            # The hits come backwards, so the field goes on where it was.
            while first < edge:
                number -= 1
                edge, offset, runs = bounds[number], layout.offset_of(number), self._places[number]
            place = (first - offset, last - offset) if offset else span
            for posting in postings:
                if posting.caps and not _has_capitals(posting, first, last, layout):
                    continue
                if last <= dateline_end:
                    self.add(number, posting, place, is_dateline=True)
                elif posting in runs:
                    runs[posting].append(place)
                else:
                    places = runs[posting] = [place]
                    of_rule[posting.rule].append((number, posting, places))

    def add(self, number: int, posting: Posting, place: tuple[int, int], *, is_dateline: bool) -> None:
        """File one hit by field, posting, place in the field, and whether it stands before the dateline's end."""
        # Regions named in the dateline count by themselves; to topics it is lead like any other.
        if is_dateline and number == LEAD and self._is_region[posting.rule]:
            number = DATELINE
        runs = self._places[number]
        if posting in runs:
            runs[posting].append(place)
        else:
            places = runs[posting] = [place]
            self._runs[posting.rule].append((number, posting, places))

    def add_crowd(self, hits_of: Mapping[int, list[Hit]], found: Gathered) -> None:
        """File hits that were resolved."""
        layout = self._layout
        for rule, hits in hits_of.items():
            best: dict[tuple[int, int, bool], Hit] = {}
            for hit in hits:
                # The span of two near terms is not that of a phrase, even where both are equal.
                span = (hit.start, hit.end, hit.posting.is_near)
                other = best.setdefault(span, hit)
                if other is not hit:
                    if Role.SCORE in {hit.posting.role, other.posting.role}:
                        found.sure.add(rule)
                    best[span] = max(other, hit, key=_preference)
            for hit in best.values():
                if hit.posting.is_near or hit.is_regex:
                    found.mixed.add(rule)
                offset = layout.offset_of(hit.field)
                first, last = hit.span
                place = first - offset, last - offset
                self.add(hit.field, hit.posting, place, is_dateline=last <= layout.dateline_end)


def _preference(hit: Hit) -> tuple[float, bool, bool, str]:
    return hit.posting.preference


def _resolve(plan: Plan, layout: Layout, scan: Scan, found: Gathered, on_loss: OnLoss | None) -> dict[int, list[Hit]]:
    """The hits of the crowd that score, by rule; others go to `found`."""
    scored, excepts, masks = _by_role(layout, scan.crowd, found, on_loss)
    for hit in scan.by_regex:
        scored.setdefault(hit.posting.rule, []).append(hit)
    covers = {rule: Cover(hits) for rule, hits in excepts.items()}
    mask = Cover(masks) if masks else None
    kept = _winners(plan, scored, covers, masks, on_loss)
    for rule, by_role in found.others.items():
        for place, hits in by_role.items():
            by_role[place] = outside(outside(hits, covers.get(rule), None), mask, None)
    for start, end, posting in scan.others:
        span = layout.folded.span(start, end)
        hit = Hit(posting, start, end, layout.field_of(span[0]), span)
        found.others.setdefault(posting.rule, {}).setdefault((posting.role, posting.group), []).append(hit)
    for rule, by_role in found.others.items():
        _add_near(plan, layout, rule, by_role, kept)
    return kept


def _by_role(
    layout: Layout, crowd: list[Hit], found: Gathered, on_loss: OnLoss | None
) -> tuple[dict[int, list[Hit]], dict[int, list[Hit]], list[Hit]]:
    """Hits that score and exceptions by rule, and masks; what else there is goes to `found`."""
    scored: dict[int, list[Hit]] = {}
    excepts: dict[int, list[Hit]] = {}
    masks = []
    for hit in crowd:
        posting = hit.posting
        role = posting.role
        hit.span = span = layout.folded.span(hit.start, hit.end)
        hit.field = layout.field_of(span[0])
        if posting.caps and not _has_capitals(posting, *span, layout):
            continue
        if hit.field == TAIL:
            if on_loss is not None and role <= Role.UNSURE:
                on_loss(posting, "in the part that was cut")
            continue
        if role <= Role.UNSURE:
            scored.setdefault(posting.rule, []).append(hit)
        elif role is Role.MASK:
            masks.append(hit)
        elif role is Role.EXCEPT:
            excepts.setdefault(posting.rule, []).append(hit)
        else:
            found.others.setdefault(posting.rule, {}).setdefault((role, posting.group), []).append(hit)
    return scored, excepts, masks


def _has_capitals(posting: Posting, first: int, last: int, layout: Layout) -> bool:
    """Whether the hit of a term with `=` is written like it.

    Mixed case matches itself or all capitals. All capitals match themselves, and in a paragraph of
    nothing but capitals only if dotted ("U.S.").
    """
    written, wanted = layout.text[first:last], posting.caps
    if "l" in wanted and written == posting.term[1:]:
        return True
    if written.islower() and "U" in wanted:
        return False
    caps = caps_of(written)
    if "l" in wanted:
        return caps == wanted or "l" not in caps
    if caps != wanted:
        return False
    before = layout.text.rfind("\n", 0, first) + 1
    after = layout.text.find("\n", last)
    around = layout.text[before:first] + layout.text[last : after if after >= 0 else None]
    return "." in written or not around.isupper()


def _regex_hits(expression: object, posting: Posting, layout: Layout) -> list[Hit]:
    hits = []
    for offset, text in layout.parts():
        for match in expression.finditer(text):  # type: ignore[attr-defined] # re2 publishes no types
            first, last = match.start() + offset, match.end() + offset
            start, end = layout.folded.place(first), layout.folded.place(last)
            field = layout.field_of(first)
            found = layout.folded.text[start:end]
            # In the address no word of it may be one that the title has.
            if first == last or start >= end or field == TAIL or (field > BODY and (GAP in found or not found.strip())):
                continue
            words = len(found.split())
            counted = replace(posting, role=Role.SCORE, words=words)
            hits.append(Hit(counted, start, end, field, (first, last), is_regex=True))
    return hits


def _outcome(plan: Plan, hits: list[Hit]) -> Outcome:
    """What is left of hits that overlap, for whatever text has the same words; None if that is not for words to say."""
    scored: dict[int, list[Hit]] = {}
    excepts: dict[int, list[Hit]] = {}
    masks, others = [], []
    for hit in hits:
        posting = hit.posting
        if posting.caps:
            return None
        if posting.role is Role.MASK:
            masks.append(hit)
        elif posting.role > Role.EXCEPT:
            others.append(hit)
        else:
            (excepts if posting.role is Role.EXCEPT else scored).setdefault(posting.rule, []).append(hit)
    low = min((hit.start for hit in hits), default=0)
    best: dict[tuple[int, int], dict[int, Posting]] = {}
    covers = {rule: Cover(of_rule) for rule, of_rule in excepts.items()}
    for rule, kept in _winners(plan, scored, covers, masks, None).items():
        for hit in kept:
            of_rule = best.setdefault((hit.start - low, hit.end - low), {})
            other = of_rule.setdefault(rule, hit.posting)
            if other.role is not hit.posting.role:
                return None
            of_rule[rule] = max(other, hit.posting, key=_PREFERENCE)
    mask = Cover(masks) if masks else None
    others = [hit for hit in others if outside(outside([hit], covers.get(hit.posting.rule), None), mask, None)]
    return (
        tuple((*span, tuple(best[span].values())) for span in sorted(best, reverse=True)),
        tuple((hit.start - low, hit.end - low, hit.posting) for hit in others),
    )


def _winners(
    plan: Plan, scored: dict[int, list[Hit]], covers: dict[int, Cover], masks: list[Hit], on_loss: OnLoss | None
) -> dict[int, list[Hit]]:
    """The longest mention wins: among all regions, and within each topic; none inside an exception counts."""
    for rule in covers.keys() & scored.keys():
        scored[rule] = outside(scored[rule], covers[rule], on_loss)
    kept: dict[int, list[Hit]] = {}
    regions = list(masks)
    for rule, hits in scored.items():
        if plan.is_region[rule]:
            regions += hits
        elif winners := longest(hits + masks, on_loss):
            kept[rule] = winners
    for hit in longest(regions, on_loss):
        kept.setdefault(hit.posting.rule, []).append(hit)
    return kept


def _add_near(
    plan: Plan,
    layout: Layout,
    rule: int,
    by_role: Mapping[tuple[Role, int], list[Hit]],
    hits_of: dict[int, list[Hit]],
) -> None:
    for group, near in enumerate(plan.rules[rule].near):
        a, b = by_role.get((Role.NEAR_A, group)), by_role.get((Role.NEAR_B, group))
        if a and b and (hits := near_hits(layout.folded.text, near, a, b)):
            hits_of.setdefault(rule, []).extend(hits)
