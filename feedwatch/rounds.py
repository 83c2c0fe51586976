"""The round that looks after every source: diagnoses told apart from how each was before, and what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from feedwatch.bulletins import Notice
from feedwatch.health import ALARMS, assess
from feedwatch.ledger import Event, Pulse, Snapshot
from feedwatch.model import Source
from feedwatch.polling import usual_wait_s
from feedwatch.ports import Store
from feedwatch.urls import http_url, redact
from feedwatch.vitals import Diagnosis, Health, HealthState

#: Kind of the events that tell of a change of health.
HEALTH_EVENT = "health"
#: Stands for the source where this machine itself is meant.
OURSELVES = "feedwatch"
#: So many sources at least must fail together for the fault to be on this side.
LEAST_TOGETHER = 3
#: The health feed shows so many changes.
NOTICES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How a source is doing now, and since when."""

    pulse: Pulse
    diagnosis: Diagnosis
    since: datetime

    @property
    def is_alarm(self) -> bool:
        """Whether a person should look at it."""
        return self.diagnosis.state in ALARMS


def look(sources: Mapping[str, Source], store: Store, now: datetime) -> list[Finding]:
    """How every configured source is doing; changes nothing."""
    found = []
    for pulse in store.pulses():
        source = sources.get(pulse.source_id)
        if source is None:
            continue
        told = assess(source, pulse, now, poll_s=usual_wait_s(source, pulse.habits))
        same = pulse.health is not None and _is_same(pulse.health.diagnosis, told)
        found.append(Finding(pulse=pulse, diagnosis=told, since=pulse.health.since if pulse.health and same else now))
    return found


def snapshot(sources: Mapping[str, Source], store: Store, now: datetime) -> Snapshot:
    """The store in figures, for monitors."""
    findings = look(sources, store, now)
    states = Counter(finding.diagnosis.state for finding in findings)
    pulses = [finding.pulse for finding in findings]
    due = [pulse.next_due_at for pulse in pulses if not pulse.retired]
    return Snapshot(
        states={state: states[state] for state in get_args(HealthState)},
        success_ages_s={p.source_id: (now - p.last_ok_at).total_seconds() for p in pulses if p.last_ok_at},
        lag_s=max((now - min(due, default=now)).total_seconds(), 0),
        entries=store.count_unjudged(""),
        store_bytes=store.size_bytes(),
        feeds={feed_id: state.published_entries for feed_id, state in store.feed_states().items()},
        rule_hits=store.rule_hits(now - timedelta(days=1)),
    )


def go_round(sources: Mapping[str, Source], store: Store, now: datetime) -> list[Event]:
    """Remember every diagnosis that changed; returns the events that were stored.

    An event is stored for each alarm that begins, turns into another, or ends. One failure is none yet: it
    is told when the next poll fails, too. When most sources fail or recover at once it is told once.
    """
    changed: dict[str, Health] = {}
    told: list[tuple[Event, str]] = []
    findings = look(sources, store, now)
    for finding in findings:
        before = finding.pulse.health
        is_same = before is not None and _is_same(before.diagnosis, finding.diagnosis)
        if is_same or (finding.diagnosis.state == "failing" and finding.pulse.failures == 1):
            continue
        changed[finding.pulse.source_id] = Health(diagnosis=finding.diagnosis, since=now)
        told += _told(finding, before, now)
    events = _together(told, len(findings), now)
    if changed:
        store.note_health(changed, events)
    return events


def _together(told: Sequence[tuple[Event, str]], sources: int, now: datetime) -> list[Event]:
    """The events; those of the network as one if they concern most sources: then the fault is on this side."""
    of_network = [event for event, cause in told if cause == "network"]
    if len(of_network) < LEAST_TOGETHER or 2 * len(of_network) < sources:
        return [event for event, _ in told]
    went = sum(event.message.startswith("failing") for event in of_network)
    message = f"well again: {len(of_network)} sources can be reached"
    if 2 * went >= len(of_network):
        message = f"failing: {went} of {sources} sources cannot be reached; is the network of this machine up?"
    one = Event(source_id=OURSELVES, at=now, kind=HEALTH_EVENT, message=message)
    return [one, *(event for event, cause in told if cause != "network")]


def _is_same(before: Diagnosis, now: Diagnosis) -> bool:
    """Whether it is the same trouble: how often it was met does not matter."""
    return (before.state, before.cause) == (now.state, now.cause)


def _told(finding: Finding, before: Health | None, now: datetime) -> Iterator[tuple[Event, str]]:
    """The event, with the cause of what begins or ends."""
    was_alarm = before is not None and before.diagnosis.state in ALARMS
    if not finding.is_alarm and not was_alarm:
        return
    message = f"{finding.diagnosis.state}: {finding.diagnosis.message}"
    if not finding.is_alarm and before is not None:
        message = f"well again; it was {before.diagnosis.state} since {before.since:%Y-%m-%d %H:%M} UTC"
    cause = finding.diagnosis.cause or (before.diagnosis.cause if before else "")
    yield Event(source_id=finding.pulse.source_id, at=now, kind=HEALTH_EVENT, message=message), cause


def notices(sources: Mapping[str, Source], store: Store) -> list[Notice]:
    """The newest changes of health, for a feed that everybody may read: of private sources only that one changed."""
    private = store.private_sources()
    return [
        _discreet(event) if event.source_id in private else _notice(sources.get(event.source_id), event)
        for event in store.events_of_kind(HEALTH_EVENT, NOTICES)
    ]


def _discreet(event: Event) -> Notice:
    return Notice(
        key=f"{event.source_id} {event.at.isoformat()}",
        at=event.at,
        title=f"A private source – {_severity(event)}",
        body="'feedwatch status' tells which and why.",
        subject="",
        tags=(_severity(event),),
    )


def _severity(event: Event) -> str:
    return event.message.partition(":")[0] if ":" in event.message[:10] else "well"


def _notice(source: Source | None, event: Event) -> Notice:
    address = http_url(source.locator) if source else None
    name = source.title if source else event.source_id
    where = "" if event.source_id == OURSELVES else f"\n\nSource {event.source_id}"
    where += f", {redact(address)}" if address else ""
    return Notice(
        key=f"{event.source_id} {event.at.isoformat()}",
        at=event.at,
        title=f"{name} – {event.message}",
        body=f"{event.message[:1].upper()}{event.message[1:]}.{where}",
        subject=event.source_id,
        url=redact(address) if address else None,
        tags=(_severity(event),),
    )
