"""Reading a document as the pipeline does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from feedwatch.ledger import Parsed
from feedwatch.model import Document, Source, SourceKind, Validators
from feedwatch.parse.dispatch import parse

Read = Callable[..., Parsed]


@pytest.fixture(scope="session")
def read() -> Read:
    """Read bytes or text as a document of https://journal.example/feed, or of the named file."""

    def _read(
        body: bytes | str,
        *,
        kind: SourceKind = "feed",
        media_type: str = "",
        charset: str | None = None,
        url: str | None = "https://journal.example/feed",
        file: str | None = None,
    ) -> Parsed:
        source = Source(id="s", kind=kind, locator="x", title="s", interval_s=3600)
        document = Document(
            source_id="s",
            locator=file or url or "x",
            url=None if file else url,
            body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
            media_type=media_type,
            charset=charset,
            fetched_at=datetime(2024, 3, 5, tzinfo=UTC),
            validators=Validators(),
        )
        return parse(document, source)

    return _read
