"""The one Fetcher: sends each source to the reader of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from feedwatch.fetch.folder import FolderFetcher
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Fetched, Source, Validators


class SourceFetcher:
    """Reads sources of every kind; safe to use from several threads."""

    def __init__(self, http: HttpFetcher, folder: FolderFetcher) -> None:
        self._http = http
        self._folder = folder

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield what the source has; see `ports.Fetcher`.

        Raises:
            FetchError: the source as a whole could not be read.

        """
        match source.kind:
            case "feed" | "page" | "sitemap":
                return self._http.fetch(source, known)
            case "folder":
                return self._folder.fetch(source, known)
            case _:
                assert_never(source.kind)

    def close(self) -> None:
        """Let go of idle connections."""
        self._http.close()
