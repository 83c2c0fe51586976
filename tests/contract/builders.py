"""Nouns for tests of a store: small, complete, and different where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from feedwatch.ledger import Batch, Claim, Shown, Verdict
from feedwatch.model import (
    Article,
    Document,
    Enclosure,
    Entry,
    Evidence,
    FeedSpec,
    Label,
    Origin,
    Person,
    Reason,
    Source,
    Teaser,
    Validators,
)
from feedwatch.ports import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE_URL = "http://127.0.0.1:8080/"


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def make_source(source_id: str = "north", *, locator: str | None = None, title: str | None = None) -> Source:
    return Source(
        id=source_id,
        kind="feed",
        locator=locator or f"https://{source_id}.example/feed",
        title=title or source_id,
        interval_s=3600,
    )


def make_feeds(*feed_ids: str) -> list[FeedSpec]:
    return [FeedSpec(id=feed_id, title=feed_id.title()) for feed_id in feed_ids]


def make_article(guid: str = "1", *, source_id: str = "north", **values: object) -> Article:
    """An article with little in it; `values` replace its fields."""
    given: dict[str, object] = {
        "id": f"urn:item:{guid}",
        "url": f"https://{source_id}.example/{guid}",
        "canonical_url": f"https://{source_id}.example/{guid}",
        "title": f"Item {guid}",
        "body": f"The text of item {guid}.",
        "item_hash": "1-first",
    } | values
    return Article(source_id=source_id, guid=guid, **given)  # type: ignore[arg-type] # checked by its users


def rich_article(source_id: str = "north") -> Article:
    """An article in which every field holds something."""
    return make_article(
        "rich",
        source_id=source_id,
        title="Agadès : l’armée annonce « ƙasa » \U0001f30d",
        body="Premier paragraphe.\n\nوالنيجر في الخبر.",
        html="<p>Premier paragraphe.</p>",
        summary="En bref",
        language="fr",
        languages=frozenset({"fr", "ar", "ha"}),
        published_at=datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
        source_updated_at=datetime(1, 1, 1, tzinfo=UTC),
        authors=(Person(name="A. Author", email="a@example.org", url="https://a.example/"), Person(name="B")),
        tags=("Sahel", "sécurité"),
        enclosures=(
            Enclosure(url="https://m.example/a.mp3", media_type="audio/mpeg", length_bytes=5_000_000_000),
            Enclosure(url="https://m.example/b"),
        ),
        image="https://m.example/i.jpg",
        rights="© somebody",
        origin=Origin(
            id="urn:feed",
            title="The feed",
            link="https://north.example/",
            self_link="https://north.example/feed",
            updated_at=NOON,
            rights="all",
            language="fr",
            authors=(Person(name="The desk"),),
        ),
        teasers=(Teaser(title="Elsewhere", url="https://north.example/2", label="Monde"), Teaser(title="Bare")),
        tail="Read also",
        provenance=(("published", "json-ld datePublished"), ("title", "h1")),
    )


def make_label(rule: str = "ne", **values: object) -> Label:
    evidence = (
        Evidence(term="Niger", field="title", count=2, points=4.0, spans=((0, 5), (9, 14))),
        Evidence(term="source default", field="source", count=1, points=0.0),
    )
    given: dict[str, object] = {
        "facet": "region",
        "name": "Niger",
        "score": 12.25,
        "share": 1 / 3,
        "standing": "about",
        "main": True,
        "code": "NE",
        "evidence": evidence,
    } | values
    return Label(rule=rule, **given)  # type: ignore[arg-type] # checked by its users


def make_reason(rule: str = "ne", *terms: str) -> Reason:
    return Reason(facet="region", rule=rule, name="Niger", code="NE", score=12.25, standing="about", terms=terms)


def make_shown(feed_id: str, version: int, **values: object) -> Shown:
    """What the files of a feed show, with plain values but for those given."""
    plain: dict[str, object] = {"render_key": "", "file_hashes": {}, "entries": 1}
    return Shown(feed_id=feed_id, version=version, **(plain | values))  # type: ignore[arg-type]  # checked at run time


def make_verdict(
    article: Article | None = None,
    *,
    feeds: Mapping[str, tuple[Reason, ...]] | None = None,
    labels: tuple[Label, ...] = (),
    seen: datetime = NOON,
    updated: datetime | None = None,
    changes: int = 0,
    key: int | None = None,
    later: tuple[str, ...] = (),
) -> Verdict:
    entry = Entry(
        article=article or make_article(),
        labels=labels,
        first_seen_at=seen,
        updated_at=updated or seen,
        changes=changes,
        key=key,
    )
    return Verdict(entry=entry, feeds=feeds or {}, later=later)


def make_document(source_id: str = "north", locator: str = "a.html", body: bytes = b"\x00<raw>\xff") -> Document:
    return Document(
        source_id=source_id,
        locator=locator,
        url="https://north.example/a.html",
        body=body,
        media_type="text/html",
        charset="utf-8",
        fetched_at=NOON,
        validators=Validators(etag='W/"1"', size_bytes=6),
    )


def claim_one(store: Store, source_id: str = "north", now: datetime = NOON) -> Claim:
    """The claim on one source, whether or not it is due."""
    (claim,) = store.claim_due(now=now, limit=1, lease_s=600, source_ids=[source_id], force=True)
    return claim


def save(store: Store, claim: Claim, *verdicts: Verdict, now: datetime = NOON, judged_by: str = "rules-1") -> None:
    """Save verdicts in the middle of a poll."""
    store.save(Batch(claim=claim, now=now, judged_by=judged_by, verdicts=verdicts))
