"""When and where a source is read next (pure); docs/polling.md says it in words."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from feedwatch.errors import FetchError
from feedwatch.ledger import Event, Habits, Hints, Push, Reading, SourceState
from feedwatch.model import Item, Source
from feedwatch.text import digest
from feedwatch.urls import server_of

DAY_S = 24 * 3600
#: A source without an interval of its own is never read more often.
FLOOR_S = 30 * 60
#: A web page is read anew in full, which costs its server more.
PAGE_FLOOR_S = 3600
#: The least that an interval of its own may be.
OWN_FLOOR_S = 60
#: First wait after a failure in which no server was reached: it costs nobody anything.
FIRST_RETRY_S = 60
LONGEST_WAIT_S = DAY_S
#: For addresses under which there is nothing (HTTP 404).
LONGEST_MISSING_WAIT_S = 7 * DAY_S
#: A server's Retry-After is believed up to so long.
LONGEST_RETRY_AFTER_S = 31 * DAY_S
#: A permanent redirect is followed blindly after so many polls over so long a time.
SIGHTINGS = 3
HOLDS_S = DAY_S
#: A server without validators that sent the same body so often is asked once a day.
SAME_BODIES = 5
#: The adaptive interval looks at so many of the newest entries.
ENTRIES_FOR_GAP = 10
#: Overdue sources are spread over at most so long after a restart.
RESTART_SPREAD_S = 10 * 60

_HOUR = timedelta(hours=1)
_GONE, _MISSING, _TOO_MANY = 410, 404, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a poll means for its source."""

    state: SourceState
    events: tuple[Event, ...] = ()


def conclude(
    source: Source,
    habits: Habits,
    now: datetime,
    *,
    failures: int,
    reading: Reading,
    error: FetchError | None,
    push: Push | None = None,
) -> Conclusion:
    """Sum up a poll that ended at `now`; `failures` are those in a row before it."""
    if error is not None:
        return _failed(source, habits, now, failures, error)
    learned, events = _learn(source, replace(habits, asked_as=asked_as(source)), now, reading)
    learned = replace(learned, push_works=_push_works(habits, reading, push, now))
    overrun = source.kind == "feed" and _overran(habits, reading)
    if overrun:
        message = f"none of the {reading.items} items was in the feed at the last poll: some were probably missed"
        events = (*events, Event(source_id=source.id, at=now, kind="window-overrun", message=message))
    if source.kind in ("page", "sitemap") and reading.body == "read" and 2 * reading.items <= habits.items >= 4:
        message = f"lists {reading.items} entries where it had {habits.items}: has the page been rebuilt?"
        look = f"see what is found: feedwatch sources test {source.id}"
        events = (*events, Event(source_id=source.id, at=now, kind="drift", message=f"{message} {look}"))
    wait = _wait(source, learned, reading, halved=overrun)
    if learned.push_works and not source.own_interval:
        # Its hub tells us sooner than we could ask; this is only in case it stops without a word.
        wait = max(wait, DAY_S)
    moves = learned.moved != habits.moved
    state = SourceState(
        next_due_at=outside_skipped(now + timedelta(seconds=round(wait)), learned.hints),
        habits=None if learned == habits else learned,
        server=server_of(learned.target or "" if learned.moved else source.locator) if moves else None,
    )
    return Conclusion(state=state, events=events)


def asked_as(source: Source) -> str:
    """A mark of the login and headers that the source is asked with; "" without any.

    Other ones may be answered with another document (RFC 9110 section 12.5.5), which validators of this one
    must not hide. Too short to tell a secret by.
    """
    return (
        digest(source.login, *(f"{name}: {value}" for name, value in source.headers))[2:8]
        if (source.login or source.headers)
        else ""
    )


def _push_works(habits: Habits, reading: Reading, push: Push | None, now: datetime) -> bool:
    """Whether the source's hub can be relied on: it is bound to tell, and it told of the last news."""
    if push is None or push.lease_until is None or push.lease_until <= now:
        return False
    news = reading.body == "read" and reading.items > reading.known
    return push.announced if news else habits.push_works


def _wait(source: Source, habits: Habits, reading: Reading, *, halved: bool) -> float:
    """Seconds after a success: the interval, or what server and feed ask for if that is longer."""
    if source.kind == "folder":
        return source.interval_s
    wait = usual_wait_s(source, habits)
    if halved:
        wait = max(wait / 2, _floor(source))
    fresh_s = reading.answer.fresh_s
    if fresh_s is None and reading.body == "unchanged":
        # A 304 confirms an answer with what its headers said (RFC 9111 section 4.3.4).
        fresh_s = habits.fresh_s
    asked = max(fresh_s or 0, habits.hints.every_s or 0)
    wait = max(wait, min(asked, LONGEST_WAIT_S))
    if habits.repeats >= SAME_BODIES - 1 and not source.own_interval:
        wait = max(wait, DAY_S)
    return wait


def usual_wait_s(source: Source, habits: Habits) -> float:
    """Seconds between two polls when all goes well and nobody asks for more."""
    if source.kind == "folder":
        return source.interval_s
    adapted = habits.gap_s if source.kind == "feed" and not source.own_interval else None
    return max(_floor(source), source.interval_s if adapted is None else min(adapted, LONGEST_WAIT_S))


def _floor(source: Source) -> int:
    if source.own_interval:
        return OWN_FLOOR_S
    return PAGE_FLOOR_S if source.kind in ("page", "sitemap") else FLOOR_S


# --- what is learned -------------------------------------------------------------------------------------


def _learn(source: Source, habits: Habits, now: datetime, reading: Reading) -> tuple[Habits, tuple[Event, ...]]:
    if reading.body in ("read", "same"):
        # In minutes, so that an Expires that moves by seconds is nothing new to store.
        fresh = min(reading.answer.fresh_s or 0, LONGEST_WAIT_S)
        habits = replace(habits, fresh_s=round(fresh / 60) * 60)
    if reading.body == "read":
        # A delta shows only a part of the feed: what the whole taught stays.
        if not reading.answer.is_delta:
            habits = replace(habits, hints=reading.hints, gap_s=reading.gap_s, items=reading.items)
            habits = replace(habits, newest=reading.newest or habits.newest)
        habits = replace(habits, repeats=0)
    elif reading.body == "same":
        habits = replace(habits, repeats=min(habits.repeats + 1, SAME_BODIES))
    elif reading.body == "unchanged":
        habits = replace(habits, repeats=0)
    if reading.body == "unreadable":
        return replace(_stay(habits), items=0), ()
    if not habits.items:
        # Nothing readable is known to be there: the same bytes again prove no move.
        return habits, ()
    return _follow_move(source, habits, now, reading.answer.moved_to)


def _follow_move(source: Source, habits: Habits, now: datetime, target: str | None) -> tuple[Habits, tuple[Event, ...]]:
    """Count the sightings of a permanent redirect (RFC 9110 sections 15.4.2 and 15.4.9) to a readable document."""
    if target is None:
        # Asked directly, the new address does not redirect: that is as it should be.
        return (habits if habits.moved else _stay(habits)), ()
    if target != habits.target:
        return replace(habits, target=target, target_since=now, sightings=1, moved=False), ()
    if habits.moved:
        return habits, ()
    seen, since = min(habits.sightings + 1, SIGHTINGS), habits.target_since or now
    held = seen >= SIGHTINGS and now - since >= timedelta(seconds=HOLDS_S)
    habits = replace(habits, sightings=seen, target_since=since, moved=held)
    if not held:
        return habits, ()
    message = f"moved for good to {target}: from now on it is read there; please change the configuration"
    return habits, (Event(source_id=source.id, at=now, kind="moved", message=message),)


def _stay(habits: Habits) -> Habits:
    """Forget where the source moved to."""
    return replace(habits, target=None, target_since=None, sightings=0, moved=False)


def _overran(before: Habits, reading: Reading) -> bool:
    """Whether nothing of the last document is left in this one."""
    is_whole = reading.body == "read" and not reading.answer.is_delta
    return is_whole and before.items > 0 and reading.items > 0 and reading.known == 0


def median_gap_s(items: Sequence[Item]) -> int | None:
    """Median seconds between the newest entries; None with fewer than three dated ones."""
    dates = sorted((date for item in items if (date := item.published_at or item.updated_at)), reverse=True)
    newest = dates[:ENTRIES_FOR_GAP]
    if len(newest) < 3:
        return None
    return round(median((later - earlier).total_seconds() for later, earlier in pairwise(newest)))


# --- failures --------------------------------------------------------------------------------------------


def _failed(source: Source, habits: Habits, now: datetime, failures: int, error: FetchError) -> Conclusion:
    if error.reason == "waiting":
        # Nobody was asked: neither a failure nor a success.
        until = now + timedelta(seconds=max(round(error.retry_after_s or 0), 1))
        state = SourceState(next_due_at=until, not_before=until, failures=failures, error=error.message)
        return Conclusion(state=state)
    failures += 1
    events: tuple[Event, ...] = (Event(source_id=source.id, at=now, kind="fetch-failed", message=error.message),)
    gave_up_target = habits.moved and (error.status in (_MISSING, _GONE) or error.reason in ("network", "tls"))
    wait = failure_wait_s(source, habits, failures, error)
    due = now + timedelta(seconds=round(wait))
    asked = error.retry_after_s is not None or error.status == _TOO_MANY
    retired = error.status == _GONE and not habits.moved
    if retired:
        message = f"{error.message}: it is not read any more; see 'feedwatch once --revive {source.id}'"
        events = (*events, Event(source_id=source.id, at=now, kind="retired", message=message))
    elif _is_flagged(source, habits, failures, error):
        message = f"{error.message}, {failures} times in a row: it is tried once a week; is the address still right?"
        events = (*events, Event(source_id=source.id, at=now, kind="flagged", message=message))
    state = SourceState(
        next_due_at=due,
        failures=failures,
        error=error.message,
        not_before=due if asked else None,
        for_server=error.status == _TOO_MANY,
        retired=retired,
        # The configured address is asked again; if it still redirects, it is learned anew.
        habits=_stay(habits) if gave_up_target else None,
        server=server_of(source.locator) if gave_up_target else None,
    )
    return Conclusion(state=state, events=events)


def failure_wait_s(source: Source, habits: Habits, failures: int, error: FetchError) -> float:
    """Seconds to wait after the nth failure in a row.

    The first wait doubled n - 1 times, at most a day (a week where there is nothing), or what the server
    asked for (RFC 9110 section 10.2.3) if that is longer. Waits differ by up to a tenth between sources,
    so that they do not all come back at the same moment.
    """
    wait = min(_raw_wait(source, habits, failures, error) * (1 + _spread(source.id) / 10), _longest(error))
    if error.retry_after_s is not None:
        wait = max(wait, min(error.retry_after_s, LONGEST_RETRY_AFTER_S))
    return wait


def _raw_wait(source: Source, habits: Habits, failures: int, error: FetchError) -> float:
    usual = usual_wait_s(source, habits)
    first = min(FIRST_RETRY_S, usual) if error.reason in ("network", "tls") or source.kind == "folder" else usual
    if error.reason == "robots":
        first = LONGEST_WAIT_S
    return float(first * 2 ** min(failures - 1, 20))


def _longest(error: FetchError) -> float:
    return LONGEST_MISSING_WAIT_S if error.status == _MISSING else LONGEST_WAIT_S


def _is_flagged(source: Source, habits: Habits, failures: int, error: FetchError) -> bool:
    """Whether the waits for an address without anything have just reached their limit."""
    if error.status != _MISSING:
        return False
    waits = [_raw_wait(source, habits, count, error) for count in (failures, failures - 1) if count]
    return waits[0] >= LONGEST_MISSING_WAIT_S and (len(waits) == 1 or waits[1] < LONGEST_MISSING_WAIT_S)


def _spread(source_id: str) -> float:
    """A number from 0 to 1 that is always the same for the same source."""
    return zlib.crc32(source_id.encode()) / 0xFFFF_FFFF


# --- times of the day, and of a restart ------------------------------------------------------------------


def outside_skipped(due: datetime, hints: Hints) -> datetime:
    """The first moment from `due` on that is in no hour and on no day that the feed wants to be left alone."""
    hours, days = hints.skip_hours, hints.skip_days
    if len(hours) >= 24 or len(days) >= 7:
        return due
    while due.hour in hours or due.weekday() in days:
        due = due.replace(minute=0, second=0, microsecond=0) + _HOUR
    return due


def spread_overdue(sources: Sequence[Source], now: datetime) -> dict[str, datetime]:
    """When each of the overdue sources is read after a restart: the first at once, in their order.

    Spread evenly over ten minutes, or over the source's interval where that is shorter.
    """
    return {
        source.id: now
        + timedelta(seconds=round(min(source.interval_s, RESTART_SPREAD_S) * place / max(len(sources), 1)))
        for place, source in enumerate(sources)
    }
