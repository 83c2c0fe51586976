"""What is remembered of the health of sources."""

from __future__ import annotations

from dataclasses import replace

from feedwatch.ledger import Batch, Event, Habits, SourceState
from feedwatch.store.sql import SqlStore
from feedwatch.vitals import Diagnosis, Health, Vitals
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_label,
    make_source,
    make_verdict,
    save,
)

VITALS = Vitals(
    since=NOON,
    last_new_at=after(60),
    longest_gap_s=7200,
    gaps=6,
    documents=9,
    least=19.5,
    most=20,
    few=1,
    few_items=3,
    lengths=(1200, 900),
    tongues={"fr": 12, "ha": 3},
    strange=1,
    strange_tongue="ru",
    stamp=NOON,
    frozen=1,
    fault="tls",
)
HEALTH = Health(diagnosis=Diagnosis(state="failing", cause="tls", message="its certificate expired\x00"), since=NOON)


def finish(store: SqlStore, **state: object) -> None:
    given = SourceState(next_due_at=after(3600), **state)  # type: ignore[arg-type] # the tests name its fields
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="r", state=given))


def test_vitals_come_back_with_the_recall_and_the_pulse(store: SqlStore) -> None:
    finish(store, vitals=VITALS, habits=Habits(items=20), failures=2, error="HTTP 500")
    assert store.recall(["north"])["north"].vitals == VITALS
    north, south = store.pulses()
    assert (north.source_id, north.vitals, north.habits.items) == ("north", VITALS, 20)
    assert (north.failures, north.error, north.last_polled_at, north.last_ok_at) == (2, "HTTP 500", NOON, None)
    assert (south.source_id, south.vitals, south.health, south.last_polled_at) == ("south", Vitals(), None, None)
    finish(store)
    assert store.recall(["north"])["north"].vitals == VITALS


def test_a_diagnosis_is_remembered_with_the_events_that_tell_of_it(store: SqlStore) -> None:
    told = [
        Event(source_id="north", at=NOON, kind="health", message="failing"),
        Event(source_id="north", at=after(1), kind="other", message="not this"),
        Event(source_id="south", at=after(2), kind="health", message="well again"),
    ]
    store.note_health({"north": HEALTH}, told)
    north, south = store.pulses()
    clean = replace(HEALTH.diagnosis, message="its certificate expired")
    assert (north.health, south.health) == (replace(HEALTH, diagnosis=clean), None)
    assert [event.source_id for event in store.events_of_kind("health", 10)] == ["south", "north"]
    assert len(store.events_of_kind("health", 1)) == 1
    store.note_health({}, [])


def test_a_source_that_left_or_moved_has_no_old_health(store: SqlStore) -> None:
    finish(store, vitals=VITALS)
    store.note_health({"north": HEALTH, "south": HEALTH}, [])
    moved = replace(make_source("north"), locator="https://other.example/feed")
    store.begin([moved], [], base_url=BASE_URL, now=NOON)
    (north,) = store.pulses()
    assert (north.source_id, north.vitals, north.health) == ("north", Vitals(), None)


def test_the_store_tells_its_size_and_which_rules_fired_lately(store: SqlStore) -> None:
    label = make_label("ne")
    save(store, claim_one(store), make_verdict(labels=(label,)), make_verdict(make_article("2"), labels=(label,)))
    assert store.size_bytes() > 10_000
    assert store.rule_hits(NOON) == {("region", "ne"): 2}
    assert store.rule_hits(after(1)) == {}
