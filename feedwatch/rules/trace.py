"""What a judgement left out, for explanation."""

from __future__ import annotations

from dataclasses import dataclass

from feedwatch.model import Article, Facet, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """Hits of one term that did not count."""

    facet: Facet
    rule: str
    term: str
    #: Such as 'inside "Niger Delta"'.
    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A rule that did not fire although it had at least half of what it needs."""

    facet: Facet
    rule: str
    score: float
    min_score: float
    #: Whether a proof that the rule asks for (`need`) was missing.
    needs_proof: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetoed:
    """A rule that would have fired but for one of its vetoes."""

    facet: Facet
    rule: str
    score: float
    term: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A judgement with all that led to it."""

    article: Article
    labels: tuple[Label, ...]
    suppressed: tuple[Suppressed, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    vetoes: tuple[Vetoed, ...] = ()
    #: Of the rules that judged.
    rules_hash: str = ""
