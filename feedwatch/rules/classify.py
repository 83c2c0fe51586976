"""Article x rules -> labels with evidence.

One pass of one automaton over the folded text, then work only for rules that were hit: no state, no
dependence on the order of rules, nothing learned at run time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from feedwatch.collector import undisturbed
from feedwatch.model import Article, Evidence, Facet, Label, Standing
from feedwatch.rules.automaton import Hit, Tables
from feedwatch.rules.gather import Gathered, Run, resolved, scanned, traced
from feedwatch.rules.layout import FIELDS, Layout
from feedwatch.rules.plan import FACETS, Plan
from feedwatch.rules.postings import Posting, Role
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.score import CAP, Rows, Tally, at_most, evidence_of, rounded, settle, tally
from feedwatch.rules.trace import NearMiss, Suppressed, Trace, Vetoed

SOURCE_DEFAULT = "source default"
# The fields up to the end of the lead.
_VETO_FIELDS = 3
_NONE: list[Any] = []
#: The defaults of an article's source.
Defaults = Mapping[Facet, str | None]
# So many articles go through each stage together: every stage finds its code and tables in the processor's caches,
# and what the stages hand on stays there.
_TOGETHER = 32
# A score is a sum, and sums of fractions may differ in the last digit.
_LEAST_DIFFERENCE = 1e-9
# The constructor of a named tuple is Python code.
_new = tuple.__new__


#: Whether it is a group, the score below 0, id, number, share, and whether the article is about it.
Rank = tuple[bool, float, str, int, float, bool]


@dataclass(slots=True)
class Notes:
    """What a trace writes down on the way; a plain judgement has none."""

    lost: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    near_misses: list[NearMiss] = field(default_factory=list)
    vetoes: list[Vetoed] = field(default_factory=list)

    def on_loss(self, lost: Posting, winner: Posting | str, count: int = 1) -> None:
        """Take note of hits that do not count."""
        why = winner if isinstance(winner, str) else f'inside "{winner.term}"'
        self.lost[lost.rule, lost.term, why] += count


class Classifier:
    """Judges articles by one RuleSet; safe to use from any number of threads."""

    def __init__(self, ruleset: RuleSet, tables: Tables | None = None) -> None:
        """`tables` are those of the rules where somebody has them already (see `kept`)."""
        self.ruleset = ruleset
        self._plan = Plan(ruleset, tables)
        rules = self._plan.rules
        self._caps = [CAP[rule.facet] for rule in rules]
        #: By rule: less than this is nothing to anybody; 0 where others count what it has.
        self._least = [
            0.0 if self._plan.above[n] or rule.need else rule.min_score - _LEAST_DIFFERENCE
            for n, rule in enumerate(rules)
        ]

    def classify(self, article: Article, *, region: str | None = None, topic: str | None = None) -> tuple[Label, ...]:
        """The rules that fired: regions, then topics, by score descending, then id.

        `region` and `topic` are the source's defaults; a default that is no rule does nothing.
        """
        return self.classify_all([(article, {"region": region, "topic": topic})])[0]

    def classify_all(self, asked: Sequence[tuple[Article, Defaults]]) -> list[tuple[Label, ...]]:
        """The same for many articles, each with the defaults of its source, in less time for each."""
        found: list[tuple[Label, ...]] = []
        for start in range(0, len(asked), _TOGETHER):
            with undisturbed():
                found += self._classify_few(asked[start : start + _TOGETHER])
        return found

    def _classify_few(self, asked: Sequence[tuple[Article, Defaults]]) -> list[tuple[Label, ...]]:
        plan = self._plan
        layouts = [Layout(article) for article, _ in asked]
        scans = [scanned(plan, layout, article.languages) for (article, _), layout in zip(asked, layouts, strict=True)]
        gathered = [resolved(plan, layout, scan) for layout, scan in zip(layouts, scans, strict=True)]
        return [self.labels(found, defaults) for (_, defaults), found in zip(asked, gathered, strict=True)]

    def trace(self, article: Article, *, region: str | None = None, topic: str | None = None) -> Trace:
        """The same judgement with what it left out."""
        notes, rules = Notes(), self._plan.rules
        found = traced(self._plan, Layout(article, with_tail=True), article.languages, notes.on_loss)
        labels = self.labels(found, {"region": region, "topic": topic}, notes)
        suppressed = [
            Suppressed(facet=rules[n].facet, rule=rules[n].id, term=term, why=why, count=count)
            for (n, term, why), count in notes.lost.items()
        ]
        return Trace(
            article=article,
            labels=labels,
            suppressed=tuple(sorted(suppressed, key=lambda s: (s.facet, s.rule, s.term, s.why))),
            near_misses=tuple(sorted(notes.near_misses, key=lambda miss: (miss.facet, -miss.score, miss.rule))),
            vetoes=tuple(sorted(notes.vetoes, key=lambda veto: (veto.facet, veto.rule, veto.term, veto.field))),
            rules_hash=self.ruleset.hash,
        )

    def labels(self, found: Gathered, defaults: Defaults, notes: Notes | None = None) -> tuple[Label, ...]:
        """The labels that the hits of an article earn."""
        fired = self._fired(found, self._tally(found, notes), notes)
        of_facet: dict[Facet, dict[int, Tally]] = {facet: {} for facet in FACETS}
        for n, result in fired.items():
            of_facet[self._plan.rules[n].facet][n] = result
        labels: list[Label] = []
        for facet, mine in of_facet.items():
            labels += self._labels(facet, mine) if mine else self._default(facet, defaults[facet])
        return tuple(labels)

    def _tally(self, found: Gathered, notes: Notes | None) -> dict[int, Tally]:
        """The tally of each rule that was hit, and of those above it; without notes only where it may matter."""
        plan = self._plan
        touched = [
            n
            for n, runs in found.runs.items()
            if notes is not None or not self._least[n] or at_most(runs) >= self._least[n]
        ]
        if found.others:
            touched += [n for n in found.others if plan.rules[n].need]
        tallies: dict[int, Tally] = {}
        below: dict[int, list[Run]] = {}
        members: dict[int, list[Tally]] = {}
        for n in plan.with_all_above(touched):
            runs, under = found.runs.get(n, _NONE), below.get(n, _NONE)
            is_sure = n in found.sure
            if under or n in found.mixed:
                is_sure = is_sure or any(posting.role is not Role.UNSURE for _, posting, _ in (*runs, *under))
                runs = settle(runs, under)
            result = tallies[n] = tally(self._caps[n], runs, members.get(n, _NONE), is_sure)
            if notes is not None and not result.counted:
                for _, posting, places in runs:
                    notes.on_loss(posting, "unsure, with nothing sure beside it", len(places))
            if not plan.above[n]:
                continue
            if (parent := plan.parent[n]) is not None:
                below.setdefault(parent, []).extend(result.settled)
            if plan.groups[n] and self._may_fire(n, found):
                for group in plan.groups[n]:
                    members.setdefault(group, []).append(result)
        return tallies

    def _may_fire(self, n: int, found: Gathered) -> bool:
        return self._veto(n, found) is None and self._is_proven(n, found)

    def _veto(self, n: int, found: Gathered) -> Hit | None:
        """The first veto of a rule in title, tags or lead."""
        if n not in found.others:
            return None
        hits = found.others[n].get((Role.VETO, 0), ())
        return next((hit for hit in hits if hit.field < _VETO_FIELDS), None)

    def _is_proven(self, n: int, found: Gathered) -> bool:
        needs = self._plan.rules[n].need
        if not needs:
            return True
        hits = found.others.get(n, {})
        return all(hits.get((Role.NEED, group)) for group in range(len(needs)))

    def _fired(self, found: Gathered, tallies: dict[int, Tally], notes: Notes | None) -> dict[int, Tally]:
        fired = {}
        for n, result in tallies.items():
            rule = self._plan.rules[n]
            if notes is None and result.score < rule.min_score:
                continue
            enough = result.score >= rule.min_score and (result.score > 0 or bool(rule.need))
            proven, veto = self._is_proven(n, found), self._veto(n, found)
            if enough and proven and veto is None:
                fired[n] = result
            elif notes is not None and enough and veto is not None:
                notes.vetoes.append(
                    Vetoed(
                        facet=rule.facet,
                        rule=rule.id,
                        score=result.score,
                        term=veto.posting.term,
                        field=FIELDS[veto.field],
                    )
                )
            elif notes is not None and veto is None and result.score > 0 and result.score * 2 >= rule.min_score:
                notes.near_misses.append(
                    NearMiss(
                        facet=rule.facet,
                        rule=rule.id,
                        score=result.score,
                        min_score=rule.min_score,
                        needs_proof=not proven,
                    )
                )
        return fired

    def _labels(self, facet: Facet, fired: dict[int, Tally]) -> list[Label]:
        rules = self._plan.rules
        plain = {n for n in fired if self._plan.is_plain[n]}
        total = fsum([fired[n].score for n in plain])
        ranked = []
        for n, result in fired.items():
            rule, score = rules[n], result.score
            share = score / total if score < total else 1.0
            # What stands in the dateline alone is never what an article is about.
            is_about = (result.strong_in_title or share >= rule.min_share) and not (result.only_dateline and score > 0)
            # A country says more than the groups it is in, so these come last.
            ranked.append((rule.members != (), -score, rule.id, n, share, is_about))
        ranked.sort()
        main = self._main([rank for rank in ranked if rank[3] in plain] if plain else ranked, fired)
        rows: Rows = {}
        labels = []
        for _, score, rule_id, n, share, is_about in ranked:
            rule = rules[n]
            standing: Standing = "about" if is_about else "mentioned"
            evidence = evidence_of(fired[n], rows)
            figures = rounded(-score, 2), rounded(share, 4)
            label = _new(Label, (facet, rule_id, rule.name, *figures, standing, n == main, rule.code, evidence))
            labels.append(label)
        return labels

    def _main(self, ranked: list[Rank], fired: dict[int, Tally]) -> int:
        """The rule with the highest score of those that the article is about; ties: the earliest hit, then id."""
        if len(ranked) == 1:
            return ranked[0][3]
        ranked = [rank for rank in ranked if rank[5]] or ranked
        best = min([rank[1] for rank in ranked])
        tied = [rank[3] for rank in ranked if rank[1] == best]
        return min(tied, key=lambda n: (fired[n].first(), self._plan.rules[n].id)) if len(tied) > 1 else tied[0]

    def _default(self, facet: Facet, rule_id: str | None) -> list[Label]:
        """The label of a source's default, and of what stands above it."""
        number = self._plan.number.get((facet, rule_id)) if rule_id is not None else None
        if number is None:
            return []
        evidence = (Evidence(term=SOURCE_DEFAULT, field="source", count=1, points=0.0),)
        return [
            Label(
                facet=facet,
                rule=rule.id,
                name=rule.name,
                score=0.0,
                share=1.0,
                standing="about",
                main=rule.id == rule_id,
                code=rule.code,
                evidence=evidence,
            )
            for rule in sorted(
                self._rules_of(self._plan.with_all_above([number])), key=lambda rule: (bool(rule.members), rule.id)
            )
        ]

    def _rules_of(self, numbers: Iterable[int]) -> list[Rule]:
        return [self._plan.rules[n] for n in numbers]
