"""Hubs over real sockets: a hub, our server, a store; only the clock is set by the test."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from feedwatch.clock import Clock
from feedwatch.fetch.http import HttpFetcher
from feedwatch.ledger import Batch, Habits, Hints, SourceState
from feedwatch.model import FeedSpec, Source
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from feedwatch.web.callbacks import PREFIX, callback_route
from feedwatch.web.catalogue import make_catalogue
from feedwatch.web.files import FeedFolder
from feedwatch.web.server import WebServer
from feedwatch.web.site import Site
from feedwatch.websub import LEASE_S, MISSED_LEASES, HubWork, is_signed
from tests.contract.builders import NOON, after
from tests.hub import Hub

TOPIC = "https://north.example/feed"


class SetClock(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Place:
    """Everything that a subscription takes."""

    store: SqlStore
    clock: SetClock
    hub: Hub
    work: HubWork
    server: WebServer
    output: Path

    def name_hub(self, hub: str | None, source_id: str = "north") -> None:
        """A poll in which the source named its hub."""
        (claim,) = self.store.claim_due(now=self.clock.at, limit=1, lease_s=60, source_ids=[source_id], force=True)
        habits = Habits(hints=Hints(hub=hub, topic=TOPIC if hub else None))
        state = SourceState(next_due_at=self.clock.at + timedelta(days=1), habits=habits)
        self.store.save(Batch(claim=claim, now=self.clock.at, judged_by="r", state=state))

    def subscribe(self) -> None:
        self.name_hub(self.hub.url)
        self.work.tend()
        self.hub.wait()

    def callback(self) -> str:
        (subscription,) = self.store.hubs.subscriptions()
        return f"{self.server.url}websub/{subscription.path}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    source = Source(id="north", kind="feed", locator=TOPIC, title="north", interval_s=3600, allow_private=True)
    clock, feeds = SetClock(), [FeedSpec(id="all", title="All")]
    store = open_store("sqlite:///store.db", base_dir=tmp_path)
    store.begin([source], feeds, base_url="http://127.0.0.1/", now=NOON)
    http = HttpFetcher(user_agent="feedwatch/0", clock=Clock())
    output = tmp_path / "feeds"
    output.mkdir()
    site = Site(make_catalogue(feeds, base_url="http://127.0.0.1/"), FeedFolder(output), routes={})
    server = WebServer(site, "127.0.0.1", 0)
    with Hub() as hub:
        work = HubWork(
            store,
            http.post,
            clock,
            {"north": source},
            base_url=server.url,
            hub=hub.url,
            callbacks=f"{server.url}{PREFIX[1:]}",
        )
        site.prefixes[PREFIX] = callback_route(work)
        server.start()
        try:
            yield Place(store, clock, hub, work, server, output)
        finally:
            server.stop()
            http.close()
            store.close()


# --- subscriptions


def test_a_source_that_names_a_hub_is_subscribed_and_a_push_makes_it_due(place: Place) -> None:
    place.subscribe()
    (form,) = place.hub.forms
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
    assert form["hub.lease_seconds"] == str(LEASE_S)
    assert len(form["hub.secret"]) >= 32
    assert place.hub.verified == [True]
    (active,) = place.store.hubs.subscriptions()
    assert (active.state, active.lease_until) == ("active", after(86_400))
    place.clock.forward(60)
    told: list[str] = []
    place.work.on_push = lambda: told.append("due")
    assert place.hub.push(TOPIC, b"<feed/>") == 202
    assert place.store.next_due_at() == after(60)
    assert told == ["due"]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_signature_of_the_recommendation_is_understood(place: Place, method: str) -> None:
    place.hub.method = method
    place.subscribe()
    place.hub.push(TOPIC, b"<feed/>")
    assert place.store.next_due_at() == NOON


def test_ten_forged_pushes_are_answered_alike_and_do_nothing(place: Place) -> None:
    place.subscribe()
    due = place.store.next_due_at()
    body = b"<feed>forged</feed>"
    (known,) = place.store.hubs.subscriptions()
    right = hmac.new(known.secret.encode(), body, hashlib.sha256).hexdigest()
    forged = [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha256=" + right[:-1],
        "sha256=" + right + "0",
        "sha3_256=" + hmac.new(known.secret.encode(), body, hashlib.sha3_256).hexdigest(),
        "sha256=" + hmac.new(b"", body, hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(known.secret.encode(), b"other", hashlib.sha256).hexdigest(),
        right,
        "sha256=é",
    ]
    for signature in forged:
        headers = {"X-Hub-Signature": signature.encode()} if signature else {}
        answer = requests.post(place.callback(), data=body, headers=headers, timeout=5)
        assert (answer.status_code, answer.content) == (202, b"")
    assert place.store.next_due_at() == due
    recall = place.store.recall(["north"])["north"].push
    assert recall is not None
    assert not recall.announced
    assert list(place.store.entries()) == []


def test_a_callback_that_no_hub_was_given_is_not_there(place: Place) -> None:
    place.subscribe()
    for path in ("websub/", "websub/other", "websub/../healthz"):
        url = place.server.url + path
        assert requests.post(url, data=b"x" * 100_000, timeout=5).status_code in (404, 405)
        assert requests.get(url, params={"hub.mode": "subscribe", "hub.challenge": "c"}, timeout=5).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"hub.mode": "subscribe", "hub.topic": "https://other.example/", "hub.challenge": "c"},
        {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.challenge": "c"},
        # Nothing was asked for that is not confirmed yet: nobody stretches a lease.
        {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "99999999"},
        {"hub.mode": "subscribe", "hub.topic": TOPIC},
        {},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(place: Place, query: dict[str, str]) -> None:
    place.subscribe()
    before = place.store.hubs.subscriptions()
    assert requests.get(place.callback(), params=query, timeout=5).status_code == 404
    assert place.store.hubs.subscriptions() == before


def test_a_challenge_goes_back_as_plain_text(place: Place) -> None:
    place.hub.status = 500
    place.name_hub(place.hub.url)
    place.work.tend()
    script = "<script>alert(1)</script>"
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": script}
    answer = requests.get(place.callback(), params=query, timeout=5)
    assert answer.text == script
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_lease_is_renewed_at_four_fifths_of_it(place: Place) -> None:
    place.subscribe()
    place.clock.forward(0.79 * 86_400)
    place.work.tend()
    assert len(place.hub.forms) == 1
    place.clock.forward(0.02 * 86_400)
    place.work.tend()
    place.hub.wait()
    assert place.hub.forms[1]["hub.callback"] == place.hub.forms[0]["hub.callback"]
    (active,) = place.store.hubs.subscriptions()
    assert active.lease_until == place.clock.at + timedelta(days=1)


def test_a_source_is_polled_again_once_its_lease_ran_out(place: Place) -> None:
    place.subscribe()
    place.hub.status = 500
    for missed in range(1, MISSED_LEASES + 1):
        place.clock.forward(2 * 86_400)
        place.work.tend()
        assert place.store.next_due_at() is not None
        assert place.store.recall(["north"])["north"].push is None
        (lost,) = place.store.hubs.subscriptions()
        assert lost.state == "wanted"
        if missed < MISSED_LEASES:
            assert lost.missed == missed
            # It comes back, and is lost again.
            place.hub.status = 202
            place.clock.forward(2 * 86_400)
            place.work.tend()
            place.hub.wait()
            place.hub.status = 500
    asked = len(place.hub.forms)
    place.clock.forward(3600)
    place.work.tend()
    assert len(place.hub.forms) in (asked, asked + 1)


def test_a_source_that_left_is_unsubscribed(place: Place) -> None:
    place.subscribe()
    place.store.begin([], [], base_url="http://127.0.0.1/", now=NOON)
    place.work.tend()
    place.hub.wait()
    assert place.hub.forms[-1]["hub.mode"] == "unsubscribe"
    assert place.hub.subscribers == {}
    assert place.store.hubs.subscriptions() == []


def test_an_unsubscription_that_nobody_confirms_is_forgotten(place: Place) -> None:
    place.subscribe()
    place.name_hub(None)
    place.hub.status = 500
    for _ in range(5):
        place.work.tend()
        place.clock.forward(3600)
    assert [form["hub.mode"] for form in place.hub.forms[1:]] == ["unsubscribe"] * 3
    assert place.store.hubs.subscriptions() == []


def test_a_hub_that_denies_is_left_alone_for_a_day(place: Place) -> None:
    place.subscribe()
    query = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "no\nthank you"}
    assert requests.get(place.callback(), params=query, timeout=5).status_code == 200
    place.work.tend()
    assert len(place.hub.forms) == 1
    assert place.store.recall(["north"])["north"].push is None
    assert place.store.next_due_at() == NOON


def test_without_a_public_address_nothing_is_subscribed(place: Place) -> None:
    place.name_hub(place.hub.url)
    alone = HubWork(place.store, lambda *_: 202, place.clock, {}, base_url="http://x/", hub=None, callbacks=None)
    alone.tend()
    assert place.store.hubs.subscriptions() == []


# --- our own hub


def test_the_hub_is_told_of_a_changed_feed_and_finds_it(place: Place) -> None:
    (place.output / "all.atom").write_bytes(b"<feed/>")
    place.store.hubs.note_pings(["all.atom"], after(60))
    assert place.work.ping() == 0
    place.clock.forward(60)
    assert place.work.ping() == 1
    place.hub.wait()
    assert place.hub.fetched == [(place.server.url + "all.atom", b"<feed/>")]
    assert place.work.ping() == 0


def test_a_hub_that_fails_is_asked_again_later_and_later(place: Place) -> None:
    place.hub.status = 503
    place.store.hubs.note_pings(["all.atom"], NOON)
    for _ in range(4):
        place.work.ping()
        place.clock.forward(100)
    assert len(place.hub.forms) == 3
    place.hub.status = 202
    place.clock.forward(3600)
    assert place.work.ping() == 1


@pytest.mark.parametrize("signature", ["sha256=" + "٣" * 64, "=", "sha256", "SHA256=xx", "sha3_256=00"])
def test_odd_signatures_are_wrong(signature: str) -> None:
    assert not is_signed(signature, "s", b"")


def test_a_private_hub_of_a_stranger_is_not_reached(place: Place) -> None:
    sources = {"north": Source(id="north", kind="feed", locator=TOPIC, title="n", interval_s=3600)}
    http = HttpFetcher(user_agent="feedwatch/0", clock=Clock())
    work = HubWork(
        place.store, http.post, place.clock, sources, base_url="http://x/", hub=None, callbacks="https://x.org/websub/"
    )
    place.name_hub(place.hub.url)
    started = time.monotonic()
    work.tend()
    http.close()
    assert place.hub.forms == []
    assert time.monotonic() - started < 5
