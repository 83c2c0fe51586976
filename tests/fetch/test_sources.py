from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.clock import Clock
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.sources import SourceFetcher
from feedwatch.model import Document, Source, SourceKind
from feedwatch.ports import Fetcher
from tests.webserver import Answer, WebServer


@pytest.fixture
def sources(fetcher: HttpFetcher, clock: Clock) -> SourceFetcher:
    return SourceFetcher(fetcher, FolderFetcher(clock))


def source(kind: SourceKind, locator: str) -> Source:
    return Source(id="s", kind=kind, locator=locator, title="s", interval_s=60, allow_private=True)


@pytest.mark.parametrize("kind", ["feed", "page"])
def test_feeds_and_pages_come_over_http(server: WebServer, sources: Fetcher, kind: SourceKind) -> None:
    (found,) = sources.fetch(source(kind, server.script("/", Answer(body=b"x"))), {})
    assert isinstance(found, Document)
    assert found.url == server.url("/")


def test_folders_are_read_from_disk(sources: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (found,) = sources.fetch(source("folder", str(tmp_path)), {})
    assert isinstance(found, Document)
    assert found.locator == "a.txt"


def test_closing_closes_the_http_side(server: WebServer, sources: SourceFetcher) -> None:
    url = server.script("/", Answer(body=b"x"), Answer(body=b"y"))
    list(sources.fetch(source("feed", url), {}))
    sources.close()
    list(sources.fetch(source("feed", url), {}))
    assert len({request.connection for request in server.requests}) == 2
