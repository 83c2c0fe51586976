from __future__ import annotations

from dataclasses import replace

from feedwatch.hubport import Subscription, Topic
from feedwatch.ledger import Batch, Habits, Hints, SourceState
from feedwatch.store.sql import SqlStore
from tests.contract.builders import NOON, after, claim_one, make_feeds, make_source

TOPIC = Topic(hub="https://hub.example/", url="https://north.example/feed")
SUBSCRIPTION = Subscription(
    source_id="north",
    topic=TOPIC,
    path="p-1",
    secret="s-1",  # noqa: S106 - of a test
    state="active",
    due_at=NOON,
    lease_until=after(3600),
)


def end_poll(store: SqlStore, habits: Habits | None = None) -> None:
    """A poll of the source north that is over; the next one is due in a day."""
    state = SourceState(next_due_at=after(86_400), habits=habits)
    store.save(Batch(claim=claim_one(store), now=NOON, judged_by="rules-1", state=state))


def test_many_changes_of_a_file_are_one_ping(store: SqlStore) -> None:
    store.hubs.note_pings(["a.atom", "b.atom"], after(60))
    store.hubs.note_pings(["a.atom"], after(90))
    assert store.hubs.due_pings(after(59), 10) == []
    assert [ping.name for ping in store.hubs.due_pings(after(60), 10)] == ["a.atom", "b.atom"]
    assert [ping.name for ping in store.hubs.due_pings(after(60), 1)] == ["a.atom"]


def test_a_sent_ping_is_forgotten_and_a_failed_one_comes_again(store: SqlStore) -> None:
    store.hubs.note_pings(["a.atom", "b.atom"], NOON)
    sent, failed = store.hubs.due_pings(NOON, 10)
    store.hubs.settle_ping(sent, again_at=after(60), error="")
    store.hubs.settle_ping(failed, again_at=after(120), error="HTTP 500 \0")
    assert store.hubs.due_pings(after(119), 10) == []
    (again,) = store.hubs.due_pings(after(120), 10)
    assert (again.name, again.attempts) == ("b.atom", 1)
    store.hubs.drop_ping(again)
    assert store.hubs.due_pings(after(9999), 10) == []


def test_a_change_while_the_hub_is_told_is_told_again(store: SqlStore) -> None:
    store.hubs.note_pings(["a.atom"], NOON)
    (ping,) = store.hubs.due_pings(NOON, 10)
    store.hubs.note_pings(["a.atom"], after(60))
    store.hubs.settle_ping(ping, again_at=after(60), error="")
    assert [again.name for again in store.hubs.due_pings(after(60), 10)] == ["a.atom"]


def test_topics_are_those_of_configured_sources(store: SqlStore) -> None:
    end_poll(store, Habits(hints=Hints(hub=TOPIC.hub, topic=TOPIC.url)))
    assert store.hubs.topics() == {"north": TOPIC}
    store.begin([], make_feeds(), base_url="https://x.example/", now=NOON)
    assert store.hubs.topics() == {}


def test_a_subscription_is_found_by_source_and_by_callback(store: SqlStore) -> None:
    store.hubs.put_subscription(SUBSCRIPTION)
    store.hubs.put_subscription(replace(SUBSCRIPTION, missed=1))
    assert store.hubs.subscriptions() == [replace(SUBSCRIPTION, missed=1)]
    assert store.hubs.subscription_at("p-1") == replace(SUBSCRIPTION, missed=1)
    assert store.hubs.subscription_at("p-2") is None
    store.hubs.drop_subscription("north")
    assert store.hubs.subscriptions() == []


def test_a_push_makes_its_source_due_and_the_next_poll_knows_it(store: SqlStore) -> None:
    end_poll(store)
    store.hubs.put_subscription(SUBSCRIPTION)
    before = store.recall(["north"])["north"].push
    assert before is not None
    assert not before.announced
    assert store.hubs.note_push("north", after(60))
    assert [claim.source_id for claim in store.claim_due(now=after(60), limit=9, lease_s=60, source_ids=["north"])]
    pushed = store.recall(["north"])["north"].push
    assert pushed is not None
    assert pushed.announced
    assert pushed.lease_until == after(3600)
    assert store.recall(["south"])["south"].push is None


def test_a_push_does_not_delay_what_is_due_and_does_not_wake_what_left(store: SqlStore) -> None:
    store.hubs.put_subscription(SUBSCRIPTION)
    assert store.hubs.note_push("north", after(600))
    assert store.next_due_at() == NOON
    store.begin([make_source("south")], [], base_url="https://x.example/", now=NOON)
    assert not store.hubs.note_push("north", after(600))
