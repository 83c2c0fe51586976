"""Working on rules: their tests, what a change would do, and figures on labelled documents.

No I/O of its own: documents, entries and labelled items come in as values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from feedwatch.errors import FeedwatchError
from feedwatch.examine import Examination, examine
from feedwatch.extract.article import Extractor
from feedwatch.extract.language import LanguageDetector
from feedwatch.judge import Judge, Question
from feedwatch.labelled import NO_TITLE, Labelled
from feedwatch.ledger import Verdict
from feedwatch.model import Article, Document, Entry, Facet, Label, Source
from feedwatch.rulecheck import file_of
from feedwatch.rules import calibrate
from feedwatch.rules.classify import Classifier, Defaults
from feedwatch.rules.diffing import Difference
from feedwatch.rules.probing import probing
from feedwatch.rules.ruleset import RuleSet, RuleTest
from feedwatch.rules.scoring import LabelMap, Scorecard, scorecard
from feedwatch.rules.testing import Outcome, TestResult, check_test

Advance = Callable[[int], None]
#: So many documents are judged together, and progress is told after them.
STEP = 50
FOLDS = 5

T = TypeVar("T")


def _silent(_count: int) -> None:
    """No progress."""


# --- test -------------------------------------------------------------------------------------------


class Tester:
    """Runs the tests of rules."""

    def __init__(
        self,
        classifier: Classifier,
        questions: tuple[Question, ...],
        sources: Iterable[Source],
        base_dir: Path,
        read: Callable[[Path], Document],
    ) -> None:
        self._classifier = classifier
        self._questions = questions
        self._folders = [source for source in sources if source.kind == "folder"]
        self._base_dir = base_dir
        self._read = read
        self._extractor = Extractor()
        self._detector = LanguageDetector()

    def run(self, test: RuleTest) -> TestResult:
        """Judge the document of a test and hold the test against it."""
        try:
            outcomes = self._of_file(test) if test.file is not None else [self._of_text(test)]
        except FeedwatchError as error:
            return TestResult(name=test.name, where=test.where, error=str(error))
        return check_test(test, outcomes)

    def _of_file(self, test: RuleTest) -> list[Outcome]:
        path = file_of(test, self._base_dir)
        found: Examination = examine(
            self._read(path),
            self._source(path, test.lang),
            extractor=self._extractor,
            classifier=self._classifier,
            questions=self._questions,
        )
        return [Outcome(trace=item.trace, feeds=item.feeds) for item in found.items]

    def _source(self, path: Path, lang: str | None) -> Source:
        """The folder that the file is in, so that the source's defaults and `source:` hold."""
        for source in self._folders:
            if path.is_relative_to(source.locator) and lang in {None, source.lang}:
                return source
        return Source(id="test", kind="folder", locator=str(path.parent), title="test", interval_s=3600, lang=lang)

    def _of_text(self, test: RuleTest) -> Outcome:
        """A text as an article; without a title of its own it has none that could count."""
        languages = self._detector.languages(test.title, test.text, configured=test.lang)
        article = Article(
            source_id="test",
            guid=test.where,
            id=f"urn:test:{test.where}",
            url=test.url,
            canonical_url=None,
            title=test.title.strip() or NO_TITLE,
            body=test.text,
            language=test.lang or languages.best,
            languages=frozenset({test.lang}) if test.lang else languages.possible,
            tags=test.tags,
        )
        trace = self._classifier.trace(article)
        feeds = tuple(q.spec.id for q in self._questions if q.where.may_match(article, trace.labels))
        return Outcome(trace=trace, feeds=feeds)


# --- diff -------------------------------------------------------------------------------------------


def difference(
    entries: Iterable[Entry],
    feeds: Iterable[str],
    old: Judge | Mapping[int, Collection[str]],
    new: Judge,
    advance: Advance = _silent,
) -> Difference:
    """What changes for stored entries between two judges.

    In place of the old judge the stored verdict may stand: the labels of the entries, and the ids of the
    feeds by the entry's key.
    """
    found = Difference(feeds=list(dict.fromkeys(feeds)))
    for some in _batches(entries):
        if isinstance(old, Judge):
            before = [_judgement(verdict) for verdict in old.verdicts(some)]
        else:
            before = [(entry.labels, old.get(entry.key or 0, ())) for entry in some]
        for entry, one, other in zip(some, before, map(_judgement, new.verdicts(some)), strict=True):
            found.add(entry.article, one, other)
        advance(len(some))
    return found


def _judgement(verdict: Verdict) -> tuple[Sequence[Label], Collection[str]]:
    return verdict.entry.labels, verdict.feeds.keys()


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of STEP."""
    rest = iter(items)
    while some := list(islice(rest, STEP)):
        yield some


# --- labelled documents -----------------------------------------------------------------------------


def judged(
    items: Iterable[Labelled],
    classifier: Classifier,
    facet: Facet,
    *,
    source: Source | None = None,
    advance: Advance = _silent,
) -> list[tuple[frozenset[str], tuple[Label, ...]]]:
    """The labels that people and rules give the documents, as documents of a source."""
    defaults: Defaults = {"region": source.region if source else None, "topic": source.topic if source else None}
    found = []
    for some in _batches(items):
        labels = classifier.classify_all([(item.article, defaults) for item in some])
        found += [(item.labels[facet], given) for item, given in zip(some, labels, strict=True)]
        advance(len(some))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Fitted points, and what they are worth on documents that they were not fitted to."""

    points: calibrate.Points
    before: Scorecard
    #: Of documents each judged with points fitted to the others.
    after: Scorecard


def calibrated(
    items: Sequence[Labelled],
    facet: Facet,
    known: LabelMap,
    ruleset: RuleSet,
    advance: Advance = _silent,
    *,
    lower: bool = False,
    lang: str | None = None,
) -> Calibration:
    """Fit points to labelled documents; `advance` is called for 2 + FOLDS rounds over the documents.

    With `lang`, which all of the documents are in, to terms of that language only, if there are any.
    """
    probe, terms = Classifier(probing(ruleset)), calibrate.Terms(ruleset, facet)
    asked = frozenset[str]().union(*known.values())
    examples = []
    for item in items:
        right = frozenset[str]().union(*(known.get(label, frozenset()) for label in item.labels[facet]))
        article = item.article
        examples.append(terms.example(probe.classify(article), article.languages, right, asked))
        advance(1)
    plain = Classifier(ruleset)
    before = [*judged(items, plain, facet, advance=advance)]
    after = list(before)
    for fold in calibrate.folds(len(items), FOLDS):
        points = calibrate.fit([example for n, example in enumerate(examples) if n not in fold], lower=lower, lang=lang)
        fitted = Classifier(calibrate.with_points(ruleset, points))
        for n in sorted(fold):
            after[n] = judged([items[n]], fitted, facet)[0]
        advance(len(items))
    return Calibration(
        points=calibrate.fit(examples, lower=lower, lang=lang),
        before=scorecard(facet, before, known, ruleset),
        after=scorecard(facet, after, known, ruleset),
    )
