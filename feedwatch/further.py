"""What a list leads to besides its first document: its next pages, the parts of a sitemap; fetched in bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from feedwatch.errors import FetchError, ParseError
from feedwatch.ledger import Recall
from feedwatch.model import Document, Failed, Fetched, NotModified, Source, Validators
from feedwatch.parse.decode import decode
from feedwatch.parse.sitemap import parts_of
from feedwatch.ports import Fetcher
from feedwatch.urls import redact, server_of

#: Of a sitemap index, so many sitemaps are read at one poll.
MAX_PARTS = 20


def as_learned(source: Source, recall: Recall) -> Source:
    """The source with what its past taught: where it moved, what was read already, whether it had a list."""
    habits = recall.habits
    return replace(
        source,
        moved_to=habits.target if habits.moved else None,
        since=habits.newest,
        had_list=source.kind == "page" and habits.items > 1,
    )


def source_at(source: Source, url: str) -> Source:
    """The source as which another address of it is fetched: its manners hold, its secrets and rights only at home."""
    home = urlsplit(source.locator)
    at_home = server_of(url) == server_of(source.locator) and urlsplit(url).scheme == home.scheme
    return replace(
        source,
        locator=url,
        moved_to=None,
        allow_private=source.allow_private and at_home,
        login=source.login if at_home else None,
        headers=source.headers if at_home else (),
    )


def documents(fetcher: Fetcher, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
    """All that a source has: its document, the pages that follow it (as many as it wants), the parts of a sitemap.

    A page or part that cannot be fetched is Failed and the others go on.

    Raises:
        FetchError: the source as a whole could not be read.

    """
    for first in fetcher.fetch(source, known):
        yield first
        if source.kind == "page" and source.pages > 1 and isinstance(first, Document):
            yield from _pages(fetcher, source, known, first)
        elif source.kind == "sitemap":
            for url in _parts(source, known, first):
                yield from _one(fetcher, source_at(source, url), known)


def _pages(fetcher: Fetcher, source: Source, known: Mapping[str, Validators], first: Document) -> Iterator[Fetched]:
    """The pages behind the first; none more when one is as it was, since those behind it are older."""
    seen = {first.locator}
    page: Document | None = first
    for _ in range(source.pages - 1):
        url = _next(page) if page is not None else None
        if url is None or url in seen:
            return
        seen.add(url)
        page = None
        for fetched in _one(fetcher, source_at(source, url), known):
            yield fetched
            page = fetched if isinstance(fetched, Document) else None


def _next(page: Document) -> str | None:
    # Only where a source has pages: trees of pages cost 2 MB.
    from feedwatch.parse.page import next_address  # noqa: PLC0415

    try:
        return next_address(decode(page).text, page.url)
    except ParseError:
        return None


def _parts(source: Source, known: Mapping[str, Validators], first: Fetched) -> Sequence[str]:
    """The sitemaps that an index names and that may hold something new; none for a sitemap of pages."""
    if isinstance(first, NotModified):
        # An index that says nothing of its parts' changes does not change when they do.
        return [locator for locator in known if locator != first.locator][:MAX_PARTS]
    if not isinstance(first, Document):
        return ()
    try:
        return parts_of(first, since=source.since)[:MAX_PARTS]
    except ParseError:
        return ()


def _one(fetcher: Fetcher, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
    try:
        yield from fetcher.fetch(source, known)
    except FetchError as error:
        yield Failed(locator=redact(source.locator), message=error.message, reason=error.reason)
