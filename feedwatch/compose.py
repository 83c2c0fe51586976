"""The answer to a feed's question: which entries it shows, in which order, one by one or as digests (pure)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo

from feedwatch.ledger import FeedState
from feedwatch.model import Article, Entry, FeedSpec, Origin, Person, Reason
from feedwatch.text import digest, one_line, shorten
from feedwatch.urls import http_url, uuid_urn
from feedwatch.views import FeedView, Limits, Place, Sighting, ViewEntry, limited, microseconds

#: Raised whenever the renderer writes other bytes for the same view, so that every feed is written anew
#: once. It stands here and not beside the renderer because it is part of the render key.
RENDER_VERSION = 4

#: A page is brought by a few sources at most, as a rule: so many members are read for an entry shown.
_MEMBERS_PER_ENTRY = 1.3
#: Where a cap or a score leaves out what others bring, more is read at once.
_MEMBERS_PER_CAPPED_ENTRY = 10
_LEAST_WINDOW = 50
#: Nothing is read again beyond this many members, so that one question never costs the memory of all.
_MOST_MEMBERS = 10_000
#: Periods that a digest shows at most; entries that one of them lists.
MOST_PERIODS = 31
MOST_LISTED = 200
_LEAD_CHARS = 300


def compose(
    spec: FeedSpec,
    state: FeedState,
    entries: Sequence[Entry],
    *,
    as_of: datetime,
    base_url: str,
    keep: Callable[[Entry], bool] | None = None,
) -> FeedView:
    """Choose, merge, order and cut what the feed shows, of entries that were read in full.

    `entries` are members of the feed, newest first, more than are shown (see `window`), in any order
    among equals. `as_of` is the store's newest tick floored to the hour; ages count from first seen to
    it. `keep` is the question's predicate where it uses age.
    """
    sightings = [sighting_of(entry, place) for place, entry in enumerate(entries)]

    def kept(sighting: Sighting, first_seen_at: datetime) -> bool:
        return keep is None or keep(replace(entries[sighting.key], first_seen_at=first_seen_at))

    chosen = choose(spec, sightings, as_of=as_of, keep=kept)
    by_key = dict(enumerate(entries))
    shown = [view_entry(place, by_key) for place in chosen]
    return replace(frame(spec, state, base_url), entries=tuple(shown))


def choose(
    spec: FeedSpec,
    sightings: Sequence[Sighting],
    *,
    as_of: datetime,
    keep: Callable[[Sighting, datetime], bool] | None = None,
    older: frozenset[str] | set[str] = frozenset(),
) -> list[Place]:
    """What the feed shows, in its order: merged, not too old, not too weak, capped for each source, cut.

    Sightings of the same page or with the same id are one entry of the feed, as old as its oldest: its
    id, place and text are those of the first sighting and never change when another source brings the
    page too. That is why nothing is left out by age before merging. `older` are pages that the feed had
    before all of these: they stand further back. `keep` is asked with a sighting and its page's age.
    """
    oldest = None if spec.max_age_s is None else microseconds(as_of - timedelta(seconds=spec.max_age_s))
    places = [
        place
        for place in merge(sightings)
        if (oldest is None or place.first_seen_us >= oldest)
        and not (older and any(each.page in older for each in place.sightings))
        and (keep is None or any(keep(each, place.first_seen_at) for each in place.sightings))
        and (not spec.min_score or _score(place) >= spec.min_score)
    ]
    if spec.order == "score":
        places.sort(key=_score, reverse=True)
    shown = _capped(places, spec.per_source)[: spec.limit]
    if spec.order == "published":
        shown.sort(key=_published_us, reverse=True)
    return shown


def merge(sightings: Sequence[Sighting]) -> list[Place]:
    """The pages, newest first, then by id."""
    groups = _same_page(sightings)
    groups.sort(key=_newest_first)
    return [Place(sightings=tuple(group)) for group in groups]


def _newest_first(group: Sequence[Sighting]) -> tuple[int, str]:
    first = group[0]
    return -first.first_seen_us, first.id


def sighting_of(entry: Entry, key: int) -> Sighting:
    """What is needed of an entry to choose it; `key` names it to the caller."""
    article = entry.article
    return Sighting(
        key=key,
        source_id=article.source_id,
        guid=article.guid,
        id=article.id,
        page=article.canonical_url,
        first_seen_us=microseconds(entry.first_seen_at),
        updated_us=microseconds(entry.updated_at),
        published_us=None if article.published_at is None else microseconds(article.published_at),
        reasons=entry.reasons,
    )


def view_entry(place: Place, entries: Mapping[int, Entry]) -> ViewEntry:
    """One page as its first sighting shows it, with one `via` for each place that brought it.

    Raises:
        KeyError: its first sighting is not among the entries.

    """
    first = entries[place.sightings[0].key]
    vias: dict[tuple[str | None, ...], tuple[str, Origin]] = {}
    for article in (entries[each.key].article for each in place.sightings if each.key in entries):
        origin = article.origin
        mark = (article.source_id, origin.id, origin.self_link, origin.link)
        vias.setdefault(mark, (article.source_id, origin))
    return ViewEntry(entry=first, id=place.id, vias=tuple(vias.values()))


def frame(spec: FeedSpec, state: FeedState, base_url: str) -> FeedView:
    """The feed without entries."""
    home_url = base_url.rstrip("/") + "/"
    return FeedView(
        spec=spec,
        id=state.id,
        updated_at=state.updated_at or state.created_at,
        self_url=f"{home_url}{spec.id}.atom",
        home_url=home_url,
        entries=(),
    )


def score_of(reasons: Sequence[Reason]) -> float:
    """How strongly an entry answers its feed's question.

    The best of the rules that the question names, of regions and of topics; the weaker of the two. Where it
    names none, the best of all.
    """
    named = [reason for reason in reasons if reason.named]
    if not named:
        return max((reason.score for reason in reasons), default=0.0)
    best: dict[str, float] = {}
    for reason in named:
        best[reason.facet] = max(best.get(reason.facet, 0.0), reason.score)
    return min(best.values())


def as_of(tick: datetime) -> datetime:
    """The moment ages count to: the tick floored to the hour, so that bytes change at most hourly."""
    return tick.replace(minute=0, second=0, microsecond=0)


def window(spec: FeedSpec) -> int:
    """How many of the newest members to read so that merging and caps still fill the limit.

    A guess, so that one reading does nearly always; no fixed number is enough when one source brings
    thousands: `is_short` says when to read further. For an order by score all count, within reason.
    """
    if spec.order == "score" or spec.digest:
        return _MOST_MEMBERS
    strict = spec.per_source is not None or spec.min_score > 0
    return max(int(spec.limit * (_MEMBERS_PER_CAPPED_ENTRY if strict else _MEMBERS_PER_ENTRY)), _LEAST_WINDOW)


def is_short(spec: FeedSpec, shown: int, members: Sequence[Entry | Sighting], *, asked: int, as_of: datetime) -> bool:
    """Whether reading more than the `asked` newest members could show more than the `shown` entries.

    False when the limit is filled, when there are no more members, when all others are too old, or when
    10,000 were read. The caller reads again with four times the number then; so a loud source does not
    starve a capped feed, nor new entries a question for old ones.
    """
    if shown >= spec.limit or len(members) < asked or asked >= _MOST_MEMBERS:
        return False
    last = min(member.first_seen_at for member in members)
    return spec.max_age_s is None or last >= as_of - timedelta(seconds=spec.max_age_s)


def render_key(
    spec: FeedSpec, base_url: str, as_of: datetime, uses_age: bool, formats: Sequence[str] = ("atom",)
) -> str:
    """A digest of all that decides a feed's bytes besides its members.

    `as_of` counts only where the feed shows entries by age (`uses_age`: its question does), so that
    other feeds are not written anew each hour; a digest is, when its day or week is over.
    """
    definition = _definition(spec)
    moment = None
    if uses_age or spec.max_age_s is not None:
        moment = as_of.isoformat()
    elif spec.digest:
        moment = period_start(spec, as_of).isoformat()
    return digest(str(RENDER_VERSION), definition, base_url, moment, *formats)


def period_start(spec: FeedSpec, moment: datetime) -> datetime:
    """When the day or week began that holds the moment, in UTC; weeks begin on Monday."""
    local = moment.astimezone(ZoneInfo(spec.time_zone))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if spec.digest == "weekly":
        # On the calendar, not on the clock: a day of a change of clocks has 23 or 25 hours.
        day -= timedelta(days=day.weekday())
    return day.astimezone(UTC)


def periods(spec: FeedSpec, places: Sequence[Place], as_of: datetime) -> dict[datetime, list[Place]]:
    """The newest periods that are over, newest first, each with its places in their order."""
    open_since = period_start(spec, as_of)
    found: dict[datetime, list[Place]] = {}
    for place in places:
        start = period_start(spec, place.first_seen_at)
        if start < open_since:
            found.setdefault(start, []).append(place)
    newest = sorted(found, reverse=True)[: min(spec.limit, MOST_PERIODS)]
    return {start: found[start][:MOST_LISTED] for start in newest}


def digest_view(
    view: FeedView, found: Mapping[datetime, Sequence[ViewEntry]], limits: Limits | None = None
) -> FeedView:
    """The feed with one entry for each period; `view` is the feed without entries.

    An entry is dated by the end of its period, and updated later only when something that it lists is.
    """
    shown = tuple(_digest(view, start, listed, limits or {}) for start, listed in found.items() if listed)
    # Without a digest nothing was published yet.
    updated_at = max((each.entry.updated_at for each in shown), default=None)
    return replace(view, entries=shown, updated_at=updated_at or view.updated_at)


@lru_cache(maxsize=2_000)
def _definition(spec: FeedSpec) -> str:
    """All of a definition as text."""
    return json.dumps(asdict(spec), sort_keys=True, ensure_ascii=True)


def _score(place: Place) -> float:
    return max(score_of(each.reasons) for each in place.sightings)


def _published_us(place: Place) -> int:
    """As the feed dates it: by the publisher where that can be true."""
    first = place.sightings[0]
    return first.first_seen_us if first.published_us is None else min(first.published_us, first.first_seen_us)


def _seniority(sighting: Sighting) -> tuple[int, str, str]:
    """Orders the sightings of one page, whatever order they were stored or read in."""
    return sighting.first_seen_us, sighting.source_id, sighting.guid


def _same_page(sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """The sightings in groups that share a canonical URL or an id, directly or through others."""
    pages = [each.page for each in sightings if each.page]
    if len(set(pages)) == len(pages) and len({each.id for each in sightings}) == len(sightings):
        return [[each] for each in sightings]
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for each in sightings:
        if each.page:
            leader[find(f"page {each.page}")] = find(f"id {each.id}")
    groups: dict[str, list[Sighting]] = {}
    for each in sightings:
        groups.setdefault(find(f"id {each.id}"), []).append(each)
    return [sorted(group, key=_seniority) for group in groups.values()]


def _capped(places: Sequence[Place], per_source: int | None) -> list[Place]:
    """The pages without those that exceed the cap of the source that brought them first."""
    if per_source is None:
        return list(places)
    seen: Counter[str] = Counter()
    kept = []
    for place in places:
        source_id = place.sightings[0].source_id
        seen[source_id] += 1
        if seen[source_id] <= per_source:
            kept.append(place)
    return kept


def _digest(view: FeedView, start: datetime, listed: Sequence[ViewEntry], limits: Limits) -> ViewEntry:
    spec = view.spec
    local = start.astimezone(ZoneInfo(spec.time_zone))
    days = 7 if spec.digest == "weekly" else 1
    end = (local + timedelta(days=days)).replace(fold=0).astimezone(UTC)
    name = local.date().isoformat()
    if days > 1:
        name += " – " + (local + timedelta(days=days - 1)).date().isoformat()
    article = Article(
        source_id=spec.id,
        guid=name,
        id=uuid_urn("digest", view.id, spec.digest or "", local.date().isoformat()),
        url=None,
        canonical_url=None,
        title=f"{one_line(spec.title) or spec.id}: {name} ({len(listed)})",
        body="\n\n".join(_line(each) for each in listed),
        html="<ul>\n" + "\n".join(_item(spec, each, limits) for each in listed) + "\n</ul>",
        language=spec.lang,
        published_at=end,
        authors=(Person(name="feedwatch"),),
        origin=Origin(id=view.id, title=spec.title, link=view.home_url, self_link=view.self_url),
    )
    updated_at = max(end, *(each.entry.updated_at for each in listed))
    entry = Entry(article=article, labels=(), first_seen_at=end, updated_at=updated_at)
    return ViewEntry(entry=entry, id=article.id, vias=())


def _line(shown: ViewEntry) -> str:
    return f"{shown.entry.article.title} ({_sources(shown)})"


def _item(spec: FeedSpec, shown: ViewEntry, limits: Limits) -> str:
    article = shown.entry.article
    title, url = escape(one_line(article.title)), http_url(article.url)
    head = f'<a href="{escape(url)}">{title}</a>' if url else title
    content = limited(spec, limits, (source_id for source_id, _ in shown.vias)).content
    lead = "" if content == "link" else shorten(article.summary or article.body, _LEAD_CHARS)
    return f"<li>{head} ({escape(_sources(shown))}){'<br>' + escape(lead, quote=False) if lead else ''}</li>"


def _sources(shown: ViewEntry) -> str:
    names = dict.fromkeys(one_line(origin.title or "") or source_id for source_id, origin in shown.vias)
    return ", ".join(names)
