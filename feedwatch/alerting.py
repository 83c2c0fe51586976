"""What is unusual in the feeds: louder or quieter than ever, new in a feed, everywhere at once; nothing told twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nlargest

from feedwatch.alertports import AlertStore, Notifier
from feedwatch.bulletins import Notice
from feedwatch.model import FeedSpec
from feedwatch.trends import BASELINE_DAYS, DAILY, GUARD_DAYS, HOURLY, Departure, baseline, departure
from feedwatch.upkeep import OF_SOURCE, Hidden
from feedwatch.vitals import Alert, AlertKind, AlertSettings, Marked, Seen

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
#: What was told and still holds is not told again; it ends when it did not hold for so long.
OPEN_FOR = _DAY
#: A feed is only told to have something new after so long a time in which it was learned what it has.
LEARNING = timedelta(days=14)
#: What a feed did not have for so long is new in it again.
FORGOTTEN = timedelta(days=90)
#: "At once" is within so long, and not news again within that many days.
AT_ONCE, NEWS_AGAIN = timedelta(hours=6), timedelta(days=3)
#: Articles looked at in one look, and those before them that are looked at again: they may have been saved late.
PAGE, AGAIN = 5000, 500
_FIRST = "for the first time"
#: What could not be told for so long is not news any more.
LATEST = timedelta(days=2)
#: The feed of alerts shows so many.
NOTICES = 200
#: One look tells at most so many new places and names of a feed, each; the rest is seen all the same.
MOST_NEWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Interests:
    """What alerts look for."""

    feeds: Sequence[FeedSpec]
    #: Names of regions by rule id; groups are none, since they only repeat their members.
    places: Mapping[str, str]
    #: Words of which each feed's first is told, as rules write them.
    names: frozenset[str]
    #: So many sources at once with the same place and word are news.
    sources_at_once: int = 4


@dataclass(slots=True)
class _Look:
    """One look in the making."""

    now: datetime
    #: Alerts that were told and still hold, by what they are about.
    known: Mapping[tuple[str, str, str], Alert]
    seen: dict[tuple[str, str, str], Seen]
    new: dict[tuple[str, str, str], Alert] = field(default_factory=dict)
    held: list[Alert] = field(default_factory=list)
    #: Sightings that are written.
    fresh: set[tuple[str, str, str]] = field(default_factory=set)

    def tell(self, kind: AlertKind, feed_id: str, subject: str, title: str, body: str) -> None:
        """An alert, unless it was told before and still holds."""
        alert = Alert(
            kind=kind,
            feed_id=feed_id,
            subject=subject,
            began_at=self.now,
            last_at=self.now,
            title=title,
            body=body,
        )
        before = self.known.get(alert.matter)
        if before is None:
            self.new[alert.matter] = alert
        elif self.now - before.last_at >= _HOUR:
            self.held.append(replace(before, last_at=self.now))

    def see(self, feed_id: str, kind: str, value: str, at: datetime) -> Seen | None:
        """Note a sighting; returns how it was before."""
        key = (feed_id, kind, value)
        before = self.seen.get(key)
        first, last = (at, at) if before is None else (min(before.first_at, at), max(before.last_at, at))
        # To the hour is enough, and saves a write for each entry.
        if before is None or first < before.first_at or last - before.last_at >= _HOUR:
            self.seen[key] = Seen(feed_id=feed_id, kind=kind, value=value, first_at=first, last_at=last)
            self.fresh.add(key)
        return before


class Alerter:
    """Looks at what feeds gained and tells what is unusual; keeps nothing but in the store."""

    def __init__(self, store: AlertStore, interests: Interests) -> None:
        self._store = store
        self._interests = interests
        self._titles = {spec.id: spec.title for spec in interests.feeds}

    def look(self, now: datetime) -> list[Alert]:
        """Look once; returns the alerts that began."""
        number, last = self._store.looked_at()
        known = {alert.matter: alert for alert in reversed(self._store.alerts(since=now - OPEN_FOR, limit=10_000))}
        look = _Look(now=now, known=known, seen=self._store.seen_of(("feed", "region", "name", "pair")))
        self._levels(look, DAILY if last is None or last.date() != now.date() else HOURLY)
        marks, newest = self._store.marked(after=max(0, number - AGAIN), limit=PAGE)
        self._news(look, marks)
        if newest > number:
            self._everywhere(look)
        seen = [look.seen[key] for key in sorted(look.fresh)]
        new = [*look.new.values()]
        self._store.note_alerts(new=new, held=look.held, seen=seen, looked_at=(max(newest, number), now))
        return new

    # --- louder or quieter

    def _levels(self, look: _Look, chance: float) -> None:
        for feed_id, counts in self._store.day_counts(look.now, BASELINE_DAYS + GUARD_DAYS + 1).items():
            expected = baseline(counts[1:]) if feed_id in self._titles and counts else None
            found = departure(counts[0], expected, chance) if expected else None
            if found is None:
                continue
            title, body = self._told(feed_id, found)
            if (found.kind, feed_id, "") not in look.known:
                body = "\n\n".join(filter(None, (body, *self._drivers(feed_id, found, look.now))))
            look.tell(found.kind, feed_id, "", title, body)

    def _told(self, feed_id: str, found: Departure) -> tuple[str, str]:
        usual, much = _number(found.usual), "many" if found.kind == "spike" else "few"
        title = f"{self._titles[feed_id]}: {_entries(found.count)} in 24 hours, {usual} are usual"
        return title, f"So {much} come by chance on one day in {max(2, round(1 / max(found.chance, 1e-6))):,} at most."

    def _drivers(self, feed_id: str, found: Departure, now: datetime) -> Iterator[str]:
        """The sources and words behind it."""
        today = Counter(self._store.source_counts(feed_id, now - _DAY, now))
        before = Counter(self._store.source_counts(feed_id, now - 15 * _DAY, now - _DAY))
        if found.kind == "drop":
            missing = Counter({source: count / 14 - today[source] for source, count in before.items()})
            lines = [
                f"{s} ({today[s]} instead of {_number(before[s] / 14)})" for s, gap in missing.most_common(5) if gap > 0
            ]
            yield "Missing: " + ", ".join(lines) + "." if lines else ""
            return
        surplus = Counter({source: count - before[source] / 14 for source, count in today.items()})
        yield "Sources: " + ", ".join(f"{s} ({today[s]})" for s, _ in surplus.most_common(5)) + "."
        marks = [mark for mark in self._store.marked_since(now - _DAY, PAGE) if mark.feed_id == feed_id]
        words = Counter(word for mark in marks for word in mark.words)
        if words:
            yield "Words: " + ", ".join(f"{word} ({count})" for word, count in words.most_common(8)) + "."
        # Each with its source: what is taken down later is known by that name.
        newest = sorted(marks, key=_newest)[:5]
        yield "Newest: " + " · ".join(f"{mark.title} ({mark.source_id})" for mark in newest)

    # --- new in a feed

    def _news(self, look: _Look, marks: Sequence[Marked]) -> None:
        told: Counter[tuple[str, str]] = Counter()
        for mark in marks:
            feed = look.see(mark.feed_id, "feed", "", mark.first_seen_at)
            is_learned = feed is not None and mark.first_seen_at - feed.first_at >= LEARNING
            is_news = is_learned and look.now - mark.first_seen_at < _DAY and mark.feed_id in self._titles
            for kind, value, name in self._things(mark):
                before = look.see(mark.feed_id, kind, value, mark.first_seen_at)
                is_new = before is None or mark.first_seen_at - before.last_at >= FORGOTTEN
                if is_news and is_new and told[mark.feed_id, kind] < MOST_NEWS:
                    told[mark.feed_id, kind] += 1
                    past = f"again, after {(mark.first_seen_at - before.last_at).days} days" if before else _FIRST
                    title = f"{self._titles[mark.feed_id]}: {name} {past}"
                    body = f"{mark.title}\n\nSource: {mark.source_id}."
                    look.tell("new-place" if kind == "region" else "new-name", mark.feed_id, value, title, body)

    def _things(self, mark: Marked) -> Iterator[tuple[str, str, str]]:
        """Kind, value and name of what may be new: places the entry is about, and watched names in it."""
        for region in sorted(mark.regions & self._interests.places.keys()):
            yield "region", region, self._interests.places[region]
        for word in sorted(mark.words & self._interests.names):
            yield "name", word, f"“{word.removeprefix('=')}”"

    # --- everywhere at once

    def _everywhere(self, look: _Look) -> None:
        """The same place and word in many sources within hours; one alert a place."""
        sources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        titles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        # What private sources have is in no list for everybody, such as the feed of alerts.
        private = self._store.private_sources()
        marks = [mark for mark in self._store.marked_since(look.now - AT_ONCE, PAGE) if mark.source_id not in private]
        for mark in sorted(marks, key=_newest):
            for region in mark.regions & self._interests.places.keys():
                for word in mark.headline:
                    if mark.source_id not in sources[region, word]:
                        titles[region, word].append(f"{mark.title} ({mark.source_id})")
                    sources[region, word].add(mark.source_id)
        least = self._interests.sources_at_once
        found: defaultdict[str, list[str]] = defaultdict(list)
        beginning = look.see("", "feed", "", look.now)
        for (region, word), those in sorted(sources.items()):
            if len(those) < least - 1:
                continue
            before = look.see("", "pair", f"{region} {word}", look.now)
            is_news = before is None or look.now - before.last_at >= NEWS_AGAIN
            if len(those) >= least and (is_news or self._is_open(look, region, word)):
                found[region].append(word)
        if beginning is None or look.now - beginning.first_at < NEWS_AGAIN:
            return
        for region, words in found.items():
            (first, *others) = nlargest(6, words, key=lambda word: (len(sources[region, word]), word))
            count = len(sources[region, first])
            title = f"{self._interests.places[region]}, “{first.removeprefix('=')}”: {count} sources within 6 hours"
            more = f"Also: {', '.join(others)}." if others else ""
            body = "\n\n".join(filter(None, (*titles[region, first][:8], more)))
            look.tell("everywhere", "", f"{region} {first}", title, body)

    def _is_open(self, look: _Look, region: str, word: str) -> bool:
        return ("everywhere", "", f"{region} {word}") in look.known


def dispatch(store: AlertStore, settings: AlertSettings, now: datetime, channels: Callable[[], Notifier]) -> list[str]:
    """Tell the channels, in one letter, of the alerts that they were not told of; returns what went wrong.

    Nothing is sent in quiet hours; what could not be sent to any channel is tried again at the next call.
    """
    if not settings.channels or (settings.quiet and now in settings.quiet):
        return []
    waiting = store.alerts(since=now - LATEST, unsent=True)
    if not waiting:
        return []
    told = channels()
    errors = told.send(*letter(waiting))
    if len(errors) < len(told):
        store.mark_sent(waiting, now)
    return errors


def letter(alerts: Sequence[Alert]) -> tuple[str, str]:
    """Title and text of one letter about all of the alerts."""
    title = alerts[0].title if len(alerts) == 1 else f"{len(alerts)} alerts: {alerts[0].title}"
    parts = [f"{alert.title}\n{alert.began_at:%Y-%m-%d %H:%M} UTC\n\n{alert.body}" for alert in alerts]
    return f"feedwatch: {title}", "\n\n---\n\n".join(parts)


def notices(store: AlertStore) -> list[Notice]:
    """The newest alerts, for a feed that everybody may read.

    Of private feeds it only says that there is one, and it quotes nothing that was taken down since.
    """
    private, hidden = store.private_feeds(), store.hidden()
    found = []
    for alert in store.alerts(limit=NOTICES):
        is_private = alert.feed_id in private
        body = "'feedwatch alerts list' tells it." if is_private else alert.body
        notice = Notice(
            key=" ".join((*alert.matter, alert.began_at.isoformat())),
            at=alert.began_at,
            title="An alert of a private feed" if is_private else alert.title,
            body="What it quoted was taken down." if any(_quotes(body, each) for each in hidden) else body,
            subject="" if is_private else alert.feed_id or alert.subject,
            tags=(alert.kind,),
        )
        found.append(notice)
    return found


def _quotes(body: str, hidden: Hidden) -> bool:
    """Whether an alert names a source that was taken down, or has the title of an entry that was."""
    if not hidden.id.startswith(OF_SOURCE):
        return hidden.title in body
    source_id = re.escape(hidden.id.removeprefix(OF_SOURCE))
    return re.search(rf"(?<![a-z0-9-]){source_id}(?![a-z0-9-])", body) is not None


def _newest(mark: Marked) -> tuple[float, int]:
    return -mark.first_seen_at.timestamp(), mark.key


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"
