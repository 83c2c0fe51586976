"""What alerts ask of the store, and what they leave there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from feedwatch.model import Evidence
from feedwatch.store.sql import SqlStore
from feedwatch.vitals import Alert, Seen
from tests.contract.builders import NOON, after, claim_one, make_article, make_label, make_verdict, save

DAY = timedelta(days=1)
ALERT = Alert(
    kind="new-place",
    feed_id="one",
    subject="bj",
    began_at=NOON,
    last_at=NOON,
    title="One: Benin",
    body="Text\x00 “ƙasa”",
)
SIGHTING = Seen(feed_id="one", kind="region", value="bj", first_at=NOON, last_at=NOON)


def test_members_are_counted_by_whole_days_back_from_now(store: SqlStore) -> None:
    ages = (0, 1, 23 * 3600, 24 * 3600 - 1, 24 * 3600, 3 * 86_400 + 5)
    verdicts = [
        make_verdict(make_article(str(place)), feeds={"one": ()}, seen=NOON - timedelta(seconds=age))
        for place, age in enumerate(ages)
    ]
    save(store, claim_one(store), *verdicts)
    assert store.day_counts(NOON, 60) == {"one": [4, 1, 0]}
    assert store.day_counts(NOON, 2) == {"one": [4, 1]}
    assert store.source_counts("one", NOON - DAY, NOON + DAY) == {"north": 5}
    assert store.source_counts("two", NOON - DAY, NOON) == {}


def test_new_members_come_with_their_places_and_words(store: SqlStore) -> None:
    body = Evidence(term="pont", field="body", count=1, points=2.0)
    head = Evidence(term="attaque", field="lead", count=1, points=2.0)
    topic = make_label("security", facet="topic", evidence=(body, head))
    mentioned = make_label("ml", standing="mentioned")
    verdict = make_verdict(feeds={"one": (), "two": ()}, labels=(make_label("ne"), mentioned, topic))
    save(store, claim_one(store), verdict, make_verdict(make_article("2")))
    found, newest = store.marked(after=0, limit=10)
    assert [mark.feed_id for mark in found] == ["one", "two"]
    mark = found[0]
    assert (set(mark.regions), set(mark.words), set(mark.headline)) == ({"ne"}, {"pont", "attaque"}, {"attaque"})
    assert (mark.source_id, mark.title, mark.first_seen_at) == ("north", "Item 1", NOON)
    assert newest > mark.key
    assert store.marked(after=newest, limit=10) == ([], newest)
    assert store.marked(after=0, limit=1) == (found, mark.key)
    assert store.marked_since(NOON, 10) == found
    assert store.marked_since(after(1), 10) == []


def test_what_one_look_brought_comes_back(store: SqlStore) -> None:
    assert store.looked_at() == (0, None)
    store.note_alerts(new=[ALERT], held=[], seen=[SIGHTING], looked_at=(7, NOON))
    clean = replace(ALERT, body="Text “ƙasa”")
    assert store.looked_at() == (7, NOON)
    assert store.alerts() == [clean]
    assert store.seen_of(["region", "name"]) == {("one", "region", "bj"): SIGHTING}
    assert store.seen_of(["name"]) == {}
    later = replace(clean, last_at=after(60))
    seen = replace(SIGHTING, first_at=after(60), last_at=after(60))
    store.note_alerts(new=[], held=[later], seen=[seen], looked_at=(9, after(60)))
    assert store.alerts(since=after(60)) == [later]
    assert store.alerts(since=after(61)) == []
    # Seen first is seen first.
    assert store.seen_of(["region"]) == {("one", "region", "bj"): replace(SIGHTING, last_at=after(60))}


def test_what_was_sent_is_not_sent_again(store: SqlStore) -> None:
    other = replace(ALERT, subject="ml", body="x")
    store.note_alerts(new=[ALERT, other], held=[], seen=[], looked_at=(1, NOON))
    assert len(store.alerts(unsent=True)) == 2
    store.mark_sent([other], after(5))
    assert [alert.subject for alert in store.alerts(unsent=True)] == ["bj"]
    assert store.alerts(limit=1)[0].sent_at == after(5)
    store.mark_sent([], after(5))
