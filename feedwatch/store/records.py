"""Rows <-> nouns: pure conversions, nothing here speaks to a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from feedwatch.ledger import Event, FeedState, Known, Reject
from feedwatch.model import (
    Article,
    Document,
    Enclosure,
    Entry,
    Evidence,
    Label,
    Origin,
    Person,
    Reason,
    Teaser,
    Validators,
)
from feedwatch.store.columns import write_json
from feedwatch.text import xml_legal

#: Rows that are handled together at most.
CHUNK = 5000
#: What one statement takes at most as a list of values.
LIST = 256

Values = dict[str, Any]
AnyRow = Row[*tuple[Any, ...]]
T = TypeVar("T")


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def lists(values: Sequence[T], longest: int = LIST) -> Iterator[list[T]]:
    """The values as lists for IN, the last value again and again up to a power of two.

    A statement's text says how many values it takes. Connections keep the plans of some hundred texts, and SQLite takes
    170 bytes for each value of each: lists of any length would be megabytes that are never used again.
    """
    for some in chunks(values, longest):
        length = 1 << (len(some) - 1).bit_length()
        yield [*some, *[some[-1]] * (length - len(some))]


def clean(text: str) -> str:
    """A message as both databases take it: without NUL and lone surrogates."""
    return xml_legal(text)


# --- small nouns as JSON: absent keys are the defaults -------------------------------------------------


def _person(person: Person) -> Values:
    return _present({"name": person.name, "email": person.email, "url": person.url})


def _present(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _origin(origin: Origin) -> Values | None:
    values = _present(
        {
            "id": origin.id,
            "title": origin.title,
            "link": origin.link,
            "self_link": origin.self_link,
            "updated_at": origin.updated_at.isoformat() if origin.updated_at else None,
            "rights": origin.rights,
            "language": origin.language,
            "authors": [_person(person) for person in origin.authors] or None,
        }
    )
    return values or None


def _read_origin(values: Values | None) -> Origin:
    if not values:
        return Origin()
    updated = values.get("updated_at")
    return Origin(
        id=values.get("id"),
        title=values.get("title"),
        link=values.get("link"),
        self_link=values.get("self_link"),
        updated_at=datetime.fromisoformat(updated).astimezone(UTC) if updated else None,
        rights=values.get("rights"),
        language=values.get("language"),
        authors=_read_persons(values.get("authors")),
    )


def _read_persons(values: Sequence[Values] | None) -> tuple[Person, ...]:
    return tuple(Person(**value) for value in values or ())


def _enclosure(enclosure: Enclosure) -> Values:
    return _present({"url": enclosure.url, "media_type": enclosure.media_type, "length_bytes": enclosure.length_bytes})


def _teaser(teaser: Teaser) -> Values:
    return _present({"title": teaser.title, "url": teaser.url, "label": teaser.label})


def _evidence(evidence: Evidence) -> list[Any]:
    """A list, not an object: there are some sixty an article, and no names to repeat."""
    spans = [place for span in evidence.spans for place in span]
    return [evidence.term, evidence.field, evidence.count, evidence.points, *spans]


def _read_evidence(value: list[Any] | Values) -> Evidence:
    if isinstance(value, list):
        term, field, count, points, *places = value
        spans = tuple(zip(places[::2], places[1::2], strict=True))
    else:  # as stores made before 0.2 hold it
        term, field, count, points = (value[name] for name in ("term", "field", "count", "points"))
        spans = tuple((start, end) for start, end in value.get("spans", ()))
    return Evidence(term=term, field=field, count=count, points=points, spans=spans)


def reasons_values(reasons: Sequence[Reason]) -> list[Values] | None:
    """Reasons as JSON; None for none."""
    return [
        _present(
            {
                "facet": reason.facet,
                "rule": reason.rule,
                "name": reason.name,
                "code": reason.code,
                "score": reason.score,
                "standing": reason.standing,
                "terms": list(reason.terms) or None,
                "named": reason.named or None,
            }
        )
        for reason in reasons
    ] or None


def read_reasons(values: Sequence[Values] | None) -> tuple[Reason, ...]:
    """The reasons of a membership."""
    return tuple(
        Reason(
            facet=value["facet"],
            rule=value["rule"],
            name=value["name"],
            code=value.get("code"),
            score=value["score"],
            standing=value["standing"],
            terms=tuple(value.get("terms", ())),
            named=value.get("named", False),
        )
        for value in values or ()
    )


# --- articles and labels -------------------------------------------------------------------------------


def article_values(entry: Entry, judged_by: str) -> Values:
    """The row of an entry, without its key."""
    article = entry.article
    return {
        "source_id": article.source_id,
        "guid": article.guid,
        "id": article.id,
        "first_seen_at": entry.first_seen_at,
        "updated_at": entry.updated_at,
        "changes": entry.changes,
        "item_hash": article.item_hash,
        "judged_by": judged_by,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "language": article.language,
        "languages": sorted(article.languages) or None,
        "published_at": article.published_at,
        "source_updated_at": article.source_updated_at,
        "title": article.title,
        "authors": [_person(person) for person in article.authors] or None,
        "tags": list(article.tags) or None,
        "enclosures": [_enclosure(enclosure) for enclosure in article.enclosures] or None,
        "image": article.image,
        "rights": article.rights,
        "origin": _origin(article.origin),
        "teasers": [_teaser(teaser) for teaser in article.teasers] or None,
        "summary": article.summary,
        "body": article.body,
        "html": article.html,
        "tail": article.tail,
        "provenance": dict(article.provenance) or None,
    }


def read_entry(row: AnyRow, labels: tuple[Label, ...], reasons: Sequence[Values] | None = None) -> Entry:
    """The entry of a row of `articles`."""
    return Entry(
        article=_read_article(row),
        labels=labels,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        changes=row.changes,
        key=row.key,
        reasons=read_reasons(reasons),
    )


def _read_article(row: AnyRow) -> Article:
    return Article(
        source_id=row.source_id,
        guid=row.guid,
        id=row.id,
        url=row.url,
        canonical_url=row.canonical_url,
        title=row.title,
        body=row.body,
        html=row.html,
        summary=row.summary,
        language=row.language,
        languages=frozenset(row.languages or ()),
        published_at=row.published_at,
        source_updated_at=row.source_updated_at,
        authors=_read_persons(row.authors),
        tags=tuple(row.tags or ()),
        enclosures=tuple(Enclosure(**value) for value in row.enclosures or ()),
        image=row.image,
        rights=row.rights,
        origin=_read_origin(row.origin),
        teasers=tuple(Teaser(**value) for value in row.teasers or ()),
        tail=row.tail,
        provenance=tuple(sorted((row.provenance or {}).items())),
        item_hash=row.item_hash,
    )


def label_values(article_key: int, labels: Sequence[Label]) -> list[tuple[Any, ...]]:
    """The rows of an article's labels, in their order, as the driver takes them."""
    return [
        (
            article_key,
            position,
            label.facet,
            label.rule,
            label.name,
            label.code,
            label.score,
            label.share,
            label.standing,
            label.main,
            write_json([_evidence(evidence) for evidence in label.evidence] or None),
        )
        for position, label in enumerate(labels)
    ]


def read_label(row: AnyRow) -> Label:
    """The label of a row of `labels`."""
    return Label(
        facet=row.facet,
        rule=row.rule,
        name=row.name,
        code=row.code,
        score=row.score,
        share=row.share,
        standing=row.standing,
        main=row.main,
        evidence=tuple(_read_evidence(value) for value in row.evidence or ()),
    )


def read_known(row: AnyRow) -> Known:
    """What is remembered of an item."""
    return Known(
        guid=row.guid,
        id=row.id,
        item_hash=row.item_hash,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        changes=row.changes,
        gone_listed_at=row.gone_listed_at,
    )


# --- documents, rejects, events, feeds -----------------------------------------------------------------


def validators_values(validators: Validators) -> Values:
    """The columns of a document's validators."""
    return {
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "body_hash": validators.body_hash,
        "size_bytes": validators.size_bytes,
        "modified_ns": validators.modified_ns,
        "read_bytes": validators.read_bytes,
    }


def read_validators(row: AnyRow) -> Validators:
    """The validators of a row of `documents`."""
    return Validators(
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        size_bytes=row.size_bytes,
        modified_ns=row.modified_ns,
        read_bytes=row.read_bytes,
    )


def reject_values(reject: Reject, source_id: str, version: str) -> Values:
    """The row of a rejected document of the source."""
    document = reject.document
    return {
        "source_id": source_id,
        "locator": document.locator,
        "stage": reject.stage,
        "error": clean(reject.error),
        "version": version,
        "url": document.url,
        "media_type": document.media_type,
        "charset": document.charset,
        "fetched_at": document.fetched_at,
        "validators": _present(validators_values(document.validators)),
        "body": document.body,
    }


def read_reject(row: AnyRow) -> Reject:
    """The rejected document of a row of `rejects`."""
    document = Document(
        source_id=row.source_id,
        locator=row.locator,
        url=row.url,
        body=bytes(row.body),
        media_type=row.media_type,
        charset=row.charset,
        fetched_at=row.fetched_at,
        validators=Validators(**row.validators),
    )
    return Reject(document=document, stage=row.stage, error=row.error)


def event_values(event: Event) -> Values:
    """The row of an event, without its key."""
    return {
        "source_id": event.source_id,
        "at": event.at,
        "kind": event.kind,
        "message": clean(event.message),
        "locator": None if event.locator is None else clean(event.locator),
    }


def read_event(row: AnyRow) -> Event:
    """The event of a row of `events`."""
    return Event(source_id=row.source_id, at=row.at, kind=row.kind, message=row.message, locator=row.locator)


def read_feed(row: AnyRow) -> FeedState:
    """The state of a row of `feeds`."""
    hashes: Mapping[str, str] = row.file_hashes or {}
    return FeedState(
        feed_id=row.feed_id,
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        published_version=row.published_version,
        file_hashes=hashes,
        render_key=row.render_key,
        published_entries=row.published_entries,
        changed_since=row.changed_since,
        archive_shape=row.archive_shape,
    )
