"""What the program itself has to say, as a feed: the operator subscribes to it like to any other (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedwatch.markup import text_to_html
from feedwatch.model import Article, Entry, FeedSpec, Origin
from feedwatch.text import shorten
from feedwatch.urls import uuid_urn
from feedwatch.views import FeedView, ViewEntry

HEALTH = FeedSpec(
    id="health",
    title="feedwatch – health of the sources",
    subtitle="A source that fell silent, moved, broke, changed, or came back",
    reasons=False,
)
ALERTS = FeedSpec(
    id="alerts",
    title="feedwatch – alerts",
    subtitle="A feed that is suddenly loud or silent, a new place, the same story everywhere",
    reasons=False,
)

#: Of an empty feed whose store does not know yet when it began.
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing the program says."""

    #: Unique and the same for ever; becomes the entry's id.
    key: str
    at: datetime
    title: str
    #: Plain text, paragraphs separated by a blank line.
    body: str
    #: Whom it is about: a source's or feed's id.
    subject: str
    #: http(s) address to look at; None for none.
    url: str | None = None
    tags: tuple[str, ...] = ()


def view_of(spec: FeedSpec, notices: Sequence[Notice], *, base_url: str, began_at: datetime | None) -> FeedView:
    """The notices, newest first, as the publisher takes them.

    `began_at` dates a feed that has nothing to say yet.
    """
    home_url = base_url.rstrip("/") + "/"
    origin = Origin(id=uuid_urn(base_url, spec.id), title="feedwatch", link=home_url)
    entries = tuple(_entry(spec, notice, origin) for notice in sorted(notices, key=_age))
    return FeedView(
        spec=spec,
        id=uuid_urn(base_url, spec.id),
        updated_at=max((each.entry.updated_at for each in entries), default=began_at or _BEGINNING),
        self_url=f"{home_url}{spec.id}.atom",
        home_url=home_url,
        entries=entries,
    )


def _age(notice: Notice) -> tuple[float, str]:
    return -notice.at.timestamp(), notice.key


def _entry(spec: FeedSpec, notice: Notice, origin: Origin) -> ViewEntry:
    its_id = uuid_urn("notice", spec.id, notice.key)
    # Several things are found at one look; readers take entries of the same moment for one.
    at = notice.at + timedelta(microseconds=int(its_id[-8:], 16) % 999_999 + 1)
    article = Article(
        source_id="feedwatch",
        guid=its_id,
        id=its_id,
        url=notice.url,
        canonical_url=None,
        title=shorten(notice.title, 300) or notice.subject,
        body=notice.body,
        html=text_to_html(notice.body),
        language="en",
        published_at=at,
        tags=notice.tags,
        origin=origin,
    )
    return ViewEntry(
        entry=Entry(article=article, labels=(), first_seen_at=at, updated_at=at),
        id=its_id,
        vias=(),
    )
