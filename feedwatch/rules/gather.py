"""The hits of an article that count: found, verified on the original, and resolved against each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from feedwatch.rules.automaton import Hit, Posting, Role
from feedwatch.rules.fold import caps_of
from feedwatch.rules.layout import Layout
from feedwatch.rules.plan import Plan
from feedwatch.rules.resolve import Cover, OnLoss, longest, near_hits, outside


@dataclass(slots=True)
class Gathered:
    """The hits of one article by rule number."""

    scored: dict[int, list[Hit]] = field(default_factory=dict)
    #: Vetoes, proofs and the sides of near, by role and group.
    others: dict[int, dict[tuple[Role, int], list[Hit]]] = field(default_factory=dict)
    excepts: dict[int, list[Hit]] = field(default_factory=dict)
    masks: list[Hit] = field(default_factory=list)
    #: Postings of regular expressions whose trigger was seen, by rule and group.
    triggered: dict[tuple[int, int], Posting] = field(default_factory=dict)


def gather(plan: Plan, layout: Layout, languages: frozenset[str], on_loss: OnLoss | None) -> Gathered:
    """All hits that count, near terms included; `on_loss` is told of the others."""
    found = _find(plan, layout, languages, on_loss)
    for (rule, group), posting in sorted(found.triggered.items()):
        hits = _regex_hits(plan.regexes[rule, group], posting, layout)
        if hits:
            found.scored.setdefault(rule, []).extend(hits)
    covers = {rule: Cover(hits) for rule, hits in found.excepts.items()}
    masks = Cover(found.masks) if found.masks else None
    scored = {rule: outside(hits, covers.get(rule), on_loss) for rule, hits in found.scored.items()}
    found.scored = _resolve(plan, scored, found.masks, on_loss)
    for rule, by_role in found.others.items():
        for place, hits in by_role.items():
            by_role[place] = outside(outside(hits, covers.get(rule), None), masks, None)
        _add_near(plan, layout, rule, found)
    return found


def _find(plan: Plan, layout: Layout, languages: frozenset[str], on_loss: OnLoss | None) -> Gathered:
    found = Gathered()
    scored = found.scored
    url_start = layout.url_start
    hits = plan.automaton.scan(layout.folded.text, languages)
    layout.place(hits)
    for hit in hits:
        posting = hit.posting
        role = posting.role
        if posting.caps and not _has_capitals(hit, layout):
            continue
        if hit.start >= url_start and not _counts_late(hit, layout, on_loss):
            continue
        if role <= Role.UNSURE:
            scored.setdefault(posting.rule, []).append(hit)
        elif role == Role.MASK:
            found.masks.append(hit)
        elif role == Role.EXCEPT:
            found.excepts.setdefault(posting.rule, []).append(hit)
        elif role == Role.TRIGGER:
            found.triggered[posting.rule, posting.group] = posting
        else:
            found.others.setdefault(posting.rule, {}).setdefault((role, posting.group), []).append(hit)
    return found


def _has_capitals(hit: Hit, layout: Layout) -> bool:
    """Whether a hit of a term with `=` is written like it.

    Mixed case matches itself or all capitals. All capitals match themselves, and in a paragraph of
    nothing but capitals only if dotted ("U.S.").
    """
    written, wanted = layout.text[hit.first : hit.last], hit.posting.caps
    if "l" in wanted and written == hit.posting.term[1:]:
        return True
    if written.islower() and "U" in wanted:
        return False
    caps = caps_of(written)
    if "l" in wanted:
        return caps == wanted or "l" not in caps
    if caps != wanted:
        return False
    start = layout.text.rfind("\n", 0, hit.first) + 1
    end = layout.text.find("\n", hit.last)
    around = layout.text[start : hit.first] + layout.text[hit.last : end if end >= 0 else None]
    return "." in written or not around.isupper()


def _counts_late(hit: Hit, layout: Layout, on_loss: OnLoss | None) -> bool:
    """Whether a hit in the address or the tail counts: words of the title count once, the tail never."""
    if hit.field == "tail":
        if on_loss is not None and hit.posting.role <= Role.UNSURE:
            on_loss(hit, "in the part that was cut")
        return False
    words = layout.folded.text[hit.start : hit.end].split()
    return not any(f" {word} " in layout.title_words for word in words)


def _regex_hits(expression: object, posting: Posting, layout: Layout) -> list[Hit]:
    hits = []
    for offset, text in layout.slices():
        for match in expression.finditer(text):  # type: ignore[attr-defined] # re2 publishes no types
            first, last = match.start() + offset, match.end() + offset
            start, end = layout.folded.place(first), layout.folded.place(last)
            if first == last or start >= end:
                continue
            words = len(layout.folded.text[start:end].split())
            name = layout.field_of(start)
            hit = Hit(replace(posting, role=Role.SCORE, words=words), start, end, first, last, name)
            if start < layout.url_start or _counts_late(hit, layout, None):
                hits.append(hit)
    return hits


def _resolve(
    plan: Plan, scored: dict[int, list[Hit]], masks: list[Hit], on_loss: OnLoss | None
) -> dict[int, list[Hit]]:
    """The longest mention wins: among all regions, and within each topic."""
    kept: dict[int, list[Hit]] = {}
    regions = list(masks)
    for rule, hits in scored.items():
        if plan.rules[rule].facet == "region":
            regions += hits
        elif winners := longest(hits + masks, on_loss):
            kept[rule] = winners
    for hit in longest(regions, on_loss):
        kept.setdefault(hit.posting.rule, []).append(hit)
    return kept


def _add_near(plan: Plan, layout: Layout, rule: int, found: Gathered) -> None:
    by_role = found.others[rule]
    for group, near in enumerate(plan.rules[rule].near):
        a, b = by_role.get((Role.NEAR_A, group)), by_role.get((Role.NEAR_B, group))
        if a and b:
            hits = near_hits(layout.folded.text, near, a, b)
            if hits:
                layout.place(hits)
                found.scored.setdefault(rule, []).extend(hits)
