"""What is remembered of the health of sources <-> JSON: absent keys are the defaults."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from feedwatch.store.records import Values, clean
from feedwatch.vitals import Diagnosis, Health, Vitals

_INSTANTS = frozenset({"since", "last_new_at", "stamp"})
_LISTS = frozenset({"lengths"})


def vitals_values(vitals: Vitals) -> Values | None:
    """Vitals as JSON; None for none."""
    values = {each.name: getattr(vitals, each.name) for each in fields(Vitals)}
    present = {name: value for name, value in values.items() if value}
    for name in _INSTANTS & present.keys():
        present[name] = present[name].isoformat()
    if tongues := present.get("tongues"):
        present["tongues"] = dict(tongues)
    return present or None


def read_vitals(values: Values | None) -> Vitals:
    """The vitals of a row of `sources`."""
    known = {each.name for each in fields(Vitals)}
    return Vitals(**{name: _read(name, value) for name, value in (values or {}).items() if name in known})


def _read(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return datetime.fromisoformat(value).astimezone(UTC)
    return tuple(value) if name in _LISTS else value


def health_values(health: Health) -> Values:
    """A remembered diagnosis as JSON."""
    told = health.diagnosis
    return {
        "state": told.state,
        "cause": told.cause,
        "message": clean(told.message),
        "since": health.since.isoformat(),
    }


def read_health(values: Values | None) -> Health | None:
    """The diagnosis of a row of `sources`; None before the first."""
    if not values:
        return None
    told = Diagnosis(state=values["state"], cause=values["cause"], message=values["message"])
    return Health(diagnosis=told, since=datetime.fromisoformat(values["since"]).astimezone(UTC))
