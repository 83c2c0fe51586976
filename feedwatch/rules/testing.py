"""What a rule file says of a text (`[[tests]]`) against what the rules make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedwatch.model import Evidence, Label
from feedwatch.rules.ruleset import RuleTest
from feedwatch.rules.trace import Trace

MAX_TERMS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One document of a test: its judgement and the feeds it would be in."""

    trace: Trace
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expectation that was not met."""

    #: Such as "region:ne".
    item: str
    #: Whether it was expected, or else to be rejected.
    expected: bool
    #: What was there instead, with the evidence.
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A test and what failed in it."""

    __test__ = False  # pytest collects what is called Test

    name: str
    #: File and line of the test.
    where: str
    failures: tuple[Failure, ...] = ()
    #: The document could not be judged at all; "" when it could.
    error: str = ""
    #: What fired, one line for each label.
    fired: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all was as the test says."""
        return not self.failures and not self.error


def check_test(test: RuleTest, outcomes: Sequence[Outcome]) -> TestResult:
    """Hold a test against the judgement of its document (of all items of a document with several).

    What is expected must hold for one of the items; what is rejected for none.
    """
    failures = []
    for item in test.expect:
        if not any(_holds(item, outcome) for outcome in outcomes):
            found = "; ".join(dict.fromkeys(_why_not(item, outcome) for outcome in outcomes)) or "no article was found"
            failures.append(Failure(item=item, expected=True, found=found))
    for item in test.reject:
        culprits = [outcome for outcome in outcomes if _holds(item, outcome)]
        if culprits:
            failures.append(Failure(item=item, expected=False, found=_why(item, culprits[0])))
    fired = [label_line(label) for outcome in outcomes for label in outcome.trace.labels]
    feeds = sorted({feed for outcome in outcomes for feed in outcome.feeds})
    shown = (*fired, f"feeds: {', '.join(feeds) or 'none'}")
    return TestResult(name=test.name, where=test.where, failures=tuple(failures), fired=shown if failures else ())


def _holds(item: str, outcome: Outcome) -> bool:
    kind, _, name = item.partition(":")
    if kind == "feed":
        return name in outcome.feeds
    for label in outcome.trace.labels:
        if label.rule != name:
            continue
        if kind == "mentions" or (kind == "main" and label.main) or (kind == label.facet and label.standing == "about"):
            return True
    return False


def _why(item: str, outcome: Outcome) -> str:
    """Why something holds that should not."""
    kind, _, name = item.partition(":")
    if kind == "feed":
        return "its question is answered: " + ", ".join(
            f"{label.facet}:{label.rule} {label.standing}" for label in outcome.trace.labels
        )
    labels = [
        label for label in outcome.trace.labels if label.rule == name and kind in {label.facet, "mentions", "main"}
    ]
    return "; ".join(label_line(label) for label in labels)


def _why_not(item: str, outcome: Outcome) -> str:
    """What is known about a thing that does not hold."""
    kind, _, name = item.partition(":")
    if kind == "feed":
        return f"the feeds are {', '.join(outcome.feeds) or 'none'}"
    trace = outcome.trace
    facets = {kind} if kind in {"region", "topic"} else {"region", "topic"}
    found = [label_line(label) for label in trace.labels if label.rule == name and label.facet in facets]
    if kind == "main":
        found += [f"the main {label.facet} is {label.rule}" for label in trace.labels if label.main]
    found += [
        f"near miss: {miss.score:.1f} of {miss.min_score:g} points{', and no proof' if miss.needs_proof else ''}"
        for miss in trace.near_misses
        if miss.rule == name and miss.facet in facets
    ]
    found += [
        f'vetoed by "{veto.term}" in {veto.field}'
        for veto in trace.vetoes
        if veto.rule == name and veto.facet in facets
    ]
    found += [
        f'"{lost.term}" does not count: {lost.why}'
        for lost in trace.suppressed
        if lost.rule == name and lost.facet in facets
    ]
    if found:
        return "; ".join(found)
    langs = ", ".join(sorted(trace.article.languages)) or "any language"
    return f"none of its terms is in the text (read as {langs})"


def label_line(label: Label) -> str:
    """A label with its score and strongest evidence on one line."""
    terms = dict.fromkeys(_term(one) for one in label.evidence)
    shown = ", ".join(list(terms)[:MAX_TERMS]) + (", …" if len(terms) > MAX_TERMS else "")
    main = " main" if label.main else ""
    return f"{label.facet}:{label.rule} {label.standing}{main}, score {label.score:g}, {label.share:.0%}: {shown}"


def _term(one: Evidence) -> str:
    return f'"{one.term}" in {one.field}' + (f" ×{one.count}" if one.count > 1 else "")
