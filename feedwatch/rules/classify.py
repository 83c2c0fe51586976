"""Article x rules -> labels with evidence.

One pass of one automaton over the folded text, then work only for rules that were hit: no state, no
dependence on the order of rules, nothing learned at run time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from feedwatch.model import Article, Evidence, Facet, Label
from feedwatch.rules.automaton import Hit, Role
from feedwatch.rules.gather import Gathered, gather
from feedwatch.rules.layout import Layout
from feedwatch.rules.plan import FACETS, Plan
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.score import Tally, evidence_of, settle, tally
from feedwatch.rules.trace import NearMiss, Suppressed, Trace, Vetoed

SOURCE_DEFAULT = "source default"
_VETO_FIELDS = frozenset({"title", "tags", "lead"})


@dataclass(slots=True)
class _Notes:
    """What a trace writes down on the way; a plain judgement has none."""

    lost: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    near_misses: list[NearMiss] = field(default_factory=list)
    vetoes: list[Vetoed] = field(default_factory=list)

    def on_loss(self, hit: Hit, winner: Hit | str) -> None:
        """Take note of a hit that does not count."""
        why = winner if isinstance(winner, str) else f'inside "{winner.posting.term}"'
        self.lost[hit.posting.rule, hit.posting.term, why] += 1


class Classifier:
    """Judges articles by one RuleSet; safe to use from any number of threads."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self._plan = Plan(ruleset)

    def classify(self, article: Article, *, region: str | None = None, topic: str | None = None) -> tuple[Label, ...]:
        """The rules that fired: regions, then topics, by score descending, then id.

        `region` and `topic` are the source's defaults; a default that is no rule does nothing.
        """
        return self._judge(article, {"region": region, "topic": topic}, None)

    def trace(self, article: Article, *, region: str | None = None, topic: str | None = None) -> Trace:
        """The same judgement with what it left out."""
        notes = _Notes()
        labels = self._judge(article, {"region": region, "topic": topic}, notes)
        rules = self._plan.rules
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

    def _judge(self, article: Article, defaults: dict[Facet, str | None], notes: _Notes | None) -> tuple[Label, ...]:
        layout = Layout(article, with_tail=notes is not None)
        found = gather(self._plan, layout, article.languages, notes.on_loss if notes else None)
        tallies = self._tally(layout, found, notes)
        fired = self._fired(found, tallies, notes)
        labels: list[Label] = []
        for facet in FACETS:
            of_facet = {n: fired[n] for n in fired if self._plan.rules[n].facet == facet}
            labels += self._labels(facet, of_facet, layout) if of_facet else self._default(facet, defaults[facet])
        return tuple(labels)

    def _tally(self, layout: Layout, found: Gathered, notes: _Notes | None) -> dict[int, Tally]:
        """The tally of each rule that was hit, and of those above it."""
        plan = self._plan
        touched = [*found.scored, *(n for n in found.others if plan.rules[n].need)]
        tallies: dict[int, Tally] = {}
        for n in plan.with_all_above(touched):
            rule = plan.rules[n]
            own = found.scored.get(n, [])
            below = [hit for child in plan.children[n] if child in tallies for hit in tallies[child].hits]
            hits = settle(own + below) if own or below else []
            if notes is not None and own and not hits:
                for hit in own:
                    notes.on_loss(hit, "unsure, with nothing sure beside it")
            members = [tallies[m] for m in plan.members[n] if m in tallies and self._may_fire(m, found)]
            tallies[n] = tally(rule.facet, hits, layout, tuple(members))
        return tallies

    def _may_fire(self, n: int, found: Gathered) -> bool:
        return self._veto(n, found) is None and self._is_proven(n, found)

    def _veto(self, n: int, found: Gathered) -> Hit | None:
        """The first veto of a rule in title, tags or lead."""
        hits = found.others[n].get((Role.VETO, 0), ()) if n in found.others else ()
        return next((hit for hit in hits if hit.field in _VETO_FIELDS), None)

    def _is_proven(self, n: int, found: Gathered) -> bool:
        if not self._plan.rules[n].need:
            return True
        hits = found.others.get(n, {})
        return all(hits.get((Role.NEED, group)) for group in range(len(self._plan.rules[n].need)))

    def _fired(self, found: Gathered, tallies: dict[int, Tally], notes: _Notes | None) -> dict[int, Tally]:
        fired = {}
        for n, result in tallies.items():
            rule = self._plan.rules[n]
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
                        field=veto.field,
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

    def _labels(self, facet: Facet, fired: dict[int, Tally], layout: Layout) -> list[Label]:
        rules = self._plan.rules
        plain = [n for n in fired if rules[n].parent is None and not rules[n].members]
        total = sum(fired[n].score for n in plain)
        shares = {n: min(1.0, fired[n].score / total) if total else 1.0 for n in fired}
        about = {n for n in fired if _is_about(rules[n], fired[n], shares[n])}
        main = min(plain or fired, key=lambda n: (n not in about, -fired[n].score, fired[n].first, rules[n].id))
        return [
            Label(
                facet=facet,
                rule=rules[n].id,
                name=rules[n].name,
                score=round(fired[n].score, 2),
                share=round(shares[n], 4),
                standing="about" if n in about else "mentioned",
                main=n == main,
                code=rules[n].code,
                evidence=evidence_of(fired[n], layout),
            )
            # A country says more than the groups it is in, so these come last.
            for n in sorted(fired, key=lambda n: (bool(rules[n].members), -fired[n].score, rules[n].id))
        ]

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


def _is_about(rule: Rule, result: Tally, share: float) -> bool:
    """Whether a rule that fired is what the article is about; a dateline alone never makes it so."""
    if result.only_dateline and result.score > 0:
        return False
    return result.strong_in_title or share >= rule.min_share
