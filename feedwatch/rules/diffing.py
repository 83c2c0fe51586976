"""Two judgements of the same articles: which labels change, and which feeds gain or lose what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from feedwatch.model import Article, Facet, Label
from feedwatch.rules.testing import label_line

#: Of a label, from the weakest.
State = Literal["no", "mentioned", "about"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """A label that one judgement has and the other has not, or has otherwise."""

    facet: Facet
    rule: str
    old: State
    new: State
    #: Evidence of the label that there is (the new one if both are).
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """What changes for one article."""

    id: str
    title: str
    source: str
    url: str | None
    labels: tuple[LabelChange, ...]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(slots=True)
class Difference:
    """All changes, in the order in which the articles came."""

    articles: int = 0
    #: The feeds of either side, in the order of the configuration.
    feeds: list[str] = field(default_factory=list)
    changes: list[ArticleChange] = field(default_factory=list)

    def add(
        self,
        article: Article,
        old: tuple[Sequence[Label], Collection[str]],
        new: tuple[Sequence[Label], Collection[str]],
    ) -> None:
        """Compare two judgements of an article: its labels and the ids of its feeds."""
        self.articles += 1
        labels = changed_labels(old[0], new[0])
        enters = tuple(feed for feed in self.feeds if feed in new[1] and feed not in old[1])
        leaves = tuple(feed for feed in self.feeds if feed in old[1] and feed not in new[1])
        if labels or enters or leaves:
            self.changes.append(
                ArticleChange(
                    id=article.id,
                    title=article.title,
                    source=article.source_id,
                    url=article.url,
                    labels=labels,
                    enters=enters,
                    leaves=leaves,
                )
            )

    def entering(self, feed: str) -> list[ArticleChange]:
        """What enters a feed."""
        return [change for change in self.changes if feed in change.enters]

    def leaving(self, feed: str) -> list[ArticleChange]:
        """What leaves a feed."""
        return [change for change in self.changes if feed in change.leaves]

    def by_rule(self) -> list[tuple[Facet, str, dict[tuple[State, State], int]]]:
        """How often each rule's label changes from what to what, most changes first."""
        counts: dict[tuple[Facet, str], Counter[tuple[State, State]]] = {}
        for change in self.changes:
            for label in change.labels:
                counts.setdefault((label.facet, label.rule), Counter())[label.old, label.new] += 1
        order = sorted(counts, key=lambda rule: (-counts[rule].total(), rule))
        return [(facet, rule, dict(counts[facet, rule])) for facet, rule in order]


def changed_labels(old: Sequence[Label], new: Sequence[Label]) -> tuple[LabelChange, ...]:
    """The labels whose standing differs; scores alone are no change."""
    before = {(label.facet, label.rule): label for label in old}
    after = {(label.facet, label.rule): label for label in new}
    found = []
    for place in sorted(before.keys() | after.keys()):
        one, other = before.get(place), after.get(place)
        if (one.standing if one else "no") != (other.standing if other else "no"):
            shown = other or one
            found.append(
                LabelChange(
                    facet=place[0],
                    rule=place[1],
                    old=one.standing if one else "no",
                    new=other.standing if other else "no",
                    evidence=label_line(shown) if shown else "",
                )
            )
    return tuple(found)
