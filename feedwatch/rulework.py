"""Working on rules: all faults at once, their tests, what a change would do, and figures on labelled documents.

No I/O of its own but the rule files: documents, entries and labelled items come in as values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedwatch.config.load import Config, load_config
from feedwatch.errors import ConfigError, Fault, FeedwatchError, QueryError
from feedwatch.examine import Examination, examine
from feedwatch.extract.article import Extractor
from feedwatch.extract.language import LanguageDetector
from feedwatch.judge import Judge, Question
from feedwatch.labelled import NO_TITLE, Labelled
from feedwatch.model import Article, Document, Entry, Facet, Label, Source
from feedwatch.rules import calibrate
from feedwatch.rules.classify import Classifier
from feedwatch.rules.diffing import Difference
from feedwatch.rules.load import load_rules
from feedwatch.rules.origins import rule_files, rule_ids
from feedwatch.rules.probing import probing
from feedwatch.rules.ruleset import RuleSet, RuleTest
from feedwatch.rules.scoring import LabelMap, Scorecard, scorecard
from feedwatch.rules.testing import Outcome, TestResult, check_test
from feedwatch.rules.where import parse_where
from feedwatch.tomlfile import TomlFile, read_toml, suggest

Advance = Callable[[int], None]
#: Progress is told after so many documents.
STEP = 50
FOLDS = 5
_DEFAULT_PACKS: tuple[str, ...] = ("regions", "topics")


def _silent(_count: int) -> None:
    """No progress."""


# --- check ------------------------------------------------------------------------------------------


def all_faults(path: Path, env: Mapping[str, str] = os.environ) -> list[Fault]:
    """Everything that is wrong in a configuration, its rules, questions and rule tests, whatever else is wrong."""
    try:
        file = read_toml(path)
    except ConfigError as error:
        return list(error.faults)
    faults: list[Fault] = []
    config: Config | None = None
    try:
        config = load_config(path, env)
    except ConfigError as error:
        faults += error.faults
    base_dir = path.absolute().parent
    packs = config.packs if config else _raw_packs(file)
    files = rule_files(packs, file, base_dir)
    ids: Mapping[Facet, Collection[str]] = rule_ids(files)
    try:
        rules = load_rules(packs, inline=config.file if config else file, base_dir=base_dir)
    except ConfigError as error:
        faults += error.faults
    else:
        ids = rules.rules
        faults += _test_faults(rules.tests, _raw(file, "feeds"), base_dir)
    faults += _question_faults(file, ids)
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.file != str(path), fault.file, fault.line or 0))


def _raw(file: TomlFile, section: str) -> list[Mapping[str, Any]]:
    """The tables of an array as they stand; what is none counts as an empty one."""
    tables = file.data.get(section)
    return [table if isinstance(table, dict) else {} for table in tables] if isinstance(tables, list) else []


def _raw_packs(file: TomlFile) -> Sequence[str]:
    section = file.data.get("feedwatch")
    packs = section.get("packs", _DEFAULT_PACKS) if isinstance(section, dict) else _DEFAULT_PACKS
    return [pack for pack in packs if isinstance(pack, str)] if isinstance(packs, list | tuple) else _DEFAULT_PACKS


def _question_faults(file: TomlFile, ids: Mapping[Facet, Collection[str]]) -> list[Fault]:
    """Faults of questions and of the defaults of sources."""
    faults = []
    sources = [source["id"] for source in _raw(file, "sources") if isinstance(source.get("id"), str)]
    for place, feed in enumerate(_raw(file, "feeds")):
        where = feed.get("where", "")
        if not isinstance(where, str):
            continue
        try:
            parse_where(where, regions=ids["region"], topics=ids["topic"], sources=sources)
        except QueryError as error:
            faults.append(file.fault(("feeds", place, "where"), error.message, error.cure, excerpt=error.excerpt))
    facets: tuple[Facet, ...] = ("region", "topic")
    for place, source in enumerate(_raw(file, "sources")):
        for facet in facets:
            rule = source.get(facet)
            if isinstance(rule, str) and rule not in ids[facet]:
                cure = suggest(rule, ids[facet])
                faults.append(file.fault(("sources", place, facet), f"no rule has the id {rule!r}", cure))
    return faults


def _test_faults(tests: Iterable[RuleTest], feeds: Iterable[Mapping[str, Any]], base_dir: Path) -> list[Fault]:
    """Faults of `[[tests]]` that name a file or feed that is not there."""
    known = [feed["id"] for feed in feeds if isinstance(feed.get("id"), str)]
    faults = []
    for test in tests:
        name, _, line = test.where.rpartition(":")
        if test.file is not None and not file_of(test, base_dir).is_file():
            faults.append(Fault(file=name, line=int(line), key="tests", message=f"there is no file {test.file}"))
        for item in (*test.expect, *test.reject):
            kind, _, feed = item.partition(":")
            if kind == "feed" and feed not in known:
                message = f"there is no feed {feed!r}"
                faults.append(Fault(file=name, line=int(line), key="tests", message=message, cure=suggest(feed, known)))
    return faults


# --- test -------------------------------------------------------------------------------------------


def file_of(test: RuleTest, base_dir: Path) -> Path:
    """The document of a test: beside the rule file that names it, else in the configuration's folder."""
    if test.file is None:
        raise ValueError(f"{test.where}: the test has no file")
    rule_file = Path(test.where.rpartition(":")[0])
    if test.file.is_relative_to(base_dir):
        beside = base_dir / rule_file.parent / test.file.relative_to(base_dir)
        if beside.is_file():
            return beside
    return test.file


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
    for number, entry in enumerate(entries, 1):
        if isinstance(old, Judge):
            before = old.verdict(entry)
            one: tuple[Sequence[Label], Collection[str]] = before.entry.labels, before.feeds.keys()
        else:
            one = entry.labels, old.get(entry.key or 0, ())
        after = new.verdict(entry)
        found.add(entry.article, one, (after.entry.labels, after.feeds.keys()))
        if number % STEP == 0:
            advance(STEP)
    return found


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
    region, topic = (source.region, source.topic) if source else (None, None)
    found = []
    for item in items:
        found.append((item.labels[facet], classifier.classify(item.article, region=region, topic=topic)))
        advance(1)
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
) -> Calibration:
    """Fit points to labelled documents; `advance` is called for 2 + FOLDS rounds over the documents."""
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
        points = calibrate.fit([example for n, example in enumerate(examples) if n not in fold], lower=lower)
        fitted = Classifier(calibrate.with_points(ruleset, points))
        for n in sorted(fold):
            after[n] = judged([items[n]], fitted, facet)[0]
        advance(len(items))
    return Calibration(
        points=calibrate.fit(examples, lower=lower),
        before=scorecard(facet, before, known, ruleset),
        after=scorecard(facet, after, known, ruleset),
    )
