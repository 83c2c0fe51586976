"""A look without the store: fetch for a test, examine one document, run the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from feedwatch.app import user_agent
from feedwatch.errors import FetchError
from feedwatch.examine import Examination, examine
from feedwatch.extract.article import Extractor
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.single import read_document
from feedwatch.fetch.sources import SourceFetcher
from feedwatch.model import Document, Source
from feedwatch.rulework import Tester
from feedwatch.setup import Setup


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

    `source_id` names the source whose defaults apply.

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
    return examine(
        documents[0],
        # As in a folder, anything that can be read may stand there.
        replace(source, kind="folder"),
        extractor=Extractor(),
        classifier=setup.classifier,
        questions=setup.questions,
    )
