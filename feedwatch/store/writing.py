"""What the store is told: functions on a connection inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from feedwatch.ledger import Batch, Verdict
from feedwatch.model import Reason
from feedwatch.store.claiming import finish, hold
from feedwatch.store.keeping import note_listed
from feedwatch.store.lines import write_lines
from feedwatch.store.marks import reasons_mark, shown_mark
from feedwatch.store.records import (
    CHUNK,
    AnyRow,
    Values,
    article_values,
    chunks,
    clean,
    event_values,
    label_values,
    lists,
    reasons_values,
    reject_values,
    validators_values,
)
from feedwatch.store.schema import articles, documents, events, feeds, jobs, labels, memberships, pages, rejects
from feedwatch.store.statements import BulkInsert, Upsert

_ARTICLE = Upsert(articles, target=("source_id", "guid"), keep=("id", "first_seen_at"))
_DOCUMENT = Upsert(documents)
_REJECT = Upsert(rejects)
_JOB = Upsert(jobs)
_LABELS = BulkInsert(labels)
_STORED = select(articles.c.guid, articles.c.key, articles.c.id, articles.c.first_seen_at, articles.c.updated_at).where(
    articles.c.source_id == bindparam("source"), articles.c.guid.in_(bindparam("guids", expanding=True))
)
#: Rows are locked in the order of their keys, so that two transactions never wait for each other.
_STORED_FOR_UPDATE = _STORED.order_by(articles.c.key).with_for_update()
_TO_REJUDGE = (
    select(articles.c.key, articles.c.id, articles.c.first_seen_at, articles.c.updated_at, articles.c.item_hash)
    .where(articles.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(articles.c.key)
    .with_for_update()
)
_PLACES = select(memberships.c.article_key, memberships.c.feed_id).where(
    memberships.c.article_key.in_(bindparam("keys", expanding=True))
)
_MEMBERSHIP = (memberships.c.article_key == bindparam("b_key")) & (memberships.c.feed_id == bindparam("b_feed"))
_RAISE = (
    update(feeds)
    .where(feeds.c.feed_id == bindparam("b_feed"))
    .values(
        version=feeds.c.version + 1,
        updated_at=case(
            (feeds.c.updated_at.is_(None), bindparam("newest", type_=feeds.c.updated_at.type)),
            (
                bindparam("newest", type_=feeds.c.updated_at.type) > feeds.c.updated_at,
                bindparam("newest", type_=feeds.c.updated_at.type),
            ),
            else_=feeds.c.updated_at,
        ),
        changed_since=case(
            (feeds.c.changed_since < bindparam("since", type_=feeds.c.changed_since.type), feeds.c.changed_since),
            else_=bindparam("since", type_=feeds.c.changed_since.type),
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A stored article and what was decided about it."""

    key: int
    atom_id: str
    first_seen_at: datetime
    updated_at: datetime
    verdict: Verdict
    #: Not stored before this transaction.
    new: bool = False
    #: What a feed shows of it may differ from before.
    rewritten: bool = False
    #: `updated_at` moved: the reasons are frozen again.
    moved: bool = False

    @property
    def shown(self) -> int:
        """Fingerprint of what feeds show of it, with the id and the date that it keeps."""
        entry = self.verdict.entry
        if (entry.article.id, entry.first_seen_at) != (self.atom_id, self.first_seen_at):
            kept = replace(entry.article, id=self.atom_id)
            entry = replace(entry, article=kept, first_seen_at=self.first_seen_at)
        return shown_mark(entry)


@dataclass(slots=True)
class _Changes:
    """What becomes of memberships, and which feeds notice (by the newest `updated_at` they show anew)."""

    gained: list[Values] = field(default_factory=list)
    lost: list[Values] = field(default_factory=list)
    refrozen: list[Values] = field(default_factory=list)
    rewritten: list[Values] = field(default_factory=list)
    feeds: dict[str, datetime | None] = field(default_factory=dict)
    #: First seen of the oldest member that changed.
    since: dict[str, datetime] = field(default_factory=dict)

    def touch(self, feed_id: str, article: _Placed, updated_at: datetime | None) -> None:
        """Note that the feed changed where the article stands."""
        newest = self.feeds.get(feed_id)
        self.feeds[feed_id] = max((time for time in (newest, updated_at) if time is not None), default=None)
        seen = article.first_seen_at
        self.since[feed_id] = min(self.since.get(feed_id, seen), seen)


def save_batch(connection: Connection, batch: Batch, version: str) -> None:
    """Write all of the batch; `version` is the running program's.

    Raises:
        LeaseLost: the claim's token is no longer the source's.
        ValueError: an article of another source is in the batch.

    """
    if batch.state is not None and is_quiet(batch):
        finish(connection, batch, batch.state)
        return
    hold(connection, batch.claim)
    source_id = batch.claim.source_id
    # The last of several with the same guid wins, as it would if they came one after the other.
    verdicts = {verdict.entry.article.guid: verdict for verdict in batch.verdicts}
    foreign = {verdict.entry.article.source_id for verdict in verdicts.values()} - {source_id}
    if foreign:
        raise ValueError(f"the claim is on source {source_id}, the batch holds articles of {sorted(foreign)}")
    for guids in chunks(list(verdicts)):
        placed = _write_articles(connection, batch, {guid: verdicts[guid] for guid in guids})
        _place(connection, placed)
        _schedule(connection, placed, batch.now)
        _forget_pages(connection, placed)
    note_listed(connection, source_id, batch.listed, batch.now)
    write_lines(connection, source_id, batch.lines)
    _write_documents(connection, batch, version)
    if batch.events:
        connection.execute(insert(events), [event_values(event) for event in batch.events])
    if batch.state is not None:
        finish(connection, batch, batch.state)


def is_quiet(batch: Batch) -> bool:
    """Whether the poll brought nothing to write but its end."""
    settled = batch.settled or batch.listed or batch.lines
    return not (batch.verdicts or batch.documents or batch.events or batch.rejects or settled)


def rejudge(connection: Connection, verdicts: Sequence[Verdict], judged_by: str) -> None:
    """Replace labels and memberships of stored entries.

    An entry that was saved again since it was read is left as that save judged it.

    Raises:
        ValueError: an entry without the store's key.

    """
    by_key: dict[int, Verdict] = {}
    for verdict in verdicts:
        if verdict.entry.key is None:
            raise ValueError(f"entry {verdict.entry.article.guid} was never stored")
        by_key[verdict.entry.key] = verdict
    for keys in chunks(list(by_key)):
        found = [row for some in lists(keys, CHUNK) for row in connection.execute(_TO_REJUDGE, {"keys": some})]
        rows = [row for row in found if _as_read(row, by_key[row.key])]
        if rows:
            connection.execute(
                update(articles).where(articles.c.key == bindparam("b_key")).values(judged_by=judged_by),
                [{"b_key": row.key} for row in rows],
            )
        _place(
            connection,
            [
                _Placed(
                    key=row.key,
                    atom_id=row.id,
                    first_seen_at=row.first_seen_at,
                    updated_at=row.updated_at,
                    verdict=by_key[row.key],
                )
                for row in rows
            ],
        )


def replace_text(connection: Connection, key: int, values: Values, verdict: Verdict) -> None:
    """Give a stored article another text with the labels and memberships that come of it; dates and id stay."""
    row = connection.execute(_TO_REJUDGE, {"keys": [key]}).one()
    connection.execute(update(articles).where(articles.c.key == key).values(values))
    placed = _Placed(
        key=key,
        atom_id=row.id,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        verdict=verdict,
        rewritten=True,
    )
    _place(connection, [placed])


def _as_read(row: AnyRow, verdict: Verdict) -> bool:
    entry = verdict.entry
    return bool(row.item_hash == entry.article.item_hash and row.updated_at == entry.updated_at)


def _write_articles(connection: Connection, batch: Batch, verdicts: Mapping[str, Verdict]) -> list[_Placed]:
    source_id = batch.claim.source_id
    guids = list(verdicts)
    before = {
        row.guid: row
        # In one statement, which locks rows in one order.
        for some in lists(guids, CHUNK)
        for row in connection.execute(_STORED_FOR_UPDATE, {"source": source_id, "guids": some})
    }
    connection.execute(
        _ARTICLE.on(connection),
        [article_values(verdict.entry, batch.judged_by) for verdict in verdicts.values()],
    )
    missing = [guid for guid in guids if guid not in before]
    added = {
        row.guid: row
        for some in lists(missing)
        for row in connection.execute(_STORED, {"source": source_id, "guids": some})
    }
    return [
        _Placed(
            key=row.key,
            atom_id=row.id,
            first_seen_at=row.first_seen_at,
            updated_at=verdict.entry.updated_at,
            verdict=verdict,
            new=guid in added,
            rewritten=True,
            moved=row.updated_at != verdict.entry.updated_at,
        )
        for guid, verdict in verdicts.items()
        for row in (before.get(guid) or added[guid],)
    ]


def _place(connection: Connection, placed: Sequence[_Placed]) -> None:
    """Write labels and memberships, and raise the versions of the feeds that changed."""
    stored = [article.key for article in placed if not article.new]
    here: dict[int, set[str]] = {}
    for some in lists(stored):
        connection.execute(delete(labels).where(labels.c.article_key.in_(some)))
        for row in connection.execute(_PLACES, {"keys": some}):
            here.setdefault(row.article_key, set()).add(row.feed_id)
    rows = [values for article in placed for values in label_values(article.key, article.verdict.entry.labels)]
    if rows:
        _LABELS.run(connection, rows)
    changes = _compare(placed, here)
    if changes.lost:
        connection.execute(delete(memberships).where(_MEMBERSHIP), changes.lost)
    if changes.gained:
        connection.execute(insert(memberships), changes.gained)
    if changes.refrozen:
        statement = update(memberships).where(_MEMBERSHIP).values(reasons=bindparam("frozen"), why=bindparam("mark"))
        connection.execute(statement, changes.refrozen)
    if changes.rewritten:
        statement = update(memberships).where(_MEMBERSHIP).values(shown=bindparam("mark"))
        connection.execute(statement, changes.rewritten)
    if changes.feeds:
        # In the order of their ids, so that two transactions never wait for each other.
        connection.execute(
            _RAISE,
            [{"b_feed": id_, "newest": at, "since": changes.since[id_]} for id_, at in sorted(changes.feeds.items())],
        )


def _compare(placed: Iterable[_Placed], here: Mapping[int, set[str]]) -> _Changes:
    changes = _Changes()
    for article in placed:
        wanted = article.verdict.feeds
        present = here.get(article.key, set())
        shown = article.shown if wanted else 0
        for feed_id in sorted(present - wanted.keys()):
            changes.lost.append({"b_key": article.key, "b_feed": feed_id})
            changes.touch(feed_id, article, None)
        for feed_id, reasons in wanted.items():
            if feed_id not in present:
                changes.gained.append(_membership(article, feed_id, reasons, shown))
                changes.touch(feed_id, article, article.updated_at)
            elif article.rewritten:
                if article.moved:
                    frozen = reasons_values(reasons)
                    row = {"b_key": article.key, "b_feed": feed_id, "frozen": frozen, "mark": reasons_mark(frozen)}
                    changes.refrozen.append(row)
                changes.rewritten.append({"b_key": article.key, "b_feed": feed_id, "mark": shown})
                changes.touch(feed_id, article, article.updated_at)
    return changes


def _membership(article: _Placed, feed_id: str, reasons: Sequence[Reason], shown: int) -> Values:
    frozen = reasons_values(reasons)
    return {
        "article_key": article.key,
        "feed_id": feed_id,
        "first_seen_at": article.first_seen_at,
        "atom_id": article.atom_id,
        "reasons": frozen,
        "shown": shown,
        "why": reasons_mark(frozen),
    }


def _schedule(connection: Connection, placed: Sequence[_Placed], now: datetime) -> None:
    rows = [
        {
            "article_key": article.key,
            "kind": kind,
            "due_at": now,
            "lease_until": None,
            "attempts": 0,
            "error": "",
            "source_id": article.verdict.entry.article.source_id,
        }
        for article in placed
        for kind in article.verdict.later
    ]
    if rows:
        connection.execute(_JOB.on(connection), rows)


def _forget_pages(connection: Connection, placed: Sequence[_Placed]) -> None:
    """What was saved anew and waits for no page has its text from the source itself."""
    bare = [article.key for article in placed if not article.new and not article.verdict.later]
    for some in lists(bare):
        connection.execute(delete(pages).where(pages.c.article_key.in_(some)))
        connection.execute(delete(jobs).where(jobs.c.article_key.in_(some)))


def _write_documents(connection: Connection, batch: Batch, version: str) -> None:
    source_id = batch.claim.source_id
    # The last of several about the same document wins.
    states = {state.locator: state for state in batch.documents}
    one = (documents.c.source_id == source_id) & (documents.c.locator == bindparam("b_locator"))
    gone = [{"b_locator": locator} for locator, state in states.items() if state.validators is None]
    if gone:
        connection.execute(delete(documents).where(one), gone)
    kept = [
        {"source_id": source_id, "locator": locator, "error": clean(state.error), "version": version}
        | validators_values(state.validators)
        for locator, state in states.items()
        if state.validators is not None
    ]
    if kept:
        connection.execute(_DOCUMENT.on(connection), kept)
    crashed = (rejects.c.source_id == source_id) & (rejects.c.locator == bindparam("b_locator"))
    if batch.settled:
        connection.execute(delete(rejects).where(crashed), [{"b_locator": locator} for locator in batch.settled])
    # After the settled ones: a document that crashed again stays.
    if batch.rejects:
        rows = {reject.document.locator: reject_values(reject, source_id, version) for reject in batch.rejects}
        connection.execute(_REJECT.on(connection), list(rows.values()))
