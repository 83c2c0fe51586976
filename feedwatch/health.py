"""How a source is doing, told from its own rhythm and not from fixed limits (pure); docs/health.md says it in words.

What a poll teaches (`learn`) is kept apart from what it means now (`assess`): silence grows while nobody polls.
A reading that is out of the ordinary does not become the ordinary by being repeated, only by lasting (`LASTS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from feedwatch.ledger import Pulse, Reading
from feedwatch.model import Source
from feedwatch.urls import redact
from feedwatch.vitals import Diagnosis, Fresh, HealthState, Vitals

DAY_S = 24 * 3600
#: States that a person should hear of, with those that end them.
ALARMS: frozenset[HealthState] = frozenset({"moved", "stale", "failing", "broken", "retired"})

#: How many lengths of texts are remembered.
KEPT = 12
#: The fewest items so far come nearer to what is usual by this part with each document.
RISE = 0.002
#: So many readings make a habit, or so long a time.
HABIT, SETTLED = 4, timedelta(hours=6)
#: An unusual reading that came so often in a row is the new usual.
LASTS = 40
#: A document with less than this part of the fewest items so far, or a text with less than this part of the usual
#: length, is unusual.
FEW, SHORT = 0.5, 0.35
#: Entries whose languages make a habit, how rare a language must be, and how many strange ones in a row are a change.
TONGUES, RARE, STRANGE = 15, 0.1, 3
#: The longest pause so far counts this much less a week later.
FADE_A_WEEK = 0.8
#: Silence of so many longest pauses is quiet, and stale.
QUIET, STALE = 3, 6
#: Pauses seen before silence means anything.
PAUSES = 5
#: Nothing is quiet before two polls and an hour, or stale before three days.
QUIET_LEAST_S, STALE_LEAST_S = 3600, 3 * DAY_S
#: A source that fails for so long in so many polls is broken.
BROKEN_AFTER_S, BROKEN_FAILURES = 3 * DAY_S, 5
#: A date so far ahead of the clock is in the future (time zones are mistaken for one another).
AHEAD = timedelta(days=1)


# --- what a poll teaches ---------------------------------------------------------------------------------


def learn(vitals: Vitals, reading: Reading, now: datetime) -> Vitals:
    """What is known after a poll that reached its source."""
    if reading.body == "unreadable":
        return replace(vitals, fault="", unreadable=vitals.unreadable + 1)
    if reading.body != "read":
        return replace(vitals, fault="")
    vitals = replace(vitals, fault="", unreadable=0, since=vitals.since or now)
    if not reading.answer.is_delta:
        vitals = _count(vitals, reading.items, now)
    return _heed(vitals, reading.fresh, now) if reading.fresh else vitals


def learn_failure(vitals: Vitals, reason: str) -> Vitals:
    """What is known after a poll that failed for `reason`; one that nobody answered because none was asked is none."""
    return vitals if reason == "waiting" else replace(vitals, fault=reason)


def _count(vitals: Vitals, items: int, now: datetime) -> Vitals:
    """How many items a whole document has."""
    if not items:
        return replace(vitals, empty=vitals.empty + 1)
    vitals = replace(vitals, empty=0)
    # A document that never changed for hours is a habit, too.
    is_usual = vitals.documents >= HABIT or (vitals.since is not None and now - vitals.since >= SETTLED)
    is_few = is_usual and items < FEW * vitals.least
    if is_few and vitals.few < LASTS:
        fewest = min(vitals.few_items or items, items)
        return replace(vitals, few=vitals.few + 1, few_items=fewest)
    if is_few or not vitals.documents:
        return replace(vitals, documents=1, least=items, most=items, few=0, few_items=0)
    # After a time of few items it came back by itself: then so few are usual, too.
    least = min(vitals.few_items or items, items, vitals.least + RISE * (items - vitals.least))
    return replace(
        vitals, documents=vitals.documents + 1, least=least, most=max(vitals.most, items), few=0, few_items=0
    )


def _heed(vitals: Vitals, fresh: Sequence[Fresh], now: datetime) -> Vitals:
    """What new entries tell."""
    vitals = _pause(vitals, now)
    vitals = _measure(vitals, [each.length for each in fresh])
    vitals = _listen(vitals, [each.language for each in fresh if each.language])
    return _date(vitals, [each.dated_at for each in fresh if each.dated_at], now)


def _pause(vitals: Vitals, now: datetime) -> Vitals:
    if vitals.last_new_at is None:
        return replace(vitals, last_new_at=now)
    gap_s = (now - vitals.last_new_at).total_seconds()
    if gap_s <= 0:
        return vitals
    faded = vitals.longest_gap_s * FADE_A_WEEK ** (gap_s / (7 * DAY_S))
    return replace(vitals, last_new_at=now, longest_gap_s=round(max(gap_s, faded)), gaps=vitals.gaps + 1)


def _measure(vitals: Vitals, lengths: Sequence[int]) -> Vitals:
    length = round(median(lengths))
    usual = vitals.lengths
    is_short = len(usual) >= HABIT and length < SHORT * median(usual) and length < 0.8 * min(usual)
    if is_short and vitals.short < LASTS:
        return replace(vitals, short=vitals.short + len(lengths))
    return replace(vitals, lengths=((*usual, length) if not is_short else (length,))[-KEPT:], short=0)


def _listen(vitals: Vitals, tongues: Sequence[str]) -> Vitals:
    counts, strange, last = dict(vitals.tongues), vitals.strange, vitals.strange_tongue
    for tongue in tongues:
        if _is_strange(counts, tongue) and strange < LASTS:
            strange, last = strange + 1, tongue
            continue
        if strange >= LASTS:
            counts = {}
        counts[tongue] = counts.get(tongue, 0) + 1
        strange, last = 0, ""
        if sum(counts.values()) > 200:
            counts = {name: count // 2 for name, count in counts.items() if count > 1}
    return replace(vitals, tongues=counts, strange=strange, strange_tongue=last)


def _is_strange(counts: Mapping[str, int], tongue: str) -> bool:
    total = sum(counts.values())
    return total >= TONGUES and counts.get(tongue, 0) < RARE * total


def _date(vitals: Vitals, dates: Sequence[datetime], now: datetime) -> Vitals:
    if not dates:
        return vitals
    ahead = sum(date > now + AHEAD for date in dates)
    future = vitals.future + 1 if 2 * ahead > len(dates) else 0
    stamp = dates[0] if len(set(dates)) == 1 else None
    frozen = vitals.frozen + 1 if stamp is not None and stamp == vitals.stamp else 0
    return replace(vitals, future=future, stamp=stamp, frozen=frozen)


# --- what it means now -----------------------------------------------------------------------------------


def assess(source: Source, pulse: Pulse, now: datetime, *, poll_s: float) -> Diagnosis:
    """How the source is doing at `now`; the gravest of all that is true.

    `poll_s` is the usual time between two polls in seconds: what happens in between is seen that late.
    """
    for judge in (_retired, _failing, _damaged, _changed, _moved):
        if found := judge(source, pulse, now):
            return found
    if found := _silent(source, pulse, now, poll_s):
        return found
    is_new = pulse.last_ok_at is None
    return Diagnosis(state="new", message="not read yet") if is_new else Diagnosis(state="ok")


def _retired(source: Source, pulse: Pulse, _now: datetime) -> Diagnosis | None:
    if not pulse.retired:
        return None
    cure = f"remove it, correct its address, or run: feedwatch once --revive {source.id}"
    return Diagnosis(state="retired", cause="gone", message=f"its server says that it is gone for good; {cure}")


def _failing(source: Source, pulse: Pulse, now: datetime) -> Diagnosis | None:
    """It cannot be fetched."""
    if not pulse.failures:
        return None
    cause = "rate-limit" if "429" in pulse.error else pulse.vitals.fault or "http"
    times = "once" if pulse.failures == 1 else f"{pulse.failures} times in a row"
    last = pulse.last_ok_at or pulse.vitals.since
    long_ago = last is None or (now - last).total_seconds() > max(BROKEN_AFTER_S, 6 * source.interval_s)
    if pulse.failures >= BROKEN_FAILURES and long_ago:
        past = f"last read {last:%Y-%m-%d}" if last else "never read"
        message = (
            f"failed {times} ({past}): {pulse.error}; is the address still right? feedwatch sources test {source.id}"
        )
        return Diagnosis(state="broken", cause=cause, message=message)
    return Diagnosis(state="failing", cause=cause, message=f"failed {times}: {pulse.error}")


def _damaged(source: Source, pulse: Pulse, _now: datetime) -> Diagnosis | None:
    """It is fetched, but nothing is found in it, or less than before."""
    vitals, look = pulse.vitals, f"see what it gives now: feedwatch sources test {source.id}"
    if vitals.unreadable:
        return Diagnosis(state="failing", cause="unreadable", message=f"its document cannot be read; {look}")
    if vitals.empty and (vitals.documents or source.kind == "page"):
        usual = f" where {_usual(vitals)} were usual" if vitals.documents else ""
        return Diagnosis(state="failing", cause="zero-items", message=f"its document has no entries{usual}; {look}")
    if vitals.few:
        cause = "entries-vanished" if source.kind == "feed" else "selector-drift"
        message = f"only {vitals.few_items} entries where {_usual(vitals)} were usual; {look}"
        return Diagnosis(state="failing", cause=cause, message=message)
    return None


def _usual(vitals: Vitals) -> str:
    least = round(vitals.least)
    return str(least) if least == vitals.most else f"{least} to {vitals.most}"


def _changed(source: Source, pulse: Pulse, _now: datetime) -> Diagnosis | None:
    """What it brings is unlike what it brought."""
    vitals, look = pulse.vitals, f"look at it: feedwatch sources test {source.id}"
    if vitals.short >= STRANGE - 1:
        message = (
            f"its texts shrank to less than a third of the usual {round(median(vitals.lengths))} characters; {look}"
        )
        return Diagnosis(state="failing", cause="text-shrank", message=message)
    if vitals.strange >= STRANGE:
        usual = max(vitals.tongues, key=lambda name: vitals.tongues[name])
        message = (
            f"its language changed: {vitals.strange} entries in a row not in {usual!r} but {vitals.strange_tongue!r}"
        )
        return Diagnosis(state="failing", cause="language-changed", message=f"{message}; {look}")
    if vitals.future:
        message = "its new entries are dated in the future; they are published as of when they were seen"
        return Diagnosis(state="failing", cause="dates-in-future", message=message)
    if vitals.frozen and vitals.stamp:
        message = f"its new entries all carry the same date, {vitals.stamp:%Y-%m-%d %H:%M} UTC"
        return Diagnosis(state="failing", cause="dates-frozen", message=message)
    return None


def _moved(_source: Source, pulse: Pulse, _now: datetime) -> Diagnosis | None:
    if not pulse.habits.target:
        return None
    target = redact(pulse.habits.target)
    return Diagnosis(state="moved", cause="redirect", message=f"moved for good to {target}: change its url to that")


def _silent(source: Source, pulse: Pulse, now: datetime, poll_s: float) -> Diagnosis | None:
    """Nothing new beyond its own rhythm; a folder has none."""
    vitals = pulse.vitals
    if source.kind == "folder" or vitals.last_new_at is None or vitals.gaps < PAUSES:
        return None
    # Up to the last poll: while nobody listens nobody is silent.
    silence = ((pulse.last_ok_at or now) - vitals.last_new_at).total_seconds()
    longest = max(vitals.longest_gap_s, pulse.habits.gap_s or 0)
    days = f"nothing new for {_span(silence)}; its longest pause before was {_span(longest)}"
    if silence > max(STALE * longest, STALE_LEAST_S, 2 * poll_s):
        return Diagnosis(state="stale", cause="silent", message=f"{days}: has it stopped, or moved its feed?")
    if silence > max(QUIET * longest, QUIET_LEAST_S, 2 * poll_s):
        return Diagnosis(state="quiet", cause="silent", message=days)
    return None


def _span(seconds: float) -> str:
    for size, name in ((DAY_S, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
