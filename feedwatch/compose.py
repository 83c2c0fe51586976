"""The answer to a feed's question: which entries it shows, in which order (pure)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from feedwatch.ledger import FeedState
from feedwatch.model import Entry, FeedSpec, FeedView, Origin, ViewEntry
from feedwatch.text import digest

#: Raised whenever the renderer writes other bytes for the same view, so that every feed is written anew
#: once. It stands here and not beside the renderer because it is part of the render key.
RENDER_VERSION = 1

#: A page is brought by a few sources at most, as a rule: this many members are read for one entry shown.
_MEMBERS_PER_ENTRY = 4
#: Where a cap leaves out what loud sources bring, more is read at once.
_MEMBERS_PER_CAPPED_ENTRY = 10
_LEAST_WINDOW = 200
#: Nothing is read again beyond this many members, so that one question never costs the memory of all.
_MOST_MEMBERS = 10_000


def compose(
    spec: FeedSpec,
    state: FeedState,
    entries: Sequence[Entry],
    *,
    as_of: datetime,
    base_url: str,
    keep: Callable[[Entry], bool] | None = None,
) -> FeedView:
    """Choose, merge, order and cut what the feed shows.

    `entries` are members of the feed, newest first, more than are shown (see `window`), in any order
    among equals. `as_of` is the store's newest tick floored to the hour; ages count from first seen to
    it. `keep` is the question's predicate where it uses age.

    Entries of the same page or with the same id are one entry of the feed, as old as its oldest: its
    id, place and text are those of the first sighting and never change when another source brings the
    page too. That is why nothing is left out by age before merging.
    """
    oldest = None if spec.max_age_s is None else as_of - timedelta(seconds=spec.max_age_s)
    groups = _same_page(entries)
    pages = [_page(group) for group in groups if keep is None or _kept(group, keep)]
    shown = [page for page in pages if oldest is None or page.entry.first_seen_at >= oldest]
    shown.sort(key=lambda page: page.id)
    shown.sort(key=lambda page: page.entry.first_seen_at, reverse=True)
    home_url = base_url.rstrip("/") + "/"
    return FeedView(
        spec=spec,
        id=state.id,
        updated_at=state.updated_at or state.created_at,
        self_url=f"{home_url}{spec.id}.atom",
        home_url=home_url,
        entries=tuple(_capped(shown, spec.per_source)[: spec.limit]),
    )


def as_of(tick: datetime) -> datetime:
    """The moment ages count to: the tick floored to the hour, so that bytes change at most hourly."""
    return tick.replace(minute=0, second=0, microsecond=0)


def window(spec: FeedSpec) -> int:
    """How many of the newest members to read so that merging and caps still fill the limit.

    A generous guess, so that one reading does nearly always: 4 members for an entry shown (10 with a
    cap per source), at least 200. No fixed number is enough when one source brings thousands:
    `is_short` says when to read further.
    """
    factor = _MEMBERS_PER_ENTRY if spec.per_source is None else _MEMBERS_PER_CAPPED_ENTRY
    return max(spec.limit * factor, _LEAST_WINDOW)


def is_short(view: FeedView, entries: Sequence[Entry], *, asked: int, as_of: datetime) -> bool:
    """Whether reading more than the `asked` newest members could show more entries.

    False when the limit is filled, when there are no more members, when all others are too old, or when
    10,000 were read. The caller reads again with four times the number then; so a loud source does not
    starve a capped feed, nor new entries a question for old ones.
    """
    spec = view.spec
    if len(view.entries) >= spec.limit or len(entries) < asked or asked >= _MOST_MEMBERS:
        return False
    last = min(entry.first_seen_at for entry in entries)
    return spec.max_age_s is None or last >= as_of - timedelta(seconds=spec.max_age_s)


def render_key(spec: FeedSpec, base_url: str, as_of: datetime, uses_age: bool) -> str:
    """A digest of all that decides a feed's bytes besides its members.

    `as_of` counts only where the feed shows entries by age (`uses_age`: its question does), so that
    other feeds are not written anew each hour.
    """
    definition = json.dumps(asdict(spec), sort_keys=True, ensure_ascii=True)
    aged = uses_age or spec.max_age_s is not None
    return digest(str(RENDER_VERSION), definition, base_url, as_of.isoformat() if aged else None)


def _seniority(entry: Entry) -> tuple[datetime, str, str]:
    """Orders the sightings of one page, whatever order they were stored or read in."""
    return entry.first_seen_at, entry.article.source_id, entry.article.guid


def _same_page(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The entries in groups that share a canonical URL or an id, directly or through others."""
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for entry in entries:
        if url := entry.article.canonical_url:
            leader[find(f"page {url}")] = find(f"id {entry.article.id}")
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(find(f"id {entry.article.id}"), []).append(entry)
    return [sorted(group, key=_seniority) for group in groups.values()]


def _kept(group: Sequence[Entry], keep: Callable[[Entry], bool]) -> bool:
    """Whether one of the group answers the question, all being as old as the page."""
    return any(keep(replace(entry, first_seen_at=group[0].first_seen_at)) for entry in group)


def _page(group: Sequence[Entry]) -> ViewEntry:
    """One page as its first sighting shows it, with one `via` for each place that brought it."""
    vias: dict[tuple[str | None, ...], tuple[str, Origin]] = {}
    for article in (entry.article for entry in group):
        origin = article.origin
        place = (article.source_id, origin.id, origin.self_link, origin.link)
        vias.setdefault(place, (article.source_id, origin))
    return ViewEntry(entry=group[0], id=group[0].article.id, vias=tuple(vias.values()))


def _capped(pages: Sequence[ViewEntry], per_source: int | None) -> list[ViewEntry]:
    """The pages without those that exceed the cap of the source that brought them first."""
    if per_source is None:
        return list(pages)
    seen: Counter[str] = Counter()
    kept = []
    for page in pages:
        source_id = page.entry.article.source_id
        seen[source_id] += 1
        if seen[source_id] <= per_source:
            kept.append(page)
    return kept
