"""Looking at one document without storing anything: what would come of it, and why."""

from __future__ import annotations

from dataclasses import dataclass

from feedwatch.errors import ExtractError
from feedwatch.extract.article import Extractor
from feedwatch.extract.obstacle import page_obstacle
from feedwatch.extract.parting import parted
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.thin import wants_page
from feedwatch.judge import Question
from feedwatch.model import Article, Document, Source
from feedwatch.parse.dispatch import parse
from feedwatch.rules.classify import Classifier
from feedwatch.rules.trace import Trace
from feedwatch.stories import candidates, identify


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One item of a document as the program understands it."""

    article: Article
    trace: Trace
    #: Ids of the feeds that it would be in.
    feeds: tuple[str, ...]
    #: Whether the page behind it would be fetched for its text.
    wants_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All that came of a document."""

    items: tuple[Examined, ...]
    problems: tuple[str, ...]


def examine(
    document: Document,
    source: Source,
    *,
    extractor: Extractor,
    classifier: Classifier,
    questions: tuple[Question, ...],
    repeats: Repeats = NO_REPEATS,
) -> Examination:
    """Parse, extract and judge a document; `repeats` is what is remembered of its source's lines.

    Raises:
        ParseError: the document cannot be read.
    """
    parsed = parse(document, source)
    problems = list(parsed.problems)
    items: list[Examined] = []
    for candidate, identity, _ in identify(source.id, candidates(parted(parsed.items)), {}):
        try:
            article = extractor.extract(candidate.item, source, identity, repeats)
        except ExtractError as error:
            problems.append(error.message)
            continue
        if candidate.item.shape == "page" and (found := page_obstacle(candidate.item.content, article)) is not None:
            problems.append(f"the page {found.message}")
            continue
        trace = classifier.trace(article, region=source.region, topic=source.topic)
        feeds = tuple(q.spec.id for q in questions if q.where.may_match(article, trace.labels))
        later = wants_page(source, candidate.item, article)
        items.append(Examined(article=article, trace=trace, feeds=feeds, wants_page=later))
    return Examination(items=tuple(items), problems=tuple(problems))
