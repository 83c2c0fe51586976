"""Habits of sources <-> JSON: absent keys are the defaults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from feedwatch.ledger import Habits, Hints

Values = dict[str, Any]


def habits_values(habits: Habits) -> Values | None:
    """Habits as JSON; None for none."""
    hints = habits.hints
    values = {
        "every_s": hints.every_s,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
        "hub": hints.hub,
        "topic": hints.topic,
        "gap_s": habits.gap_s,
        "items": habits.items,
        "asked_as": habits.asked_as,
        "repeats": habits.repeats,
        "target": habits.target,
        "target_since": habits.target_since.isoformat() if habits.target_since else None,
        "sightings": habits.sightings,
        "moved": habits.moved,
        "push_works": habits.push_works,
        "fresh_s": habits.fresh_s,
        "newest": habits.newest.isoformat() if habits.newest else None,
    }
    return {name: value for name, value in values.items() if value} or None


def read_habits(values: Values | None) -> Habits:
    """The habits of a row of `sources`."""
    if not values:
        return Habits()
    since, newest = values.get("target_since"), values.get("newest")
    return Habits(
        hints=Hints(
            every_s=values.get("every_s"),
            skip_hours=frozenset(values.get("skip_hours", ())),
            skip_days=frozenset(values.get("skip_days", ())),
            hub=values.get("hub"),
            topic=values.get("topic"),
        ),
        gap_s=values.get("gap_s"),
        items=values.get("items", 0),
        asked_as=values.get("asked_as", ""),
        repeats=values.get("repeats", 0),
        target=values.get("target"),
        target_since=datetime.fromisoformat(since).astimezone(UTC) if since else None,
        sightings=values.get("sightings", 0),
        moved=values.get("moved", False),
        push_works=values.get("push_works", False),
        fresh_s=values.get("fresh_s", 0),
        newest=datetime.fromisoformat(newest).astimezone(UTC) if newest else None,
    )
