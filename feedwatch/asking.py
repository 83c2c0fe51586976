"""A question that somebody asks now, answered with a feed as if it stood in the configuration; stores nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feedwatch import compose
from feedwatch.judge import Judge
from feedwatch.ledger import FeedState
from feedwatch.model import Entry, FeedSpec
from feedwatch.ports import Store
from feedwatch.rules.where import Where, reasons_of
from feedwatch.urls import uuid_urn
from feedwatch.views import FeedView

#: How far back is looked.
NEWEST = 10_000
#: The name of such a feed.
FEED_ID = "feed"


def answer(
    where: Where, *, limit: int, store: Store, judge: Judge, base_url: str, self_url: str, now: datetime
) -> FeedView:
    """The newest entries of public sources that answer a question.

    The same question has the same id and, as long as nothing new answers it, the same bytes: ages count to
    the store's newest tick as in all feeds.
    """
    as_of = compose.as_of(store.newest_tick() or now)
    found: list[Entry] = []
    # Pages that several sources brought become one entry: more than are shown.
    enough = limit * 2 + 50
    for entry in store.entries(limit=NEWEST):
        age_s = (as_of - entry.first_seen_at).total_seconds()
        if judge.is_public(entry.article.source_id) and where.matches(entry.article, entry.labels, age_s):
            found.append(replace(entry, reasons=reasons_of(entry.labels, where)))
            if len(found) == enough:
                break
    question = str(where)
    # An empty feed has a date, too, and it is not today.
    created = min((state.created_at for state in store.feed_states().values()), default=as_of)
    state = FeedState(
        feed_id=FEED_ID,
        id=uuid_urn("question", base_url, question),
        created_at=created,
        updated_at=max((entry.updated_at for entry in found), default=None),
        version=0,
        published_version=0,
        file_hashes={},
    )
    spec = FeedSpec(id=FEED_ID, title=question or "everything", where=question, limit=limit)
    return replace(compose.compose(spec, state, found, as_of=as_of, base_url=base_url), self_url=self_url)
