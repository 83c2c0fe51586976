"""A source tried once, nothing stored: its documents, what would come of them, and the pages behind."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feedwatch.errors import ParseError
from feedwatch.examine import Examination, examine
from feedwatch.extract.article import Extractor
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.fulltext import page_text
from feedwatch.further import documents
from feedwatch.judge import Question
from feedwatch.model import Article, Document, Failed, Source
from feedwatch.ports import Fetcher
from feedwatch.rules.classify import Classifier
from feedwatch.urls import redact

#: Documents of a source that are tried.
_MAX_TRIED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One document of a source, fetched and looked at; `examination` is None when it could not be read."""

    locator: str
    #: What the transport said: final address, type, size, validators.
    facts: tuple[tuple[str, str], ...] = ()
    examination: Examination | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The page behind an item, fetched for its text; `article` is None when its text would not be taken."""

    url: str
    #: Of the item.
    title: str
    article: Article | None
    why: str = ""


def try_source(
    source: Source,
    *,
    fetcher: Fetcher,
    extractor: Extractor,
    classifier: Classifier,
    questions: tuple[Question, ...],
    repeats: Repeats = NO_REPEATS,
) -> list[Trial]:
    """Fetch a source once, as if for the first time; of a folder the first documents only.

    `repeats` is what is remembered of the source's lines.

    Raises:
        FetchError: the source could not be fetched.

    """
    trials: list[Trial] = []
    for fetched in itertools.islice(documents(fetcher, source, {}), _MAX_TRIED):
        if isinstance(fetched, Failed):
            trials.append(Trial(locator=redact(fetched.locator), error=fetched.message))
        if not isinstance(fetched, Document):
            continue
        locator, facts = redact(fetched.locator), tuple(_facts(fetched))
        try:
            found = examine(
                fetched, source, extractor=extractor, classifier=classifier, questions=questions, repeats=repeats
            )
        except ParseError as error:
            trials.append(Trial(locator=locator, facts=facts, error=error.message))
        else:
            trials.append(Trial(locator=locator, facts=facts, examination=found))
    return trials


def try_pages(
    source: Source,
    trials: Iterable[Trial],
    *,
    fetcher: Fetcher,
    extractor: Extractor,
    limit: int,
    repeats: Repeats = NO_REPEATS,
) -> list[Behind]:
    """Fetch the first pages behind a source's items that would be fetched for their text, as a later job would."""
    wanted = [
        examined.article
        for trial in trials
        if trial.examination is not None
        for examined in trial.examination.items
        if examined.wants_page
    ]
    found: list[Behind] = []
    for own in wanted[:limit]:
        article, why = page_text(own, source, fetcher=fetcher, extractor=extractor, repeats=repeats)
        found.append(Behind(url=redact(own.url or ""), title=own.title, article=article, why=why))
    return found


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    """What is known of a document besides its bytes."""
    if document.url and document.url != document.locator:
        yield "came from", redact(document.url)
    yield "type", document.media_type or "not said"
    if document.charset:
        yield "charset", document.charset
    yield "size", f"{len(document.body)} bytes"
    if document.url:
        yield "ETag", document.validators.etag or "none"
        yield "Last-Modified", document.validators.last_modified or "none"
