"""Working doubles for the seams of `feedwatch.ports`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from feedwatch.errors import FetchError
from feedwatch.model import Document, Fetched, Source, Validators

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def document(
    body: str, *, locator: str = "https://example.org/feed", source_id: str = "s", etag: str = "1"
) -> Document:
    """A feed document as a fetcher gives it."""
    return Document(
        source_id=source_id,
        locator=locator,
        url=locator,
        body=body.encode(),
        media_type="application/rss+xml",
        charset="utf-8",
        fetched_at=NOW,
        validators=Validators(etag=etag),
    )


def rss(*items: str, title: str = "Feed") -> str:
    """An RSS document of the given item elements."""
    return f"<rss version='2.0'><channel><title>{title}</title>{''.join(items)}</channel></rss>"


def rss_item(guid: str, title: str = "Titre", text: str = "Un texte.") -> str:
    """One item; its link follows from its guid."""
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>"
        f"<link>https://example.org/{guid}</link><description>{text}</description></item>"
    )


class FakeFetcher:
    """Gives what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Fetched | FetchError] = []
        self.asked: list[Mapping[str, Validators]] = []

    def fetch(self, source: Source, known: Mapping[str, Validators]) -> Iterator[Fetched]:
        """Yield the answers in turn; an error among them is raised."""
        assert source.id == "s"
        self.asked.append(known)
        for answer in self.answers:
            if isinstance(answer, FetchError):
                raise answer
            yield answer
