"""A look that changes nothing: fetch for a test, examine one document, run the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from feedwatch.app import reading, user_agent
from feedwatch.errors import FetchError, StoreError
from feedwatch.examine import Examination, examine
from feedwatch.extract.article import Extractor
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.single import read_document
from feedwatch.fetch.sources import SourceFetcher
from feedwatch.model import Document, Source
from feedwatch.rulework import Tester
from feedwatch.setup import Setup
from feedwatch.storage import store_path


@contextmanager
def fetching(setup: Setup) -> Iterator[SourceFetcher]:
    """What fetches for a look, without a store."""
    config = setup.config
    http = HttpFetcher(user_agent=user_agent(config.contact), clock=setup.clock, timeout_s=config.timeout_s)
    try:
        yield SourceFetcher(http, FolderFetcher(setup.clock))
    finally:
        http.close()


def tester(setup: Setup) -> Tester:
    """What runs the tests of the rules."""
    return Tester(
        setup.classifier,
        setup.questions,
        setup.config.sources,
        setup.config.base_dir,
        lambda path: read_document(str(path), "test", setup.clock),
    )


def examine_locator(setup: Setup, locator: str, *, source_id: str | None = None) -> Examination:
    """Look at a file, an http(s) address, or standard input ("-") without storing anything.

    `source_id` names the source whose defaults apply, and whose memory of lines where there is a store.

    Raises:
        FetchError: it cannot be fetched.
        ParseError: it cannot be read.
    """
    is_url = locator.startswith(("http://", "https://"))
    source = setup.sources.get(source_id or "") or Source(
        id="explain", kind="feed", locator=locator, title="explain", interval_s=3600, allow_private=True
    )
    if is_url:
        # As a feed: a person named the address, so it is not for robots.txt to refuse.
        with fetching(setup) as fetcher:
            fetched = [*fetcher.fetch(replace(source, kind="feed", locator=locator), {})]
    else:
        fetched = [read_document(locator, source.id, setup.clock)]
    documents = [each for each in fetched if isinstance(each, Document)]
    if not documents:
        raise FetchError(locator, "gave no document", reason="http")
    repeats, problems = remembered(setup, source_id) if source_id else (NO_REPEATS, ())
    found = examine(
        documents[0],
        # As in a folder, anything that can be read may stand there.
        replace(source, kind="folder"),
        extractor=Extractor(),
        classifier=setup.classifier,
        questions=setup.questions,
        repeats=repeats,
    )
    return replace(found, problems=(*found.problems, *problems))


def remembered(setup: Setup, source_id: str) -> tuple[Repeats, tuple[str, ...]]:
    """What the store remembers of the source's lines, and what is wrong with a store that cannot be read."""
    path = store_path(setup)
    if path is not None and not path.exists():
        return NO_REPEATS, ()
    try:
        with reading(setup) as app:
            return Repeats(app.store.lines(source_id)), ()
    except StoreError as error:
        return NO_REPEATS, (f"read without the memory of the source's lines: {error}",)
